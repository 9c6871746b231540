using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Desk.Portfolios;
using RiskLake.Lake.Errors;
using RiskLake.Risk.Measures;

namespace RiskLake.Desk.Limits;

/// <summary>The limits of <c>config/risk_limits.yaml</c>, and those that mandates of portfolios imply.</summary>
internal sealed record LimitBook
{
    /// <summary>In the order of the file, then the mandates' in the order of theirs.</summary>
    public required IReadOnlyList<LimitDefinition> Limits { get; init; }

    /// <summary>Digest of all limits, lower-case hex.</summary>
    public required string Sha256 { get; init; }

    /// <exception cref="RiskLakeException">RL1101 if an entry is not acceptable, RL1102 if there is no such file.</exception>
    public static LimitBook Load(string path, SymbolList symbols, PortfolioBook portfolios) => Load(ConfigFile.Read(path), symbols, portfolios);

    public static LimitBook Load(ConfigFile file, SymbolList symbols, PortfolioBook portfolios)
    {
        LimitDefinition[] limits = [.. new LimitReader(file, symbols, portfolios).Read(), .. portfolios.Portfolios.SelectMany(OfMandates)];
        return new() { Limits = limits, Sha256 = Digest(limits) };
    }

    /// <summary>The limits of mandates alone.</summary>
    public static LimitBook OfMandates(PortfolioBook portfolios)
    {
        LimitDefinition[] limits = [.. portfolios.Portfolios.SelectMany(OfMandates)];
        return new() { Limits = limits, Sha256 = Digest(limits) };
    }

    public LimitDefinition? Find(string id) => Limits.FirstOrDefault(limit => string.Equals(limit.Id, id, StringComparison.Ordinal));

    /// <summary>Digest of what is in force on a date: a change from some day on leaves earlier days as they are.</summary>
    public string DigestOn(DateOnly date) => Digest(Limits
        .Where(limit => limit.On(date) is not null)
        .Select(limit => limit with { Thresholds = [limit.On(date)! with { Period = new(date, null) }] }));

    /// <summary>A mandate's maxima as limits: whatever is above one is critical at once.</summary>
    private static IEnumerable<LimitDefinition> OfMandates(Portfolio portfolio)
    {
        (string Measure, Func<Mandate, double?> Maximum)[] maxima =
        [
            (LimitedMeasure.GrossLeverage, mandate => mandate.MaxGrossLeverage),
            (LimitedMeasure.NetLeverage, mandate => mandate.MaxNetLeverage),
            (LimitedMeasure.LargestPosition, mandate => mandate.MaxPosition),
            (LimitedMeasure.ValueAtRisk, mandate => mandate.MaxValueAtRisk),
        ];
        foreach (var (name, maximum) in maxima)
        {
            var restricting = portfolio.Mandates.Where(mandate => maximum(mandate) is not null);
            foreach (var group in restricting.GroupBy(mandate => name == LimitedMeasure.ValueAtRisk
                ? (mandate.Method, mandate.Confidence)
                : (null, null)))
            {
                var measure = new LimitedMeasure(name, group.Key.Method, group.Key.Confidence, 1, LimitedMeasure.Fraction);
                yield return new LimitDefinition
                {
                    Id = MandateId(portfolio.Id, measure),
                    Owner = group.Last().Owner,
                    Measure = measure,
                    Scopes = [new(LimitScope.Portfolio, portfolio.Id)],
                    Thresholds = [.. group.Select(mandate => new LimitThresholds(mandate.Period, maximum(mandate)!.Value, maximum(mandate)!.Value))],
                };
            }
        }
    }

    // A dot cannot stand in an id of the file.
    private static string MandateId(string portfolio, LimitedMeasure measure) => measure.Confidence is { } confidence
        ? FormattableString.Invariant(
            $"mandate.{portfolio}.{measure.Measure}.{measure.Method}.{confidence.Numerator}-{confidence.Denominator}")
        : $"mandate.{portfolio}.{measure.Measure}";

    private static string Digest(IEnumerable<LimitDefinition> limits)
    {
        var text = new CanonicalText("limits-hash/1");
        foreach (var limit in limits)
        {
            text.Add("limit", limit.Id)
                .Add("owner", limit.Owner)
                .Add("measure", limit.Measure.Measure)
                .Add("method", limit.Measure.Method)
                .Add("confidence", limit.Measure.Confidence?.ToString())
                .Add("horizon", limit.Measure.Horizon)
                .Add("unit", limit.Measure.Unit)
                .Add("clean_days", limit.CleanDays);
            foreach (var scope in limit.Scopes)
            {
                text.Add("scope", scope.ToString());
            }

            foreach (var (period, warn, critical) in limit.Thresholds)
            {
                text.Add("in_force", period.ToString()).Add("warn", warn).Add("critical", critical);
            }
        }

        return text.Sha256();
    }
}
