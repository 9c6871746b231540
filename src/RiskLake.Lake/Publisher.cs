using System.Text.Json;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>
/// Puts a decision into the log: link what it names, then link the entry itself. That last link is the publication; before it
/// nothing is visible, after it only views remain to be rolled. The caller holds the publish lock.
/// </summary>
internal sealed class Publisher(LakePaths paths, IStorage storage, LakeLog log)
{
    private readonly DurableFolders _decided = new(storage, "publish.link_entry");

    /// <summary>Commits a run's attempt: decided when it returns, durable after <see cref="MakeDurable"/>.</summary>
    public void Commit(CommitPlan plan, CancellationToken ct)
    {
        var runId = plan.Entry.RunId;
        storage.CreateDirectory("publish.intent", paths.StagingOf(runId));
        storage.WriteFile("publish.intent", paths.Intent(runId), IntentBytes(plan));
        storage.SyncDirectory("publish.intent", paths.StagingOf(runId));
        LinkData(plan, ct);
        ct.ThrowIfCancellationRequested();
        LinkEntry(paths.StagedEntry(runId), plan.Entry.Version, plan.Bytes);
    }

    /// <summary>Commits a mending; what a torn one leaves has names that no other entry uses, and is linked anew by the next.</summary>
    public void CommitMend(CommitPlan plan, string stagedEntry, CancellationToken ct)
    {
        LinkData(plan, ct);
        ct.ThrowIfCancellationRequested();
        LinkEntry(stagedEntry, plan.Entry.Version, plan.Bytes);
    }

    /// <summary>Puts an entry at its version, or finds it there.</summary>
    public void LinkEntry(string source, long version, byte[] bytes)
    {
        var target = paths.Entry(version);
        _decided.Prepare(target);
        storage.WriteFile("publish.link_entry", source, bytes);
        try
        {
            if (!storage.Link("publish.link_entry", source, target) && !Stands(target, bytes))
            {
                throw new RiskLakeException(
                    ErrorCode.LakeConflict, target, "an entry of another writer", "the publish lock to keep others away", "repeat the command");
            }
        }
        catch (StorageException)
        {
            // The link may stand although the call failed: what the log says counts.
            if (!Stands(target, bytes))
            {
                throw;
            }
        }
    }

    /// <summary>Makes the decision durable.</summary>
    public void MakeDurable() => _decided.Sync();

    /// <summary>
    /// Removes what a publication linked without reaching its decision. The caller holds the run's lock and the publish lock, so
    /// that what the log does not name by now it never will. What a marker in staging says is believed only of names that no entry of
    /// the log ever had and that lead to the very bytes staged beside it.
    /// </summary>
    public void ClearTorn(string runId)
    {
        var links = ReadIntent(runId);
        if (links.Count > 0)
        {
            var staged = FilesBelow(paths.StagingOf(runId)).ToList();
            var named = NamedByLog();
            var folders = new DurableFolders(storage, "recover.torn");
            foreach (var link in links.Where(link => LakePaths.IsNamedFile(link) && !named.Contains(link)))
            {
                if (storage.Identify("recover.look", paths.Absolute(link)) is not { } present
                    || staged.Exists(file => IsSame(file, paths.Absolute(link), present)))
                {
                    folders.DeleteAndPrune("recover.torn", paths.Absolute(link), paths.Root);
                }
            }

            folders.Sync();
        }

        storage.DeleteTree("recover.staging", paths.StagingOf(runId));
    }

    /// <summary>
    /// Refuses a decision on top of a log that is older than its Delta commits, as when a copy of it was put back: what they tell of the
    /// versions that are missing would be lost.
    /// </summary>
    public void RequireNewest(LakeSnapshot snapshot)
    {
        foreach (var table in Enum.GetValues<Layer>().SelectMany(TablesOf))
        {
            var next = (snapshot.TableStates.GetValueOrDefault(table)?.DeltaVersion ?? -1) + 1;
            var commit = Path.Combine(paths.DeltaLog(table), LakePaths.VersionName(next) + ".json");
            if (storage.Exists("publish.look", commit))
            {
                throw LakeLog.Damaged(
                    commit,
                    "a commit of a lake version that the log does not have",
                    FormattableString.Invariant($"no commit after lake version {snapshot.Version}, the newest in the log: entries of the log are missing"));
            }
        }
    }

