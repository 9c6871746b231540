using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Runs;

namespace RiskLake.RiskRuns;

/// <summary>
/// Computes a run that only writes gold again, from the lake version it read, and compares every byte: the receipts in its rows and the
/// numbers beside them included.
/// </summary>
internal static class RiskVerification
{
    /// <param name="like">Lake and configuration. What the run's record holds of the configuration goes before its paths.</param>
    /// <param name="named">Names of the files, as <see cref="ConfigurationFiles"/> has them, whose paths go before the record.</param>
    /// <param name="clock">Clock of the lake.</param>
    /// <param name="storage">Where the lake is kept.</param>
    /// <param name="ct">Stops.</param>
    public static Verification Verify(
        RiskRunRequest like, IReadOnlyCollection<string> named, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        var lake = LakeStore.Open(like.OutputRoot, storage, clock);
        return LakeStore.Guard(lake.Root, () => RunRecords.AsRead(lake, like.RunId!, () => Verify(like, named, lake, storage, ct)));
    }

    private static Verification Verify(
        RiskRunRequest like, IReadOnlyCollection<string> named, LakeStore lake, IStorage storage, CancellationToken ct)
    {
        var state = RunRecords.Require(lake, like.RunId!);
        if (!GoldWork.IsOne(state.Dataset) || !state.IsPublished)
        {
            throw new RiskLakeException(
                ErrorCode.RunUnknown, $"run {state.RunId}", $"a run of {state.Dataset}, {state.Status}",
                "a published run of risk, limits or acknowledgements", "see 'risklake runs list'");
        }

        var record = lake.ReadEntry(state.Version)["record"]!;
        return state.Dataset == GoldWork.Risk ? OfRisk(like, named, lake, state, record, storage, ct)
            : state.Dataset == GoldWork.Limits
            ? Compared(state, LimitEpisodes.At(lake, lake.Snapshot((long)record["lake_version"]!["read"]!)), "gold", [], storage)
            : Compared(state, Acknowledgement.Recorded(record), "record", [], storage);
    }

    private static Verification OfRisk(
        RiskRunRequest like, IReadOnlyCollection<string> named, LakeStore lake, RunState state, JsonNode record, IStorage storage, CancellationToken ct)
    {
        var recorded = record["configuration"]!;
        var request = like with
        {
            RunId = state.RunId,
            FallbackMarket = (string?)recorded["fallback_market"],
            AsOfMicros = (string?)recorded["as_of"] is { } asOf ? Micros(asOf) : null,
            Recorded = ConfigurationFiles.Recorded(recorded).Where(file => !named.Contains(file.Key))
                .ToDictionary(file => file.Key, file => file.Value, StringComparer.Ordinal) is { Count: > 0 } texts ? texts : null,
        };
        var date = DateOnly.ParseExact((string)record["valuation_date"]!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        var configuration = RiskConfiguration.Load(request);
        var history = RiskRun.Read(request, configuration, lake, lake.Snapshot((long)record["lake_version"]!["read"]!), date, ct);
        var run = RiskRun.Prepare(request, configuration, history, date, ct);
        var notes = new List<string>();
        if (configuration.Settings.Sha256 != (string?)recorded["settings_sha256"]
            || configuration.Desk.Portfolios.DigestOn(date) != (string?)recorded["portfolios_sha256"]
            || configuration.Desk.Limits.DigestOn(date) != (string?)recorded["limits_sha256"])
        {
            notes.Add("configuration_changed");
        }
        else if (run.Fingerprint != state.Fingerprint)
        {
            notes.Add("inputs_changed");
        }

        return Compared(state, run, "silver", notes, storage);
    }

    private static Verification Compared(RunState state, GoldRun run, string from, IReadOnlyList<string> notes, IStorage storage)
    {
        var folder = Directory.CreateTempSubdirectory("risklake-verify-");
        try
        {
            var made = GoldPublication.Rehearse(storage, state.RunId, state.Dataset, run, folder.FullName);
            return new Verification(state.RunId, from, notes, Compare(state.Files, made));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<VerifiedFile> Compare(IReadOnlyList<DataFile> recorded, IReadOnlyList<StagedFile> recomputed)
    {
        var made = recomputed.ToDictionary(file => file.File.TreePath, file => file.File.Sha256);
        var result = new List<VerifiedFile>();
        foreach (var file in recorded.OrderBy(file => file.TreePath, StringComparer.Ordinal))
        {
            var isMade = made.Remove(file.TreePath, out var digest);
            result.Add(new VerifiedFile(file.TreePath, file.Sha256, digest, !isMade ? "missing" : digest == file.Sha256 ? "equal" : "different"));
        }

        result.AddRange(made.OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => new VerifiedFile(file.Key, null, file.Value, "unexpected")));
        return result;
    }

    public static long Micros(string time) =>
        (DateTimeOffset.Parse(time, CultureInfo.InvariantCulture).UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
