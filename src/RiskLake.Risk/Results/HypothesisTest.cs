using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>A hypothesis test: statistic, distribution and p-value, or why there is none.</summary>
/// <remarks>Invariant: Statistic and PValue are present exactly when Status is Ready.</remarks>
public sealed record HypothesisTest
{
    /// <summary>The test, snake case: <c>kupiec_pof</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Ready, or why there is no statistic.</summary>
    public Status Status { get; private init; }

    /// <summary>Why there is none; null when ready.</summary>
    public string? Reason { get; private init; }

    /// <summary>The test statistic.</summary>
    public double? Statistic { get; private init; }

    /// <summary>Degrees of freedom of the reference distribution; null when it has none.</summary>
    public double? DegreesOfFreedom { get; init; }

    /// <summary>Probability of a statistic at least as extreme under the null hypothesis.</summary>
    public double? PValue { get; private init; }

    /// <summary>The reference distribution: <c>chi_squared</c>, <c>normal</c>, <c>student_t</c>, <c>binomial</c>.</summary>
    public required string Distribution { get; init; }

    /// <summary>Observations used.</summary>
    public required int Observations { get; init; }

    /// <summary>The test's own parameters.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    internal static HypothesisTest ChiSquared(string name, double statistic, int degreesOfFreedom, int observations)
    {
        // A likelihood ratio is never negative; what rounding leaves below zero is zero.
        var settled = statistic <= 0.0 ? 0.0 : statistic;
        return Of(name, settled, "chi_squared", ChiSquaredDistribution.Survival(settled, degreesOfFreedom), observations, degreesOfFreedom);
    }

    internal static HypothesisTest Of(
        string name, double statistic, string distribution, double pValue, int observations, double? degreesOfFreedom = null) =>
        double.IsFinite(statistic) && double.IsFinite(pValue)
            ? new HypothesisTest
            {
                Name = name,
                Status = Status.Ready,
                Statistic = statistic,
                DegreesOfFreedom = degreesOfFreedom,
                PValue = pValue,
                Distribution = distribution,
                Observations = observations,
            }
            : None(name, new Refusal(Status.Degenerate, "The statistic is not a finite number."), distribution, observations);

    internal static HypothesisTest None(string name, Refusal refusal, string distribution, int observations) => new()
    {
        Name = name,
        Status = refusal.Status,
        Reason = refusal.Reason,
        Distribution = distribution,
        Observations = observations,
    };
}
