using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;

namespace RiskLake.Backfill;

/// <summary>
/// A working file of decoded rows, written in frames: the number of the input, the number of rows, the columns, the event digests. It
/// holds what a day's run needs, so that no record is parsed twice, and does not outlive the backfill.
/// </summary>
internal sealed class SliceFile(string path, IReadOnlyList<ColumnSchema> schema) : IDisposable
{
    /// <summary>Rows after which a frame is written.</summary>
    public const int FrameRows = 8192;

    private readonly RecordBatch _buffer = new(schema);
    private readonly EventDigests _digests = new();
    private int _file;
    private long _length;

    /// <summary>Bytes held in memory.</summary>
    public long BufferedBytes => _buffer.ByteSize;

    /// <summary>Rows added.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds rows of one input.</summary>
    public void Add(int file, RecordBatch records, EventDigests digests, int start, int count)
    {
        if (file != _file)
        {
            Flush();
            _file = file;
        }

        for (var i = 0; i < schema.Count; i++)
        {
            _buffer.Columns[i].AppendRange(records.Columns[i], start, count);
        }

        if (digests.Keys.Count > 0)
        {
            _digests.Add(digests, start, count);
        }

        Rows += count;
        if (_buffer.RowCount >= FrameRows)
        {
            Flush();
        }
    }

    /// <summary>Writes what is held in memory.</summary>
    public void Flush()
    {
        if (_buffer.RowCount == 0)
        {
            return;
        }

        // Thousands of days may be open at once, and a process may not hold that many files.
        using var handle = File.OpenHandle(path, _length == 0 ? FileMode.Create : FileMode.Open, FileAccess.Write);
        var rows = _buffer.RowCount;
        Write(handle, MemoryMarshal.AsBytes<int>([_file, rows, (int)_digests.Keys.Count]));
        foreach (var column in _buffer.Columns)
        {
            WriteColumn(handle, column);
        }

        Write(handle, MemoryMarshal.AsBytes(_digests.Keys.AsSpan()));
        Write(handle, MemoryMarshal.AsBytes(_digests.Contents.AsSpan()));
        Write(handle, MemoryMarshal.AsBytes(_digests.Scopes.AsSpan()));
        Write(handle, MemoryMarshal.AsBytes(_digests.Deliveries.AsSpan()));
        _buffer.Clear();
        _digests.Clear();
    }

    /// <summary>The frames of a file, in order. Each batch belongs to the caller.</summary>
    public static IEnumerable<(int File, RecordBatch Records, EventDigests Digests)> Read(string path, IReadOnlyList<ColumnSchema> schema)
    {
        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.SequentialScan);
        var frames = new FrameReader(handle, RandomAccess.GetLength(handle));
        while (!frames.IsAtEnd)
        {
            var (file, rows, keys) = (frames.Number(), frames.Number(), frames.Number());
            var batch = new RecordBatch(schema);
            foreach (var column in batch.Columns)
            {
                var (arena, nulls) = (frames.Number(), frames.Number());
                column.Load(rows, arena, nulls != 0, frames.Fill);
            }

            var digests = new EventDigests();
            frames.Fill(digests.Keys, keys);
            frames.Fill(digests.Contents, keys);
            frames.Fill(digests.Scopes, keys);
            frames.Fill(digests.Deliveries, keys);
            yield return (file, batch, digests);
        }
    }

    public void Dispose()
    {
        _buffer.Dispose();
        _digests.Dispose();
    }

    private void WriteColumn(SafeFileHandle handle, Column column)
    {
        Write(handle, MemoryMarshal.AsBytes<int>([column.Arena.Length, column.NullCount > 0 ? 1 : 0]));
        if (column.NullCount > 0)
        {
            Write(handle, column.Nulls);
        }

        Write(handle, MemoryMarshal.AsBytes(column.Slots));
        Write(handle, column.Arena);
    }

    private void Write(SafeFileHandle handle, ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(handle, bytes, _length);
        _length += bytes.Length;
    }

    private sealed class FrameReader(SafeFileHandle handle, long length)
    {
        private long _at;

        public bool IsAtEnd => _at >= length;

        public int Number()
        {
            Span<byte> number = stackalloc byte[sizeof(int)];
            Fill(number);
            return MemoryMarshal.Read<int>(number);
        }

        public void Fill(Span<byte> bytes)
        {
            while (bytes.Length > 0)
            {
                var read = RandomAccess.Read(handle, bytes, _at);
                if (read == 0)
                {
                    throw new EndOfStreamException("a slice's working file is shorter than what was written to it");
                }

                _at += read;
                bytes = bytes[read..];
            }
        }

        public void Fill<T>(NativeBuffer<T> digests, int count)
            where T : unmanaged
        {
            digests.Reserve(count);
            digests.Count = count;
            Fill(MemoryMarshal.AsBytes(digests.AsSpan()));
        }
    }
}
