using System.Globalization;
using System.Text.Json;
using RiskLake.Risk;

namespace RiskLake.Risk.Oracles;

internal static class PortfolioChecks
{
    private static readonly double[] s_weights = [0.4, 0.3, 0.2, 0.1];

    public static void CovariancesCorrelationsAndShrinkage(OracleRun run)
    {
        var node = run.Expected("covariance").GetProperty("eustock_simple_returns");
        double[][] columns = [.. OracleRun.Indices.Select(run.SimpleReturns)];
        var sample = CovarianceEstimator.Sample(columns);
        Same("sample_cov_ddof1", sample);
        Same("sample_cov_ddof0", CovarianceEstimator.Sample(columns, 0));
        Same("correlation_pearson", CovarianceEstimator.Correlation(columns));
        Same("correlation_spearman", CovarianceEstimator.Spearman(columns));
        Same("correlation_kendall_tau_b", CovarianceEstimator.Kendall(columns));
        Same("ewma_0.94_zero_mean_seed_first_outer_product", CovarianceEstimator.ExponentiallyWeighted(columns, 0.94));
        Same("ewma_0.97_zero_mean_seed_first_outer_product", CovarianceEstimator.ExponentiallyWeighted(columns, 0.97));
        Shrunk("ledoit_wolf_2004_identity", Shrinkage.Identity(columns));
        Shrunk("ledoit_wolf_2003_constant_correlation_n_minus_0", Shrinkage.ConstantCorrelation(columns, 0));
        Shrunk("ledoit_wolf_2003_constant_correlation_n_minus_1", Shrinkage.ConstantCorrelation(columns));
        Shrunk("ledoit_wolf_2003_single_index_n_minus_1", Shrinkage.SingleIndex(columns));
        Shrunk("oas_chen_2010_paper_formula", Shrinkage.OracleApproximating(columns));
        var eigenvalues = OracleRun.Doubles(node.GetProperty("eigenvalues_sample_ddof1_ascending"));
        var factor = node.GetProperty("cholesky_lower_sample_ddof1");
        for (var i = 0; i < 4; i++)
        {
            run.Close(eigenvalues[i], sample.Eigenvalues()[i], 1e-12, "eigenvalue");
            for (var j = 0; j < 4; j++)
            {
                run.Close(factor[i][j], sample.Cholesky()![(i * 4) + j], 1e-12, "cholesky");
            }
        }

        run.Close(node.GetProperty("condition_number"), sample.ConditionNumber(), 1e-12);

        void Same(string key, CovarianceMatrix actual) => SameMatrix(run, node.GetProperty(key), actual, key);

        void Shrunk(string key, CovarianceMatrix actual)
        {
            run.Close(node.GetProperty(key).GetProperty("shrinkage"), actual.Shrinkage, 1e-11, key);
            SameMatrix(run, node.GetProperty(key).GetProperty("cov"), actual, key);
        }
    }

    public static void ParametricAndHistoricalParts(OracleRun run)
    {
        var table = run.Expected("portfolio");
        double[][] columns = [.. OracleRun.Indices.Select(run.SimpleReturns)];
        var covariance = CovarianceEstimator.Sample(columns);
        double[] means = [.. columns.Select(column => SampleMoments.Of(column).Mean!.Value)];
        foreach (var level in table.GetProperty("by_confidence").EnumerateObject())
        {
            var confidence = OracleRun.Level(level.Name);
            Parametric(level.Value.GetProperty("zero_mean"), ParametricPortfolio.Decompose(s_weights, [], covariance, confidence));
            Parametric(level.Value.GetProperty("with_mean"), ParametricPortfolio.Decompose(s_weights, means, covariance, confidence));
            Historical(level.Value.GetProperty("historical"), HistoricalPortfolio.Decompose(s_weights, columns, confidence));
        }

        run.Close(
            table.GetProperty("sd"), ParametricPortfolio.Decompose(s_weights, [], covariance, Confidence.P99).StandardDeviation, 1e-12);

        void Parametric(JsonElement node, PortfolioRisk risk)
        {
            run.Close(node.GetProperty("var"), risk.Total.ValueAtRisk.Value, 1e-12, "var");
            run.Close(node.GetProperty("es"), risk.Total.ExpectedShortfall.Value, 1e-12, "es");
            Each(node, "marginal_var", risk, position => position.MarginalValueAtRisk);
            Each(node, "component_var", risk, position => position.ComponentValueAtRisk);
            Each(node, "marginal_es", risk, position => position.MarginalShortfall);
            Each(node, "component_es", risk, position => position.ComponentShortfall);
            Each(node, "standalone_var", risk, position => position.StandaloneValueAtRisk);
            Each(node, "incremental_var_remove_position", risk, position => position.IncrementalValueAtRisk);
            run.Close(node.GetProperty("undiversified_var"), risk.UndiversifiedValueAtRisk, 1e-12);
            run.Close(node.GetProperty("diversification_benefit"), risk.DiversificationBenefit, 1e-11);
        }

        void Historical(JsonElement node, PortfolioRisk risk)
        {
            run.Close(node.GetProperty("var_type7"), risk.Total.ValueAtRisk.Value, 1e-12, "var");
            run.Close(node.GetProperty("es_acerbi_tasche"), risk.Total.ExpectedShortfall.Value, 1e-12, "es");
            Each(node, "component_es_acerbi_tasche", risk, position => position.ComponentShortfall);
            Each(node, "component_var_triangular_kernel_bw2.575sdT^-1/5_rescaled", risk, position => position.KernelComponentValueAtRisk);
            run.Close(node.GetProperty("kernel_bandwidth"), risk.KernelBandwidth, 1e-12);
        }

        void Each(JsonElement node, string key, PortfolioRisk risk, Func<PositionRisk, double?> part)
        {
            for (var i = 0; i < 4; i++)
            {
                run.Close(node.GetProperty(key)[i], part(risk.Positions[i]), 2e-12, key);
            }
        }
    }

