using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>Everything beside the series that decides the rows of <see cref="SeriesBacktest"/>.</summary>
internal sealed record BacktestSettings
{
    /// <summary>The confidence of VaR and ES.</summary>
    public required Confidence Confidence { get; init; }

    /// <summary>What a day without a finite P&amp;L or forecast counts as.</summary>
    public MissingRule Missing { get; init; } = MissingRule.Refuse;

    /// <summary>A test whose p-value is at most this rejects; an e-process whose wealth reaches its inverse does.</summary>
    public double Size { get; init; } = 0.05;

    /// <summary>Days of the traffic light: the last so many; all where there are fewer.</summary>
    public int TrafficLightDays { get; init; } = 250;

    /// <summary>Lags of the dynamic quantile test.</summary>
    public int Lags { get; init; } = 4;

    /// <summary>Betting fraction of the e-processes.</summary>
    public double BettingFraction { get; init; } = 0.025;

    /// <summary>Paths behind the p-values of Z1 and Z2, by days simulated from the model; 0 for none.</summary>
    public int Paths { get; init; } = 10_000;

    /// <summary>Seed of the paths.</summary>
    public ulong Seed { get; init; } = 42;

    /// <summary>Degrees of freedom of the Student-t model Z1 and Z2 are judged under; null for normal.</summary>
    public double? DegreesOfFreedom { get; init; }

    /// <summary>The text a digest is taken of.</summary>
    public string Canonical() => new CanonicalText("backtest-settings-1")
        .Add("confidence", Confidence.ToString())
        .Add("missing", Missing.Code())
        .Add("size", Size)
        .Add("traffic_light_days", TrafficLightDays)
        .Add("lags", Lags)
        .Add("betting_fraction", BettingFraction)
        .Add("paths", Paths)
        .Add("seed", FormattableString.Invariant($"{Seed}"))
        .Add("degrees_of_freedom", DegreesOfFreedom is { } free ? FormattableString.Invariant($"{free:R}") : null)
        .ToString();
}

/// <summary>One backtest: what was found, how likely that is, and what follows from it.</summary>
internal sealed record BacktestRow
{
    /// <summary>Snake case: <c>kupiec_pof</c>.</summary>
    public required string Test { get; init; }

    /// <summary><c>var</c> or <c>es</c>: which forecast is judged.</summary>
    public required string Subject { get; init; }

    /// <summary>Ready, or why there is no statistic.</summary>
    public required Status Status { get; init; }

    /// <summary>Why there is none; null when ready.</summary>
    public string? Reason { get; init; }

    /// <summary>The statistic; null unless ready.</summary>
    public double? Statistic { get; init; }

    /// <summary>Probability of something as extreme while the forecasts are right; null for losses and other mere statistics.</summary>
    public double? PValue { get; init; }

    /// <summary>The law the p-value is of: <c>chi_squared</c>, <c>normal</c>, <c>binomial</c>, <c>simulated</c>, <c>ville</c>; or <c>none</c>.</summary>
    public required string Distribution { get; init; }

    /// <summary>Of the law, where it has them.</summary>
    public double? DegreesOfFreedom { get; init; }

    /// <summary><c>reject</c>, <c>pass</c>, the colour of a light, or <c>none</c> where a statistic decides nothing by itself.</summary>
    public required string Decision { get; init; }

    /// <summary>The size the decision is taken at; null where none is.</summary>
    public double? Size { get; init; }

    /// <summary>Days the test looked at.</summary>
    public required int Observations { get; init; }

    /// <summary>Further numbers of the test, in a fixed order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];
}
