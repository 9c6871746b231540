using RiskLake.Lake.Storage;

namespace RiskLake.Tests.Runs;

/// <summary>The real storage without waiting for the disk: durability is not what these tests are about.</summary>
internal sealed class UnsyncedStorage : IStorage
{
    private readonly PosixStorage _real = new();

    public void Announce(string step, string path) => _real.Announce(step, path);

    public IReadOnlyList<string> CreateDirectory(string step, string path) => _real.CreateDirectory(step, path);

    public bool Link(string step, string source, string target) => _real.Link(step, source, target);

    public void Rename(string step, string source, string target) => _real.Rename(step, source, target);

    public bool Delete(string step, string path) => _real.Delete(step, path);

    public bool DeleteEmptyDirectory(string step, string path) => _real.DeleteEmptyDirectory(step, path);

    public void DeleteTree(string step, string path) => _real.DeleteTree(step, path);

    public void WriteFile(string step, string path, ReadOnlyMemory<byte> bytes) => File.WriteAllBytes(path, bytes.Span);

    public void SyncFile(string step, string path)
    {
    }

    public void SyncDirectory(string step, string path)
    {
    }

    public byte[]? ReadFile(string step, string path) => _real.ReadFile(step, path);

    public Stream? OpenRead(string step, string path) => _real.OpenRead(step, path);

    public bool Exists(string step, string path) => _real.Exists(step, path);

    public IReadOnlyList<string> List(string step, string path) => _real.List(step, path);

    public FileIdentity? Identify(string step, string path) => _real.Identify(step, path);

    public IFileLock? TryLock(string step, string path) => _real.TryLock(step, path);
}
