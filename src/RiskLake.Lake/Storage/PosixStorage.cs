using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace RiskLake.Lake.Storage;

/// <summary>The storage of a local file system.</summary>
/// <remarks>
/// When the environment variable <c>RISKLAKE_STEP_LOG</c> names a file, each step that changes something appends its label there
/// before it runs, so that a test that kills the process can tell where it was.
/// </remarks>
internal sealed class PosixStorage : IStorage
{
    private readonly int _stepLog = -1;

    public FileTrust Trust { get; set; }

    public PosixStorage()
    {
        if (Environment.GetEnvironmentVariable("RISKLAKE_STEP_LOG") is { Length: > 0 } path)
        {
            _stepLog = Posix.open(path, Posix.WriteOnly | Posix.Create | Posix.Append | Posix.CloseOnExec, 0x1A4);
        }
    }

    public unsafe void Announce(string step, string path)
    {
        if (_stepLog < 0)
        {
            return;
        }

        var line = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{step}\t{Environment.ProcessId}\t{path}\n"));
        fixed (byte* bytes = line)
        {
            _ = Posix.write(_stepLog, bytes, (nuint)line.Length);
        }
    }

    public IReadOnlyList<string> CreateDirectory(string step, string path)
    {
        Announce(step, path);
        var missing = new Stack<string>();
        for (var folder = path; !Directory.Exists(folder); folder = Path.GetDirectoryName(folder)!)
        {
            missing.Push(folder);
        }

        var changed = new List<string>(missing.Count);
        while (missing.TryPop(out var folder))
        {
            if (Posix.mkdir(folder, 0x1FF) != 0 && Marshal.GetLastPInvokeError() is var errno && errno != Posix.EEXIST)
            {
                throw Failure("create folder", folder, errno);
            }

            changed.Add(Path.GetDirectoryName(folder)!);
        }

        return changed;
    }

    public bool Link(string step, string source, string target)
    {
        Announce(step, target);
        if (Posix.link(source, target) == 0)
        {
            return true;
        }

        var errno = Marshal.GetLastPInvokeError();
        return errno == Posix.EEXIST ? false : throw Failure("link", target, errno);
    }

    public void Rename(string step, string source, string target)
    {
        Announce(step, target);
        if (Posix.rename(source, target) != 0)
        {
            throw Failure("rename to", target, Marshal.GetLastPInvokeError());
        }
    }

    public bool Delete(string step, string path)
    {
        Announce(step, path);
        if (Posix.unlink(path) == 0)
        {
            return true;
        }

        var errno = Marshal.GetLastPInvokeError();
        return errno is Posix.ENOENT or Posix.ENOTDIR ? false : throw Failure("delete", path, errno);
    }

    public bool DeleteEmptyDirectory(string step, string path)
    {
        Announce(step, path);
        if (Posix.rmdir(path) == 0)
        {
            return true;
        }

        var errno = Marshal.GetLastPInvokeError();
        return errno is Posix.ENOENT or Posix.ENOTEMPTY or Posix.EEXIST ? false : throw Failure("delete folder", path, errno);
    }

    public void DeleteTree(string step, string path)
    {
        Announce(step, path);
        if (Posix.Identify(path, out _) is not { IsDirectory: true })
        {
            return;
        }

        foreach (var name in List(step, path))
        {
            var child = Path.Combine(path, name);
            if (Posix.Identify(child, out _) is { IsDirectory: true })
            {
                DeleteTree(step, child);
            }
            else
            {
                Delete(step, child);
            }
        }

        DeleteEmptyDirectory(step, path);
    }

    public unsafe void WriteFile(string step, string path, ReadOnlyMemory<byte> bytes)
    {
        Announce(step, path);
        var descriptor = Open(path, Posix.WriteOnly | Posix.Create | Posix.Truncate);
        try
        {
            using var pin = bytes.Pin();
            var written = 0L;
            while (written < bytes.Length)
            {
                var count = Posix.write(descriptor, (byte*)pin.Pointer + written, (nuint)(bytes.Length - written));
                if (count < 0 && Marshal.GetLastPInvokeError() is var errno && errno != Posix.EINTR)
                {
                    throw Failure("write", path, errno);
                }

                written += Math.Max(0, count);
            }

            Sync(descriptor, path);
        }
        finally
        {
            _ = Posix.close(descriptor);
        }
    }

    public void SyncFile(string step, string path) => SyncDirectory(step, path);

    public void SyncDirectory(string step, string path)
    {
        Announce(step, path);
        var descriptor = Open(path, Posix.ReadOnly);
        try
        {
            Sync(descriptor, path);
        }
        finally
        {
            _ = Posix.close(descriptor);
        }
    }

    public byte[]? ReadFile(string step, string path)
    {
        using var stream = OpenRead(step, path);
        if (stream is null)
        {
            return null;
        }

        try
        {
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure("read", path, exception);
        }
    }

    public Stream? OpenRead(string step, string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure("open", path, exception);
        }
    }

    public bool Exists(string step, string path) => Identify(step, path) is not null;

    public IReadOnlyList<string> List(string step, string path)
    {
        try
        {
            var names = Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)).ToList();
            names.Sort(StringComparer.Ordinal);
            return names;
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure("list", path, exception);
        }
    }

    public FileIdentity? Identify(string step, string path)
    {
        var identity = Posix.Identify(path, out var errno);
        return errno is 0 or Posix.ENOENT or Posix.ENOTDIR ? identity : throw Failure("look up", path, errno);
    }

    public IFileLock? TryLock(string step, string path)
    {
        while (true)
        {
            var descriptor = Open(path, Posix.ReadWrite | Posix.Create);
            if (Posix.flock(descriptor, Posix.LockExclusive | Posix.LockNonBlocking) != 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                _ = Posix.close(descriptor);
                return errno == Posix.EAGAIN ? null : throw Failure("lock", path, errno);
            }

            // The last holder may have removed the file between our open and our lock: then the lock is on a file nobody sees.
            if (Posix.Identify(descriptor) is { } held && Posix.Identify(path, out _) is { } named && held.IsSameFile(named))
            {
                return new FileLock(descriptor, path);
            }

            _ = Posix.close(descriptor);
        }
    }

    private static void Sync(int descriptor, string path)
    {
        if (Posix.fsync(descriptor) != 0)
        {
            throw Failure("sync", path, Marshal.GetLastPInvokeError());
        }
    }

    private static int Open(string path, int flags)
    {
        var descriptor = Posix.open(path, flags | Posix.CloseOnExec, 0x1B6);
        return descriptor >= 0 ? descriptor : throw Failure("open", path, Marshal.GetLastPInvokeError());
    }

    private static StorageException Failure(string operation, string path, int errno) =>
        new(operation, path, errno, Marshal.GetPInvokeErrorMessage(errno));

    private static StorageException Failure(string operation, string path, Exception exception) => exception is UnauthorizedAccessException
        ? Failure(operation, path, Posix.EACCES)
        : new StorageException(operation, path, exception.HResult > 0 ? exception.HResult : Posix.EIO, exception.Message);

    private sealed class FileLock(int descriptor, string path) : IFileLock
    {
        private int _descriptor = descriptor;

        public bool RemoveOnRelease { get; set; }

        public void Dispose()
        {
            if (_descriptor < 0)
            {
                return;
            }

            // Removed while still locked: whoever waits on this file finds on waking that its name is gone, and opens it anew.
            if (RemoveOnRelease)
            {
                _ = Posix.unlink(path);
            }

            _ = Posix.close(_descriptor);
            _descriptor = -1;
        }
    }
}
