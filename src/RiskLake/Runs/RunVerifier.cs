using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Quality;

namespace RiskLake.Runs;

/// <summary>One recorded file against its recomputation.</summary>
/// <param name="Path">Path in the lake.</param>
/// <param name="Recorded">Recorded digest; null for a file the record does not know.</param>
/// <param name="Recomputed">Recomputed digest; null for one that was not made again.</param>
/// <param name="Status"><c>equal</c>, <c>different</c>, <c>missing</c>, <c>unexpected</c> or <c>not_recomputed</c>.</param>
internal sealed record VerifiedFile(string Path, string? Recorded, string? Recomputed, string Status);

/// <summary>Result of verifying a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Basis"><c>inputs</c>, or <c>bronze</c> when raw bytes are gone.</param>
/// <param name="Notes">What stood in the way of a full recomputation, such as <c>inputs_missing</c>.</param>
/// <param name="Files">Every file.</param>
internal sealed record Verification(string RunId, string Basis, IReadOnlyList<string> Notes, IReadOnlyList<VerifiedFile> Files)
{
    /// <summary>Whether everything that could be recomputed is equal.</summary>
    public bool Passed => Files.All(file => file.Status is "equal" or "not_recomputed") && !Notes.Contains("configuration_changed");
}

/// <summary>Recomputes a run at the lake version it was made against and compares digests.</summary>
internal static class RunVerifier
{
    /// <param name="like">Where lake and configuration are.</param>
    /// <param name="runId">The run.</param>
    /// <param name="progress">Hears of the stages.</param>
    /// <param name="clock">Measures them.</param>
    /// <param name="storage">Where the lake is kept.</param>
    /// <param name="ct">Stops.</param>
    /// <param name="isNow">Verifies what stands now against the newest version, not what was published against the version it read.</param>
    public static Verification Verify(
        RunRequest like, string runId, IRunProgress progress, TimeProvider clock, IStorage storage, CancellationToken ct, bool isNow = false)
    {
        var lake = LakeStore.Open(Path.GetFullPath(like.OutputRoot, like.WorkingFolder), storage, clock);
        return RunRecords.AsRead(lake, runId, () => Verify(like, lake, runId, progress, clock, storage, isNow, ct));
    }

