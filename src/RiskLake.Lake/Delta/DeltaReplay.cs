using System.Text.Json;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake.Delta;

/// <summary>
/// Reads a Delta log as any reader would, knowing nothing of the lake log, and notes where it breaks the protocol: the
/// independent half of verification.
/// </summary>
internal sealed class DeltaReplay
{
    private readonly List<string> _violations = [];
    private readonly SortedDictionary<string, DeltaFile> _live = new(StringComparer.Ordinal);

    /// <summary>Where the log breaks the protocol.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Live files by path below the table.</summary>
    public IReadOnlyDictionary<string, DeltaFile> Live => _live;

    /// <summary>Newest version; -1 when there is none.</summary>
    public long Version { get; private set; } = -1;

    /// <summary>Lake version of the newest commit.</summary>
    public long LakeVersion { get; private set; }

    /// <summary>Replays a <c>_delta_log</c> up to a version.</summary>
    public static DeltaReplay Read(IStorage storage, string folder, long? until = null)
    {
        var replay = new DeltaReplay();
        foreach (var version in storage.List("delta.replay", folder).Select(name => LakePaths.ParseVersion(name, ".json")).OfType<long>())
        {
            if (version > until)
            {
                break;
            }

            if (version != replay.Version + 1)
            {
                replay.Note(version, "the commit before it is missing");
            }

            replay.Version = version;
            try
            {
                replay.Apply(version, storage.ReadFile("delta.replay", Path.Combine(folder, LakePaths.VersionName(version) + ".json")) ?? []);
            }
            catch (Exception exception) when (LogEntryFormat.IsUnreadable(exception))
            {
                replay.Note(version, "an action that cannot be read");
            }
        }

        return replay;
    }

    private void Apply(long version, byte[] commit)
    {
        var actions = new List<(string Name, JsonElement Body)>();
        foreach (var line in System.Text.Encoding.UTF8.GetString(commit).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                using var json = JsonDocument.Parse(line);
                actions.AddRange(json.RootElement.EnumerateObject().Select(action => (action.Name, action.Value.Clone())));
            }
            catch (JsonException)
            {
                Note(version, "a line that is not JSON");
            }
        }

        Lint(version, actions);
        foreach (var (name, body) in actions)
        {
            switch (name)
            {
                case "add":
                    _live[body.GetProperty("path").GetString()!] = DeltaFile.Of(body);
                    break;
                case "remove" when !_live.Remove(body.GetProperty("path").GetString()!):
                    Note(version, $"removes {body.GetProperty("path").GetString()}, which is not there");
                    break;
                case "txn":
                    LakeVersion = body.GetProperty("version").GetInt64();
                    break;
            }
        }
    }

    private void Lint(long version, List<(string Name, JsonElement Body)> actions)
    {
        foreach (var name in new[] { "protocol", "metaData", "txn", "commitInfo" })
        {
            var count = actions.Count(action => string.Equals(action.Name, name, StringComparison.Ordinal));
            var least = name is "txn" or "commitInfo" || version == 0 ? 1 : 0;
            if (count > 1 || count < least)
            {
                Note(version, FormattableString.Invariant($"{count} actions {name}"));
            }
        }

        var paths = actions.Where(action => action.Name is "add" or "remove").Select(action => action.Body.GetProperty("path").GetString()!).ToList();
        if (paths.Distinct(StringComparer.Ordinal).Count() != paths.Count)
        {
            Note(version, "two actions on one path");
        }

        if (paths.FirstOrDefault(path => path.StartsWith('/') || path.Contains('%', StringComparison.Ordinal)) is { } odd)
        {
            Note(version, $"path {odd}");
        }

        foreach (var (_, body) in actions.Where(action => action.Name is "add"))
        {
            var path = body.GetProperty("path").GetString()!;
            if (_live.ContainsKey(path))
            {
                Note(version, $"adds {path} again");
            }
        }

        foreach (var unknown in actions.Select(action => action.Name)
            .Where(name => name is not ("protocol" or "metaData" or "txn" or "commitInfo" or "add" or "remove")))
        {
            Note(version, $"an action {unknown}, which is not ours");
        }
    }

    private void Note(long version, string text) => _violations.Add(FormattableString.Invariant($"version {version}: {text}"));
}

/// <summary>A live file of a Delta table.</summary>
/// <param name="Bytes">Size.</param>
/// <param name="Rows">Number of records by its statistics.</param>
/// <param name="Sha256">Digest by its tags.</param>
internal sealed record DeltaFile(long Bytes, long Rows, string Sha256)
{
    public static DeltaFile Of(JsonElement add)
    {
        using var statistics = JsonDocument.Parse(add.GetProperty("stats").GetString()!);
        return new DeltaFile(
            add.GetProperty("size").GetInt64(),
            statistics.RootElement.GetProperty("numRecords").GetInt64(),
            add.GetProperty("tags").GetProperty("sha256").GetString()!);
    }
}
