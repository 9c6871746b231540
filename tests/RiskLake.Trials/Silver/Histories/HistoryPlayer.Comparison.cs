using System.Globalization;
using RiskLake.Lake;

namespace RiskLake.Trials.Silver.Histories;

/// <content>What must agree.</content>
internal sealed partial class HistoryPlayer
{
    private void Compare()
    {
        var reading = _desk.Read(Main);
        Same(_model.Published.Order(StringComparer.Ordinal), reading.Snapshot.Runs.Values.Where(run => run.IsPublished)
            .Select(run => run.RunId), "published runs");
        Same(_model.Published, reading.Snapshot.Runs.Values.Where(run => run.Place is not null).OrderBy(run => run.Place)
            .Select(run => run.RunId), "order of places", isOrdered: true);
        Same(Lines(_model.SilverFiles()), Lines(reading.SilverFiles()), "silver", isOrdered: true);
        Same(_model.Published.SelectMany(run => Conflicts(run, _model.Roles(run))),
            reading.SetAside(areConflicts: true, _model.IsPublished), "conflicts of published runs");
        Same(_evidence.Values.SelectMany(rows => rows), reading.SetAside(areConflicts: true, run => !_model.IsPublished(run)),
            "conflicts of blocked runs");
        Same(_model.Published.Concat(_model.Blocked).SelectMany(Rejects), reading.SetAside(areConflicts: false, _ => true),
            "records that did not decode");
        CompareRuns(reading.Snapshot);
        Same([], reading.TreeDifferences(), "tree");
        _past.Add((reading.Snapshot.Version, _model.SilverFiles()));
    }

    private void CompareRuns(LakeSnapshot snapshot)
    {
        foreach (var run in _model.Published)
        {
            var state = snapshot.Runs[run];
            var counts = state.Counts!.Value;
            var found = new RoleCounts(counts.Own, counts.Duplicates, counts.AlreadyPublished, counts.Conflicts);
            Assert.True(_model.Counts(run) == found, $"counts of {run}: {found}, expected {_model.Counts(run)}");
            Assert.True(!state.IsStale || _model.MayBeStale(run),
                $"{run} is called stale, and no row of its events changed since its gold was made");
            Assert.True(state.IsStale || !_model.MustBeStale(run),
                $"{run} is not called stale, and a row of its events changed since its gold was made");
        }

        Assert.Equal(_model.Silver().Count, snapshot.Runs.Values.Where(run => run.IsPublished).Sum(run => run.Counts!.Value.Own));
    }

    /// <summary>
    /// Gold of a run that was made just now: from the rows of silver that the model says, and rates from its own records.
    /// </summary>
    private void CompareGold(string run)
    {
        var reading = _desk.Read(Main);
        var rows = _model.GoldRows(run);
        var pairs = rows.GroupBy(row => row.Symbol).SelectMany(symbol => symbol.Zip(symbol.Skip(1)))
            .Select(pair => (Before: pair.First.Record, pair.Second.Symbol, pair.Second.Record))
            .Select(pair => $"{pair.Symbol} {pair.Record.Id} {Received.Micros(pair.Record.Happened)} {Prices(pair.Record, pair.Before)}");
        Same(pairs, reading.Gold("returns", run)
            .Select(row => $"{row["symbol"]} {row["event_id"]} {row["ts_event"]} {row["price"]} {row["previous_price"]}"),
            $"returns of {run}");
        var window = TimeSpan.FromMinutes(_model.Delivered(run).Configuration.WindowMinutes).Ticks / 10;
        var bars = rows.GroupBy(row => (row.Symbol, Window: Received.Micros(row.Record.Happened) / window * window)).Select(bar =>
            $"{bar.Key.Symbol} {bar.Key.Window} {Prices(bar.First().Record, bar.Last().Record)} {bar.Sum(row => row.Record.Volume)} {bar.Count()}");
        Same(
            bars, reading.Gold("market_bars", run)
                .Select(row => $"{row["symbol"]} {row["window_start"]} {row["open"]} {row["close"]} {row["volume"]} {row["trades"]}"),
                $"bars of {run}");
        var (distinct, late) = _model.OwnRates(run);
        var metrics = Assert.Single(reading.Gold("data_quality_metrics", run));
        var found = (metrics["events_total"], metrics["events_deduped"], metrics["late_count"]);
        Assert.Equal((Number(_model.Delivered(run).Bronze.Count), Number(distinct), Number(late)), found);
    }

