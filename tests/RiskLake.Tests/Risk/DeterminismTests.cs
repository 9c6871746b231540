using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Risk;

/// <summary>Results are the same bits on every processor, thread count and compilation tier.</summary>
/// <remarks>
/// The digest covers simulated data only. A change of any formula changes it: look at the difference, then pin the new value.
/// bench/Risk/bits.sh
/// runs this class with vector instructions and the C library's variants switched off.
/// </remarks>
public sealed partial class DeterminismTests
{
    private const string Pinned = "ef8b05d1b433222e8496f3a7bc1311f416ff00533b071300ca4acdacca219066";

    [Fact]
    public void Every_bit_is_pinned()
    {
        var once = Digest(threads: 1);
        Assert.Equal(once, Digest(threads: 3));
        Assert.True(string.Equals(Pinned, once, StringComparison.Ordinal), "digest is " + once);
    }

    [Fact]
    public void No_function_of_the_C_library_is_called()
    {
        var folder = Source();
        Assert.SkipWhen(folder is null, "prerequisite: the source tree above the test assembly");
        foreach (var file in Directory.EnumerateFiles(folder!, "*.cs", SearchOption.AllDirectories))
        {
            var match = Banned().Match(File.ReadAllText(file));
            Assert.False(match.Success, $"{Path.GetFileName(file)} calls {match.Value}");
        }
    }

    private static string Digest(int threads)
    {
        List<double> numbers = [];
        for (var i = -400; i <= 400; i++)
        {
            var x = i * 0.0937;
            numbers.AddRange([
                Elementary.Exp(x),
                Elementary.Expm1(x * 0.01),
                Elementary.Log(Math.Abs(x) + 1e-9),
                Elementary.Log1p(Math.Abs(x)),
                Elementary.Pow(Math.Abs(x) + 0.1, 1.7),
                NormalDistribution.Cdf(x),
                StudentTDistribution.Cdf(x, 4.2),
                ChiSquaredDistribution.Survival(Math.Abs(x), 3),
                GammaFunction.LogGamma(Math.Abs(x) + 0.01),
            ]);
        }

        var returns = new double[900];
        var other = new double[900];
        Philox.Normals(20, 1, 0, returns);
        Philox.Normals(20, 2, 0, other);
        var variance = 1.0;
        for (var t = 0; t < returns.Length; t++)
        {
            returns[t] *= Math.Sqrt(variance);
            other[t] = (0.6 * returns[t]) + other[t];
            variance = 0.05 + (0.1 * returns[t] * returns[t]) + (0.85 * variance);
        }

        foreach (var level in (Confidence[])[Confidence.P95, Confidence.P99])
        {
            foreach (var risk in (TailRisk[])
                [
                    HistoricalSimulation.Estimate(returns, level),
                    ParametricTail.Normal(returns, level),
                    ParametricTail.StudentT(returns, level),
                    CornishFisher.Estimate(returns, level),
                    WeightedSimulation.AgeWeighted(returns, level, 0.99),
                    PeaksOverThreshold.Fit(returns, Confidence.P90).Estimate(level),
                ])
            {
                numbers.AddRange([risk.ValueAtRisk.Value ?? 0.0, risk.ExpectedShortfall.Value ?? 0.0]);
            }
        }

        foreach (var model in Enum.GetValues<GarchModel>())
        {
            var fit = GarchFit.Of(returns, new GarchSpecification { Model = model });
            numbers.Add(fit.LogLikelihood ?? 0.0);
            numbers.AddRange(fit.Parameters.SelectMany(
                parameter => new[] { parameter.Value, parameter.HessianError ?? 0.0, parameter.SandwichError ?? 0.0 }));
        }

        double[][] columns = [returns, other];
        var covariance = Shrinkage.Identity(columns);
        numbers.AddRange(covariance.ToArray());
        numbers.AddRange(MonteCarlo.Paths([0.5, 0.5], [], covariance, 20_000, 3, threads));
        numbers.AddRange(RollingMoments.StandardDeviation(returns, 60)[59..]);
        var (var, es) = (new double[returns.Length], new double[returns.Length]);
        RollingTail.ValueAtRiskAndShortfall(returns, 250, Confidence.P975, var, es);
        numbers.AddRange(var[249..]);
        numbers.AddRange(es[249..]);
        var bytes = new byte[numbers.Count * sizeof(double)];
        for (var i = 0; i < numbers.Count; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(i * sizeof(double)), numbers[i]);
        }

        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private static string? Source()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "src", "RiskLake.Risk");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    [GeneratedRegex(
        @"\bMath\.(?!Sqrt|Abs|Floor|Round|Max|Min|Clamp|Sign|BigMul|DivRem|PI)\w+|FusedMultiplyAdd|\bVector\b|Vector<|TensorPrimitives",
        RegexOptions.CultureInvariant,
        2000)]
    private static partial Regex Banned();
}
