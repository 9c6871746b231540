using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Christoffersen and Pelletier's test: waits between exceedances are memoryless, against a Weibull law.</summary>
/// <remarks>
/// Hazard (a^b) b D^(b - 1); b = 1 is no memory, b below 1 clustering. The wait before the first and after the last exceedance are censored
/// unless they end in one. LR = 2 (l(b*) - l(1)), chi-square 1. Source: Journal of Financial Econometrics 2 (2004).
/// </remarks>
public static class DurationTest
{
    private const string Name = "christoffersen_pelletier_duration";

    /// <summary>
    /// The likelihood ratio test; the parameters hold b, the unrestricted and the restricted log-likelihood. Needs two exceedances.
    /// </summary>
    public static HypothesisTest Weibull(Exceedances exceedances)
    {
        ArgumentNullException.ThrowIfNull(exceedances);
        if (exceedances.Status != Status.Ready)
        {
            return CoverageTests.Refused(Name, exceedances, "chi_squared");
        }

        if (exceedances.Count < 2)
        {
            return HypothesisTest.None(
                Name, new Refusal(Status.InsufficientHistory, "Needs two exceedances."), "chi_squared", exceedances.Observations);
        }

        // An exceedance on the first day starts the clock; any other first wait is censored on the left.
        var startsCensored = !exceedances.Days[0];
        List<(double Days, bool Censored)> waits = [];
        for (var i = 0; i < exceedances.Waits.Count; i++)
        {
            if (i > 0 || startsCensored)
            {
                waits.Add((exceedances.Waits[i], i == 0));
            }
        }

        if (exceedances.TrailingDays > 0)
        {
            waits.Add((exceedances.TrailingDays, true));
        }

        var events = waits.Count(static wait => !wait.Censored);
        if (!TrySolve(waits, events, out var shape))
        {
            return HypothesisTest.None(Name, new Refusal(
                Status.NotConverged, "All waits are equal, or the likelihood has no maximum."), "chi_squared", exceedances.Observations);
        }

        var free = LogLikelihood(waits, events, shape);
        var memoryless = LogLikelihood(waits, events, 1.0);
        return HypothesisTest.ChiSquared(Name, 2.0 * (free - memoryless), 1, exceedances.Observations) with
        {
            Parameters = [new("b", shape), new("log_likelihood", free), new("log_likelihood_memoryless", memoryless)],
        };
    }

    // The profile score in b decreases: with S = sum D^b, events / b + sum(events) ln D - events S' / S = 0.
    private static bool TrySolve(List<(double Days, bool Censored)> waits, int events, out double shape)
    {
        var (low, high) = (1e-3, 50.0);
        shape = 1.0;
        if (!(Score(waits, events, low) > 0.0) || !(Score(waits, events, high) < 0.0))
        {
            return false;
        }

        for (var i = 0; i < 200; i++)
        {
            shape = 0.5 * (low + high);
            if (Score(waits, events, shape) > 0.0)
            {
                low = shape;
            }
            else
            {
                high = shape;
            }

            if (high - low <= 4e-16 * shape)
            {
                break;
            }
        }

        return true;
    }

    private static double Score(List<(double Days, bool Censored)> waits, int events, double b)
    {
        var (sum, slope, logs) = (0.0, 0.0, 0.0);
        foreach (var (days, censored) in waits)
        {
            var log = Elementary.Log(days);
            var power = Elementary.Exp(b * log);
            sum += power;
            slope += power * log;
            logs += censored ? 0.0 : log;
        }

        return (events / b) + logs - (events * slope / sum);
    }

    private static double LogLikelihood(List<(double Days, bool Censored)> waits, int events, double b)
    {
        var sum = default(OrderedSum);
        foreach (var (days, _) in waits)
        {
            sum.Add(Elementary.Exp(b * Elementary.Log(days)));
        }

        // a^b = events / S is the maximum over a, so the exponents sum to the number of events.
        var logRate = Elementary.Log(events / sum.Value);
        var result = default(OrderedSum);
        foreach (var (days, censored) in waits)
        {
            result.Add(censored ? 0.0 : logRate + Elementary.Log(b) + ((b - 1.0) * Elementary.Log(days)));
        }

        return result.Value - events;
    }
}
