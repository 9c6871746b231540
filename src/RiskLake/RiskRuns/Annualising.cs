using RiskLake.History;

namespace RiskLake.RiskRuns;

/// <summary>By how many periods a volatility is made one of a year: <c>volatility.periods_per_year</c>.</summary>
internal sealed record Annualising
{
    /// <summary>The word for the sessions of each series' own market.</summary>
    public const string MarketWord = "market";

    // Markets of business days have 240 to 262 sessions a year, one that trades every day has 365.
    private const double Likeness = 0.1;

    private readonly int? _number;
    private readonly bool _isByMarket;

    private Annualising(int? number, bool isByMarket) => (_number, _isByMarket) = (number, isByMarket);

    /// <summary>Numbers stay those of one session.</summary>
    public static Annualising None { get; } = new(null, isByMarket: false);

    /// <summary>Sessions of the series' market.</summary>
    public static Annualising Market { get; } = new(null, isByMarket: true);

    /// <summary>One number, for the markets it can be about: those whose own is within a tenth of it. Others have their own.</summary>
    public static Annualising Of(int number) => new(number, isByMarket: true);

    /// <summary>Periods per year of a series; null where nothing is annualised, or nobody knows the market.</summary>
    public int? PeriodsOf(PriceSeries series)
    {
        if (!_isByMarket || !series.IsMarketKnown)
        {
            return null;
        }

        var own = SessionsPerYear.Of(series.Calendar);
        return _number is { } number && (own is not { } sessions || Math.Abs(number - sessions) <= Likeness * sessions) ? number : own;
    }

    public override string ToString() =>
        _number is { } number ? FormattableString.Invariant($"{number}") : _isByMarket ? MarketWord : "none";
}
