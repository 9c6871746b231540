using RiskLake.Ingest.Sources;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// The content of an input as a window that moves over it: filled block by block, whole records are taken off its front, and what
/// is left moves to the next block.
/// </summary>
internal sealed class RecordStream : IDisposable
{
    private readonly InputBytes _input;
    private readonly BlockPool _pool;
    private readonly int _blockBytes;
    private Block _block;
    private int _start;
    private int _length;

    /// <param name="input">Where bytes come from.</param>
    /// <param name="pool">Where blocks come from.</param>
    /// <param name="blockBytes">Size of the window.</param>
    /// <param name="keptBytes">How many bytes of a rejected record are kept.</param>
    public RecordStream(InputBytes input, BlockPool pool, int blockBytes, int keptBytes)
    {
        KeptBytes = keptBytes;
        _input = input;
        _pool = pool;
        _blockBytes = blockBytes;
        _block = pool.Rent(blockBytes);
    }

    /// <summary>How many bytes of a rejected record are kept.</summary>
    public int KeptBytes { get; }

    /// <summary>Where the window begins in the content.</summary>
    public long Offset { get; private set; }

    /// <summary>Whether the window reaches to the end of the content.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>The bytes in the window.</summary>
    public ReadOnlySpan<byte> Data => _block.Span(_start, _length - _start);

    /// <summary>First byte of the window; <see cref="ByteScan.Padding"/> bytes behind its end can be read.</summary>
    public unsafe byte* Start => _block.Pointer + _start;

    /// <summary>Fills the window until it holds so many bytes, or reaches to the end of the content.</summary>
    /// <returns>False when the content is used up.</returns>
    public bool Ensure(int count)
    {
        while (!AtEnd && _length - _start < count)
        {
            if (_block.Capacity - _start < count)
            {
                Move(Math.Max(_blockBytes, checked(count * 2)));
            }

            Fill();
        }

        return _length > _start;
    }

    /// <summary>Fills the window as far as its block allows.</summary>
    /// <returns>False when the content is used up.</returns>
    public unsafe bool Fill()
    {
        while (!AtEnd && _length < _block.Capacity)
        {
            var read = _input.Read(_block, _length, _block.Capacity - _length);
            AtEnd = read == 0;
            _length += read;
        }

        // What parsers see behind the last record never is part of one.
        _block.Pointer[_length] = (byte)'\n';
        return _length > _start;
    }

    /// <summary>Makes the window twice as large, because it holds no whole record.</summary>
    public void Grow() => Move(Math.Max(_blockBytes, checked((_length - _start) * 2)));

    /// <summary>Takes whole records off the front, with a reference to the block they begin.</summary>
    public Block Take(int count)
    {
        // Only a window at the front of its block is ever taken from: Skip moves what it leaves.
        var taken = _block.AddReference();
        _start += count;
        Offset += count;
        Move(Math.Max(_blockBytes, _length - _start));
        return taken;
    }

    /// <summary>Goes over bytes at the front. Before anything is taken, <see cref="Skip"/> must move what is left.</summary>
    public void Pass(int count)
    {
        _start += count;
        Offset += count;
    }

    /// <summary>Drops bytes at the front.</summary>
    public void Skip(int count)
    {
        _start += count;
        Offset += count;
        Move(Math.Max(_blockBytes, _length - _start));
    }

    public void Dispose() => _block.Release();

    /// <summary>Moves the window to another block: this one may be in use by others.</summary>
    private void Move(int capacity)
    {
        var block = _pool.Rent(capacity);
        var data = Data;
        data.CopyTo(block.Span(0, data.Length));
        _block.Release();
        _block = block;
        _start = 0;
        _length = data.Length;
    }
}
