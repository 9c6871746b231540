using RiskLake.Calendars;
using RiskLake.History;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.RiskRuns;
using RiskLake.Runs;

namespace RiskLake.Backfill;

/// <summary>
/// The second phase of a backfill: the risk of each day, from the history of the lake at the one version that the days reached. Days
/// read the same history, so their order means nothing, and what changes in a day makes exactly the risk stale that its prices are in.
/// </summary>
internal sealed class RiskPhase
{
    private readonly LakeStore _lake;
    private readonly IStorage _storage;
    private readonly TimeProvider _clock;
    private readonly RiskRunRequest _request;
    private readonly RiskConfiguration _configuration;
    private (long Version, DateOnly First, DateOnly Last, PriceHistory History)? _read;

    public RiskPhase(LakeStore lake, IStorage storage, TimeProvider clock, RiskRunRequest request)
    {
        (_lake, _storage, _clock, _request) = (lake, storage, clock, request);
        _configuration = RiskConfiguration.Load(request);
    }

    /// <summary>Says of each date what will be done about its risk.</summary>
    /// <param name="dates">The dates that have risk, in order.</param>
    /// <param name="firstWork">First date whose events are made again before; null when none are.</param>
    /// <param name="snapshot">The lake before the days are made.</param>
    /// <param name="force">Whether everything is computed again.</param>
    /// <param name="ct">Stops.</param>
    public IReadOnlyList<BackfillItem> Plan(IReadOnlyList<DateOnly> dates, DateOnly? firstWork, LakeSnapshot snapshot, bool force, CancellationToken ct)
    {
        var items = new List<BackfillItem>();
        foreach (var date in dates)
        {
            var runId = RunId.OfRisk(date);
            var item = new BackfillItem { Date = date, RunId = runId, Status = DayStatus.Pending, Action = BackfillAction.Run, Reason = "" };
            if (snapshot.Runs.GetValueOrDefault(runId) is not { IsPublished: true } state)
            {
                items.Add(item with { Reason = "missing: the lake does not hold it" });
                continue;
            }

            var current = item.With(_lake.ReadEntry(state.Version)["record"]!);
            items.Add(
                force ? item with { Action = BackfillAction.Recompute, Reason = "forced: published again if its prices or settings differ" }
                : firstWork <= date ? item with { Action = BackfillAction.Recompute, Reason = Moved(firstWork.Value) }
                : Fingerprint(dates, date, snapshot, ct) == state.Fingerprint
                    ? current with { Action = BackfillAction.Keep, Reason = "unchanged: same prices and settings as before" }
                    : item with { Action = BackfillAction.Redo, Reason = "stale: its prices or the settings changed" });
        }

        return items;
    }

    private static string Moved(DateOnly first) => $"days from {BackfillItem.Text(first)} on are made: published again if its prices differ";

    /// <summary>The runs to be made, in order, all reading at one version.</summary>
    public IReadOnlyList<BackfillJob> Jobs(BackfillManifest manifest, LakeSnapshot at, CancellationToken ct)
    {
        var work = manifest.Risk.Where(item => BackfillAction.IsWork(item.Action)).ToArray();
        if (work.Length == 0)
        {
            return [];
        }

        var days = manifest.Items.Where(item => item.Date is not null).ToDictionary(item => item.Date!.Value);
        var history = Read(manifest.Risk[0].Date!.Value, manifest.Risk[^1].Date!.Value, at, ct);
        return [.. work.Select(item => new BackfillJob(item, threads => days.TryGetValue(item.Date!.Value, out var day) && !RunStatus.IsPublished(day.Status)
            ? item with { Status = DayStatus.Pending, Reason = $"its day is {day.Status}" }
            : Make(item, history, at, threads)))];
    }

    private BackfillItem Make(BackfillItem item, PriceHistory history, LakeSnapshot at, int threads)
    {
        var request = _request with { Threads = threads > 1 ? 1 : _request.Threads };
        var publisher = new GoldPublisher(_lake, _storage, _clock, item.RunId!, GoldWork.Risk)
        {
            LockTimeout = _request.LockTimeout, Reason = _request.Reason, At = at, IsRecovered = true,
        };
        try
        {
            RiskRun.RequireSession(history, _configuration.Settings, item.Date!.Value);
            var outcome = GoldPublication.Execute(
                publisher, _ => RiskRun.Prepare(request, _configuration, history, item.Date!.Value, CancellationToken.None), CancellationToken.None);
            return item.With(outcome.Record);
        }
        catch (RiskLakeException e) when (e.Code == ErrorCode.NoPrices)
        {
            return item with { Status = DayStatus.NoData, Action = BackfillAction.None, Reason = "no price of a session up to the day" };
        }
        catch (RiskLakeException e) when (e.Code == ErrorCode.NotASession)
        {
            return item with { Status = DayStatus.NoData, Action = BackfillAction.None, Reason = "no market of the prices has a session on the day" };
        }
    }

    private string? Fingerprint(IReadOnlyList<DateOnly> dates, DateOnly date, LakeSnapshot at, CancellationToken ct)
    {
        try
        {
            return RiskRun.Prepare(_request, _configuration, Read(dates[0], dates[^1], at, ct), date, ct).Fingerprint;
        }
        catch (RiskLakeException e) when (e.Code == ErrorCode.NoPrices)
        {
            return null;
        }
    }

    /// <summary>Once for all days: what a day may know is cut out of it.</summary>
    private PriceHistory Read(DateOnly first, DateOnly last, LakeSnapshot at, CancellationToken ct)
    {
        if (_read is not { } read || read.Version != at.Version || read.First != first || read.Last != last)
        {
            _read = read = (at.Version, first, last, RiskRun.Read(_request, _configuration, _lake, at, last, ct));
        }

        return read.History;
    }
}
