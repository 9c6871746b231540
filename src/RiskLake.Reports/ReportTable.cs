namespace RiskLake.Reports;

/// <summary>One cell: what is shown, what it is in full, and whether it stands for a missing number.</summary>
/// <param name="Text">What is shown.</param>
/// <param name="Under">A second, smaller line.</param>
/// <param name="Full">All digits, for programs.</param>
/// <param name="Class">Class of the cell.</param>
/// <param name="Title">What shows on pointing.</param>
internal readonly record struct TableCell(
    string Text, string? Under = null, string? Full = null, string? Class = null, string? Title = null)
{
    public static implicit operator TableCell(string text) => new(text);

    /// <summary>A number, flush right.</summary>
    public static TableCell Of(double? value, Func<double, string> spell, string? under = null) => value is { } number
        ? new TableCell(spell(number), under, double.IsFinite(number) ? Figures.Full(number) : null, "num")
        : new TableCell("–", under, null, "num soft");

    /// <summary>In place of a number: its status, with the reason beneath.</summary>
    public static TableCell None(string status, string? reason) => new(status, reason, null, "none");
}

/// <summary>A table that scrolls on its own when the page is narrower than it.</summary>
internal static class ReportTable
{
    /// <summary>Writes it. A heading that begins with a hash is of numbers; the first cell of each row is its heading.</summary>
    public static void Write(
        MarkupWriter page, string caption, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<TableCell>> rows,
        Func<int, bool>? startsGroup = null)
    {
        page.Open("div", ("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", caption));
        page.Open("table").Element("caption", caption).Open("thead").Open("tr");
        foreach (var heading in headings)
        {
            var isNumber = heading.StartsWith('#');
            page.Element("th", isNumber ? heading[1..] : heading, ("scope", "col"), ("class", isNumber ? "num" : null));
        }

        page.Close().CloseLine().Open("tbody");
        var at = 0;
        foreach (var row in rows)
        {
            page.Open("tr", ("class", startsGroup?.Invoke(at) == true ? "first" : null));
            for (var i = 0; i < row.Count; i++)
            {
                Cell(page, row[i], i == 0);
            }

            page.CloseLine();
            at++;
        }

        page.Close().Close().CloseLine();
    }

    private static void Cell(MarkupWriter page, TableCell cell, bool isHeading)
    {
        page.Open(
            isHeading ? "th" : "td",
            ("scope", isHeading ? "row" : null),
            ("class", cell.Class),
            ("data-value", cell.Full),
            ("title", cell.Title));
        page.Text(cell.Text);
        if (cell.Under is { Length: > 0 } under)
        {
            page.Element("small", under);
        }

        page.Close();
    }
}
