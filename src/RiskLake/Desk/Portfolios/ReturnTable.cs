using RiskLake.Risk;
using RiskLake.UserFiles;

namespace RiskLake.Desk.Portfolios;

/// <summary>Several series on one common calendar.</summary>
/// <remarks>
/// Shape: all columns have one length, in time order. Dates on which a series had no value are left out for all of them and counted;
/// nothing is filled in, so a return across such a date spans it in every column alike.
/// </remarks>
internal sealed record ReturnTable
{
    /// <summary>Names of the series.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Returns per series, columns[i][t].</summary>
    public required IReadOnlyList<double[]> Columns { get; init; }

    /// <summary>Prices per series, one more than returns; null when the data hold returns or changes do not compound.</summary>
    public required IReadOnlyList<double[]>? Prices { get; init; }

    /// <summary>The time of each price (of each return, when there are no prices); null when the data have none.</summary>
    public required IReadOnlyList<string>? Dates { get; init; }

    /// <summary>Dates left out because a series had no value on them.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>Columns without a number, where columns were not named.</summary>
    public IReadOnlyList<string> PassedOver { get; init; } = [];

    /// <summary>Whether a column says when a row is, or the caller said that none does.</summary>
    public bool HasDates { get; init; } = true;

    /// <summary>What the prices are that returns are made of, where that is known.</summary>
    public string? PriceKind { get; init; }

    /// <summary>What became of dates without a value of every series.</summary>
    public GapRule Rule { get; init; }

    /// <summary>Where the returns end.</summary>
    public GapPlan Gaps { get; init; } = new([], [], -1, []);

    public int Count => Columns.Count == 0 ? 0 : Columns[0].Length;

    /// <summary>Dates that returns could end at, from the first one.</summary>
    public int Sessions => Gaps.Positions.Length == 0 ? 0 : Gaps.Span - Gaps.Positions[0] + 1;

    /// <summary>The returns of the last sessions alone. Prices and dates stay: they are those of history.</summary>
    public ReturnTable Last(int sessions)
    {
        var dropped = Count - Gaps.Within(sessions);
        return this with
        {
            Columns = [.. Columns.Select(column => column[dropped..])],
            Gaps = Gaps with { Ends = Gaps.Ends[dropped..], Positions = Gaps.Positions[dropped..] },
            LeftOut = [.. LeftOut.TakeLast(Gaps.MissingWithin(sessions))],
        };
    }
}

/// <summary>Which estimate of the covariance.</summary>
internal enum CovarianceMethod
{
    /// <summary>Divisor n - ddof.</summary>
    Sample,

    /// <summary>Exponentially weighted, mean zero.</summary>
    Ewma,

    /// <summary>Ledoit and Wolf 2003, towards constant correlation.</summary>
    ConstantCorrelation,

    /// <summary>Ledoit and Wolf 2003, towards a single-index model.</summary>
    SingleIndex,

    /// <summary>Ledoit and Wolf 2004, towards a multiple of the identity.</summary>
    Identity,

    /// <summary>Oracle approximating shrinkage.</summary>
    OracleApproximating,
}

/// <summary>What decides a covariance beside the data.</summary>
internal sealed record CovarianceSettings
{
    public CovarianceMethod Method { get; init; }

    /// <summary>Of the sample covariance and of the shrinkage to constant correlation.</summary>
    public int Ddof { get; init; } = 1;

    /// <summary>Decay of the exponentially weighted one.</summary>
    public double Lambda { get; init; } = 0.94;

    /// <summary>Estimates it from the columns of a table.</summary>
    public CovarianceMatrix Of(IReadOnlyList<double[]> columns) => Method switch
    {
        CovarianceMethod.Sample => CovarianceEstimator.Sample(columns, Ddof),
        CovarianceMethod.Ewma => CovarianceEstimator.ExponentiallyWeighted(columns, Lambda),
        CovarianceMethod.ConstantCorrelation => Shrinkage.ConstantCorrelation(columns, Ddof),
        CovarianceMethod.SingleIndex => Shrinkage.SingleIndex(columns),
        CovarianceMethod.Identity => Shrinkage.Identity(columns),
        _ => Shrinkage.OracleApproximating(columns),
    };
}

/// <summary>The written names of the estimates.</summary>
internal static class CovarianceNames
{
    public static IReadOnlyList<CovarianceMethod> All { get; } = Enum.GetValues<CovarianceMethod>();

    public static string Code(this CovarianceMethod method) => method switch
    {
        CovarianceMethod.Sample => "sample",
        CovarianceMethod.Ewma => "ewma",
        CovarianceMethod.ConstantCorrelation => "ledoit_wolf_2003",
        CovarianceMethod.SingleIndex => "ledoit_wolf_single_index",
        CovarianceMethod.Identity => "ledoit_wolf_2004",
        CovarianceMethod.OracleApproximating => "oas",
        _ => throw new ArgumentOutOfRangeException(nameof(method), method, "No such estimate."),
    };
}
