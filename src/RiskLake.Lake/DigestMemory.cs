using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>
/// Which digest each file had when it was last read whole, kept in the user's cache folder, never in the lake: a lake may be read-only
/// and be handed over, and what is in it proves nothing about it. A file counts as unchanged while device, inode, size and both time
/// stamps are what they were. Without a folder to write to, nothing is remembered beyond the process.
/// </summary>
internal sealed class DigestMemory
{
    /// <summary>A change within the clock tick of the stamp would go unseen, so a stamp must be this old to be relied on.</summary>
    private const long SettledNanos = 2_000_000_000;

    private const int MostLines = 200_000;

    private readonly ConcurrentDictionary<(ulong Device, ulong Inode), (FileIdentity Identity, string Sha256)> _known = [];
    private readonly Lock _gate = new();
    private readonly TimeProvider _clock;
    private readonly string? _path;
    private bool _isLoaded;

    /// <param name="path">File to keep what is known in; null keeps it in memory only.</param>
    /// <param name="clock">Tells how old a time stamp is.</param>
    public DigestMemory(string? path, TimeProvider clock)
    {
        _path = path;
        _clock = clock;
    }

    /// <summary>What this user remembers of a lake.</summary>
    public static DigestMemory Of(string lakeRoot, TimeProvider clock) => new(
        Folder() is { } folder
            ? Path.Combine(folder, LogEntryFormat.Digest(Encoding.UTF8.GetBytes(Posix.RealPath(lakeRoot) ?? lakeRoot))[..32])
            : null,
        clock);

    /// <summary>The digest the file had when it was last read, if it has not changed since.</summary>
    public string? Recall(FileIdentity identity)
    {
        Load();
        return _known.TryGetValue((identity.Device, identity.Inode), out var known) && known.Identity == identity ? known.Sha256 : null;
    }

    /// <summary>Notes the digest of a file that was read whole while it had this identity.</summary>
    public void Note(FileIdentity identity, string sha256)
    {
        var age = (_clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000) - Math.Max(identity.ChangedNanos, identity.ModifiedNanos);
        if (age < SettledNanos)
        {
            return;
        }

        _known[(identity.Device, identity.Inode)] = (identity, sha256);
        Append(Line(identity, sha256));
    }

    private static string? Folder()
    {
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathFullyQualified(cache))
        {
            return Path.Combine(cache, "risklake", "digests");
        }

        return Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home && Path.IsPathFullyQualified(home)
            ? Path.Combine(home, ".cache", "risklake", "digests")
            : null;
    }

    private static string Line(FileIdentity file, string sha256) => string.Create(
        CultureInfo.InvariantCulture, $"{file.Device} {file.Inode} {file.Bytes} {file.ModifiedNanos} {file.ChangedNanos} {sha256}\n");

    private void Load()
    {
        lock (_gate)
        {
            if (_isLoaded)
            {
                return;
            }

            _isLoaded = true;
            try
            {
                if (_path is not null && File.Exists(_path))
                {
                    Parse(File.ReadAllLines(_path));
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Nothing is known then, and everything is read.
            }
        }
    }

    private void Parse(string[] lines)
    {
        foreach (var line in lines)
        {
            if (line.Split(' ') is [var device, var inode, var bytes, var modified, var changed, { Length: 64 } sha256]
                && ulong.TryParse(device, NumberStyles.None, CultureInfo.InvariantCulture, out var deviceNumber)
                && ulong.TryParse(inode, NumberStyles.None, CultureInfo.InvariantCulture, out var inodeNumber)
                && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
                && long.TryParse(modified, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var modifiedNanos)
                && long.TryParse(changed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var changedNanos))
            {
                var identity = new FileIdentity(deviceNumber, inodeNumber, size, IsDirectory: false)
                {
                    ModifiedNanos = modifiedNanos,
                    ChangedNanos = changedNanos,
                };
                _known[(deviceNumber, inodeNumber)] = (identity, sha256);
            }
        }

        if (lines.Length > MostLines || lines.Length > 1000 + (2 * _known.Count))
        {
            // Another process may add a line meanwhile; losing it costs one reading of one file.
            var whole = _path + FormattableString.Invariant($".{Environment.ProcessId}");
            File.WriteAllLines(whole, _known.Values.Take(MostLines / 2).Select(known => Line(known.Identity, known.Sha256).TrimEnd('\n')));
            _ = Posix.rename(whole, _path!);
        }
    }

    private void Append(string line)
    {
        if (_path is null)
        {
            return;
        }

        lock (_gate)
        {
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
                File.AppendAllText(_path, line);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A cache that cannot be written costs time, nothing else.
            }
        }
    }
}
