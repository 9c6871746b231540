using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.Risk.Numerics;
using RiskLake.UserFiles;

namespace RiskLake.Desk.Portfolios;

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

    /// <summary>What is made of the values; of returns, what they are.</summary>
    public ReturnKind Kind { get; init; } = ReturnKind.Simple;

    /// <summary>Whether the values are returns already.</summary>
    public bool HoldsReturns { get; init; }

    /// <summary>Whether a column of returns is in percent.</summary>
    public bool Percent { get; init; }

    /// <summary>What becomes of dates on which a series has no value.</summary>
    public GapRule Missing { get; init; }
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
        return Build(aligned, request, table.PriceKind);
    }

    private static Aligned Wide(TableFile table, ReturnTableRequest request, int? dateColumn)
    {
        // A column with a text among its numbers is wanted, too: the text is named by its place, and the column does not vanish.
        int[] all = [.. Enumerable.Range(0, table.Names.Count).Where(column => column != dateColumn)];
        int[] columns = request.Names.Count > 0
            ? [.. request.Names.Select(name => table.Get("--columns", name))]
            : [.. all.Where(column => table.IsNumeric(column) || table.IsPartlyNumeric(column))];
        if (columns.Length == 0)
        {
            throw new RiskLakeException(
                ErrorCode.ColumnUnknown, "--columns", "no column of numbers", $"a column for each series, in {table.Path}", "name them with --columns");
        }

        var texts = dateColumn is { } at ? RowDates.Read(table, at) : null;
        double[][] values = [.. columns.Select(column => table.Numbers(column, request.Missing == GapRule.Refuse ? EmptyCell.Refuse : EmptyCell.Absent))];
        int[] kept = [.. Enumerable.Range(0, table.Rows).Where(row => values.All(column => !double.IsNaN(column[row])))];
        return new Aligned(
            [.. columns.Select(column => table.Names[column])],
            [.. values.Select(column => kept.Select(row => column[row]).ToArray())],
            texts is null ? null : [.. kept.Select(row => texts[row])],
            [.. Enumerable.Range(0, table.Rows).Except(kept).Select(row => texts?[row] ?? FormattableString.Invariant($"row {row + 1}"))])
        {
            Rows = kept,
            Sessions = table.Rows,
            PassedOver = request.Names.Count > 0 ? [] : [.. all.Except(columns).Select(table.NameOf)],
            HasDates = dateColumn is not null || request.DateColumn is not null,
        };
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
        List<(IReadOnlyList<RowTime> Times, int[] Rows)> owned = [];
        foreach (var name in names)
        {
            int[] own = [.. rows[name]];
            if (own.Length == 0)
            {
                throw new RiskLakeException(
                    ErrorCode.ColumnUnknown, "--weights", $"'{name}'", $"a symbol of column {table.Names[symbolColumn]} of {table.Path}",
                    Contracts.Configuration.Spelling.Suggest(name, rows.Select(group => group.Key)));
            }

            owned.Add((RowDates.Read(table, dates, own), own));
        }

        // Midnight in two zones is one day, though not one instant.
        var areDays = owned.All(one => one.Times.All(time => time.IsDay));
        List<Dictionary<decimal, int>> series = [];
        var all = new SortedDictionary<decimal, string>();
        foreach (var (times, own) in owned)
        {
            series.Add(Enumerable.Range(0, own.Length).Where(i => !double.IsNaN(values[own[i]])).ToDictionary(i => KeyOf(times[i]), i => own[i]));
            foreach (var time in times)
            {
                all.TryAdd(KeyOf(time), time.Text);
            }
        }

        decimal[] common = [.. all.Keys.Where(at => series.All(own => own.ContainsKey(at)))];
        var kept = common.ToHashSet();
        if (request.Missing == GapRule.Refuse && common.Length < all.Count)
        {
            var missing = all.First(pair => !kept.Contains(pair.Key)).Value;
            throw new RiskLakeException(
                ErrorCode.CellInvalid, table.Path, $"no value of every symbol on {missing}", "a value of each on every date",
                "complete the file, or use --missing leave_out");
        }

        return new Aligned(
            names,
            [.. series.Select(own => common.Select(at => values[own[at]]).ToArray())],
            [.. common.Select(at => all[at])],
            [.. all.Keys.Except(common).Select(at => all[at])])
        {
            Rows = [.. all.Keys.Index().Where(pair => kept.Contains(pair.Item)).Select(pair => pair.Index)],
            Sessions = all.Count,
            Column = table.Names[valueColumn],
        };

        decimal KeyOf(RowTime time) => areDays ? time.Local!.Value.Ticks : time.At;
    }

    private static ReturnTable Build(Aligned aligned, ReturnTableRequest request, string? kind)
    {
        var levels = request.HoldsReturns && request.Percent
            ? [.. aligned.Values.Select(column => column.Select(value => value / 100.0).ToArray())]
            : aligned.Values;
        var compounds = request.Kind is ReturnKind.Simple or ReturnKind.Log;
        var plan = GapPlan.Of(aligned.Rows, aligned.Sessions, request.Missing, request.HoldsReturns);
        return new ReturnTable
        {
            Names = aligned.Names,
            Columns = request.HoldsReturns
                ? levels
                : [.. levels.Select(column => Returned(column, request.Kind)).Select(spanning => plan.Ends.Select(end => spanning[end - 1]).ToArray())],
            Rule = request.Missing,
            Gaps = plan,
            Prices = !compounds ? null : request.HoldsReturns ? [.. levels.Select(column => Compounded(column, request.Kind))] : levels,
            Dates = compounds && request.HoldsReturns && aligned.Dates is { Count: > 0 } dates ? [$"before {dates[0]}", .. dates] : aligned.Dates,
            LeftOut = aligned.LeftOut,
            PassedOver = aligned.PassedOver,
            HasDates = aligned.HasDates,
            PriceKind = request.HoldsReturns ? "given" : kind ?? aligned.Column ?? "columns",
        };
    }

    /// <summary>What one unit of money becomes; it stands at one before the first return.</summary>
    private static double[] Compounded(double[] returns, ReturnKind kind)
    {
        var wealth = new double[returns.Length + 1];
        wealth[0] = 1.0;
        for (var i = 0; i < returns.Length; i++)
        {
            wealth[i + 1] = wealth[i] * (kind == ReturnKind.Log ? Elementary.Exp(returns[i]) : 1.0 + returns[i]);
        }

        return wealth;
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
        IReadOnlyList<string> Names, IReadOnlyList<double[]> Values, IReadOnlyList<string>? Dates, IReadOnlyList<string> LeftOut)
    {
        public IReadOnlyList<string> PassedOver { get; init; } = [];

        public bool HasDates { get; init; } = true;

        /// <summary>The rows, or dates, on which all series have a value, and how many there are.</summary>
        public required int[] Rows { get; init; }

        public required int Sessions { get; init; }

        /// <summary>The column all values are of; null where each series has its own.</summary>
        public string? Column { get; init; }
    }
}