    public static void PerformanceAndDrawdowns(OracleRun run)
    {
        var table = run.Expected("performance");
        foreach (var index in table.GetProperty("eustock_simple_daily_N252_rf0").EnumerateObject())
        {
            var node = index.Value;
            var returns = run.SimpleReturns(index.Name);
            Check("cumulative_return", PerformanceRatios.CumulativeReturn(returns));
            Check("annualised_geometric_return", PerformanceRatios.AnnualReturn(returns, 252));
            Check("annualised_vol_ddof1", CloseToClose.Volatility(returns, 252));
            Check("sharpe_arithmetic", PerformanceRatios.Sharpe(returns, 252));
            Check("sharpe_geometric_PA", PerformanceRatios.SharpeGeometric(returns, 252));
            Check("downside_deviation_full_n", PerformanceRatios.DownsideDeviation(returns));
            Check("sortino_period", PerformanceRatios.Sortino(returns));
            Check("sortino_annualised_sqrtN", PerformanceRatios.Sortino(returns, 252));
            Check("calmar", PerformanceRatios.Calmar(returns, 252));
            Check("omega_0", PerformanceRatios.Omega(returns));
            Check("hit_rate", PerformanceRatios.HitRate(returns));
            Check("tail_ratio_p95_p5", PerformanceRatios.TailRatio(returns));
            var drawdowns = Drawdowns.Of(returns);
            Check("max_drawdown", drawdowns.Maximum);
            Check("ulcer_index_returns_only", drawdowns.UlcerIndex);
            Check("pain_index", drawdowns.PainIndex);
            Check("cdar95_acerbi_tasche", drawdowns.ConditionalAtRisk(Confidence.P95));
            run.Same(node.GetProperty("n_drawdown_episodes").GetInt32(), drawdowns.Episodes.Count);
            for (var i = 0; i < 5; i++)
            {
                var expected = node.GetProperty("top5_drawdowns")[i];
                var actual = drawdowns.Episodes[i];
                run.Close(expected.GetProperty("depth"), actual.Depth, 1e-11);
                run.Same(expected.GetProperty("peak_index").GetInt32(), actual.PeakIndex);
                run.Same(expected.GetProperty("trough_index").GetInt32(), actual.TroughIndex);
                run.Same(expected.GetProperty("recovery_index").GetRawText(), Text(actual.RecoveryIndex));
                run.Same(expected.GetProperty("length").GetRawText(), Text(actual.Length));
            }

            void Check(string key, Measure measure) => run.Close(node.GetProperty(key), measure.Value, 1e-11, index.Name + " " + key);
        }

        var pair = table.GetProperty("dax_vs_ftse_simple");
        var (dax, ftse) = (run.SimpleReturns("DAX"), run.SimpleReturns("FTSE"));
        run.Close(pair.GetProperty("beta"), Benchmark.Beta(dax, ftse).Value, 1e-11);
        run.Close(pair.GetProperty("alpha"), Benchmark.Alpha(dax, ftse).Value, 1e-11);
        run.Close(pair.GetProperty("correlation"), Benchmark.Correlation(dax, ftse).Value, 1e-11);
        run.Close(
            pair.GetProperty("rolling60_corr_last"), Benchmark.Correlation(dax.AsSpan()[^60..], ftse.AsSpan()[^60..]).Value, 1e-11);
        run.Close(pair.GetProperty("rolling60_beta_last"), Benchmark.Beta(dax.AsSpan()[^60..], ftse.AsSpan()[^60..]).Value, 1e-11);

        string Text(int? value) => value is { } number ? number.ToString(CultureInfo.InvariantCulture) : "null";
    }

    private static void SameMatrix(OracleRun run, JsonElement expected, CovarianceMatrix actual, string key)
    {
        run.Same(Status.Ready, actual.Status);
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 4; j++)
            {
                run.Close(expected[i][j], actual[i, j], 1e-12, key);
            }
        }
    }
}
