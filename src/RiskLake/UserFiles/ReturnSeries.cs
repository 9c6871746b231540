using System.Globalization;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.UserFiles;

/// <summary>How a column becomes returns.</summary>
internal sealed record ReturnRequest
{
    /// <summary>Name or 1-based number; null: the column with a usual name, else the only numeric one.</summary>
    public string? Column { get; init; }

    /// <summary>Name or number, <c>none</c>, or null for the column with a usual name.</summary>
    public string? DateColumn { get; init; }

    /// <summary>What is computed from the column; of a column of returns, what they are.</summary>
    public ReturnKind Kind { get; init; } = ReturnKind.Log;

    /// <summary>Whether the column holds returns already. Where their kind is not stated, a column called so says it.</summary>
    public bool HoldsReturns { get; init; }

    /// <summary>Whether closes corrected for dividends go before others, where the file has both: returns are theirs, bars are not.</summary>
    public bool PrefersAdjusted { get; init; } = true;

    /// <summary>Returns made from prices are multiplied by 100; a column of returns is in percent already.</summary>
    public bool Percent { get; init; }

    /// <summary>What becomes of rows with an empty or NaN cell.</summary>
    public GapRule Missing { get; init; } = GapRule.Refuse;
}

/// <summary>The returns of one column of a file.</summary>
internal sealed record ReturnSeries
{
    private static readonly string[] s_adjusted = ["adj_close", "adjusted_close"];
    private static readonly string[] s_prices = ["close", "price"];
    private static readonly string[] s_simple = ["simple_return", "simple_returns"];
    private static readonly string[] s_log = ["log_return", "log_returns"];
    private static readonly string[] s_returns = ["return", "returns", "ret", .. s_log, .. s_simple];

    /// <summary>Name of the column.</summary>
    public required string Column { get; init; }

    /// <summary>The cells used, in time order.</summary>
    public required double[] Values { get; init; }

    /// <summary>The date of each value, as written; null without a date column.</summary>
    public required IReadOnlyList<string>? Dates { get; init; }

    /// <summary>The returns; one less than the values unless the column holds returns.</summary>
    public required double[] Returns { get; init; }

    /// <summary>The row of each value.</summary>
    public required int[] Rows { get; init; }

    /// <summary>What became of rows without a value.</summary>
    public GapRule Rule { get; init; }

    /// <summary>Where the returns end.</summary>
    public required GapPlan Gaps { get; init; }

    /// <summary>Rows without a value between the first with one and the last.</summary>
    public int LeftOut => Gaps.Missing.Length;

    /// <summary>What the returns are.</summary>
    public required ReturnKind Kind { get; init; }

    /// <summary>What the prices are: as the table knows it, else the name of the column, a usual one in lower case; null for given returns.</summary>
    public string? PriceKind { get; init; }

    /// <summary>What a reader should know: what was taken for granted, and the first price of which no return can be made.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The date of a return, as written, or null.</summary>
    public string? DateOf(int index) => Dates is null ? null
        : index >= 0 ? Dates[Gaps.Ends[index]]
        : index == -1 && Gaps.Ends is [> 0 and var first, ..] ? Dates[first - 1] : null;

    /// <summary>Sessions that returns could end at, from the first with a value.</summary>
    public int Sessions => Gaps.Positions.Length == 0 ? 0 : Gaps.Span - Gaps.Positions[0] + 1;

    /// <summary>How many of the returns a window of the last sessions holds; null for all of them. A window that is longer than the data stays so.</summary>
    public int? Within(int? sessions) => sessions is not { } asked ? null
        : asked > Sessions ? asked
        : Gaps.Within(asked) is var held && held >= Returns.Length ? null : held;

    /// <summary>Reads one column.</summary>
    public static ReturnSeries Read(TableFile table, ReturnRequest request)
    {
        var dateColumn = RowDates.Find(table, request.DateColumn);
        var column = request.Column is { } named ? table.Get("--column", named) : Default(table, request, dateColumn);
        var kind = KindOf(table.Names[column], request);
        var values = table.Numbers(column, request.Missing == GapRule.Refuse ? EmptyCell.Refuse : EmptyCell.Absent);
        var dates = dateColumn is { } at ? RowDates.Read(table, at) : null;
        int[] rows = [.. Enumerable.Range(0, values.Length).Where(row => request.Missing == GapRule.Refuse || !double.IsNaN(values[row]))];
        double[] kept = rows.Length == values.Length ? values : [.. rows.Select(row => values[row])];
        var plan = GapPlan.Of(rows, values.Length, request.Missing, request.HoldsReturns);
        double[] spanning = request.HoldsReturns ? kept : Compute(kept, request);
        return new ReturnSeries
        {
            Column = table.Names[column],
            Values = kept,
            Dates = dates is null || rows.Length == values.Length ? dates : [.. rows.Select(row => dates[row])],
            Returns = request.HoldsReturns || plan.Ends.Length == spanning.Length ? spanning : [.. plan.Ends.Select(end => spanning[end - 1])],
            Rows = rows,
            Rule = request.Missing,
            Gaps = plan,
            Kind = kind,
            PriceKind = request.HoldsReturns ? null : table.PriceKind ?? PriceKindOf(table.Names[column]),
            Notes = [.. NotesOf(table, request, dateColumn, column, rows, kept)],
        };
    }

