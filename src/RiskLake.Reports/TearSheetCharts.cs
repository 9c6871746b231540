using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Reports;

/// <summary>The charts of a tear sheet, each from the numbers of the model alone.</summary>
internal static class TearSheetCharts
{
    public const int Wide = 1100;
    public const int Half = 540;

    /// <summary>Returns as bars, minus VaR and minus ES as lines, exceedances as crosses.</summary>
    public static string Forecast(TearSheet sheet, ForecastReview review, string id, string line)
    {
        var series = sheet.Series;
        var plot = new Plot(Wide, 270);
        var places = series.Places();
        double[] var = [.. review.ValueAtRisk99.Select(value => -value)];
        double[] shortfall = [.. review.Shortfall975.Select(value => -value)];
        double[] all = [.. series.Returns, .. var, .. shortfall, 0.0];
        double[] seen = [.. all.Where(double.IsFinite)];
        plot.Frame(series.TimeAxis(plot.Across, 11), ValueAxis(series.Unit, seen.Min(), seen.Max(), plot.Upward, 6));
        plot.Heading(series.Unit == Unit.Fraction ? "Return" : "Change");
        plot.Key(line, "−VaR 99%").Key(line + " dash thin", "−ES 97.5%").Key("hit", "exceedance of the VaR");
        plot.Bars("bars", places, series.Returns);
        plot.Curve(line + " dash thin", places, shortfall).Curve(line, places, var);
        foreach (var index in review.Exceedances)
        {
            var title = $"{series.Label(index)}: {Figures.Value(series.Returns[index], series.Unit)}, "
                + $"VaR {Figures.Value(review.ValueAtRisk99[index], series.Unit)}";
            plot.Point("hit", Mark.Dot, places[index], series.Returns[index], title, 3.2);
        }

        return plot.ToSvg(
            id,
            $"{review.Label}: returns against forecasts of value at risk and expected shortfall",
            $"{Figures.Count(review.Exceedances.Count)} exceedances in {Figures.Count(Math.Max(review.Days, 0))} judged days, "
            + $"{Figures.Significant(review.Expected, 3)} expected.");
    }

    /// <summary>How far wealth, or the running total, is below its maximum.</summary>
    public static string Underwater(TearSheet sheet, double[] depths, string id)
    {
        var series = sheet.Series;
        var plot = new Plot(Half, 230);
        plot.Frame(series.TimeAxis(plot.Across, 6), ValueAxis(series.Unit, Math.Min(depths.Min(), 0.0), 0.0, plot.Upward, 5));
        plot.Heading(series.Unit == Unit.Fraction ? "Below the running maximum of wealth" : "Below the running maximum of the total");
        plot.Area("wash", series.Places(), depths, 0.0);
        return plot.ToSvg(id, "Underwater curve", $"Deepest point {Figures.Value(depths.Min(), series.Unit)}.");
    }

    /// <summary>Rolling standard deviations and the EWMA forecast.</summary>
    public static string Volatility(TearSheet sheet, double scale, string heading, string id)
    {
        var series = sheet.Series;
        var plot = new Plot(Half, 230);
        double[][] lines = [Scaled(sheet.Volatility.Short), Scaled(sheet.Volatility.Long), Scaled(sheet.Volatility.Ewma)];
        double[] seen = [.. lines.SelectMany(line => line).Where(double.IsFinite), 0.0];
        plot.Frame(series.TimeAxis(plot.Across, 6), ValueAxis(series.Unit, 0.0, seen.Max(), plot.Upward, 5));
        plot.Heading(heading).Key("three thin", "20").Key("one", "250").Key("two thin", "EWMA");
        var places = series.Places();
        plot.Curve("three thin", places, lines[0]).Curve("two thin", places, lines[2]).Curve("one", places, lines[1]);
        return plot.ToSvg(id, "Rolling volatility", "Standard deviation of the last 20 and the last 250 returns, and the EWMA forecast.");

        double[] Scaled(double[] values) => [.. values.Select(value => value * scale)];
    }

    /// <summary>How often losses were greater than x, and how often the fitted laws say so; both axes logarithmic.</summary>
    public static string Tail(TearSheet sheet, IReadOnlyList<TailPoint> points, string id)
    {
        var unit = sheet.Series.Unit;
        var plot = new Plot(Half, 300);
        var (low, high) = (points[0].Loss, points[^1].Loss * 1.6);
        var (least, most) = (points[^1].Share / 4.0, points[0].Share * 1.15);
        plot.Frame(
            Axis.Logarithmic(low, high, plot.Across.From, plot.Across.To, value => LossText(value, unit)),
            Axis.Logarithmic(least, most, plot.Upward.From, plot.Upward.To, ShareText));
        plot.Heading("Share of losses beyond").Key("three", "normal").Key("two", "Student t").Key("one", "Pareto tail");
        var losses = Enumerable.Range(0, 81)
            .Select(i => Elementary.Exp(Elementary.Log(low) + (i / 80.0 * (Elementary.Log(high) - Elementary.Log(low)))))
            .ToArray();
        foreach (var (classes, law) in new (string, Func<double, double>)[]
        {
            ("three", loss => TailLaws.Normal(sheet.Moments, loss)),
            ("two", loss => TailLaws.StudentT(sheet.Student, loss)),
            ("one", loss => TailLaws.Pareto(sheet.Extremes, loss)),
        })
        {
            // A curve ends where it leaves the chart, so that it does not run along its edge.
            plot.Curve(classes, losses, losses.Select(law).Select(share => share >= least && share <= most ? share : double.NaN).ToArray());
        }

        foreach (var point in points)
        {
            var title = $"{sheet.Series.Label(point.Index)}: loss {Figures.Value(point.Loss, unit)}, rank {Figures.Count(point.Rank)}";
            plot.Point("sample", Mark.Dot, point.Loss, point.Share, title, 2.4);
        }

        return plot.ToSvg(id, "Tail of the losses", "Share of observations with a loss beyond x, against fitted laws, on logarithmic axes.");
    }

