using RiskLake.Risk;

namespace RiskLake.Reports;

/// <summary>The numbers one looks at first, and what they say in sentences.</summary>
internal static class KeyFigures
{
    public static void Write(MarkupWriter page, TearSheet sheet)
    {
        var series = sheet.Series;
        page.Open("section", ("class", "tiles"), ("aria-label", "Key figures"));
        var var99 = sheet.Methods.First(row => row.Confidence == Confidence.P99);
        var es975 = sheet.Methods.First(row => row.Confidence == Confidence.P975);
        Tile(page, "VaR 99%, historical", var99.ValueAtRisk.Measure, series.Unit, Interval(var99.ValueAtRisk.Interval, series.Unit));
        Tile(page, "ES 97.5%, historical", es975.Shortfall.Measure, series.Unit, "mean of the worst 2.5%");
        Volatility(page, sheet);
        Fall(page, sheet);
        Light(page, sheet);
        page.CloseLine();
        page.Open("ul", ("class", "reading"), ("aria-label", "In words"));
        foreach (var (verdict, sentence) in Reading(sheet))
        {
            var (sign, classes) = Sign(verdict);
            page.Open("li").Element("span", sign, ("class", "sign " + classes), ("aria-hidden", "true")).Text(sentence).CloseLine();
        }

        page.CloseLine();
    }

    /// <summary>A verdict as a sign and a class; the sign alone says it, too.</summary>
    public static (string Sign, string Class) Sign(Verdict verdict) => verdict switch
    {
        Verdict.Pass => ("✓", "good"),
        Verdict.Doubt => ("!", "warn"),
        Verdict.Reject => ("✕", "bad"),
        _ => ("·", "soft"),
    };

    public static string? Interval(ConfidenceInterval? interval, Unit unit) => interval is { Low: { } low, High: { } high }
        ? $"{Figures.Value(low, unit)} to {Figures.Value(high, unit)}"
        : null;

    private static void Tile(MarkupWriter page, string title, Measure measure, Unit unit, string? under)
    {
        page.Open("div").Element("h3", title);
        if (measure.Value is { } value)
        {
            page.Element("p", Figures.Value(value, unit), ("class", "figure"), ("data-value", Figures.Full(value)));
            page.Element("p", under ?? "no interval", ("class", "under"));
        }
        else
        {
            page.Element("p", measure.Status.Code(), ("class", "figure word")).Element("p", measure.Reason ?? "", ("class", "under"));
        }

        page.CloseLine();
    }

    private static void Volatility(MarkupWriter page, TearSheet sheet)
    {
        var series = sheet.Series;
        var measure = Ewma.Volatility(series.Returns, TearSheet.Lambda, periodsPerYear: series.PeriodsPerYear);
        var whole = CloseToClose.Volatility(series.Returns, series.PeriodsPerYear);
        var under = whole.Value is { } value ? $"whole history {Figures.Value(value, series.Unit)}" : null;
        Tile(page, series.PeriodsPerYear is null ? "Volatility per period, EWMA" : "Volatility per year, EWMA", measure, series.Unit, under);
    }

    private static void Fall(MarkupWriter page, TearSheet sheet)
    {
        var series = sheet.Series;
        if (sheet.Drawdowns is { } drawdowns)
        {
            var deepest = drawdowns.Episodes.Count > 0 ? drawdowns.Episodes[0] : (Drawdown?)null;
            var under = deepest is { } fall
                ? $"{HistorySection.WealthLabel(series, fall.PeakIndex)} to {HistorySection.WealthLabel(series, fall.TroughIndex)}"
                : "wealth never fell";
            Tile(page, "Deepest drawdown", drawdowns.Maximum, series.Unit, under);
            return;
        }

        page.Open("div").Element("h3", "Deepest fall of the total");
        if (sheet.Shortfalls is { Length: > 0 } falls)
        {
            page.Element("p", Figures.Value(falls.Min(), series.Unit), ("class", "figure"), ("data-value", Figures.Full(falls.Min())));
        }
        else
        {
            page.Element("p", Status.InvalidInput.Code(), ("class", "figure word"));
        }

        page.Element("p", "changes are added", ("class", "under")).CloseLine();
    }

