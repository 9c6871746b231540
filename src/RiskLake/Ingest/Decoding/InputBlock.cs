using RiskLake.Ingest.Sources;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>Cuts one input into blocks.</summary>
internal interface IBlockReader : IDisposable
{
    IEnumerable<InputBlock> Read();
}

/// <summary>Some whole records of one input, cut out by the reader, to be parsed on any thread.</summary>
internal abstract class InputBlock(int fileIndex, long records) : IDisposable
{
    public int FileIndex { get; } = fileIndex;

    /// <summary>Records (for lines of JSON: lines) the reader counted; the parser counts again, on its own.</summary>
    public long Records { get; } = records;

    /// <summary>Parses the records.</summary>
    /// <returns>
    /// How many of the records that the reader counted are none: blank lines; less than zero where more records were found than counted.
    /// </returns>
    public abstract long Parse(DecodeWorker worker, RecordBatch records, RecordBatch rejects);

    public abstract void Dispose();
}

/// <summary>Records that stand in bytes of the input.</summary>
/// <param name="fileIndex">Position among the inputs.</param>
/// <param name="records">What the reader counted.</param>
/// <param name="bytes">The bytes; one reference of theirs belongs to this object.</param>
/// <param name="length">How many of the bytes are records.</param>
/// <param name="offset">Where the first byte lies in the content of the input.</param>
/// <param name="firstLine">Line or index of the first record, counted from 1.</param>
internal abstract class ByteBlock(int fileIndex, long records, Block bytes, int length, long offset, long firstLine)
    : InputBlock(fileIndex, records)
{
    protected Block Bytes { get; } = bytes;

    protected int Length { get; } = length;

    protected long Offset { get; } = offset;

    protected long FirstLine { get; } = firstLine;

    public override void Dispose() => Bytes.Release();
}

/// <summary>One record that the reader could not hand on whole: too long, or what is left of a broken input.</summary>
internal sealed class JudgedBlock(int fileIndex, long line, long offset, byte[] head, long length, byte[] sha256, Violation violation)
    : InputBlock(fileIndex, 1)
{
    public static string Bytes(long count) => FormattableString.Invariant($"{count} bytes");

    public override long Parse(DecodeWorker worker, RecordBatch records, RecordBatch rejects)
    {
        worker.Reject(rejects, line, offset, head, length, sha256, violation);
        return 0;
    }

    public override void Dispose()
    {
    }
}