    /// <summary>VaR and ES of each method on one line, with 95 % intervals.</summary>
    public static string Methods(TearSheet sheet, string id)
    {
        var unit = sheet.Series.Unit;
        string[] names = [.. sheet.Methods.Select(row => row.Label).Distinct()];
        var plot = new Plot(Wide, Math.Max(110, 62 + (27 * names.Length)), 230);
        var rows = sheet.Methods.Where(row => row.Confidence == Confidence.P99 || row.Confidence == Confidence.P975).ToList();
        double[] seen = [.. rows.SelectMany(Ends).Where(double.IsFinite)];
        plot.Frame(
            ValueAxis(unit, seen.Length == 0 ? 0.0 : seen.Min(), seen.Length == 0 ? 0.0 : seen.Max(), plot.Across, 9),
            Axis.Named(names, plot.Downward.From, plot.Downward.To));
        plot.Key("one", "VaR 99%").Key("two", "ES 97.5%");
        foreach (var row in rows)
        {
            var isShortfall = row.Confidence == Confidence.P975;
            var (shown, colour) = isShortfall ? (row.Shortfall, "two") : (row.ValueAtRisk, "one");
            var at = Array.IndexOf(names, row.Label) + (isShortfall ? 0.17 : -0.17);
            if (shown.Interval is { Low: { } from, High: { } to })
            {
                plot.Segment(colour + " whisker", from, at, to, at);
            }

            if (shown.Measure.Value is { } number)
            {
                var name = isShortfall ? "ES 97.5%" : "VaR 99%";
                var title = $"{row.Label}, {name}: {Figures.Value(number, unit)}";
                plot.Point("dot " + colour, isShortfall ? Mark.Diamond : Mark.Dot, number, at, title, isShortfall ? 4.6 : 4);
            }
        }

        return plot.ToSvg(id, "Methods side by side", "Value at risk at 99 % and expected shortfall at 97.5 % by method, with 95 % intervals.");
    }

    /// <summary>Wealth of a bettor against each forecast; the alarm is a line.</summary>
    public static string Evidence(TearSheet sheet, string id)
    {
        var series = sheet.Series;
        var plot = new Plot(Half, 300);
        var ready = sheet.Forecasts.Where(review => review.Status == Status.Ready).ToList();
        double[] seen = [.. ready.SelectMany(review => review.Wealth).Where(value => double.IsFinite(value) && value > 0.0)];
        var high = Math.Max(seen.Length == 0 ? 1.0 : seen.Max(), 2.0 * ForecastReview.Alarm);
        plot.Frame(
            series.TimeAxis(plot.Across, 6),
            Axis.Logarithmic(
                Math.Max(Math.Min(seen.Length == 0 ? 1.0 : seen.Min(), 0.5), 1e-6), high * 1.2, plot.Upward.From, plot.Upward.To,
                value => Figures.Short(value)));
        plot.Heading("Evidence against the ES forecast");
        string[] colours = ["one", "two"];
        for (var i = 0; i < ready.Count; i++)
        {
            var colour = colours[sheet.Forecasts.ToList().IndexOf(ready[i])];
            plot.Key(colour, i == 0 && ready.Count > 1 ? "historical" : "EWMA");
            plot.Curve(colour, series.Places(), ready[i].Wealth);
        }

        plot.Level("alarm", ForecastReview.Alarm, "alarm at 20");
        return plot.ToSvg(id, "E-process", "Wealth of a bettor against the expected shortfall forecasts; 20 raises the alarm.");
    }

    private static Axis ValueAxis(Unit unit, double low, double high, (double From, double To) range, int ticks) =>
        Axis.Linear(low, high, range.From, range.To, ticks, (value, step) => TickText(value, step, unit));

    private static string TickText(double value, double step, Unit unit)
    {
        var (shown, width) = unit == Unit.Fraction ? (100.0 * value, 100.0 * step) : (value, step);
        var suffix = unit == Unit.Fraction ? "%" : "";
        if (Math.Abs(shown) < width / 2.0)
        {
            return "0";
        }

        var decimals = -Figures.Exponent(width);
        return decimals is > 4 or < -6 || !double.IsFinite(shown)
            ? Figures.Significant(shown, 3) + suffix
            : Figures.Grouped(shown, Math.Max(decimals, 0)) + suffix;
    }

    private static string ShareText(double share) => Figures.Short(100.0 * share) + "%";

    private static string LossText(double loss, Unit unit) => unit == Unit.Fraction ? ShareText(loss) : Figures.Short(loss);

    private static IEnumerable<double> Ends(MethodEstimate row)
    {
        var shown = row.Confidence == Confidence.P99 ? row.ValueAtRisk : row.Shortfall;
        return new[] { shown.Measure.Value, shown.Interval?.Low, shown.Interval?.High }.OfType<double>();
    }
}
