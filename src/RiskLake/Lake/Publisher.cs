using System.Text.Json;
using RiskLake.Errors;
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
    /// that what the log does not name by now it never will.
    /// </summary>
    public void ClearTorn(string runId)
    {
        if (ReadIntent(runId) is { } intent)
        {
            var run = log.Snapshot(null).Runs.GetValueOrDefault(runId);
            if ((run?.Attempt ?? 0) < intent.Attempt)
            {
                // A name with the version in it may meanwhile belong to the entry of another run that got that version.
                var folders = new DurableFolders(storage, "recover.torn");
                var decided = DecidedAt(intent.Version);
                foreach (var link in intent.Links.Where(link => !decided.Contains(link)))
                {
                    folders.DeleteAndPrune("recover.torn", paths.Absolute(link), paths.Root);
                }

                folders.Sync();
            }
        }

        storage.DeleteTree("recover.staging", paths.StagingOf(runId));
    }

    private HashSet<string> DecidedAt(long version)
    {
        if (version > log.LatestVersion())
        {
            return [];
        }

        var entry = log.Read(version, out _);
        return
        [
            .. entry.AllAdded.Select(file => file.DeltaPath), .. entry.SegmentsAdded.Select(segment => segment.File.Path),
            .. entry.Configurations.Select(file => file.Path),
        ];
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

    private (long Version, int Attempt, IReadOnlyList<string> Links)? ReadIntent(string runId)
    {
        if (storage.ReadFile("recover.look", paths.Intent(runId)) is not { } bytes)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(bytes);
            var links = json.RootElement.GetProperty("links").EnumerateArray().Select(link => link.GetString()!);
            return (json.RootElement.GetProperty("version").GetInt64(), json.RootElement.GetProperty("attempt").GetInt32(), [.. links]);
        }
        catch (JsonException)
        {
            // It was durable before the first link: one that is torn announces nothing.
            return null;
        }
    }
}
