using RiskLake.Lake.Storage;

namespace RiskLake.Tests.Lake;

/// <summary>How an operation goes wrong.</summary>
internal enum Fault
{
    /// <summary>It fails and does nothing.</summary>
    Before,

    /// <summary>It takes effect, and fails all the same.</summary>
    After,

    /// <summary>A write leaves half its bytes and fails; other operations do nothing.</summary>
    Torn,

    /// <summary>The process dies before it: nothing happens any more, and its locks are free, but their files stay.</summary>
    Kill,
}

/// <summary>A storage of which one operation, counted from 0, goes wrong.</summary>
internal sealed class FaultyStorage(int failAt, Fault fault) : IStorage
{
    private static readonly (int Errno, string Text)[] Errors =
    [
        (Posix.ENOSPC, "No space left on device"),
        (Posix.EIO, "Input/output error"),
        (Posix.EROFS, "Read-only file system"),
        (Posix.EXDEV, "Invalid cross-device link"),
    ];

    private readonly PosixStorage _inner = new();
    private readonly List<IFileLock> _locks = [];
    private readonly List<string> _steps = [];
    private bool _dead;

    /// <summary>Operations asked for so far: step, a blank, and what was done.</summary>
    public IReadOnlyList<string> Steps => _steps;

    /// <summary>Step at which it went wrong.</summary>
    public string? FailedStep { get; private set; }

    /// <summary>Stops counting and failing: what happens outside the part under test.</summary>
    public bool Paused { get; set; } = true;

    /// <summary>Counts only steps whose name contains this.</summary>
    public string Only { get; init; } = string.Empty;

    public void Announce(string step, string path) => _inner.Announce(step, path);

    public IReadOnlyList<string> CreateDirectory(string step, string path) => Run($"{step} mkdir", path, () => _inner.CreateDirectory(step, path));

    public bool Link(string step, string source, string target) => Run($"{step} link", target, () => _inner.Link(step, source, target));

    public void Rename(string step, string source, string target) => Run($"{step} rename", target, () => _inner.Rename(step, source, target));

    public bool Delete(string step, string path) => Run($"{step} delete", path, () => _inner.Delete(step, path));

    public bool DeleteEmptyDirectory(string step, string path) => Run($"{step} rmdir", path, () => _inner.DeleteEmptyDirectory(step, path));

    public void DeleteTree(string step, string path) => Run($"{step} deltree", path, () => _inner.DeleteTree(step, path));

    public void WriteFile(string step, string path, ReadOnlyMemory<byte> bytes) => Run(
        $"{step} write", path, () => _inner.WriteFile(step, path, bytes), () => _inner.WriteFile(step, path, bytes[..(bytes.Length / 2)]));

    public void SyncFile(string step, string path) => Run($"{step} sync", path, () => _inner.SyncFile(step, path));

    public void SyncDirectory(string step, string path) => Run($"{step} syncdir", path, () => _inner.SyncDirectory(step, path));

    public byte[]? ReadFile(string step, string path) => Run($"{step} read", path, () => _inner.ReadFile(step, path));

    public Stream? OpenRead(string step, string path) => Run($"{step} open", path, () => _inner.OpenRead(step, path));

    public bool Exists(string step, string path) => Run($"{step} exists", path, () => _inner.Exists(step, path));

    public IReadOnlyList<string> List(string step, string path) => Run($"{step} list", path, () => _inner.List(step, path));

    public FileIdentity? Identify(string step, string path) => Run($"{step} stat", path, () => _inner.Identify(step, path));

    public IFileLock? TryLock(string step, string path) => Run($"{step} lock", path, () =>
    {
        var held = _inner.TryLock(step, path);
        return held is null ? null : new MortalLock(this, held);
    });

    private void Run(string step, string path, Action act, Action? half = null) => Run(step, path, () => { act(); return true; }, half);

    private T Run<T>(string step, string path, Func<T> act, Action? half = null)
    {
        if (_dead)
        {
            throw new KilledException(FailedStep!);
        }

        if (Paused || !step.Contains(Only, StringComparison.Ordinal))
        {
            return act();
        }

        // Some stages seal their files on several threads.
        bool isIt;
        lock (_steps)
        {
            isIt = _steps.Count == failAt;
            _steps.Add(step);
            FailedStep = isIt ? step : FailedStep;
        }

        if (!isIt)
        {
            return act();
        }

        if (fault is Fault.After)
        {
            // A lock whose taking failed is held by nobody.
            (act() as IDisposable)?.Dispose();
        }
        else if (fault is Fault.Torn or Fault.Kill)
        {
            half?.Invoke();
        }

        if (fault is Fault.Kill)
        {
            Die();
        }

        var (errno, text) = Errors[failAt % Errors.Length];
        throw new StorageException(step, path, errno, text);
    }

    private void Die()
    {
        _dead = true;
        foreach (var held in _locks)
        {
            held.RemoveOnRelease = false;
            held.Dispose();
        }

        throw new KilledException(FailedStep!);
    }

    private sealed class MortalLock : IFileLock
    {
        private readonly IFileLock _inner;

        public MortalLock(FaultyStorage owner, IFileLock inner)
        {
            _inner = inner;
            owner._locks.Add(inner);
        }

        public bool RemoveOnRelease
        {
            get => _inner.RemoveOnRelease;
            set => _inner.RemoveOnRelease = value;
        }

        public void Dispose() => _inner.Dispose();
    }
}

/// <summary>What a killed process would have done next does not happen.</summary>
internal sealed class KilledException(string step) : Exception(step);