    /// <summary>Verified as it is; read as it was; and the same files as the shortest history that ends so.</summary>
    private void Finish()
    {
        _context = "at the end";
        Same([], new LakeVerifier(_desk.Open(Main)) { WithStatistics = false }.Verify(CancellationToken.None)
            .Select(finding => finding.ToString()!), "verification");
        var (version, silver) = _past[_history.Seed % _past.Count];
        Same(Lines(silver), Lines(_desk.Read(Main, version).SilverFiles()),
            string.Create(CultureInfo.InvariantCulture, $"silver at version {version}"), isOrdered: true);

        _context = "the shortest history that ends so";
        foreach (var run in _model.Published)
        {
            Assert.Equal(0, _desk.Run("shortest", run, _model.Delivered(run), allow: true).ExitCode);
        }

        RefreshAll();
        var found = _desk.Read(Main);
        Assert.DoesNotContain(found.Snapshot.Runs.Values, run => run.IsStale);
        if (_model.Published.Count == 0)
        {
            Assert.Empty(found.Digests(withGold: true));
            return;
        }

        foreach (var run in _desk.Read("shortest").Snapshot.Runs.Values.Where(run => run.IsStale).Select(run => run.RunId).ToList())
        {
            Assert.Equal(0, _desk.Refresh("shortest", run, _model.Delivered(run)).ExitCode);
        }

        Same(Lines(_desk.Read("shortest").Digests(withGold: true)), Lines(found.Digests(withGold: true)), "digests by tree path");
    }

    private static IEnumerable<string> Conflicts(Delivery delivery, string run, IEnumerable<Judged> records) => records
        .Where(record => record.Role is Role.Conflict)
        .Select(record => $"{SetAsidePath(delivery, run)}.silver.parquet silver {delivery.Input}:{record.Line} {Loser(record.Record)}");

    private static string Loser(Received record) => $"{record.Id} {Number(record.Price)}";

    private static string SetAsidePath(Delivery delivery, string run) =>
        $"quarantine/market_events/contract_version=v{delivery.Configuration.Version}/{LiteralLake.Hour(delivery.AsOf)}/run_id={run}";

    private static IEnumerable<string> Lines(SortedDictionary<string, List<string>> files) =>
        files.SelectMany(file => file.Value.Select(row => $"{file.Key}: {row}"));

    private static IEnumerable<string> Lines(SortedDictionary<string, string> files) => files.Select(file => $"{file.Key}: {file.Value}");

    private static string Prices(Received first, Received second) => $"{Number(first.Price)} {Number(second.Price)}";

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static void Same(IEnumerable<string> expected, IEnumerable<string> found, string what, bool isOrdered = false)
    {
        var (left, right) = (expected.ToList(), found.ToList());
        if (!isOrdered)
        {
            left.Sort(StringComparer.Ordinal);
            right.Sort(StringComparer.Ordinal);
        }

        Assert.True(
            left.SequenceEqual(right, StringComparer.Ordinal),
            $"{what}\n    expected\n      {string.Join("\n      ", left)}\n    found\n      {string.Join("\n      ", right)}");
    }

    private IEnumerable<string> Conflicts(string run, IEnumerable<Judged> records) => Conflicts(_model.Delivered(run), run, records);

    private IEnumerable<string> Rejects(string run)
    {
        var delivery = _model.Delivered(run);
        return delivery.Rejects.Select(line => $"{SetAsidePath(delivery, run)}.parquet decode {delivery.Input}:{line}");
    }
}
