using RiskLake.Lake.Storage;

namespace RiskLake.Tests.Backfill;

/// <summary>A storage that several threads may use although the one below counts its calls.</summary>
internal sealed class SerialisedStorage(IStorage inner) : IStorage
{
    private readonly Lock _gate = new();

    public void Announce(string step, string path) => inner.Announce(step, path);

    public IReadOnlyList<string> CreateDirectory(string step, string path) => Locked(() => inner.CreateDirectory(step, path));

    public bool Link(string step, string source, string target) => Locked(() => inner.Link(step, source, target));

    public void Rename(string step, string source, string target) => Locked(() => { inner.Rename(step, source, target); return true; });

    public bool Delete(string step, string path) => Locked(() => inner.Delete(step, path));

    public bool DeleteEmptyDirectory(string step, string path) => Locked(() => inner.DeleteEmptyDirectory(step, path));

    public void DeleteTree(string step, string path) => Locked(() => { inner.DeleteTree(step, path); return true; });

    public void WriteFile(string step, string path, ReadOnlyMemory<byte> bytes) => Locked(() => { inner.WriteFile(step, path, bytes); return true; });

    public void SyncFile(string step, string path) => Locked(() => { inner.SyncFile(step, path); return true; });

    public void SyncDirectory(string step, string path) => Locked(() => { inner.SyncDirectory(step, path); return true; });

    public byte[]? ReadFile(string step, string path) => Locked(() => inner.ReadFile(step, path));

    public Stream? OpenRead(string step, string path) => Locked(() => inner.OpenRead(step, path));

    public bool Exists(string step, string path) => Locked(() => inner.Exists(step, path));

    public IReadOnlyList<string> List(string step, string path) => Locked(() => inner.List(step, path));

    public FileIdentity? Identify(string step, string path) => Locked(() => inner.Identify(step, path));

    public IFileLock? TryLock(string step, string path) => Locked(() => inner.TryLock(step, path));

    private T Locked<T>(Func<T> act)
    {
        lock (_gate)
        {
            return act();
        }
    }
}
