using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// A stretch of input in unmanaged memory, shared by the stages that read it. Each holder adds a reference and releases it; the
/// last release gives the memory back to the pool.
/// </summary>
internal sealed unsafe class Block
{
    private readonly BlockPool _pool;
    private int _references;

    internal Block(BlockPool pool, int capacity)
    {
        _pool = pool;
        Capacity = capacity;
        Pointer = (byte*)NativeMemory.AllocZeroed((nuint)capacity + BlockPool.Padding);
    }

    /// <summary>Bytes that may be filled; <see cref="BlockPool.Padding"/> more may be read.</summary>
    public int Capacity { get; }

    public byte* Pointer { get; private set; }

    public Span<byte> Span(int start, int length) => new(Pointer + start, length);

    public Block AddReference()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _pool.Return(this);
        }
    }

    internal void Free()
    {
        NativeMemory.Free(Pointer);
        Pointer = null;
    }
}

/// <summary>Blocks to be used again: fresh memory costs a page fault for every 4 KiB.</summary>
internal sealed class BlockPool(int blockBytes) : IDisposable
{
    /// <summary>Readable bytes behind every block.</summary>
    public const int Padding = 64;

    private readonly ConcurrentBag<Block> _free = [];
    private volatile bool _disposed;

    /// <summary>A block with one reference.</summary>
    public Block Rent(int capacity)
    {
        if (capacity > blockBytes)
        {
            return new Block(this, capacity).AddReference();
        }

        return (_free.TryTake(out var block) ? block : new Block(this, blockBytes)).AddReference();
    }

    public void Return(Block block)
    {
        if (_disposed || block.Capacity != blockBytes)
        {
            block.Free();
        }
        else
        {
            _free.Add(block);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        while (_free.TryTake(out var block))
        {
            block.Free();
        }
    }
}
