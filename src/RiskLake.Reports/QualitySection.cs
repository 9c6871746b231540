using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Reports;

/// <summary>The data behind the numbers, and the numbers without what is doubtful.</summary>
internal static class QualitySection
{
    private const int ItemsMost = 5;
    private const int FlaggedMost = 40;

    public static void Write(MarkupWriter page, TearSheet sheet)
    {
        page.Element("h2", "Data quality");
        page.Element("p", "Nothing is repaired, filled or left out of the numbers above. This is what they rest on.", ("class", "note"));
        ReportTable.Write(page, "What was found", ["What", "#Count", "Where"], Found(sheet.Series, sheet.Quality));
        Tail(page, sheet);
        Without(page, sheet);
        Flagged(page, sheet);
    }

    private static IEnumerable<IReadOnlyList<TableCell>> Found(ReportSeries series, SeriesQuality quality)
    {
        yield return Row("Returns", series.Count, "");
        foreach (var finding in series.Findings)
        {
            yield return [finding.Name, new TableCell(finding.Value, Class: "num"), ""];
        }

        yield return Row("Returns that are not finite numbers", quality.NotFinite.Count, Places(series, quality.NotFinite));
        if (series.Prices is not null)
        {
            yield return Row("Prices that are zero, negative or not finite", quality.BadPrices.Count, Places(series, quality.BadPrices));
        }

        yield return Row("Returns of exactly zero", quality.Zeros, "");
        yield return Row(
            $"Stale runs: {SeriesFindings.StaleLength} or more zeros in a row",
            quality.StaleRuns.Count,
            Listed([.. quality.StaleRuns.OrderByDescending(run => run.Length).Select(run => $"{run.Length} from {series.Label(run.First)}")]));
        yield return Row(
            $"Moves beyond {Figures.Significant(SeriesFindings.ExtremeDeviations, 2)} robust deviations",
            quality.Extremes.Count,
            Places(series, quality.Extremes));
        if (series.Times is null)
        {
            yield return ["Dates", new TableCell("none", Class: "num"), "the data have no column of dates: gaps cannot be seen"];
            yield break;
        }

        yield return Row("Repeated dates", quality.RepeatedTimes, "");
        yield return Row("Dates that go backwards", quality.BackwardTimes, "");
        if (series.MissingSessions is { } missing)
        {
            yield return Row(
                "Sessions of the calendar without an observation",
                missing.Count,
                Listed(missing));
        }

        if (series.OffSession is { } off)
        {
            yield return Row("Observations on a day without a session", off.Count, Listed(off));
        }

        if (quality.WeekdaysWithout is { } weekdays)
        {
            yield return Row("Weekdays without an observation", weekdays, series.MissingSessions is null ? "holidays among them: no calendar was named" : "");
            yield return Row(
                "Gaps of more than five days",
                quality.Gaps.Count,
                Listed([.. quality.Gaps.Select(gap => $"{gap.Days} days before {series.Label(gap.Before)}")]));
        }
    }

    private static void Tail(MarkupWriter page, TearSheet sheet)
    {
        var series = sheet.Series;
        var first = series.Count - sheet.SampleCount;
        var risk = HistoricalSimulation.Estimate(series.Returns.AsSpan(first), Confidence.P99);
        if (risk.Tail.Count == 0)
        {
            TearSheetPage.Absent(page, "The days behind the 99% numbers", risk.ExpectedShortfall.Status, risk.ExpectedShortfall.Reason);
            return;
        }

        ReportTable.Write(
            page,
            $"The {Figures.Count(risk.Tail.Count)} days behind the historical 99% VaR and ES, worst first"
            + (risk.Tail.Count > FlaggedMost ? $"; the first {FlaggedMost}" : ""),
            ["When", "#Return", "#Share of the ES", "#Share of the VaR", "Flags"],
            risk.Tail.Take(FlaggedMost).Select(item => (IReadOnlyList<TableCell>)
            [
                series.Label(first + item.Index),
                TableCell.Of(item.Return, value => Figures.Value(value, series.Unit)),
                TableCell.Of(item.ShortfallWeight, Figures.Percent),
                TableCell.Of(item.QuantileWeight, Figures.Percent),
                sheet.Quality.Flags.TryGetValue(first + item.Index, out var flags) ? new TableCell(flags, Class: "warn") : "",
            ]));
    }

    private static void Without(MarkupWriter page, TearSheet sheet)
    {
        if (sheet.WithoutFlagged is not { } without)
        {
            return;
        }

        var unit = sheet.Series.Unit;
        var sample = sheet.Series.Returns.AsSpan(sheet.Series.Count - sheet.SampleCount);
        var (var99, es975) = (HistoricalSimulation.Estimate(sample, Confidence.P99), HistoricalSimulation.Estimate(sample, Confidence.P975));
        ReportTable.Write(
            page,
            "Historical numbers with and without the flagged observations",
            ["What", "#With", "#Without"],
            [
                ["VaR 99%", Cell(var99.ValueAtRisk), Cell(without.ValueAtRisk.ValueAtRisk)],
                ["ES 97.5%", Cell(es975.ExpectedShortfall), Cell(without.Shortfall.ExpectedShortfall)],
                ["Observations", Number(sheet.SampleCount), Number(without.Left)],
            ]);

        TableCell Cell(Measure measure) => measure.Value is { } value
            ? TableCell.Of(value, number => Figures.Value(number, unit))
            : TableCell.None(measure.Status.Code(), measure.Reason);

        static TableCell Number(int count) => new(Figures.Count(count), Class: "num");
    }

    private static void Flagged(MarkupWriter page, TearSheet sheet)
    {
        var flags = sheet.Quality.Flags.OrderBy(entry => entry.Key).ToList();
        if (flags.Count == 0)
        {
            return;
        }

        page.Open("details").Element("summary", $"All {Figures.Count(flags.Count)} flagged observations");
        ReportTable.Write(
            page,
            flags.Count > 500 ? $"The first 500 of {Figures.Count(flags.Count)} flagged observations" : "Flagged observations",
            ["When", "#Return", "Flags"],
            flags.Take(500).Select(entry => (IReadOnlyList<TableCell>)
            [
                sheet.Series.Label(entry.Key),
                TableCell.Of(sheet.Series.Returns[entry.Key], value => Figures.Value(value, sheet.Series.Unit)),
                entry.Value,
            ]));
        page.CloseLine();
    }

    private static IReadOnlyList<TableCell> Row(string what, int count, string where) => [what, new TableCell(Figures.Count(count), Class: "num"), where];

    private static string Places(ReportSeries series, IReadOnlyList<int> indices) =>
        Listed([.. indices.Select(index => index < 0 ? HistorySection.WealthLabel(series, 0) : series.Label(index))]);

    private static string Listed(IReadOnlyList<DateOnly> days) =>
        Listed([.. days.Select(day => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture))]);

    private static string Listed(IReadOnlyList<string> items) => items.Count <= ItemsMost
        ? string.Join(", ", items)
        : string.Join(", ", items.Take(ItemsMost)) + $" and {Figures.Count(items.Count - ItemsMost)} more";
}
