using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Reports;

/// <summary>Forecasts against what came, and all methods in numbers.</summary>
internal static class ForecastSection
{
    private const int RowsMost = 60;

    public static void Write(MarkupWriter page, TearSheet sheet)
    {
        page.Element("h2", "Forecasts and what came");
        string[] lines = ["one", "two"];
        for (var i = 0; i < sheet.Forecasts.Count; i++)
        {
            var review = sheet.Forecasts[i];
            if (review.Status != Status.Ready)
            {
                TearSheetPage.Absent(page, review.Label, review.Status, review.Reason);
                continue;
            }

            TearSheetPage.Figure(
                page,
                review.Label + ".",
                $"Bars are {sheet.Series.KindText}; the lines are minus VaR and ES as forecast from the past alone. "
                + $"{Figures.Count(review.Exceedances.Count)} exceedances, {Figures.Significant(review.Expected, 3)} expected.",
                TearSheetCharts.Forecast(sheet, review, $"forecast-{i + 1}", lines[i]),
                isWide: true,
                numbers => Exceedances(numbers, sheet, review));
        }

        Methods(page, sheet);
    }

    private static void Exceedances(MarkupWriter page, TearSheet sheet, ForecastReview review)
    {
        var series = sheet.Series;
        var shown = review.Exceedances.TakeLast(RowsMost).ToList();
        var caption = shown.Count == review.Exceedances.Count
            ? $"Exceedances of the 99% VaR, {review.Label}"
            : $"The last {RowsMost} of {Figures.Count(review.Exceedances.Count)} exceedances of the 99% VaR, {review.Label}";
        ReportTable.Write(
            page,
            caption,
            ["When", "#Return", "#VaR 99%", "#ES 97.5%", "#Loss over VaR"],
            shown.Select(index => (IReadOnlyList<TableCell>)
            [
                series.Label(index),
                TableCell.Of(series.Returns[index], Spell),
                TableCell.Of(review.ValueAtRisk99[index], Spell),
                TableCell.Of(review.Shortfall975[index], Spell),
                TableCell.Of(Ratio(-series.Returns[index], review.ValueAtRisk99[index]), value => Figures.Fixed(value, 2)),
            ]));

        string Spell(double value) => Figures.Value(value, series.Unit);
    }

    private static double? Ratio(double loss, double var) => var > 0.0 && double.IsFinite(loss / var) ? loss / var : null;

    private static void Methods(MarkupWriter page, TearSheet sheet)
    {
        page.Element("h2", "Methods side by side");
        page.Element(
            "p", "Each number with its 95% interval where the method has one. How far the methods are apart is part of the answer.", ("class", "note"));
        TearSheetPage.Figure(
            page, "VaR 99% and ES 97.5% by method.", "Bands are 95% intervals.", TearSheetCharts.Methods(sheet, "methods"), isWide: true);
        Confidence[] levels = [Confidence.P95, Confidence.P975, Confidence.P99];
        ReportTable.Write(
            page,
            "Value at risk and expected shortfall, one period ahead",
            ["Method", "#VaR 95%", "#VaR 97.5%", "#VaR 99%", "#ES 95%", "#ES 97.5%", "#ES 99%", "#Observations"],
            sheet.Methods.Select(row => row.Label).Distinct().Select(label =>
            {
                var rows = levels.Select(level => sheet.Methods.First(row => row.Label == label && row.Confidence == level)).ToList();
                return (IReadOnlyList<TableCell>)
                [
                    label,
                    .. rows.Select(row => Cell(row.ValueAtRisk)),
                    .. rows.Select(row => Cell(row.Shortfall)),
                    new TableCell(Figures.Count(rows[0].ValueAtRisk.Measure.Observations), Class: "num"),
                ];
            }));

        TableCell Cell(MeasureRow row) => row.Measure.Value is { } value
            ? TableCell.Of(value, number => Figures.Value(number, sheet.Series.Unit), KeyFigures.Interval(row.Interval, sheet.Series.Unit))
            : TableCell.None(row.Measure.Status.Code(), row.Measure.Reason);
    }
}
