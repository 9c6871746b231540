using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Ingest.Sources;

/// <summary>Bytes that arrived.</summary>
/// <param name="Sha256">Digest, and the name they are kept under.</param>
/// <param name="Bytes">How many.</param>
/// <param name="Name">What they were called when they first came.</param>
/// <param name="Origin">Where they first came from: a file, or an address without its key.</param>
/// <param name="Source"><c>stooq</c>, <c>fred</c>, ...</param>
/// <param name="FirstSeenMicros">When they first came, in microseconds since the epoch.</param>
/// <param name="Path">Where they lie.</param>
internal sealed record LandedBytes(string Sha256, long Bytes, string Name, string Origin, string Source, long FirstSeenMicros, string Path)
{
    /// <summary>Whether they had never come before.</summary>
    public bool IsNew { get; init; }
}

/// <summary>
/// What arrived, from where, and when first. Bytes are kept under their digest, so that the same bytes land once however often they
/// come, and keep the time, name and origin of their first arrival.
/// </summary>
internal sealed class LandingLedger
{
    private const string Form = "landing/1";

    private readonly string _folder;
    private readonly string _entries;
    private readonly TimeProvider _clock;
    private readonly Confinement _confinement;

    public LandingLedger(string lakeRoot, TimeProvider clock)
    {
        _folder = Path.Combine(lakeRoot, "_landing");
        _entries = Path.Combine(_folder, "ledger");
        _clock = clock;
        _confinement = new Confinement(lakeRoot);
    }

    /// <summary>Folder of what is known about series from earlier arrivals.</summary>
    public string SeriesFolder => Path.Combine(_folder, "series");

    /// <summary>Everything that arrived, the oldest first.</summary>
    public IReadOnlyList<LandedBytes> Entries() => !Directory.Exists(_entries) ? [] :
    [
        .. Entered().Select(Read)
            .OrderBy(entry => entry.FirstSeenMicros).ThenBy(entry => entry.Sha256, StringComparer.Ordinal),
    ];

    private string[] Entered()
    {
        _confinement.Require(_entries);
        return Directory.GetFiles(_entries, "*.json");
    }

    /// <summary>Keeps the bytes of a file or response.</summary>
    /// <param name="name">What they are called.</param>
    /// <param name="origin">Where they come from; never with a key.</param>
    /// <param name="source">Which source delivered them.</param>
    /// <param name="write">Writes them.</param>
    public LandedBytes Land(string name, string origin, string source, Action<Stream> write)
    {
        try
        {
            _confinement.Require(_entries);
            _confinement.RequireFolderOf(Path.Combine(SeriesFolder, "any"));
            Directory.CreateDirectory(_entries);
            var arriving = Path.Combine(_folder, FormattableString.Invariant($"arriving.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}"));
            var (sha256, bytes) = Write(arriving, write);
            using var held = Lock();
            var landed = Path.Combine(_folder, sha256);
            Settle(arriving, landed, sha256);

            return Enter(new LandedBytes(sha256, bytes, name, origin, source, Micros(_clock.GetUtcNow()), landed));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RiskLakeException(
                ErrorCode.StorageFailed, _folder, e.Message, "a folder that can be written", "free space or choose another output root", e);
        }
    }

    /// <summary>Holds off other processes that land, until disposed.</summary>
    public FileStream Lock()
    {
        Directory.CreateDirectory(_folder);
        var path = Path.Combine(_folder, ".lock");
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException cause) when (File.Exists(path))
            {
                if (attempt == 600)
                {
                    throw new RiskLakeException(
                        ErrorCode.RunLocked, path, "another process that lands", "a free landing folder", "repeat the command when it is done", cause);
                }

                Thread.Sleep(50);
            }
        }
    }

    public static long Micros(DateTimeOffset time) => (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>An instant as canonical text.</summary>
    public static string Instant(long micros) =>
        DateTime.UnixEpoch.AddMicroseconds(micros).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Gives bytes that arrived the name of their digest; what lies there under that name is believed only if it has that digest.</summary>
    public static void Settle(string arriving, string landed, string sha256)
    {
        if (Posix.Identify(landed, out _) is null)
        {
            File.Move(arriving, landed);
        }
        else if (IsWhole(landed, sha256))
        {
            File.Delete(arriving);
        }
        else
        {
            File.Replace(arriving, landed, null);
        }
    }

    /// <summary>Whether a file, itself no link, has the digest it is named by.</summary>
    public static bool IsWhole(string path, string sha256)
    {
        if (Posix.Identify(path, out _) is not { IsSymbolicLink: false, IsDirectory: false })
        {
            return false;
        }

        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        return string.Equals(Convert.ToHexStringLower(SHA256.HashData(file)), sha256, StringComparison.Ordinal);
    }

    private static (string Sha256, long Bytes) Write(string path, Action<Stream> write)
    {
        try
        {
            using var hash = SHA256.Create();
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
            using (var hashing = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true))
            {
                write(hashing);
            }

            file.Flush(flushToDisk: true);
            return (Convert.ToHexStringLower(hash.Hash!), file.Length);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private LandedBytes Enter(LandedBytes landed)
    {
        var path = Path.Combine(_entries, $"{landed.Sha256}.json");
        if (File.Exists(path))
        {
            return Read(path);
        }

        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(Bytes(landed, isChecked: true));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path);
        return landed with { IsNew = true };
    }

    /// <summary>An entry, which says its own digest, so that a damaged one is not taken for another time or origin; earlier ones did not.</summary>
    private static byte[] Bytes(LandedBytes landed, bool isChecked)
    {
        var document = new JsonObject
        {
            ["bytes"] = landed.Bytes,
            ["first_seen"] = Instant(landed.FirstSeenMicros),
            ["form"] = Form,
            ["name"] = landed.Name,
            ["origin"] = landed.Origin,
            ["sha256"] = landed.Sha256,
            ["source"] = landed.Source,
        };
        if (isChecked)
        {
            document["check"] = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document.ToJsonString())))[..16];
        }

        return Encoding.UTF8.GetBytes(document.ToJsonString() + "\n");
    }

    /// <summary>An entry as it was once written.</summary>
    public LandedBytes Read(string path)
    {
        try
        {
            _confinement.Require(path);
            var bytes = File.ReadAllBytes(path);
            var entry = JsonNode.Parse(bytes)!.AsObject();
            var seen = DateTimeOffset.Parse((string)entry["first_seen"]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            var sha256 = (string)entry["sha256"]!;
            var landed = new LandedBytes(
                sha256, (long)entry["bytes"]!, (string)entry["name"]!, (string)entry["origin"]!, (string)entry["source"]!, Micros(seen),
                Path.Combine(_folder, sha256));
            var isWhole = string.Equals(Path.GetFileNameWithoutExtension(path), sha256, StringComparison.Ordinal)
                && sha256.Length == 64 && sha256.All(char.IsAsciiHexDigitLower)
                && bytes.AsSpan().SequenceEqual(Bytes(landed, isChecked: entry.ContainsKey("check")));
            return isWhole ? landed : throw new FormatException("not what was once written");
        }
        catch (Exception cause) when (cause is JsonException or FormatException or NullReferenceException or InvalidOperationException or ArgumentException)
        {
            throw new RiskLakeException(
                ErrorCode.LakeDamaged, path, "a damaged entry of the landing ledger", "a JSON object with sha256 and first_seen",
                "restore it from a copy, or delete it: the bytes then count as new when they come again", cause);
        }
    }
}
