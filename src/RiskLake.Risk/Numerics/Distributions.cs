namespace RiskLake.Risk.Numerics;

/// <summary>The chi-square distribution.</summary>
/// <remarks>Accuracy: 2e-14 relative in both tails. Non-positive degrees of freedom give NaN. Source: A and S 26.4.</remarks>
public static class ChiSquaredDistribution
{
    /// <summary>P(X > x): the p-value of a statistic. A negative x within rounding counts as zero.</summary>
    public static double Survival(double x, double degreesOfFreedom) =>
        x <= 0.0 ? 1.0 : GammaFunction.RegularizedUpper(0.5 * degreesOfFreedom, 0.5 * x);

    /// <summary>P(X at most x).</summary>
    public static double Cdf(double x, double degreesOfFreedom) =>
        x <= 0.0 ? 0.0 : GammaFunction.RegularizedLower(0.5 * degreesOfFreedom, 0.5 * x);

    /// <summary>The quantile for p in (0, 1); 0 gives 0, 1 infinity, anything else NaN.</summary>
    public static double Quantile(double p, double degreesOfFreedom)
    {
        if (!(p > 0.0 && p < 1.0) || !(degreesOfFreedom > 0.0))
        {
            return p == 0.0 ? 0.0 : p == 1.0 ? double.PositiveInfinity : double.NaN;
        }

        var k = degreesOfFreedom;
        var upper = p > 0.5;
        var target = upper ? 1.0 - p : p;
        var low = 0.0;
        var high = double.PositiveInfinity;
        var x = Math.Max(StartingPoint(p, k), 1e-300);
        for (var i = 0; i < 300; i++)
        {
            var value = upper ? Survival(x, k) : Cdf(x, k);
            if ((value > target) == upper)
            {
                low = x;
            }
            else
            {
                high = x;
            }

            var density = Density(x, k);
            var next = upper ? x + ((value - target) / density) : x - ((value - target) / density);
            if (!(next > low && next < high))
            {
                next = double.IsInfinity(high) ? x * 2.0 : 0.5 * (low + high);
            }

            if (Math.Abs(next - x) <= (i > 12 ? 4e-15 : 2e-16) * x)
            {
                return next;
            }

            x = next;
        }

        return x;
    }

    private static double Density(double x, double k)
    {
        var a = 0.5 * k;
        return 0.5 * Elementary.Exp(((a - 1.0) * Elementary.Log(0.5 * x)) - (0.5 * x) - GammaFunction.LogGamma(a));
    }

    // Wilson and Hilferty's cube; for small quantiles the first term of the series.
    private static double StartingPoint(double p, double k)
    {
        var spread = 2.0 / (9.0 * k);
        var cube = 1.0 - spread + (NormalDistribution.Quantile(p) * Math.Sqrt(spread));
        return cube > 0.2
            ? k * cube * cube * cube
            : 2.0 * Elementary.Exp((Elementary.Log(p) + GammaFunction.LogGamma((0.5 * k) + 1.0)) / (0.5 * k));
    }
}

/// <summary>The binomial distribution of a number of events in independent trials.</summary>
/// <remarks>Accuracy: 2e-14 relative. Source: Loader (2000); sums through the incomplete beta function.</remarks>
public static class BinomialDistribution
{
    /// <summary>P(exactly k events in n trials of probability p).</summary>
    public static double Mass(int k, int n, double p)
    {
        if (k < 0 || k > n || !(p >= 0.0 && p <= 1.0))
        {
            return double.IsNaN(p) ? double.NaN : 0.0;
        }

        if (k == 0 || k == n)
        {
            var logarithm = k == n ? Elementary.Log(p) : Elementary.Log1p(-p);
            return n == 0 ? 1.0 : Elementary.Exp(n * logarithm);
        }

        return p is 0.0 or 1.0 ? 0.0 : BetaFunction.BinomialMass(k, n - k, p, 1.0 - p);
    }

    /// <summary>P(at most k events in n trials of probability p).</summary>
    public static double Cdf(int k, int n, double p) =>
        k < 0 ? 0.0 : k >= n ? 1.0 : BetaFunction.Regularized(n - k, k + 1.0, 1.0 - p, p);

    /// <summary>P(at least k events in n trials of probability p).</summary>
    public static double AtLeast(int k, int n, double p) =>
        k <= 0 ? 1.0 : k > n ? 0.0 : BetaFunction.Regularized(k, n - k + 1.0, p, 1.0 - p);

    /// <summary>The smallest k with P(at most k events) at least <paramref name="probability"/>.</summary>
    public static int Quantile(double probability, int n, double p)
    {
        var low = 0;
        var high = n;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (Cdf(middle, n, p) >= probability)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}

/// <summary>Kolmogorov's limiting distribution of sqrt(n) sup |F_n - F|.</summary>
public static class KolmogorovDistribution
{
    /// <summary>P(K > x).</summary>
    /// <remarks>
    /// Method: 2 sum (-1)^(k-1) exp(-2 k^2 x^2) for large x, the theta-transformed series for small. Source: Kolmogorov (1933), Smirnov
    /// (1948).
    /// </remarks>
    public static double Survival(double x)
    {
        if (!(x > 0.0))
        {
            return double.IsNaN(x) ? x : 1.0;
        }

        var sum = 0.0;
        if (x < 1.0)
        {
            var scale = Math.PI * Math.PI / (8.0 * x * x);
            for (var k = 1; k < 40; k += 2)
            {
                sum += Elementary.Exp(-k * k * scale);
            }

            return 1.0 - (2.5066282746310007 / x * sum);
        }

        for (var k = 12; k >= 1; k--)
        {
            var term = Elementary.Exp(-2.0 * k * k * x * x);
            sum += k % 2 == 1 ? term : -term;
        }

        return 2.0 * sum;
    }
}
