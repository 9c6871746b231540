using System.Text.Json;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Oracles;

internal static class SpecialFunctionChecks
{
    private const double Tolerance = 2e-14;

    public static void SpecialFunctions(OracleRun run)
    {
        var table = run.Expected("special_functions");
        Check("normal_cdf", key => NormalDistribution.Cdf(OracleRun.Number(key)));
        Check("normal_pdf", key => NormalDistribution.Density(OracleRun.Number(key)));
        Check("normal_quantile", key => NormalDistribution.Quantile(OracleRun.Number(key)));
        Check("student_t_cdf", key => StudentTDistribution.Cdf(Part(key, "x"), Part(key, "nu")));
        Check("student_t_quantile", key => StudentTDistribution.Quantile(Part(key, "p"), Part(key, "nu")));
        Check("chi2_sf", key => ChiSquaredDistribution.Survival(Part(key, "x"), Part(key, "k")));
        Check("chi2_quantile", key => ChiSquaredDistribution.Quantile(Part(key, "p"), Part(key, "k")));
        Check("lgamma", key => GammaFunction.LogGamma(OracleRun.Number(key)));
        Check("digamma", key => GammaFunction.Digamma(OracleRun.Number(key)));
        Check("trigamma", key => GammaFunction.Trigamma(OracleRun.Number(key)));
        Check("regularized_incomplete_beta", key => BetaFunction.Regularized(Part(key, "a"), Part(key, "b"), Part(key, "x")));
        Check("regularized_lower_gamma", key => GammaFunction.RegularizedLower(Part(key, "a"), Part(key, "x")));
        Check("binomial_cdf", key => BinomialDistribution.Cdf((int)Part(key, "k"), (int)Part(key, "n"), Part(key, "p")));
        Check("kolmogorov_sf", key => KolmogorovDistribution.Survival(OracleRun.Number(key)));

        void Check(string name, Func<string, double> function)
        {
            foreach (JsonProperty entry in table.GetProperty(name).EnumerateObject())
            {
                var expected = entry.Value.GetDouble();
                var actual = function(entry.Name);
                run.Close(expected, actual, Tolerance, name + " " + entry.Name);
            }
        }
    }

    private static double Part(string key, string name) =>
        OracleRun.Number(key.Split(',').Single(part => part.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..]);
}
