using System.Runtime.InteropServices;

namespace RiskLake.Lake.Storage;

/// <summary>The few system calls .NET has no safe form of: link, fsync of folders, flock, inode numbers.</summary>
internal static partial class Posix
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int EXDEV = 18;
    public const int ENOTDIR = 20;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int EMLINK = 31;
    public const int ENOTEMPTY = 39;
    public const int EDQUOT = 122;

    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Truncate = 0x200;
    public const int Append = 0x400;
    public const int CloseOnExec = 0x80000;

    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;

    /// <summary>Refuses to open a name that is a symbolic link.</summary>
    public const int NoFollowLink = 0x20000;

    public const int ELOOP = 40;

    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const int EmptyPath = 0x1000;
    private const uint BasicStatistics = 0x7ff;

    /// <summary>Identity of a name, or null with the error number in <paramref name="errno"/>.</summary>
    public static FileIdentity? Identify(string path, out int errno)
    {
        errno = statx(CurrentFolder, path, NoFollow, BasicStatistics, out var stat) == 0 ? 0 : Marshal.GetLastPInvokeError();
        return errno == 0 ? stat.Identity : null;
    }

    /// <summary>The path a name leads to once every symbolic link on the way is followed; null when it leads nowhere.</summary>
    public static string? RealPath(string path)
    {
        var found = realpath(path, 0);
        if (found == 0)
        {
            return null;
        }

        try
        {
            return Marshal.PtrToStringUTF8(found);
        }
        finally
        {
            free(found);
        }
    }

    /// <summary>Identity of an open file, or null.</summary>
    public static FileIdentity? Identify(int descriptor) =>
        statx(descriptor, string.Empty, EmptyPath, BasicStatistics, out var stat) == 0 ? stat.Identity : null;

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static unsafe partial nint write(int descriptor, byte* bytes, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fsync(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ftruncate(int descriptor, long length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(int descriptor, int operation);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int link(string source, string target);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int unlink(string path);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int rename(string source, string target);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int mkdir(string path, uint mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int rmdir(string path);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint realpath(string path, nint buffer);

    [LibraryImport("libc")]
    private static partial void free(nint memory);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int statx(int folder, string path, int flags, uint mask, out Statx buffer);

    /// <summary>The kernel's layout, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(28)]
        public ushort Mode;
        [FieldOffset(32)]
        public ulong Inode;
        [FieldOffset(40)]
        public ulong Size;
        [FieldOffset(96)]
        public long ChangedSeconds;
        [FieldOffset(104)]
        public uint ChangedNanos;
        [FieldOffset(112)]
        public long ModifiedSeconds;
        [FieldOffset(120)]
        public uint ModifiedNanos;
        [FieldOffset(136)]
        public uint DeviceMajor;
        [FieldOffset(140)]
        public uint DeviceMinor;

        public readonly FileIdentity Identity =>
            new(((ulong)DeviceMajor << 32) | DeviceMinor, Inode, (long)Size, (Mode & 0xF000) == 0x4000)
            {
                IsSymbolicLink = (Mode & 0xF000) == 0xA000,
                ModifiedNanos = unchecked((ModifiedSeconds * 1_000_000_000) + ModifiedNanos),
                ChangedNanos = unchecked((ChangedSeconds * 1_000_000_000) + ChangedNanos),
            };
    }
}
