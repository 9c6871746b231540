using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Tests of whether exceedances are as frequent and as independent as the confidence says.</summary>
/// <remarks>
/// T days, x exceedances, p the tail probability. Likelihood ratios use x ln x with 0 ln 0 = 0, so that neither no exceedance nor only
/// exceedances breaks them, and are never below zero.
/// </remarks>
public static class CoverageTests
{
    /// <summary>Kupiec's proportion of failures: LR = -2 ln[(1-p)^(T-x) p^x / ((1-x/T)^(T-x) (x/T)^x)], chi-square 1.</summary>
    /// <remarks>Source: Kupiec, Journal of Derivatives 3 (1995).</remarks>
    public static HypothesisTest Kupiec(Exceedances exceedances)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        return exceedances.Status == Status.Ready
            ? Kupiec(exceedances.Count, exceedances.Observations, exceedances.Confidence)
            : Refused("kupiec_pof", exceedances, "chi_squared");
    }

    /// <summary>Kupiec's test from counts.</summary>
    public static HypothesisTest Kupiec(int count, int days, Confidence confidence)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, days);
        return days == 0
            ? HypothesisTest.None("kupiec_pof", Refusal.TooFew(1, 0), "chi_squared", 0)
            : HypothesisTest.ChiSquared("kupiec_pof", Proportion(count, days, confidence), 1, days);
    }

    /// <summary>Smallest and largest number of exceedances that Kupiec's test does not reject at a size such as 0.05.</summary>
    public static (int Least, int Most) NonRejectionRegion(int days, Confidence confidence, double size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        var critical = ChiSquaredDistribution.Quantile(1.0 - size, 1);
        var least = (int)Math.Round(days * confidence.Tail);
        var most = least;
        while (least > 0 && Proportion(least - 1, days, confidence) <= critical)
        {
            least--;
        }

        while (most < days && Proportion(most + 1, days, confidence) <= critical)
        {
            most++;
        }

        return (least, most);
    }

    /// <summary>
    /// Christoffersen's independence: a Markov chain against constant probability, over the T - 1 transitions, chi-square 1.
    /// </summary>
    /// <remarks>
    /// p01 = n01 / (n00 + n01), p11 = n11 / (n10 + n11), pooled (n01 + n11) / (T - 1); a state never left has no term.
    /// Source: Christoffersen, International Economic Review 39 (1998).
    /// </remarks>
    public static HypothesisTest Independence(Exceedances exceedances)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        if (exceedances.Status != Status.Ready)
        {
            return Refused("christoffersen_independence", exceedances, "chi_squared");
        }

        if (exceedances.Observations < 2)
        {
            return HypothesisTest.None(
                "christoffersen_independence", Refusal.TooFew(2, exceedances.Observations), "chi_squared", exceedances.Observations);
        }

        return HypothesisTest.ChiSquared("christoffersen_independence", Markov(exceedances.Transitions()), 1, exceedances.Observations) with
        {
            Parameters = MarkovParameters(exceedances.Transitions()),
        };
    }

    /// <summary>Conditional coverage: LR_cc = LR_uc over T days + LR_ind, chi-square 2.</summary>
    /// <remarks>
    /// With <paramref name="conditionalOnFirstDay"/> the coverage part also uses the T - 1 days that have a predecessor: the strict
    /// likelihood
    /// ratio, which differs slightly.
    /// </remarks>
    public static HypothesisTest ConditionalCoverage(Exceedances exceedances, bool conditionalOnFirstDay = false)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        var name = conditionalOnFirstDay ? "christoffersen_conditional_coverage_given_first" : "christoffersen_conditional_coverage";
        if (exceedances.Status != Status.Ready)
        {
            return Refused(name, exceedances, "chi_squared");
        }

        if (exceedances.Observations < 2)
        {
            return HypothesisTest.None(name, Refusal.TooFew(2, exceedances.Observations), "chi_squared", exceedances.Observations);
        }

        var transitions = exceedances.Transitions();
        var coverage = conditionalOnFirstDay
            ? Proportion(transitions.NoYes + transitions.YesYes, exceedances.Observations - 1, exceedances.Confidence)
            : Proportion(exceedances.Count, exceedances.Observations, exceedances.Confidence);
        return HypothesisTest.ChiSquared(name, coverage + Markov(transitions), 2, exceedances.Observations);
    }

    /// <summary>Exact binomial test, two-sided: the probability of all counts no more likely than the one observed.</summary>
    /// <remarks>
    /// The statistic is the count; the parameters hold P(X at most x) and P(X at least x). Source: Clopper, Pearson (1934).
    /// </remarks>
    public static HypothesisTest Binomial(Exceedances exceedances)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        if (exceedances.Status != Status.Ready)
        {
            return Refused("binomial", exceedances, "binomial");
        }

        var (x, n, p) = (exceedances.Count, exceedances.Observations, exceedances.Confidence.Tail);
        var mass = BinomialDistribution.Mass(x, n, p) * (1.0 + 1e-10);
        var sum = default(OrderedSum);
        for (var k = 0; k <= n; k++)
        {
            var other = BinomialDistribution.Mass(k, n, p);
            if (other <= mass)
            {
                sum.Add(other);
            }
        }

        return HypothesisTest.Of("binomial", x, "binomial", Math.Min(1.0, sum.Value), n) with
        {
            Parameters = [new("at_most", BinomialDistribution.Cdf(x, n, p)), new("at_least", BinomialDistribution.AtLeast(x, n, p))],
        };
    }

    /// <summary>Normal approximation of the count: z = (x - Tp) / sqrt(T p (1 - p)), two-sided.</summary>
    public static HypothesisTest ZScore(Exceedances exceedances)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        if (exceedances.Status != Status.Ready)
        {
            return Refused("coverage_z_score", exceedances, "normal");
        }

        var p = exceedances.Confidence.Tail;
        var z = (exceedances.Count - exceedances.Expected) / Math.Sqrt(exceedances.Expected * (1.0 - p));
        return HypothesisTest.Of("coverage_z_score", z, "normal", 2.0 * NormalDistribution.Cdf(-Math.Abs(z)), exceedances.Observations);
    }

    /// <summary>Kupiec's time until first failure: LR of the first wait against its geometric law, chi-square 1.</summary>
    public static HypothesisTest TimeUntilFirstFailure(Exceedances exceedances)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        if (exceedances.Status != Status.Ready || exceedances.Count == 0)
        {
            return NoExceedance("kupiec_tuff", exceedances);
        }

        return HypothesisTest.ChiSquared("kupiec_tuff", Wait(exceedances.Waits[0], exceedances.Confidence), 1, exceedances.Observations);
    }

    /// <summary>
    /// Haas's time between failures: the sum of the LRs of all waits, chi-square with as many degrees of freedom as exceedances.
    /// </summary>
    /// <remarks>Source: Haas, "New methods in backtesting" (2001).</remarks>
    public static HypothesisTest TimeBetweenFailures(Exceedances exceedances)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        if (exceedances.Status != Status.Ready || exceedances.Count == 0)
        {
            return NoExceedance("haas_tbfi", exceedances);
        }

        var sum = default(OrderedSum);
        foreach (var wait in exceedances.Waits)
        {
            sum.Add(Wait(wait, exceedances.Confidence));
        }

        return HypothesisTest.ChiSquared("haas_tbfi", sum.Value, exceedances.Count, exceedances.Observations);
    }

    internal static HypothesisTest Refused(string name, Exceedances exceedances, string distribution) => HypothesisTest.None(
        name, new Refusal(exceedances.Status, exceedances.Reason ?? string.Empty), distribution, exceedances.Observations);

    internal static HypothesisTest NoExceedance(string name, Exceedances exceedances) => exceedances.Status != Status.Ready
        ? Refused(name, exceedances, "chi_squared")
        : HypothesisTest.None(
            name, new Refusal(Status.InsufficientHistory, "There is no exceedance."), "chi_squared", exceedances.Observations);

    private static double Proportion(int x, int n, Confidence confidence)
    {
        // sum of count * ln(observed frequency / stated frequency), both exact fractions
        var hits = Term(x, x / (double)n / confidence.Tail);
        var misses = Term(n - x, (n - x) / (double)n / confidence.Level);
        return Math.Max(2.0 * (hits + misses), 0.0);
    }

    private static double Wait(int wait, Confidence confidence) =>
        Math.Max(2.0 * (Term(1, 1.0 / wait / confidence.Tail) + Term(wait - 1, (wait - 1.0) / wait / confidence.Level)), 0.0);

    private static double Markov((int NoNo, int NoYes, int YesNo, int YesYes) n)
    {
        double all = n.NoNo + n.NoYes + n.YesNo + n.YesYes;
        double fromNo = n.NoNo + n.NoYes;
        double fromYes = n.YesNo + n.YesYes;
        var yes = (n.NoYes + n.YesYes) / all;
        var no = (n.NoNo + n.YesNo) / all;
        var sum = Term(n.NoNo, n.NoNo / fromNo / no) + Term(n.NoYes, n.NoYes / fromNo / yes)
            + Term(n.YesNo, n.YesNo / fromYes / no) + Term(n.YesYes, n.YesYes / fromYes / yes);
        return Math.Max(2.0 * sum, 0.0);
    }

    private static Parameter[] MarkovParameters((int NoNo, int NoYes, int YesNo, int YesYes) n) =>
    [
        new("n00", n.NoNo),
        new("n01", n.NoYes),
        new("n10", n.YesNo),
        new("n11", n.YesYes),
        new("p01", n.NoNo + n.NoYes == 0 ? 0.0 : n.NoYes / (double)(n.NoNo + n.NoYes)),
        new("p11", n.YesNo + n.YesYes == 0 ? 0.0 : n.YesYes / (double)(n.YesNo + n.YesYes)),
    ];

    private static double Term(int count, double ratio) => count == 0 ? 0.0 : count * Elementary.Log(ratio);
}