    private static Verification Verify(
        RunRequest like, LakeStore lake, string runId, IRunProgress progress, TimeProvider clock, IStorage storage, bool isNow, CancellationToken ct)
    {
        var state = RunRecords.Require(lake, runId);
        if (state.Status == RunStatus.Withdrawn)
        {
            throw new RiskLakeException(ErrorCode.RunUnknown, $"run {state.RunId}", "a withdrawn run", "a run with files", "see 'risklake runs list'");
        }

        var record = lake.ReadEntry(state.Version)["record"]!;
        var setting = Setting(like, state, record);
        var notes = new List<string>();
        var recorded = record["configuration"];
        if (setting.Contract.Sha256 != (string?)recorded?["contract_sha256"]
            || setting.Thresholds.Sha256 != (string?)recorded?["thresholds_sha256"]
            || setting.Sessions?.Sha256 != (string?)recorded?["sessions_sha256"]
            || setting.Signals?.Sha256 != (string?)recorded?["signals_sha256"])
        {
            notes.Add("configuration_changed");
        }

        var folder = Directory.CreateTempSubdirectory("risklake-verify-");
        try
        {
            // Other publications may have replaced files since: as published they stand at the version of the run's own entry.
            var published = isNow ? state : lake.Snapshot(state.Version).Runs[state.RunId];
            var snapshot = isNow ? lake.Snapshot() : lake.Snapshot((long)record["lake_version"]!["read"]!);
            using var attempt = new RunAttempt(lake, storage, setting, folder.FullName, progress, clock) { FixedPlace = published.Place };
            var inputs = FindInputs(record, ct);
            if (state.IsStale)
            {
                notes.Add(isNow ? "stale" : "silver_moved_since");
            }

            if (inputs is null)
            {
                notes.Add("inputs_missing");
                attempt.Load(published.Files, RunRecords.Inputs(record), (string?)record["slice_sha256"]);
            }
            else
            {
                attempt.Decode(inputs, ct);
            }

            var evaluated = attempt.Evaluate(snapshot);
            var files = RunStatus.IsPublished(state.Status) ? evaluated.Published : evaluated.Evidence;
            return new Verification(state.RunId, inputs is null ? "bronze" : "inputs", notes, Compare(published.Files, files, inputs is null));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<VerifiedFile> Compare(IReadOnlyList<DataFile> recorded, IReadOnlyList<StagedFile> recomputed, bool isFromBronze)
    {
        var made = recomputed.ToDictionary(file => file.File.TreePath, file => file.File.Sha256);
        var result = new List<VerifiedFile>();
        foreach (var file in recorded.OrderBy(file => file.TreePath, StringComparer.Ordinal))
        {
            var isMade = made.Remove(file.TreePath, out var digest);
            var isSkipped = isFromBronze && file is { Layer: Layer.Bronze } or { Layer: Layer.Quarantine, Part.Length: 0 } && isFromBronze;
            result.Add(new VerifiedFile(file.TreePath, file.Sha256, isSkipped ? null : digest, isSkipped ? "not_recomputed" : !isMade ? "missing" : digest == file.Sha256 ? "equal" : "different"));
        }

        result.AddRange(made.Where(_ => !isFromBronze).Select(file => new VerifiedFile(file.Key, null, file.Value, "unexpected")));
        return result;
    }

    /// <summary>The inputs where they lay, if they all still hold the recorded bytes.</summary>
    private static List<InputFile>? FindInputs(JsonNode record, CancellationToken ct)
    {
        var paths = record["execution"]?["inputs"]?.AsArray().Select(path => (string)path!).ToArray() ?? [];
        var inputs = record["inputs"]!.AsArray();
        var found = new List<InputFile>();
        for (var i = 0; i < inputs.Count; i++)
        {
            if (i >= paths.Length || !File.Exists(paths[i]) || InputDigest.Compute(paths[i], ct).Sha256 != (string)inputs[i]!["sha256"]!)
            {
                return null;
            }

            found.Add(new InputFile(paths[i], (string)inputs[i]!["name"]!));
        }

        return found;
    }

    /// <summary>A run's setting as its record has it, over the configuration files at hand.</summary>
    public static RunSetting Setting(RunRequest like, RunState state, JsonNode record)
    {
        var configuration = record["configuration"]!;
        var request = like with
        {
            RunId = state.RunId,
            Dataset = state.Dataset,
            Corrects = (string?)record["corrects"],
            LateSeconds = (int)configuration["late_seconds"]!,
            WindowMinutes = (int)configuration["window_minutes"]!,
            VolatilityWindow = (int)configuration["vol_window"]!,
            IsSnapshot = (bool?)configuration["snapshot"] == true,
            MaxRecordBytes = (int)configuration["max_record_bytes"]!,
            AsOfMicros = (string?)configuration["as_of"] is { } asOf
                ? (DateTimeOffset.Parse(asOf, System.Globalization.CultureInfo.InvariantCulture).UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond
                : null,
        };
        var registry = ContractRegistry.Load(Path.GetFullPath(like.ContractsPath, like.WorkingFolder));
        var contract = registry.Versions(state.Dataset).Contains(state.ContractVersion, StringComparer.Ordinal)
            ? registry.Get(state.Dataset, state.ContractVersion)
            : registry.Get(state.Dataset);
        var thresholds = Thresholds.Load(Path.GetFullPath(like.ThresholdsPath, like.WorkingFolder));
        var calendars = like.CalendarsPath is { } folder ? Path.GetFullPath(folder, like.WorkingFolder) : null;
        var sessions = SessionRules.Load(contract, Path.GetFullPath(like.SymbolsPath, like.WorkingFolder), calendars);
        return new RunSetting(state.RunId, request, contract, thresholds, sessions) { Signals = RunPipeline.LoadSignals(request, contract) };
    }
}
