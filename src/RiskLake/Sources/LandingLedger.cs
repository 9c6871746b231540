using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Errors;

namespace RiskLake.Sources;

/// <summary>Bytes that arrived.</summary>
/// <param name="Sha256">Digest, and the name they are kept under.</param>
/// <param name="Bytes">How many.</param>
/// <param name="Name">What they were called when they first came.</param>
/// <param name="Origin">Where they first came from: a file, or an address without its key.</param>
/// <param name="Source"><c>stooq</c>, <c>fred</c>, ...</param>
/// <param name="FirstSeenMicros">When they first came, in microseconds since the epoch.</param>
/// <param name="Path">Where they lie.</param>
internal sealed record LandedBytes(string Sha256, long Bytes, string Name, string Origin, string Source, long FirstSeenMicros, string Path);

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

    public LandingLedger(string lakeRoot, TimeProvider clock)
    {
        _folder = Path.Combine(lakeRoot, "_landing");
        _entries = Path.Combine(_folder, "ledger");
        _clock = clock;
    }

    /// <summary>Folder of what is known about series from earlier arrivals.</summary>
    public string SeriesFolder => Path.Combine(_folder, "series");

    /// <summary>Everything that arrived, the oldest first.</summary>
    public IReadOnlyList<LandedBytes> Entries() => !Directory.Exists(_entries) ? [] :
    [
        .. Directory.GetFiles(_entries, "*.json").Select(Read)
            .OrderBy(entry => entry.FirstSeenMicros).ThenBy(entry => entry.Sha256, StringComparer.Ordinal),
    ];

    /// <summary>Keeps the bytes of a file or response.</summary>
    /// <param name="name">What they are called.</param>
    /// <param name="origin">Where they come from; never with a key.</param>
    /// <param name="source">Which source delivered them.</param>
    /// <param name="write">Writes them.</param>
    public LandedBytes Land(string name, string origin, string source, Action<Stream> write)
    {
        try
        {
            Directory.CreateDirectory(_entries);
            var arriving = Path.Combine(_folder, FormattableString.Invariant($"arriving.{Environment.ProcessId}.{Environment.CurrentManagedThreadId}"));
            var (sha256, bytes) = Write(arriving, write);
            using var held = Lock();
            var landed = Path.Combine(_folder, sha256);
            if (File.Exists(landed))
            {
                File.Delete(arriving);
            }
            else
            {
                File.Move(arriving, landed);
            }

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
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(document.ToJsonString() + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path);
        return landed;
    }

    private LandedBytes Read(string path)
    {
        try
        {
            var entry = JsonNode.Parse(File.ReadAllBytes(path))!;
            var seen = DateTimeOffset.Parse((string)entry["first_seen"]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
            var sha256 = (string)entry["sha256"]!;
            return new LandedBytes(
                sha256, (long)entry["bytes"]!, (string)entry["name"]!, (string)entry["origin"]!, (string)entry["source"]!, Micros(seen),
                Path.Combine(_folder, sha256));
        }
        catch (Exception cause) when (cause is JsonException or FormatException or NullReferenceException or InvalidOperationException)
        {
            throw new RiskLakeException(
                ErrorCode.LakeDamaged, path, "a damaged entry of the landing ledger", "a JSON object with sha256 and first_seen",
                "restore it from a copy, or delete it: the bytes then count as new when they come again", cause);
        }
    }
}
