using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace RiskLake.Ingest.Sources;

/// <summary>The digest of one file while it is read.</summary>
internal sealed class FileDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes seen.</summary>
    public long Bytes { get; private set; }

    /// <summary>The digest in lower-case hex, once all bytes were added.</summary>
    public string Sha256 { get; private set; } = "";

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        Bytes += bytes.Length;
    }

    public void Finish() => Sha256 = Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}

/// <summary>
/// Computes digests on a thread of its own, from the very blocks that are decoded: the digest then is that of the bytes that were
/// read, even when somebody writes to the file meanwhile.
/// </summary>
internal sealed class HashStage : IDisposable
{
    private const int QueuedBlocks = 8;

    private readonly BlockingCollection<Job> _jobs = new(QueuedBlocks);
    private readonly Thread _thread;
    private Exception? _failure;

    public HashStage()
    {
        _thread = new Thread(Work) { IsBackground = true, Name = "risklake-hash" };
        _thread.Start();
    }

    /// <summary>Adds bytes of a block to a digest, later but in order.</summary>
    public void Add(FileDigest digest, Block block, int start, int length)
    {
        block.AddReference();
        _jobs.Add(new Job(digest, block, start, length));
    }

    /// <summary>Adds nothing more to a digest.</summary>
    public void Finish(FileDigest digest) => _jobs.Add(new Job(digest, null, 0, 0));

    /// <summary>Waits until every digest is finished.</summary>
    public void Complete()
    {
        _jobs.CompleteAdding();
        _thread.Join();
        if (_failure is not null)
        {
            throw new CryptographicException("A digest could not be computed.", _failure);
        }
    }

    public void Dispose()
    {
        _jobs.CompleteAdding();
        _thread.Join();
        _jobs.Dispose();
    }

    private void Work()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
        {
            try
            {
                if (job.Block is null)
                {
                    job.Digest.Finish();
                }
                else
                {
                    job.Digest.Add(job.Block.Span(job.Start, job.Length));
                }
            }
            catch (CryptographicException e)
            {
                _failure ??= e;
            }
            finally
            {
                job.Block?.Release();
            }
        }
    }

    private readonly record struct Job(FileDigest Digest, Block? Block, int Start, int Length);
}
