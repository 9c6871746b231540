using RiskLake.Risk;

namespace RiskLake.Reports;

/// <summary>Draws a tear sheet as one file of HTML: no script, nothing fetched, the same bytes for the same sheet.</summary>
internal static class TearSheetPage
{
    // What a page may load: nothing. A browser that honours it cannot be made to ask the network for anything.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

    public static string Render(TearSheet sheet)
    {
        var page = new MarkupWriter();
        page.Raw("<!DOCTYPE html>\n").Open("html", ("lang", "en")).Open("head");
        page.Empty("meta", ("charset", "utf-8"));
        page.Empty("meta", ("http-equiv", "Content-Security-Policy"), ("content", Policy));
        page.Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1"));
        page.Empty("meta", ("name", "color-scheme"), ("content", "light dark"));
        page.Empty("link", ("rel", "icon"), ("href", "data:,"));
        page.Element("title", $"{sheet.Series.Name}: risk tear sheet").Raw("\n");
        page.Open("style").Raw(PageStyle.Sheet).Close().CloseLine();
        page.Open("body");
        Header(page, sheet);
        page.Open("main");
        KeyFigures.Write(page, sheet);
        ForecastSection.Write(page, sheet);
        HistorySection.Write(page, sheet);
        TailSection.Write(page, sheet);
        BacktestSection.Write(page, sheet);
        QualitySection.Write(page, sheet);
        page.CloseLine();
        Footer(page, sheet);
        return page.CloseLine().CloseLine().ToString();
    }

    /// <summary>A figure: heading, what to see in it, the chart, and its numbers as a table beneath.</summary>
    public static void Figure(MarkupWriter page, string title, string caption, string svg, bool isWide, Action<MarkupWriter>? numbers = null)
    {
        page.Open("figure", ("class", isWide ? "wide" : null));
        page.Open("figcaption").Element("b", title).Text(" " + caption).CloseLine();
        page.Open("div", ("class", "chart"), ("tabindex", isWide ? "0" : null), ("role", isWide ? "region" : null), ("aria-label", isWide ? title : null));
        page.Raw(svg).CloseLine();
        if (numbers is not null)
        {
            page.Open("details").Element("summary", "Numbers of this chart");
            numbers(page);
            page.CloseLine();
        }

        page.CloseLine();
    }

    /// <summary>In place of a figure: why there is none.</summary>
    public static void Absent(MarkupWriter page, string title, Status status, string? reason)
    {
        page.Open("p", ("class", "note")).Element("b", title + ": ").Text($"{status.Code()}. {reason}").CloseLine();
    }

    private static void Header(MarkupWriter page, TearSheet sheet)
    {
        var series = sheet.Series;
        page.Open("header").Element("p", "Risk tear sheet", ("class", "eyebrow")).Element("h1", series.Name);
        var span = series.Times is { Length: > 0 } times
            ? $", {ReportSeries.DateText(series.Start ?? times[0])} to {ReportSeries.DateText(times[^1])}"
            : "";
        page.Element("p", $"{Figures.Count(series.Count)} {series.KindText}{span}.", ("class", "lede"));
        page.Open("dl", ("class", "facts"));
        foreach (var fact in series.Provenance)
        {
            page.Open("div").Element("dt", fact.Name).Element("dd", fact.Value).CloseLine();
        }

        page.CloseLine().CloseLine();
    }

    private static void Footer(MarkupWriter page, TearSheet sheet)
    {
        page.Open("footer").Open("div").Element("h3", "Conventions");
        page.Element(
            "p",
            "VaR and ES are losses, positive, for one period ahead; returns keep their sign. An exceedance is a loss strictly greater than the VaR. "
            + "Historical VaR is the type 7 quantile; ES is the mean of the worst share of observations, the last one in part (Acerbi-Tasche). "
            + "Standard deviations divide by n − 1. Confidence levels are exact fractions.");
        page.Element(
            "p",
            "Forecasts for a day use only the days before it: the last 250 returns, or an exponentially weighted variance with λ = 0.94 and mean zero. "
            + "Intervals cover with 95%, for independent observations: order statistics for historical VaR, profile likelihood for peaks over threshold. "
            + $"The Pareto tail is fitted above the {Figures.Percent(sheet.ThresholdLevel.Level)} quantile of the losses. "
            + (sheet.Series.PeriodsPerYear is { } periods
                ? $"Volatility is annualised by the square root of {Figures.Count(periods)}."
                : "Nothing is annualised: the number of periods per year was not given."));
        page.Element(
            "p",
            "Where there is no number, its status says why; no number is filled in. This page holds no script and loads nothing; "
            + "the same data and options give the same bytes.");
        page.Element("p", $"RiskLake {typeof(TearSheetPage).Assembly.GetName().Version?.ToString(3)}.").CloseLine().CloseLine();
    }
}