    private IEnumerable<string> TablesOf(Layer layer)
    {
        var name = DataFile.LayerName(layer);
        return storage.List("publish.look", paths.Absolute($"_delta/{name}")).Select(dataset => $"{name}/{dataset}");
    }

    /// <summary>Whether a publication of the run may have linked files.</summary>
    public bool HasIntent(string runId) => storage.Exists("recover.look", paths.Intent(runId));

    private void LinkData(CommitPlan plan, CancellationToken ct)
    {
        var folders = new DurableFolders(storage, "publish.link_data");
        foreach (var (source, target) in plan.Links)
        {
            ct.ThrowIfCancellationRequested();
            var path = paths.Absolute(target);
            folders.Prepare(path);
            if (storage.Link("publish.link_data", source, path))
            {
                continue;
            }

            // The name belongs to this attempt, which no entry has decided: a file there is our own link, or one of a torn attempt.
            if (storage.Identify("publish.link_data", path) is { } present
                && storage.Identify("publish.link_data", source) is { } staged && present.IsSameFile(staged))
            {
                continue;
            }

            // Named by its own digest: whoever put it, the bytes are the same, and others may name it already.
            if (target.StartsWith("_configurations/", StringComparison.Ordinal) && Stands(path, storage.ReadFile("publish.link_data", source) ?? []))
            {
                continue;
            }

            storage.Delete("publish.link_data", path);
            if (!storage.Link("publish.link_data", source, path))
            {
                throw LakeLog.Damaged(path, "a file put by another writer", "nobody else publishing here");
            }
        }

        folders.Sync();
    }

    private bool Stands(string target, byte[] bytes) =>
        storage.ReadFile("publish.read_back", target) is { } present && present.AsSpan().SequenceEqual(bytes);

    private static byte[] IntentBytes(CommitPlan plan)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, LogEntryFormat.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteNumber("version", plan.Entry.Version);
            json.WriteNumber("attempt", plan.Entry.Attempt);
            json.WriteStartArray("links");
            foreach (var (_, target) in plan.Links)
            {
                json.WriteStringValue(target);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private IEnumerable<(string Path, FileIdentity Identity)> FilesBelow(string folder)
    {
        foreach (var path in storage.List("recover.look", folder).Select(name => Path.Combine(folder, name)))
        {
            if (storage.Identify("recover.look", path) is { IsSymbolicLink: false } found)
            {
                foreach (var file in found.IsDirectory ? FilesBelow(path) : [(path, found)])
                {
                    yield return file;
                }
            }
        }
    }

    /// <summary>One file, or two of the same bytes: whoever copies a lake may turn links into files.</summary>
    private bool IsSame((string Path, FileIdentity Identity) staged, string path, FileIdentity present) =>
        staged.Identity.IsSameFile(present)
        || (staged.Identity.Bytes == present.Bytes && storage.OpenRead("recover.look", staged.Path) is { } one
            && storage.OpenRead("recover.look", path) is { } other && SameBytes(one, other));

    private static bool SameBytes(Stream one, Stream other)
    {
        using (one)
        using (other)
        {
            return string.Equals(LakeFiles.Digest(one), LakeFiles.Digest(other), StringComparison.Ordinal);
        }
    }

    /// <summary>Every path below the root that an entry ever named.</summary>
    private HashSet<string> NamedByLog()
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        for (var version = log.LatestVersion(); version > 0; version--)
        {
            var entry = log.Read(version, out _);
            var indexes = entry.Touched.Select(run => run.Mended?.Index).Append(entry.Index).OfType<KeyIndex>()
                .Concat(entry.SegmentsAdded.Select(segment => segment.File));
            named.UnionWith(entry.AllAdded.Select(file => file.DeltaPath));
            named.UnionWith(entry.SetAside.Concat(entry.Configurations).Select(file => file.Path));
            named.UnionWith(indexes.Select(index => index.Path));
        }

        return named;
    }

    private IReadOnlyList<string> ReadIntent(string runId)
    {
        if (storage.ReadFile("recover.look", paths.Intent(runId)) is not { } bytes)
        {
            return [];
        }

        try
        {
            using var json = JsonDocument.Parse(bytes);
            return [.. json.RootElement.GetProperty("links").EnumerateArray().Select(link => link.GetString()!)];
        }
        catch (Exception exception) when (LogEntryFormat.IsUnreadable(exception))
        {
            // It was durable before the first link: one that is torn announces nothing.
            return [];
        }
    }
}
