using RiskLake.Desk.Portfolios;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Desk.Limits;

/// <summary>A number that limits may be held against, or why there is none.</summary>
/// <param name="Scope">What it was measured of.</param>
/// <param name="Measure">What was measured, and how.</param>
/// <param name="Value">Null unless the status is <c>ready</c>.</param>
/// <param name="Status">Of the measure.</param>
/// <param name="Reason">Why there is no value.</param>
internal sealed record MeasuredValue(LimitScope Scope, LimitedMeasure Measure, double? Value, string Status, string? Reason)
{
    public const string Ready = "ready";

    /// <summary>What it rests on.</summary>
    public MeasureBasis Basis { get; init; } = new();

    /// <summary>The numbers of portfolios and nodes, in their own unit and as fractions of capital.</summary>
    public static IEnumerable<MeasuredValue> Of(IReadOnlyList<PortfolioRiskRow> rows)
    {
        foreach (var row in rows.Where(row => row.Level != PortfolioLevel.Position))
        {
            var scope = row.Portfolio is { } id ? new LimitScope(LimitScope.Portfolio, id) : new LimitScope(LimitScope.Node, row.Path);
            var held = new MeasureBasis { Sign = Sign.Natural.Code(), PriceKind = row.PriceKind, Adjustment = row.Adjustment };
            var basis = held with { Returns = ReturnKind.Simple.Code(), Window = row.Window };
            (string Name, Confidence? Confidence, double? Value)[] numbers =
            [
                (LimitedMeasure.ValueAtRisk, row.Confidence, row.ValueAtRisk),
                (LimitedMeasure.ExpectedShortfall, row.Confidence, row.ExpectedShortfall),
                (LimitedMeasure.Volatility, null, row.Volatility),
            ];
            foreach (var (name, confidence, value) in numbers)
            {
                var own = basis with { Sign = (confidence is null ? Sign.Natural : Sign.LossPositive).Code() };
                yield return new(scope, new(name, row.Method, confidence, 1, row.Unit), value, row.Status, row.Reason) { Basis = own };
                if (row.Unit != LimitedMeasure.Fraction)
                {
                    yield return Share(scope, new(name, row.Method, confidence, 1, LimitedMeasure.Fraction), row, value) with { Basis = own };
                }
            }

            yield return Leverage(scope, LimitedMeasure.GrossLeverage, row, row.GrossExposure) with { Basis = held };
            yield return Leverage(scope, LimitedMeasure.NetLeverage, row, row.NetExposure is { } net ? Math.Abs(net) : null) with { Basis = held };
            if (row.Level == PortfolioLevel.Portfolio)
            {
                var positions = rows.Where(position => position.Level == PortfolioLevel.Position
                    && position.Path == row.Path && position.Method == row.Method && position.Confidence == row.Confidence).ToArray();
                var largest = Array.TrueForAll(positions, position => position.GrossExposure is not null)
                    ? positions.Max(position => position.GrossExposure)
                    : null;
                yield return Leverage(scope, LimitedMeasure.LargestPosition, row, largest) with { Basis = held };
            }
        }
    }

    private static MeasuredValue Leverage(LimitScope scope, string name, PortfolioRiskRow row, double? amount)
    {
        var measure = new LimitedMeasure(name, null, null, 1, LimitedMeasure.Fraction);
        return amount is null
            ? new(scope, measure, null, row.Status, row.Reason ?? "A position has no price.")
            : Share(scope, measure, row with { Status = Ready, Reason = null }, amount);
    }

    private static MeasuredValue Share(LimitScope scope, LimitedMeasure measure, PortfolioRiskRow row, double? amount) =>
        row.Status != Ready ? new(scope, measure, null, row.Status, row.Reason)
        : amount is { } money && row.Capital is { } capital && capital > 0.0 ? new(scope, measure, money / capital, Ready, null)
        : new(scope, measure, null, "no_capital", "The capital to take a fraction of is not given.");
}

