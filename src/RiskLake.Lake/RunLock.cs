using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>The right to work on one run, held until disposed or until the process ends.</summary>
internal sealed class RunLock(string runId, IFileLock held) : IDisposable
{
    public string RunId { get; } = runId;

    public void Dispose() => held.Dispose();
}
