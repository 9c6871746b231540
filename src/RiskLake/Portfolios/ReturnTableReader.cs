using RiskLake.Errors;
using RiskLake.Measures;
using RiskLake.Risk;
using RiskLake.Tables;

namespace RiskLake.Portfolios;

/// <summary>Which series of a file are wanted, and how they become returns.</summary>
internal sealed record ReturnTableRequest
{
    /// <summary>Columns by name or number, or symbols where there is a symbol column; empty: all of them.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Name or number, <c>none</c>, or null for the column with a usual name.</summary>
    public string? DateColumn { get; init; }

    /// <summary>In the long form, the column that says whose value a row holds; null for one column per series.</summary>
    public string? SymbolColumn { get; init; }

    /// <summary>In the long form, the column of values; null for the one with a usual name.</summary>
    public string? Column { get; init; }

    public ReturnKind Kind { get; init; } = ReturnKind.Simple;

    /// <summary>Whether a column of returns is in percent.</summary>
    public bool Percent { get; init; }
}

/// <summary>Reads several series of one file onto their common dates.</summary>
internal static class ReturnTableReader
{
    private static readonly string[] s_values = ["close", "price", "adj_close", "value"];

    public static ReturnTable Read(TableFile table, ReturnTableRequest request)
    {
        var dates = RowDates.Find(table, request.DateColumn);
        var aligned = request.SymbolColumn is { } symbols
            ? Long(table, request, dates, table.Get("--symbol-column", symbols))
            : Wide(table, request, dates);
        return Build(aligned, request);
    }

    private static Aligned Wide(TableFile table, ReturnTableRequest request, int? dateColumn)
    {
        int[] columns = request.Names.Count > 0
            ? [.. request.Names.Select(name => table.Get("--columns", name))]
            : [.. Enumerable.Range(0, table.Names.Count).Where(column => column != dateColumn && table.IsNumeric(column, EmptyCell.Absent))];
        var texts = dateColumn is { } at ? RowDates.Read(table, at) : null;
        double[][] values = [.. columns.Select(column => table.Numbers(column, EmptyCell.Absent))];
        int[] kept = [.. Enumerable.Range(0, table.Rows).Where(row => values.All(column => !double.IsNaN(column[row])))];
        return new Aligned(
            [.. columns.Select(column => table.Names[column])],
            [.. values.Select(column => kept.Select(row => column[row]).ToArray())],
            texts is null ? null : [.. kept.Select(row => texts[row])],
            [.. Enumerable.Range(0, table.Rows).Except(kept).Select(row => texts?[row] ?? FormattableString.Invariant($"row {row + 1}"))]);
    }

    private static Aligned Long(TableFile table, ReturnTableRequest request, int? dateColumn, int symbolColumn)
    {
        if (dateColumn is not { } dates)
        {
            throw new RiskLakeException(
                ErrorCode.ColumnUnknown, "--date-column", "no column of dates", "one, to bring the symbols together", "name it with --date-column");
        }

        var valueColumn = request.Column is { } named ? table.Get("--column", named)
            : s_values.Select(table.Find).FirstOrDefault(column => column is not null) ?? throw new RiskLakeException(
                ErrorCode.ColumnUnknown, "--column", $"none of {string.Join(", ", s_values)}", $"the column of values, of {string.Join(", ", table.Names)}",
                "name it with --column");
        var symbols = table.Texts(symbolColumn);
        var values = table.Numbers(valueColumn, EmptyCell.Absent);
        var rows = Enumerable.Range(0, table.Rows).ToLookup(row => symbols[row], StringComparer.Ordinal);
        IReadOnlyList<string> names = request.Names.Count > 0 ? request.Names : [.. rows.Select(group => group.Key).Order(StringComparer.Ordinal)];
        List<Dictionary<decimal, int>> series = [];
        var all = new SortedDictionary<decimal, string>();
        foreach (var name in names)
        {
            int[] own = [.. rows[name]];
            if (own.Length == 0)
            {
                throw new RiskLakeException(
                    ErrorCode.ColumnUnknown, "--weights", $"'{name}'", $"a symbol of column {table.Names[symbolColumn]} of {table.Path}",
                    Contracts.Configuration.Spelling.Suggest(name, rows.Select(group => group.Key)));
            }

            var times = RowDates.Read(table, dates, own);
            series.Add(Enumerable.Range(0, own.Length).Where(i => !double.IsNaN(values[own[i]])).ToDictionary(i => times[i].At, i => own[i]));
            foreach (var (text, at) in times)
            {
                all.TryAdd(at, text);
            }
        }

        decimal[] common = [.. all.Keys.Where(at => series.All(own => own.ContainsKey(at)))];
        return new Aligned(
            names,
            [.. series.Select(own => common.Select(at => values[own[at]]).ToArray())],
            [.. common.Select(at => all[at])],
            [.. all.Keys.Except(common).Select(at => all[at])]);
    }

    private static ReturnTable Build(Aligned aligned, ReturnTableRequest request)
    {
        var levels = request.Kind == ReturnKind.Unstated
            ? request.Percent ? [.. aligned.Values.Select(column => column.Select(value => value / 100.0).ToArray())] : aligned.Values
            : aligned.Values;
        return new ReturnTable
        {
            Names = aligned.Names,
            Columns = [.. levels.Select(column => Returned(column, request.Kind))],
            Prices = request.Kind is ReturnKind.Simple or ReturnKind.Log ? levels : null,
            Dates = aligned.Dates,
            LeftOut = aligned.LeftOut,
        };
    }

    // A simple return over a zero or negative price is a number, and means nothing.
    private static double[] Returned(double[] values, ReturnKind kind)
    {
        double[] returns = kind switch
        {
            ReturnKind.Simple => Returns.Simple(values),
            ReturnKind.Log => Returns.Log(values),
            ReturnKind.Absolute => Returns.Absolute(values),
            _ => values,
        };
        foreach (var defect in kind == ReturnKind.Simple ? Returns.Defects(values) : [])
        {
            for (var i = Math.Max(defect - 1, 0); i < Math.Min(defect + 1, returns.Length); i++)
            {
                returns[i] = double.NaN;
            }
        }

        return returns;
    }

    private sealed record Aligned(
        IReadOnlyList<string> Names, IReadOnlyList<double[]> Values, IReadOnlyList<string>? Dates, IReadOnlyList<string> LeftOut);
}
