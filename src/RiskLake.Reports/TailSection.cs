using RiskLake.Risk;

namespace RiskLake.Reports;

/// <summary>The tail of the losses against fitted laws, and the evidence gathered day by day.</summary>
internal static class TailSection
{
    private const int RowsMost = 20;

    public static void Write(MarkupWriter page, TearSheet sheet)
    {
        page.Element("h2", "Tail and evidence").Open("div", ("class", "pair")).Open("div");
        var points = TailLaws.Sample(sheet.Series.Returns);
        if (points.Count < 2)
        {
            TearSheetPage.Absent(
                page, "Tail of the losses", Status.InsufficientHistory, "Needs at least two losses and returns that are all finite numbers.");
        }
        else
        {
            TearSheetPage.Figure(
                page,
                "Tail of the losses.",
                "Share of observations with a loss beyond x; a straight line is a power law. " + Laws(sheet),
                TearSheetCharts.Tail(sheet, points, "tail"),
                isWide: false,
                numbers => Numbers(numbers, sheet, points));
        }

        page.Close().Open("div");
        if (sheet.Forecasts.Any(review => review.Status == Status.Ready))
        {
            TearSheetPage.Figure(
                page,
                "Evidence day by day.",
                "Wealth of one who bets against the 97.5% ES forecast, starting at 1. While the forecasts are right, it ever reaches 20 "
                + "with probability at most 5%, however often one looks.",
                TearSheetCharts.Evidence(sheet, "evidence"),
                isWide: false);
        }
        else
        {
            TearSheetPage.Absent(page, "Evidence day by day", sheet.Forecasts[0].Status, sheet.Forecasts[0].Reason);
        }

        page.CloseLine().CloseLine();
    }

    private static string Laws(TearSheet sheet)
    {
        var student = sheet.Student is { Status: Status.Ready, DegreesOfFreedom: { } freedom }
            ? $"Student t has {Figures.Significant(freedom, 3)} degrees of freedom"
            : $"Student t: {sheet.Student.Status.Code()}";
        var pareto = sheet.Extremes is { Status: Status.Ready, Shape: { } shape, Threshold: { } threshold }
            ? $"the Pareto tail begins at {Figures.Value(threshold, sheet.Series.Unit)} with shape {Figures.Fixed(shape, 3)}"
            : $"Pareto tail: {sheet.Extremes.Status.Code()}";
        return $"{student}; {pareto}.";
    }

    private static void Numbers(MarkupWriter page, TearSheet sheet, IReadOnlyList<TailPoint> points)
    {
        ReportTable.Write(
            page,
            "The greatest losses, and how often each law expects one at least as great",
            ["When", "#Loss", "#Sample", "#Normal", "#Student t", "#Pareto"],
            points.TakeLast(RowsMost).Reverse().Select(point => (IReadOnlyList<TableCell>)
            [
                sheet.Series.Label(point.Index),
                TableCell.Of(point.Loss, value => Figures.Value(value, sheet.Series.Unit)),
                Share(point.Share),
                Share(TailLaws.Normal(sheet.Moments, point.Loss)),
                Share(TailLaws.StudentT(sheet.Student, point.Loss)),
                Share(TailLaws.Pareto(sheet.Extremes, point.Loss)),
            ]));

        static TableCell Share(double value) => TableCell.Of(
            double.IsFinite(value) ? value : null, number => Figures.Significant(100.0 * number, 3) + "%");
    }
}
