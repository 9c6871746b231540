using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Parses blocks on several threads and hands on what comes out in the order of the blocks. Whoever finishes a block that is next
/// in order hands on as much as is ready, so no thread waits for another; how many blocks are on the way is bounded.
/// </summary>
internal sealed class DecodePipeline : IDisposable
{
    private readonly DecodePlan _plan;
    private readonly Action<DecodedChunk>? _onWorker;
    private readonly Action<DecodedChunk> _consume;
    private readonly Action<InputBlock, DecodedChunk, long> _account;
    private readonly BlockingCollection<(long Sequence, InputBlock Block)> _queue = [];
    private readonly SemaphoreSlim _slots;
    private readonly CancellationTokenSource _stop;
    private readonly Thread[] _threads;
    private readonly Lock _gate = new();
    private readonly Dictionary<long, (InputBlock Block, DecodedChunk Chunk, long Blank)> _ready = [];
    private readonly ConcurrentBag<(RecordBatch Records, RecordBatch Rejects)> _batches = [];
    private ExceptionDispatchInfo? _failure;
    private long _posted;
    private long _next;
    private bool _handingOn;
    private volatile bool _disposed;

    /// <param name="plan">What to decode.</param>
    /// <param name="threads">How many threads parse.</param>
    /// <param name="inFlight">How many blocks may be on the way.</param>
    /// <param name="onWorker">Runs on the parsing thread for each chunk.</param>
    /// <param name="account">Runs in order for each block, before <paramref name="consume"/>: block, chunk, blank lines.</param>
    /// <param name="consume">Takes the chunks over, in order, one at a time.</param>
    /// <param name="ct">Stops everything.</param>
    public DecodePipeline(
        DecodePlan plan,
        int threads,
        int inFlight,
        Action<DecodedChunk>? onWorker,
        Action<InputBlock, DecodedChunk, long> account,
        Action<DecodedChunk> consume,
        CancellationToken ct)
    {
        _plan = plan;
        _onWorker = onWorker;
        _account = account;
        _consume = consume;
        _slots = new SemaphoreSlim(inFlight);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _threads = [.. Enumerable.Range(0, threads).Select(i => new Thread(Work) { IsBackground = true, Name = "risklake-decode" })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>Hands in the next block, when there is room. Throws what a later stage threw.</summary>
    public void Post(InputBlock block)
    {
        try
        {
            _slots.Wait(_stop.Token);
        }
        catch (OperationCanceledException)
        {
            block.Dispose();
            _failure?.Throw();
            throw;
        }

        _queue.Add((_posted++, block), CancellationToken.None);
    }

    /// <summary>Waits until everything that was handed in has been handed on.</summary>
    public void Complete(CancellationToken ct)
    {
        _queue.CompleteAdding();
        Join();
        _failure?.Throw();
        ct.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _stop.Cancel();
        _queue.CompleteAdding();
        Join();
        foreach (var (_, block) in _queue)
        {
            block.Dispose();
        }

        foreach (var (block, chunk, _) in _ready.Values)
        {
            block.Dispose();
            chunk.Dispose();
        }

        _disposed = true;
        FreeBatches();
        _queue.Dispose();
        _slots.Dispose();
        _stop.Dispose();
    }

    private static void Free(RecordBatch records, RecordBatch rejects)
    {
        records.Dispose();
        rejects.Dispose();
    }

    private void FreeBatches()
    {
        while (_batches.TryTake(out var batches))
        {
            Free(batches.Records, batches.Rejects);
        }
    }

    private void Join()
    {
        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private void Work()
    {
        using var worker = new DecodeWorker(_plan);
        try
        {
            foreach (var (sequence, block) in _queue.GetConsumingEnumerable(_stop.Token))
            {
                var chunk = NewChunk(block.FileIndex);
                var blank = Parse(worker, block, chunk);
                HandOn(sequence, block, chunk, blank);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Post and Complete tell why.
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            _stop.Cancel();
        }
    }

    private long Parse(DecodeWorker worker, InputBlock block, DecodedChunk chunk)
    {
        try
        {
            worker.Raw = chunk.Raw;
            var blank = block.Parse(worker, chunk.Records, chunk.Rejects);
            chunk.RecordBytes = worker.TakeRecordBytes();
            chunk.RejectPlaces = worker.TakeRejectPlaces();
            _onWorker?.Invoke(chunk);
            return blank;
        }
        catch
        {
            block.Dispose();
            chunk.Dispose();
            throw;
        }
    }

    private void HandOn(long sequence, InputBlock block, DecodedChunk chunk, long blank)
    {
        lock (_gate)
        {
            _ready.Add(sequence, (block, chunk, blank));
            if (_handingOn)
            {
                return;
            }

            _handingOn = true;
        }

        while (true)
        {
            (InputBlock Block, DecodedChunk Chunk, long Blank) ready;
            lock (_gate)
            {
                _stop.Token.ThrowIfCancellationRequested();
                if (!_ready.Remove(_next, out ready))
                {
                    _handingOn = false;
                    return;
                }

                _next++;
            }

            using (ready.Block)
            {
                _account(ready.Block, ready.Chunk, ready.Blank);
                _consume(ready.Chunk);
            }

            _slots.Release();
        }
    }

    private DecodedChunk NewChunk(int fileIndex)
    {
        var (records, rejects) = _batches.TryTake(out var batches)
            ? batches
            : (new RecordBatch(_plan.RecordSchema), new RecordBatch(RejectSchema.Columns));
        return new DecodedChunk(fileIndex, records, rejects, Recycle) { Raw = _plan.KeepsRaw ? new RawRecords() : null };
    }

    private void Recycle(RecordBatch records, RecordBatch rejects)
    {
        if (_disposed)
        {
            Free(records, rejects);
            return;
        }

        records.Clear();
        rejects.Clear();
        _batches.Add((records, rejects));
        if (_disposed)
        {
            FreeBatches();
        }
    }
}
