namespace RiskLake.Risk;

/// <summary>How a weighted simulation reads the quantile off the cumulated weights.</summary>
public enum WeightedQuantile
{
    /// <summary>The first observation at which the cumulated weight reaches the tail probability.</summary>
    Step,

    /// <summary>Linear between the cumulated weights of neighbouring observations, as the authors propose.</summary>
    LinearInCumulatedWeight,
}

/// <summary>Historical simulation that listens more to recent or to comparable days.</summary>
/// <remarks>Units: those of the returns; VaR and ES are losses, positive. Returns are in time order, the newest last.</remarks>
public static class WeightedSimulation
{
    /// <summary>Age-weighted simulation (BRW): weight lambda^age (1 - lambda) / (1 - lambda^n), age 0 for the newest return.</summary>
    /// <remarks>
    /// VaR by <paramref name="quantile"/>; ES = weighted mean of the tail, the boundary observation with the weight that is left
    /// (Acerbi-Tasche).
    /// A fresh worst loss heavier than the tail probability is itself the VaR. The linear reading may exceed the largest weighted tail mean
    /// by construction; then ES has no value. Source: Boudoukh, Richardson, Whitelaw, "The best of both worlds", Risk 11 (1998).
    /// </remarks>
    public static TailRisk AgeWeighted(
        ReadOnlySpan<double> returns, Confidence confidence, double lambda, WeightedQuantile quantile = WeightedQuantile.Step)
    {
        Ewma.CheckLambda(lambda);
        var n = returns.Length;
        var method = quantile == WeightedQuantile.Step ? "age_weighted_step" : "age_weighted_linear";
        var convention = new Convention
        {
            Sign = Sign.LossPositive,
            Confidence = confidence,
            Window = n,
            Parameters = [new("lambda", lambda)],
        };
        if (Refusal.OfSeries(returns, 2) is { } refusal)
        {
            return TailRisk.None(method, refusal, n, convention);
        }

        if (n * confidence.TailNumerator < confidence.Denominator)
        {
            return TailRisk.None(method, HistoricalSimulation.EmptyTail(n, confidence), n, convention);
        }

        var weights = new double[n];
        var total = 0.0;
        var power = 1.0;
        for (var i = n - 1; i >= 0; i--)
        {
            weights[i] = power;
            total += power;
            power *= lambda;
        }

        var order = new int[n];
        for (var i = 0; i < n; i++)
        {
            order[i] = i;
            weights[i] /= total;
        }

        var copy = returns.ToArray();
        Array.Sort(order, (a, b) => copy[a] != copy[b] ? copy[a].CompareTo(copy[b]) : a.CompareTo(b));
        return Read(copy, weights, order, confidence, quantile, method, convention);
    }

    /// <summary>
    /// Volatility-weighted simulation (Hull and White): each return is rescaled by sigma now over sigma then, then simulated.
    /// </summary>
    /// <remarks>
    /// sigmas[t] is the forecast for return t made from earlier returns; <paramref name="sigmaNext"/> the forecast for the next period.
    /// Returns without a forecast (NaN) are left out. Source: Hull, White, "Incorporating volatility updating", Journal of Risk 1 (1998).
    /// </remarks>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static TailRisk VolatilityWeighted(
        ReadOnlySpan<double> returns,
        ReadOnlySpan<double> sigmas,
        double sigmaNext,
        Confidence confidence,
        QuantileType type = QuantileType.Linear)
    {
        const string Method = "volatility_weighted";
        Shape.Length(returns.Length, sigmas.Length, nameof(sigmas));
        var scaled = new List<double>(returns.Length);
        var origin = new List<int>(returns.Length);
        var convention = HistoricalSimulation.ConventionOf(confidence, type, returns.Length) with
        {
            Parameters = [new("sigma_next", sigmaNext)],
        };
        for (var t = 0; t < returns.Length; t++)
        {
            if (double.IsNaN(sigmas[t]))
            {
                continue;
            }

            if (!(sigmas[t] > 0.0) || !double.IsFinite(sigmas[t]))
            {
                var reason = FormattableString.Invariant($"Forecast {t} is zero, negative or infinite.");
                return TailRisk.None(Method, new Refusal(Status.Degenerate, reason), returns.Length, convention);
            }

            scaled.Add(returns[t] * (sigmaNext / sigmas[t]));
            origin.Add(t);
        }

        if (!(sigmaNext > 0.0) || !double.IsFinite(sigmaNext))
        {
            return TailRisk.None(Method, new Refusal(Status.Degenerate, "The next forecast is not positive."), returns.Length, convention);
        }

        var risk = HistoricalSimulation.Estimate(scaled.ToArray(), confidence, type, Method, convention with { Window = scaled.Count });
        return risk with { Tail = [.. risk.Tail.Select(item => item with { Index = origin[item.Index] })] };
    }

    private static TailRisk Read(
        double[] returns, double[] weights, int[] order, Confidence confidence, WeightedQuantile quantile, string method,
        Convention convention)
    {
        var alpha = confidence.Tail;
        var cumulated = 0.0;
        var boundary = 0;
        while (boundary < order.Length - 1 && cumulated + weights[order[boundary]] < alpha)
        {
            cumulated += weights[order[boundary++]];
        }

        var at = returns[order[boundary]];
        var value = at;
        var share = 1.0;
        if (quantile == WeightedQuantile.LinearInCumulatedWeight && boundary > 0)
        {
            share = (alpha - cumulated) / weights[order[boundary]];
            value = Quantile.Interpolate(returns[order[boundary - 1]], at, share);
        }

        var shortfall = 0.0;
        List<TailObservation> tail = [];
        for (var i = 0; i <= boundary; i++)
        {
            var weight = (i < boundary ? weights[order[i]] : alpha - cumulated) / alpha;
            shortfall += weight * (returns[order[i]] - at);
            tail.Add(
                new TailObservation(order[i], returns[order[i]], weight, i == boundary ? share : i == boundary - 1 ? 1.0 - share : 0.0));
        }

        return TailRisk.Of(method, 0.0 - value, 0.0 - (at + shortfall), returns.Length, convention, tail);
    }
}
