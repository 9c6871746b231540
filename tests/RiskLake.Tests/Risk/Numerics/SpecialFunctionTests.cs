using System.Text.Json;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Risk.Numerics;

public sealed class SpecialFunctionTests
{
    private const double Tolerance = 2e-14;

    [Fact]
    public void Special_functions_agree_with_the_reference_table()
    {
        var table = Oracle.Expected("special_functions");
        List<string> failures = [];
        Check("normal_cdf", key => NormalDistribution.Cdf(Oracle.Number(key)));
        Check("normal_pdf", key => NormalDistribution.Density(Oracle.Number(key)));
        Check("normal_quantile", key => NormalDistribution.Quantile(Oracle.Number(key)));
        Check("student_t_cdf", key => StudentTDistribution.Cdf(Part(key, "x"), Part(key, "nu")));
        Check("student_t_quantile", key => StudentTDistribution.Quantile(Part(key, "p"), Part(key, "nu")));
        Check("chi2_sf", key => ChiSquaredDistribution.Survival(Part(key, "x"), Part(key, "k")));
        Check("chi2_quantile", key => ChiSquaredDistribution.Quantile(Part(key, "p"), Part(key, "k")));
        Check("lgamma", key => GammaFunction.LogGamma(Oracle.Number(key)));
        Check("digamma", key => GammaFunction.Digamma(Oracle.Number(key)));
        Check("trigamma", key => GammaFunction.Trigamma(Oracle.Number(key)));
        Check("regularized_incomplete_beta", key => BetaFunction.Regularized(Part(key, "a"), Part(key, "b"), Part(key, "x")));
        Check("regularized_lower_gamma", key => GammaFunction.RegularizedLower(Part(key, "a"), Part(key, "x")));
        Check("binomial_cdf", key => BinomialDistribution.Cdf((int)Part(key, "k"), (int)Part(key, "n"), Part(key, "p")));
        Check("kolmogorov_sf", key => KolmogorovDistribution.Survival(Oracle.Number(key)));
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures));

        void Check(string name, Func<string, double> function)
        {
            foreach (JsonProperty entry in table.GetProperty(name).EnumerateObject())
            {
                var expected = entry.Value.GetDouble();
                var actual = function(entry.Name);
                var error = Math.Abs(actual - expected) / (expected == 0.0 ? 1.0 : Math.Abs(expected));
                ValidationReport.Record("Special_functions_agree_with_the_reference_table", error, Tolerance);
                if (!(error <= Tolerance))
                {
                    failures.Add(FormattableString.Invariant($"{name} {entry.Name}: expected {expected:R}, got {actual:R}, {error:E2}"));
                }
            }
        }
    }

    private static double Part(string key, string name) =>
        Oracle.Number(key.Split(',').Single(part => part.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..]);
}