    private static string PriceKindOf(string column) =>
        s_adjusted.Concat(s_prices).FirstOrDefault(name => string.Equals(name, column, StringComparison.OrdinalIgnoreCase)) ?? column;

    private static ReturnKind KindOf(string column, ReturnRequest request)
    {
        return request is not { HoldsReturns: true, Kind: ReturnKind.Unstated } ? request.Kind : NamedKind(column);
    }

    /// <summary>The kind of returns that a column of them is called by.</summary>
    public static ReturnKind NamedKind(string column)
    {
        bool Says(IEnumerable<string> names) => names.Contains(column, StringComparer.OrdinalIgnoreCase);
        return Says(s_simple) ? ReturnKind.Simple
            : Says(s_log) ? ReturnKind.Log
            : ReturnKind.Unstated;
    }

    private static IEnumerable<string> NotesOf(TableFile table, ReturnRequest request, int? dateColumn, int column, int[] rows, double[] kept)
    {
        if (dateColumn is null && request.DateColumn is null && table.Rows > 1)
        {
            yield return $"{table.Path} has no column of dates: its rows are taken to run from the oldest to the newest";
        }

        if (request is { Column: null, HoldsReturns: false } && table.FindNamed(s_adjusted) == column && table.FindNamed(s_prices) is { } other)
        {
            yield return $"column {table.NameOf(column)} is taken, because returns belong to adjusted prices; --column '{table.Names[other]}' names the other";
        }

        if (request is { HoldsReturns: false, Kind: ReturnKind.Log or ReturnKind.Simple } && Risk.Returns.Defects(kept) is [var first, ..])
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{table.PlaceOf(rows[first], column)} holds {kept[first]:R}: no log or simple return leads to or from it (--returns absolute)");
        }
    }

    private static double[] Compute(double[] values, ReturnRequest request)
    {
        double[] returns = request.Kind switch
        {
            ReturnKind.Log => Risk.Returns.Log(values),
            ReturnKind.Simple => Risk.Returns.Simple(values),
            _ => Risk.Returns.Absolute(values),
        };
        if (request.Kind == ReturnKind.Absolute)
        {
            return returns;
        }

        // A simple return over a zero or negative price is a number, and means nothing.
        foreach (var defect in Risk.Returns.Defects(values))
        {
            for (var i = Math.Max(defect - 1, 0); i < Math.Min(defect + 1, returns.Length); i++)
            {
                returns[i] = double.NaN;
            }
        }

        for (var i = 0; request.Percent && i < returns.Length; i++)
        {
            returns[i] *= 100.0;
        }

        return returns;
    }

    private static int Default(TableFile table, ReturnRequest request, int? dateColumn)
    {
        IReadOnlyList<string> names = request.HoldsReturns ? s_returns
            : request.PrefersAdjusted ? [.. s_adjusted, .. s_prices]
            : [.. s_prices, .. s_adjusted];
        if (table.FindNamed(names) is { } usual)
        {
            return usual;
        }

        int[] numeric = [.. Enumerable.Range(0, table.Names.Count).Where(column => column != dateColumn && table.IsNumeric(column))];
        if (numeric.Length == 0 && Enumerable.Range(0, table.Names.Count).FirstOrDefault(column => column != dateColumn && table.IsPartlyNumeric(column), -1)
            is >= 0 and var partly)
        {
            // Its first text is named by its place.
            return partly;
        }

        return numeric.Length == 1 ? numeric[0] : throw new RiskLakeException(
            ErrorCode.ColumnUnknown,
            "--column",
            numeric.Length == 0 ? "no column of numbers" : $"{numeric.Length} columns of numbers",
            $"the name of one column of {table.Path}: {string.Join(", ", table.Names)}",
            "name it with --column");
    }
}