/// <summary>The verdict on one limit and scope on one valuation date.</summary>
internal sealed record LimitVerdict
{
    public const string Ok = "ok";
    public const string Warning = "warn";
    public const string Critical = "critical";
    public const string NoValue = "no_value";

    public required DateOnly Date { get; init; }

    public required string Limit { get; init; }

    public required string Owner { get; init; }

    public required LimitScope Scope { get; init; }

    public required LimitedMeasure Measure { get; init; }

    /// <summary>What the value rests on.</summary>
    public MeasureBasis Basis { get; init; } = new();

    public double? Value { get; init; }

    public required double WarnAmount { get; init; }

    public required double CriticalAmount { get; init; }

    /// <summary>Value over critical amount.</summary>
    public double? Utilisation { get; init; }

    public required string Status { get; init; }

    /// <summary>Why there is no value.</summary>
    public string? Reason { get; init; }

    /// <summary>Days within after which a breach is over.</summary>
    public required int CleanDays { get; init; }
}

/// <summary>Holds measured numbers against the limits in force on a date. A number above an amount breaches it, strictly.</summary>
internal static class LimitEvaluator
{
    /// <summary>One verdict for each limit in force and scope, in the order of the limits.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="date">Valuation date.</param>
    /// <param name="values">What was measured on it.</param>
    /// <param name="isJudged">Whether a scope has a verdict on the date; null for all.</param>
    public static IReadOnlyList<LimitVerdict> Evaluate(
        LimitBook limits, DateOnly date, IEnumerable<MeasuredValue> values, Func<LimitScope, bool>? isJudged = null)
    {
        var measured = values.ToLookup(value => (value.Scope, value.Measure));
        var scoped = measured.SelectMany(group => group).ToLookup(value => (value.Scope, value.Measure with { Unit = "" }));
        List<LimitVerdict> verdicts = [];
        foreach (var limit in limits.Limits)
        {
            if (limit.On(date) is not { } thresholds)
            {
                continue;
            }

            foreach (var scope in limit.Scopes.Where(scope => isJudged?.Invoke(scope) != false))
            {
                var found = Found(
                    limit.Measure, [.. measured[(scope, limit.Measure)].Distinct()], scoped[(scope, limit.Measure with { Unit = "" })]);
                verdicts.Add(Verdict(limit, scope, thresholds, date, found.Value, found.Reason) with
                {
                    Basis = measured[(scope, limit.Measure)].FirstOrDefault()?.Basis ?? new(),
                });
            }
        }

        return verdicts;
    }

    private static (double? Value, string? Reason) Found(LimitedMeasure measure, MeasuredValue[] found, IEnumerable<MeasuredValue> otherUnits) =>
        found switch
        {
            [var one] when one.Status == MeasuredValue.Ready && one.Value is { } value => (value, null),
            [var one] => (null, $"{one.Status}: {one.Reason}"),
            [] when otherUnits.FirstOrDefault() is { } other =>
                (null, $"It is measured in {other.Measure.Unit}, the limit is in {measure.Unit}."),
            [] => (null, "It is not measured."),
            _ => (null, FormattableString.Invariant($"{found.Length} different numbers answer to it.")),
        };

    private static LimitVerdict Verdict(
        LimitDefinition limit, LimitScope scope, LimitThresholds thresholds, DateOnly date, double? value, string? reason)
    {
        var judged = LimitMonitor.Evaluate([new LimitObservation(date, value, thresholds.Warn, thresholds.Critical)])[0];
        return new LimitVerdict
        {
            Date = date,
            Limit = limit.Id,
            Owner = limit.Owner,
            Scope = scope,
            Measure = limit.Measure,
            Value = value,
            WarnAmount = thresholds.Warn,
            CriticalAmount = thresholds.Critical,
            Utilisation = judged.Utilization,
            Status = judged.Level switch
            {
                LimitLevel.Within => LimitVerdict.Ok,
                LimitLevel.Warn => LimitVerdict.Warning,
                LimitLevel.Critical => LimitVerdict.Critical,
                _ => LimitVerdict.NoValue,
            },
            Reason = reason,
            CleanDays = limit.CleanDays,
        };
    }
}
