using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RiskLake.Runs;

namespace RiskLake.Trials.Guard;

/// <summary>
/// Every file of a lake with the SHA-256 digest of its bytes. What differs by design from one machine, folder or thread count to the next
/// has its value replaced by its name first; every other byte counts:
/// <list type="bullet">
/// <item>the block <c>execution</c> of run records, wherever one stands: host, absolute paths, threads, build, durations;</item>
/// <item>digests over log entries, which hold such a block: <c>previous_sha256</c>, <c>checkpoint_sha256</c>, the marker
/// <c>_log/_views</c>, and the ids of Delta tables and transactions, which are made of them;</item>
/// <item>the number of the release, which lineage names;</item>
/// <item>the folder of the desk, where a text names it, and <c>check</c> of the landing ledger, a digest over such a text.</item>
/// </list>
/// Files below <c>_locks/</c>, which hold nothing that anybody reads, are left out. Instants count: the clock of the desk makes them.
/// </summary>
internal static class LakeDigests
{
    /// <summary>Paths of properties in a document, outermost first; <c>*</c> is any name.</summary>
    private static readonly string[][] Replaced =
    [
        ["execution"], ["record", "execution"], ["previous_sha256"], ["checkpoint_sha256"], ["schemas", "*", "id"],
        ["commitInfo", "txnId"], ["metaData", "id"],
    ];

    private static readonly string Release = typeof(RunPipeline).Assembly.GetName().Version!.ToString(3);

    private static readonly string[][] ReplacedInMarkers = [["sha256"], ["check"]];

    private static readonly string[][] ReplacedInLedger = [["check"]];

    /// <summary>Lines of digest and path, in the order of the paths.</summary>
    /// <param name="root">The lake.</param>
    /// <param name="desk">The folder that stands as <c>{desk}</c>.</param>
    public static string[] Of(string root, string desk) =>
    [
        .. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Where(path => !path.StartsWith("_locks/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => $"{Convert.ToHexStringLower(SHA256.HashData(Content(path, File.ReadAllBytes(Path.Combine(root, path)), desk)))}  {path}"),
    ];

    /// <summary>The bytes that count.</summary>
    public static byte[] Content(string path, byte[] bytes, string desk)
    {
        var isMarker = path == "_log/_views";
        var isLines = path.EndsWith(".ndjson", StringComparison.Ordinal) || path.Contains("/_delta_log/", StringComparison.Ordinal);
        if (!isMarker && !isLines && !path.EndsWith(".json", StringComparison.Ordinal))
        {
            return bytes;
        }

        var names = isMarker ? ReplacedInMarkers : path.StartsWith("_landing/ledger/", StringComparison.Ordinal) ? ReplacedInLedger : Replaced;
        var text = Encoding.UTF8.GetString(bytes).Replace(desk, "{desk}", StringComparison.Ordinal);
        if (path.EndsWith(".openlineage.ndjson", StringComparison.Ordinal))
        {
            text = text.Replace($"urn:risklake:release:{Release}", "urn:risklake:release:{release}", StringComparison.Ordinal)
                .Replace($"\"version\":\"{Release}\"", "\"version\":\"{release}\"", StringComparison.Ordinal);
        }

        return Encoding.UTF8.GetBytes(isLines ? string.Join('\n', text.Split('\n').Select(line => Replace(line, names))) : Replace(text, names));
    }

    /// <summary>A document with values replaced and every other character as it was.</summary>
    private static string Replace(string text, string[][] names)
    {
        if (text.Length == 0)
        {
            return text;
        }

        using var document = JsonDocument.Parse(text);
        foreach (var name in names)
        {
            foreach (var value in Find(document.RootElement, name))
            {
                text = text.Replace(value, $"{{{name[^1]}}}", StringComparison.Ordinal);
            }
        }

        return text;
    }

    /// <summary>Raw texts of the values at a path; one that is null, as that of the first entry, counts as it is.</summary>
    private static IEnumerable<string> Find(JsonElement at, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
        {
            return at.ValueKind is JsonValueKind.Object or JsonValueKind.String ? [at.GetRawText()] : [];
        }

        var found = new List<string>();
        if (at.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in at.EnumerateObject())
            {
                if (path[0] == "*" || property.NameEquals(path[0]))
                {
                    found.AddRange(Find(property.Value, path[1..]));
                }
            }
        }

        return found;
    }
}
