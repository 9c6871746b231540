namespace RiskLake.Lake.Storage;

/// <summary>A storage of which only what lies below one root can be reached, whatever a log entry, a marker or a link says.</summary>
internal sealed class ConfinedStorage(IStorage inner, Confinement confinement) : IStorage
{
    public FileTrust Trust => inner.Trust;

    public void Announce(string step, string path) => inner.Announce(step, path);

    public IReadOnlyList<string> CreateDirectory(string step, string path)
    {
        confinement.Require(path);
        return inner.CreateDirectory(step, path);
    }

    public bool Link(string step, string source, string target)
    {
        confinement.Require(source);
        confinement.RequireFolderOf(target);
        return inner.Link(step, source, target);
    }

    public void Rename(string step, string source, string target)
    {
        confinement.RequireFolderOf(source);
        confinement.RequireFolderOf(target);
        inner.Rename(step, source, target);
    }

    public bool Delete(string step, string path)
    {
        confinement.RequireFolderOf(path);
        return inner.Delete(step, path);
    }

    public bool DeleteEmptyDirectory(string step, string path)
    {
        confinement.RequireFolderOf(path);
        return inner.DeleteEmptyDirectory(step, path);
    }

    public void DeleteTree(string step, string path)
    {
        confinement.RequireFolderOf(path);
        inner.DeleteTree(step, path);
    }

    public void WriteFile(string step, string path, ReadOnlyMemory<byte> bytes)
    {
        confinement.Require(path);
        inner.WriteFile(step, path, bytes);
    }

    public void SyncFile(string step, string path)
    {
        confinement.Require(path);
        inner.SyncFile(step, path);
    }

    public void SyncDirectory(string step, string path)
    {
        confinement.Require(path);
        inner.SyncDirectory(step, path);
    }

    public byte[]? ReadFile(string step, string path)
    {
        confinement.Require(path);
        return inner.ReadFile(step, path);
    }

    public Stream? OpenRead(string step, string path)
    {
        confinement.Require(path);
        return inner.OpenRead(step, path);
    }

    public bool Exists(string step, string path)
    {
        confinement.RequireFolderOf(path);
        return inner.Exists(step, path);
    }

    public IReadOnlyList<string> List(string step, string path)
    {
        confinement.Require(path);
        return inner.List(step, path);
    }

    public FileIdentity? Identify(string step, string path)
    {
        confinement.RequireFolderOf(path);
        return inner.Identify(step, path);
    }

    public IFileLock? TryLock(string step, string path)
    {
        confinement.Require(path);
        return inner.TryLock(step, path);
    }
}
