using RiskLake.Risk;

namespace RiskLake.Reports;

/// <summary>How the series lived: falls, volatility, moments.</summary>
internal static class HistorySection
{
    private const int FallsShown = 10;

    public static void Write(MarkupWriter page, TearSheet sheet)
    {
        page.Element("h2", "Drawdowns and volatility").Open("div", ("class", "pair"));
        page.Open("div");
        Underwater(page, sheet);
        page.Close().Open("div");
        Volatility(page, sheet);
        page.CloseLine().CloseLine();
        Moments(page, sheet);
    }

    /// <summary>The time of a wealth index: 0 is before the first return.</summary>
    public static string WealthLabel(ReportSeries series, int index) => index == 0
        ? series.Start is { } start ? ReportSeries.DateText(start) : "the start"
        : series.Label(index - 1);

    private static void Underwater(MarkupWriter page, TearSheet sheet)
    {
        var depths = sheet.Drawdowns?.Underwater.ToArray() ?? sheet.Shortfalls ?? [];
        if (depths.Length == 0)
        {
            var status = sheet.Drawdowns?.Status ?? Status.InvalidInput;
            var reason = status == Status.OutsideDomain
                ? "A return of minus one or less leaves no wealth to compound."
                : "There are no returns, or one is not a finite number.";
            TearSheetPage.Absent(page, "Underwater curve", status, reason);
            return;
        }

        TearSheetPage.Figure(
            page,
            "Underwater.",
            sheet.Drawdowns is null ? "How far the running total is below its maximum." : "How far wealth is below its running maximum; it starts at 1.",
            TearSheetCharts.Underwater(sheet, depths, "underwater"),
            isWide: false,
            sheet.Drawdowns is { } drawdowns ? numbers => Falls(numbers, sheet.Series, drawdowns) : null);
    }

    private static void Falls(MarkupWriter page, ReportSeries series, Drawdowns drawdowns) => ReportTable.Write(
        page,
        $"The {Math.Min(FallsShown, drawdowns.Episodes.Count)} deepest of {Figures.Count(drawdowns.Episodes.Count)} drawdowns",
        ["From", "#Depth", "Trough", "Recovered", "#Periods"],
        drawdowns.Episodes.Take(FallsShown).Select(fall => (IReadOnlyList<TableCell>)
        [
            WealthLabel(series, fall.PeakIndex),
            TableCell.Of(fall.Depth, Figures.Percent),
            WealthLabel(series, fall.TroughIndex),
            fall.RecoveryIndex is { } at ? WealthLabel(series, at) : "not yet",
            TableCell.Of(fall.Length, value => Figures.Count((long)value)),
        ]));

    private static void Volatility(MarkupWriter page, TearSheet sheet)
    {
        var scale = Math.Sqrt(sheet.Series.PeriodsPerYear ?? 1);
        if (!sheet.Volatility.Short.Any(double.IsFinite))
        {
            TearSheetPage.Absent(page, "Rolling volatility", Status.InsufficientHistory, $"Needs {TearSheet.ShortWindow} finite returns in a row.");
            return;
        }

        var heading = sheet.Series.PeriodsPerYear is null ? "Standard deviation per period" : "Standard deviation per year";
        TearSheetPage.Figure(
            page,
            "Rolling volatility.",
            "Over the last 20 and the last 250 returns, and the EWMA forecast.",
            TearSheetCharts.Volatility(sheet, scale, heading, "volatility"),
            isWide: false,
            numbers => VolatilityTable(numbers, sheet, scale));
    }

    // The last observation of each year, or of each of up to thirty equal stretches.
    private static void VolatilityTable(MarkupWriter page, TearSheet sheet, double scale)
    {
        var series = sheet.Series;
        var every = Math.Max(1, (series.Count + 29) / 30);
        var shown = series.HasTimeAxis && series.Times![^1].Year - series.Times[0].Year is > 1 and < 40
            ? Enumerable.Range(0, series.Count).Where(i => i == series.Count - 1 || series.Times[i + 1].Year != series.Times[i].Year)
            : Enumerable.Range(0, series.Count).Where(i => i == series.Count - 1 || (i + 1) % every == 0);
        ReportTable.Write(
            page,
            "Rolling volatility at the end of each stretch",
            ["When", "#20", "#250", "#EWMA"],
            shown.Select(i => (IReadOnlyList<TableCell>)
            [
                series.Label(i), Cell(sheet.Volatility.Short[i]), Cell(sheet.Volatility.Long[i]), Cell(sheet.Volatility.Ewma[i]),
            ]));

        TableCell Cell(double value) => TableCell.Of(
            double.IsFinite(value) ? value * scale : null, number => Figures.Value(number, series.Unit));
    }

    private static void Moments(MarkupWriter page, TearSheet sheet)
    {
        var (moments, unit) = (sheet.Sample, sheet.Series.Unit);
        var over = sheet.SampleCount < sheet.Series.Count ? $", over all {Figures.Count(sheet.Series.Count)} returns" : "";
        List<IReadOnlyList<TableCell>> rows =
        [
            ["Mean per period", TableCell.Of(moments.Mean, Spell), ""],
            ["Standard deviation per period", TableCell.Of(moments.StandardDeviation, Spell), "divisor n − 1"],
            ["Skewness", TableCell.Of(moments.Skewness, Three), "third moment over sd³, divisor n"],
            ["Excess kurtosis", TableCell.Of(moments.ExcessKurtosis, Three), "fourth moment over sd⁴, minus 3, divisor n"],
            ["Least", TableCell.Of(moments.Minimum, Spell), When(moments.Minimum)],
            ["Greatest", TableCell.Of(moments.Maximum, Spell), When(moments.Maximum)],
        ];
        string[] names = ["Jarque-Bera", "Ljung-Box of returns, 10 lags", "Ljung-Box of squares, 10 lags"];
        string[] meanings = ["are the returns normal?", "do returns depend on past returns?", "does volatility cluster?"];
        for (var i = 0; i < sheet.Dependence.Count; i++)
        {
            var test = sheet.Dependence[i];
            rows.Add(
            [
                names[i],
                test.Statistic is { } statistic
                    ? TableCell.Of(statistic, value => Figures.Significant(value, 4), $"p {Figures.Probability(test.PValue ?? 1.0)}")
                    : TableCell.None(test.Status.Code(), test.Reason),
                meanings[i] + over,
            ]);
        }

        if (moments.Status != Status.Ready)
        {
            rows.Insert(0, ["Status", TableCell.None(moments.Status.Code(), "A return is not a finite number, or there is none."), ""]);
        }

        page.Element("h3", "The sample in numbers");
        var last = over.Length > 0 ? "the last " : "";
        ReportTable.Write(page, $"{last}{Figures.Count(sheet.SampleCount)} {sheet.Series.KindText}", ["What", "#Value", "Note"], rows);

        string Spell(double value) => Figures.Value(value, unit);

        string Three(double value) => Figures.Fixed(value, 3);

        TableCell When(double? value) => value is { } number ? sheet.Series.Label(Array.IndexOf(sheet.Series.Returns, number)) : "";
    }
}
