using RiskLake.Cli.Output;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>What numbers about a series rest on, beside the conventions of each.</summary>
/// <param name="Returns">Kind of the returns, by its code.</param>
/// <param name="PriceKind">The price they are made from; null where returns were given.</param>
internal sealed record SeriesBasis(string Returns, string? PriceKind)
{
    /// <summary>What became of sessions without a value, by its code.</summary>
    public string? Missing { get; init; }

    /// <summary>How many there are in the window.</summary>
    public int MissingSessions { get; init; }
}

/// <summary>Writes rows of measures: whole for programs, the essentials for people.</summary>
internal static class MeasureRows
{
    private static readonly string[] s_columns =
    [
        "measure", "method", "model", "confidence", "value", "status", "reason", "returns", "price_kind", "unit", "observations", "window", "horizon",
        "horizon_rule", "periods_per_year", "sign", "quantile_type", "ddof", "mean", "parameters", "interval_low", "interval_high",
        "interval_coverage", "interval_method", "missing", "missing_sessions", "tail",
    ];

    /// <summary>Writes all rows.</summary>
    public static void Write(
        CommandContext context, System.CommandLine.ParseResult parsed, IEnumerable<MeasureRow> rows, SeriesBasis basis, Func<int, string?> dateOf)
    {
        var isTable = context.Format(parsed) == OutputFormat.Table;
        var writer = isTable
            ? context.AllRows(
                parsed, "measure", "method", "confidence", "value", "low", "high", "returns", "price_kind", "window", "horizon", "sign", "status",
                "reason")
            : context.AllRows(parsed, s_columns);
        foreach (var row in rows)
        {
            var (measure, convention) = (row.Measure, row.Measure.Convention);
            var level = convention.Confidence?.Level;
            var window = convention.Window ?? (measure.Observations > 0 ? measure.Observations : null);
            writer.Write(isTable
                ?
                [
                    measure.Name, measure.Method, level, measure.Value, row.Interval?.Low, row.Interval?.High, basis.Returns, basis.PriceKind, window,
                    convention.Horizon, convention.Sign.Code(), measure.Status.Code(), measure.Reason ?? string.Empty,
                ]
                :
                [
                    measure.Name, measure.Method, row.Model, level, measure.Value, measure.Status.Code(), measure.Reason, basis.Returns,
                    basis.PriceKind, row.Unit, measure.Observations, window, convention.Horizon, convention.HorizonRule.Code(),
                    convention.PeriodsPerYear, convention.Sign.Code(),
                    (int?)convention.QuantileType, convention.Ddof, convention.Mean?.Code(), Map(convention.Parameters),
                    row.Interval?.Low, row.Interval?.High, row.Interval?.Coverage, row.Interval?.Method,
                    basis.Missing, basis.MissingSessions,
                    row.Tail.Select(item => Tail(item, dateOf)).ToList(),
                ]);
        }

        writer.Finish();
    }

    /// <summary>Parameters as a map, in their order.</summary>
    public static Dictionary<string, object?> Map(IReadOnlyList<Parameter> parameters)
    {
        // A dictionary nothing is removed from is listed in the order of its entries.
        Dictionary<string, object?> map = new(StringComparer.Ordinal);
        foreach (var parameter in parameters)
        {
            map.Add(parameter.Name, parameter.Value);
        }

        return map;
    }

    private static Dictionary<string, object?> Tail(TailObservation item, Func<int, string?> dateOf) => new(StringComparer.Ordinal)
    {
        ["index"] = item.Index,
        ["date"] = dateOf(item.Index),
        ["return"] = item.Return,
        ["shortfall_weight"] = item.ShortfallWeight,
        ["quantile_weight"] = item.QuantileWeight,
    };
}
