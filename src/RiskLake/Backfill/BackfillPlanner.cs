using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Quality;
using RiskLake.Runs;

namespace RiskLake.Backfill;

/// <summary>Says, of every day, what is to be done and why. Asks the slices and the lake log, never a manifest, what is published.</summary>
/// <param name="lake">The lake.</param>
/// <param name="snapshot">Its newest version.</param>
/// <param name="request">What is asked for.</param>
/// <param name="contract">Contract of the records.</param>
/// <param name="thresholds">Limits.</param>
/// <param name="sessions">Rules of the markets' sessions; null where they mean nothing.</param>
/// <param name="signals">Signals that risk carries; null where there is none.</param>
/// <param name="before">The manifest of an earlier backfill over the same dates.</param>
/// <param name="sliced">Takes the runs that the lake holds of the very slices.</param>
internal sealed class BackfillPlanner(
    LakeStore lake, LakeSnapshot snapshot, BackfillRequest request, Contract contract, Thresholds thresholds, SessionRules? sessions, SignalList? signals,
    BackfillManifest? before, SlicedRuns sliced)
{
    /// <summary>One line for each date.</summary>
    public IReadOnlyList<BackfillItem> Days(SliceSet slices, ExchangeCalendar calendar)
    {
        var items = new List<BackfillItem>();
        for (var date = request.StartDate; date <= request.EndDate; date = date.AddDays(1))
        {
            var isSession = calendar.IsSession(date);
            var item = slices.Days.TryGetValue(date, out var slice)
                ? OfRun(RunId.OfDay(date), [slice.Sha256], slice.Records, request.Run.AllowBreach)
                : Empty(date, isSession, isSession ? null : calendar.WhyClosed(date));
            items.Add(item with
            {
                Date = date,
                SliceSha256 = slice?.Sha256,
                Flags = slice is not null && !isSession ? [.. item.Flags, "closed_day"] : item.Flags,
            });
        }

        return items;
    }

    /// <summary>The key indices of the days' runs that the lake holds and that are stale.</summary>
    public IReadOnlyDictionary<DateOnly, KeyIndex> StaleIndices(IReadOnlyDictionary<DateOnly, Slice> slices)
    {
        var indices = new Dictionary<DateOnly, KeyIndex>();
        foreach (var (day, slice) in slices)
        {
            if (snapshot.Runs.TryGetValue(RunId.OfDay(day), out var state) && state.KeyIndex is { } index
                && state.Fingerprint != RunFingerprint.Compute([slice.Sha256], contract, thresholds, sessions, signals, request.Run))
            {
                indices.Add(day, index);
            }
        }

        return indices;
    }

    /// <summary>The line of a run, by what its fingerprint is made of.</summary>
    public BackfillItem OfRun(string runId, IReadOnlyList<string> digests, long records, bool allowBreach)
    {
        var fingerprint = RunFingerprint.Compute(digests, contract, thresholds, sessions, signals, request.Run);
        var state = snapshot.Runs.GetValueOrDefault(runId);
        var item = new BackfillItem
        {
            RunId = runId, Status = DayStatus.Pending, Action = BackfillAction.Run, Reason = "", Records = records, Fingerprint = fingerprint,
        };
        if (state is null || state.Status == RunStatus.Withdrawn)
        {
            var failure = before?.All.FirstOrDefault(known => known.RunId == runId && known.Status == DayStatus.Failed)?.Error;
            return item with { Reason = state is not null ? "missing: it was withdrawn" : failure is null ? "missing: the lake does not hold it" : $"failed before: {failure}" };
        }

        var isBlocked = state.LastStatus == RunStatus.Blocked && state.LastFingerprint == fingerprint;
        if (state.Fingerprint != fingerprint && !isBlocked)
        {
            return item with { Action = BackfillAction.Redo, Reason = $"stale: {Changes(lake.ReadEntry(state.Version)["record"]!, digests)}" };
        }

        var record = isBlocked ? lake.ReadRecord(runId)! : lake.ReadEntry(state.Version)["record"]!;
        if (!isBlocked)
        {
            sliced.Add(record);
        }

        var current = item.With(record) with { Fingerprint = fingerprint };
        if (isBlocked && allowBreach)
        {
            return current with { Action = BackfillAction.Redo, Reason = "blocked before; breaches are allowed now" };
        }

        return request.Force
            ? current with { Action = BackfillAction.Recompute, Reason = "forced: published again if its digests differ" }
            : current with { Action = BackfillAction.Keep, Reason = isBlocked ? "blocked: same slice, configuration and options as before" : "unchanged: same slice, configuration and options as before" };
    }

    private BackfillItem Empty(DateOnly date, bool isSession, string? why)
    {
        var id = RunId.OfDay(date);
        var isHeld = snapshot.Runs.TryGetValue(id, out var state) && state.Status != RunStatus.Withdrawn;
        var reason = isSession ? "no events on a session" : $"no session ({why}) and no events";
        return new BackfillItem
        {
            RunId = isHeld ? id : null,
            Status = isSession ? DayStatus.NoData : DayStatus.NoSession,
            Action = BackfillAction.None,
            Reason = isHeld ? $"{reason}; the lake holds run {id} of an earlier input: 'runs withdraw' takes it out" : reason,
            Flags = isHeld ? ["orphaned_run"] : [],
        };
    }

    /// <summary>What differs between a run as it was made and as it would be made now.</summary>
    private string Changes(JsonNode record, IReadOnlyList<string> digests)
    {
        var was = record["configuration"]!;
        var inputs = (string?)record["slice_sha256"] is { } slice ? [slice] : record["inputs"]!.AsArray().Select(input => (string)input!["sha256"]!).ToArray();
        var changes = new List<string>();
        Compare(inputs.SequenceEqual(digests), "the slice changed");
        Compare((string?)record["contract_version"] == contract.Version, $"contract version {(string?)record["contract_version"]} became {contract.Version}");
        Compare((string?)was["contract_sha256"] == contract.Sha256, "the contract changed");
        Compare((string?)was["thresholds_sha256"] == thresholds.Sha256, "the thresholds changed");
        Compare((string?)was["signals_sha256"] == signals?.Sha256, "the signals changed");
        Number("late_seconds", request.Run.LateSeconds ?? thresholds.LateSeconds);
        Number("window_minutes", request.Run.WindowMinutes);
        Number("vol_window", request.Run.VolatilityWindow);
        Number("max_record_bytes", request.Run.MaxRecordBytes);
        foreach (var (stage, version) in RunFingerprint.OutputVersions)
        {
            var old = (int?)was["output_versions"]?[stage];
            Compare(old == version, string.Create(CultureInfo.InvariantCulture, $"output version of {stage} {old} became {version}"));
        }

        return changes.Count > 0 ? string.Join(", ", changes) : "an option changed";

        void Compare(bool isEqual, string change)
        {
            if (!isEqual)
            {
                changes.Add(change);
            }
        }

        void Number(string option, int now) =>
            Compare((int?)was[option] == now, string.Create(CultureInfo.InvariantCulture, $"{option} {(int?)was[option]} became {now}"));
    }
}