    private static void Light(MarkupWriter page, TearSheet sheet)
    {
        page.Open("div").Element("h3", "Exceedances, last 250 days");
        var review = sheet.Forecasts[0];
        if (review.Light is { } light)
        {
            var colour = light.Zone switch { Zone.Green => "good", Zone.Yellow => "warn", _ => "bad" };
            var word = light.Zone switch { Zone.Green => "green", Zone.Yellow => "yellow", _ => "red" };
            page.Element("p", Figures.Count(light.Count), ("class", "figure " + colour)).Element(
                "p", $"{word} zone; 2.5 expected of a right 99% VaR", ("class", "under"));
        }
        else
        {
            var status = review.Status == Status.Ready ? Status.InsufficientHistory : review.Status;
            page.Element("p", status.Code(), ("class", "figure word"));
            page.Element("p", review.Reason ?? "Needs 250 judged days.", ("class", "under"));
        }

        page.CloseLine();
    }

    private static IEnumerable<(Verdict Verdict, string Sentence)> Reading(TearSheet sheet)
    {
        var series = sheet.Series;
        if (sheet.Quality.NotFinite is [var first, ..] bad)
        {
            var without = sheet.WithoutFlagged?.ValueAtRisk.ValueAtRisk.Value is { } value
                ? $" Without them the historical 99% VaR is {Figures.Value(value, series.Unit)}."
                : "";
            yield return (
                Verdict.Reject,
                $"{Figures.Count(bad.Count)} returns are no finite numbers, the first of {series.Label(first)}: numbers over the whole history have no "
                + $"value.{without}");
        }

        foreach (var review in sheet.Forecasts.Where(review => review.Status == Status.Ready))
        {
            var kupiec = review.Tests[0];
            var chance = kupiec.PValue is { } p ? $" A right forecast would be this far off with probability {Figures.Probability(p)}." : "";
            yield return (
                kupiec.Verdict,
                $"{review.Label}: {Figures.Count(review.Exceedances.Count)} losses beyond the 99% VaR in {Figures.Count(review.Days)} judged days, "
                + $"{Figures.Significant(review.Expected, 3)} expected.{chance}");
            if (review.AlarmAt is { } alarm)
            {
                yield return (
                    Verdict.Reject,
                    $"{review.Label}: a daily watch of the 97.5% ES would have raised the alarm on {series.Label(alarm)}.");
            }
        }

        var ready = sheet.Methods.Where(row => row.Confidence == Confidence.P99 && row.ValueAtRisk.Measure.Value is not null).ToList();
        if (ready.Count > 1)
        {
            var (least, most) = (ready.MinBy(row => row.ValueAtRisk.Measure.Value)!, ready.MaxBy(row => row.ValueAtRisk.Measure.Value)!);
            yield return (
                Verdict.None,
                $"The methods' 99% VaR runs from {Figures.Value(least.ValueAtRisk.Measure.Value!.Value, series.Unit)} ({least.Label}) to "
                + $"{Figures.Value(most.ValueAtRisk.Measure.Value!.Value, series.Unit)} ({most.Label}).");
        }

        if (sheet.Extremes is { Status: Status.Ready, Shape: { } shape, ShapeError: { } error })
        {
            yield return (
                Verdict.None,
                $"Tail of the losses: Pareto shape {Figures.Fixed(shape, 2)} ± {Figures.Fixed(error, 2)}; zero is an exponential tail, "
                + "above zero a power law.");
        }

        var flagged = sheet.Quality.Flags.Count;
        yield return flagged == 0
            ? (Verdict.Pass, "No observation is flagged.")
            : (Verdict.Doubt, $"{Figures.Count(flagged)} of {Figures.Count(series.Count)} observations are flagged; "
                + "the numbers without them stand under data quality.");
    }
}
