using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Reports;

/// <summary>One loss of the sample's tail.</summary>
/// <param name="Index">Position of the return.</param>
/// <param name="Rank">1 for the greatest loss.</param>
/// <param name="Loss">Positive.</param>
/// <param name="Share">Share of observations with a loss at least as great, (rank - 1/2) / n.</param>
internal readonly record struct TailPoint(int Index, int Rank, double Loss, double Share);

/// <summary>The tail of a sample and the probabilities that fitted laws give it.</summary>
internal static class TailLaws
{
    private const int PointsMost = 400;

    /// <summary>The positive losses among the greatest tenth, least first; of very many only every so many, and all of the last fifty.</summary>
    public static IReadOnlyList<TailPoint> Sample(double[] returns)
    {
        if (!returns.All(double.IsFinite))
        {
            return [];
        }

        var n = returns.Length;
        int[] order = [.. Enumerable.Range(0, n).OrderBy(i => returns[i]).ThenBy(i => i)];
        var count = Math.Max(n / 10, Math.Min(n, 20));
        var every = Math.Max(1, count / PointsMost);
        List<TailPoint> points = [];
        for (var k = Math.Min(count, n) - 1; k >= 0; k--)
        {
            var loss = -returns[order[k]];
            if (loss > 0.0 && (k < 50 || k % every == 0))
            {
                points.Add(new TailPoint(order[k], k + 1, loss, (k + 0.5) / n));
            }
        }

        return points;
    }

    public static double Normal(SampleMoments moments, double loss) =>
        moments is { Mean: { } mean, StandardDeviation: { } deviation } && deviation > 0.0
            ? NormalDistribution.Cdf((-loss - mean) / deviation)
            : double.NaN;

    public static double StudentT(StudentTFit fit, double loss) =>
        fit is { Status: Status.Ready, Location: { } location, Scale: { } scale, DegreesOfFreedom: { } freedom }
            ? StudentTDistribution.Cdf((-loss - location) / scale, freedom)
            : double.NaN;

    /// <summary>Beyond its threshold only: the law says nothing of smaller losses.</summary>
    public static double Pareto(PeaksOverThreshold fit, double loss)
    {
        if (fit is not { Status: Status.Ready, Threshold: { } threshold, Shape: { } shape, Scale: { } scale } || loss < threshold)
        {
            return double.NaN;
        }

        var share = fit.Exceedances / (double)fit.Observations;
        var reach = (loss - threshold) / scale;
        var inside = 1.0 + (shape * reach);
        return Math.Abs(shape) < 1e-9 ? share * Elementary.Exp(-reach)
            : inside > 0.0 ? share * Elementary.Exp(-Elementary.Log(inside) / shape)
            : 0.0;
    }
}
