using RiskLake.Risk;

namespace RiskLake.Reports;

/// <summary>The questions a validator asks of both forecasts.</summary>
internal static class BacktestSection
{
    public static void Write(MarkupWriter page, TearSheet sheet)
    {
        page.Element("h2", "Backtests");
        var ready = sheet.Forecasts.Where(review => review.Status == Status.Ready).ToList();
        foreach (var review in sheet.Forecasts.Except(ready))
        {
            TearSheetPage.Absent(page, review.Label, review.Status, review.Reason);
        }

        if (ready.Count == 0)
        {
            return;
        }

        page.Element(
            "p",
            "p is the probability of a result at least as extreme if the forecasts were right. "
            + "✓ nothing against them, ! below 5%, ✕ below 1% or an alarm.",
            ("class", "note"));
        ReportTable.Write(
            page,
            $"{Figures.Count(ready[0].Days)} judged days",
            ["Question", .. ready.SelectMany(review => new[] { review.Label, "#p" })],
            Enumerable.Range(0, ready[0].Tests.Count).Select(i => (IReadOnlyList<TableCell>)
            [
                new TableCell(ready[0].Tests[i].Question, ready[0].Tests[i].Name),
                .. ready.SelectMany(review => Cells(review.Tests[i])),
            ]));
    }

    private static IEnumerable<TableCell> Cells(BacktestLine row)
    {
        var (sign, classes) = KeyFigures.Sign(row.Verdict);
        yield return row.Statistic is { } statistic
            ? new TableCell($"{sign} {statistic}", Class: classes)
            : TableCell.None(sign + " no result", row.Reason);
        yield return TableCell.Of(row.PValue, Figures.Probability);
    }
}
