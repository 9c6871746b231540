using System.Globalization;
using System.Text.Json;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Risk.Oracles;

internal static class ExtremesAndStressChecks
{
    private static readonly double[] s_weights = [0.4, 0.3, 0.2, 0.1];

    public static void PeaksOverThresholdFits(OracleRun run)
    {
        PeaksOverThreshold(run, "dax_logret_losses_u_q90", "0.90");
        PeaksOverThreshold(run, "dax_logret_losses_u_q95", "0.95");
    }

    private static void PeaksOverThreshold(OracleRun run, string key, string level)
    {
        var node = run.Expected("evt").GetProperty(key);
        var fit = Risk.PeaksOverThreshold.Fit(run.LogReturns(), OracleRun.Level(level));
        run.Same(Status.Ready, fit.Status);
        run.Same(node.GetProperty("n_exceed").GetInt32(), fit.Exceedances);
        run.Close(node.GetProperty("threshold"), fit.Threshold, 1e-11, "threshold");
        run.Close(node.GetProperty("xi"), fit.Shape, 1e-8, "xi");
        run.Close(node.GetProperty("beta"), fit.Scale, 1e-8, "beta");
        run.Close(node.GetProperty("logLik"), fit.LogLikelihood, 1e-10, "lnL");
        run.Close(node.GetProperty("se_xi_observed"), fit.ShapeError, 1e-7, "se xi");
        run.Close(node.GetProperty("se_beta_observed"), fit.ScaleError, 1e-7, "se beta");
        run.Close(node.GetProperty("cov_xi_beta"), fit.Covariance, 1e-7, "cov");
        run.Close(node.GetProperty("pwm").GetProperty("xi"), fit.ProbabilityWeightedMoments()!.Value.Shape, 1e-9, "pwm xi");
        run.Close(node.GetProperty("pwm").GetProperty("beta"), fit.ProbabilityWeightedMoments()!.Value.Scale, 1e-9, "pwm beta");
        foreach (var risk in node.GetProperty("risk").EnumerateObject())
        {
            var estimate = fit.Estimate(OracleRun.Level(risk.Name));
            run.Close(risk.Value.GetProperty("var"), estimate.ValueAtRisk.Value, 1e-8, risk.Name);
            run.Close(risk.Value.GetProperty("es"), estimate.ExpectedShortfall.Value, 1e-8, risk.Name);
            var interval = fit.ProfileInterval(OracleRun.Level(risk.Name), Confidence.P95);
            var tail = fit.ProfileInterval(OracleRun.Level(risk.Name), Confidence.P95, shortfall: true);
            run.True(
                interval.Status == Status.Ready && interval.Low < estimate.ValueAtRisk.Value && interval.High > estimate.ValueAtRisk.Value);
            run.True(
                tail.Status == Status.Ready && tail.Low < estimate.ExpectedShortfall.Value && tail.High > estimate.ExpectedShortfall.Value);
        }
    }

    public static void HillAndWeissman(OracleRun run)
    {
        var table = run.Expected("evt");
        foreach (var entry in table.GetProperty("hill_dax_losses").EnumerateObject())
        {
            run.Close(entry.Value, Risk.PeaksOverThreshold.Hill(
                run.LogReturns(), int.Parse(entry.Name, CultureInfo.InvariantCulture)), 1e-10, entry.Name);
        }

        run.Close(
            table.GetProperty("weissman_var99_dax_hill_k100"), Risk.PeaksOverThreshold.Weissman(run.LogReturns(), 100, Confidence.P99), 1e-9);
    }

    public static void MonteCarloPortfolio(OracleRun run)
    {
        var node = run.Expected("rng_montecarlo").GetProperty("mc_portfolio");
        var covariance = CovarianceEstimator.Sample([.. OracleRun.Indices.Select(run.SimpleReturns)]);
        var paths = node.GetProperty("paths").GetInt32();
        var returns = MonteCarlo.Paths(s_weights, [], covariance, paths, 42);
        var threaded = MonteCarlo.Paths(s_weights, [], covariance, paths, 42, threads: 4);
        run.Same(returns, threaded);
        var moments = SampleMoments.Of(returns);
        run.Close(node.GetProperty("sample_mean"), moments.Mean, 1e-11, "mean");
        run.Close(node.GetProperty("sample_sd_ddof1"), moments.StandardDeviation, 1e-12, "sd");
        var high = MonteCarlo.Estimate(s_weights, [], covariance, Confidence.P99, paths, 42);
        var low = MonteCarlo.Estimate(s_weights, [], covariance, Confidence.P975, paths, 42);
        run.Close(node.GetProperty("var99_type7"), high.ValueAtRisk.Value, 1e-12, "var99");
        run.Close(node.GetProperty("es99_acerbi_tasche"), high.ExpectedShortfall.Value, 1e-12, "es99");
        run.Close(node.GetProperty("var975_type7"), low.ValueAtRisk.Value, 1e-12, "var975");
        run.Close(node.GetProperty("es975_acerbi_tasche"), low.ExpectedShortfall.Value, 1e-12, "es975");
        var analytic = ParametricPortfolio.Decompose(s_weights, [], covariance, Confidence.P99).Total;
        run.Close(node.GetProperty("analytic_var99"), analytic.ValueAtRisk.Value, 1e-12, "analytic");
    }

    public static void StressScenarios(OracleRun run)
    {
        var table = run.Expected("stress");
        double[][] prices = [.. OracleRun.Indices.Select(run.Closes)];
        var covariance = CovarianceEstimator.Sample([.. OracleRun.Indices.Select(run.SimpleReturns)]);
        foreach (var entry in table.GetProperty("worst_historical_windows").EnumerateObject())
        {
            var window = StressTest.WorstWindow(s_weights, prices, int.Parse(entry.Name, CultureInfo.InvariantCulture))!;
            run.Same(entry.Value.GetProperty("start_obs_1based").GetInt32(), window.Start + 1);
            run.Same(entry.Value.GetProperty("end_obs_1based").GetInt32(), window.End + 1);
            run.Close(entry.Value.GetProperty("buy_and_hold_return"), window.Scenario.PortfolioReturn, 1e-11);
            Each(entry.Value.GetProperty("factor_returns"), window.Scenario.Shocks, 1e-11);
            Each(entry.Value.GetProperty("contribution"), window.Scenario.Contributions, 1e-11);
        }

        var predictive = StressTest.Predictive(s_weights, covariance, 0, -0.1);
        var node = table.GetProperty("predictive_stress_dax_minus_10pct");
        Each(node.GetProperty("factor_shocks"), predictive.Shocks, 1e-11);
        run.Close(node.GetProperty("portfolio_return"), predictive.PortfolioReturn, 1e-11);
        run.Close(
            table.GetProperty(
                "naive_stress_dax_minus_10pct_others_zero"), StressTest.Hypothetical(s_weights, [-0.1, 0, 0, 0]).PortfolioReturn, 1e-12);
        run.Close(
            table.GetProperty("mahalanobis_plausibility_of_all_minus_5pct"),
            StressTest.Hypothetical(s_weights, [-0.05, -0.05, -0.05, -0.05], covariance).MahalanobisSquared,
            1e-11);
        var reverse = StressTest.Reverse(s_weights, covariance, 0.05);
        Each(table.GetProperty("reverse_stress_most_likely_scenario_for_loss_5pct").GetProperty("scenario"), reverse.Shocks, 1e-11);
        run.Same(-0.05, reverse.PortfolioReturn!.Value, 1e-14);
        var stressed = StressTest.CorrelationStress(covariance, 0.9);
        run.Close(
            table.GetProperty("correlation_stress_rho_to_0.9").GetProperty("portfolio_sd"),
            ParametricPortfolio.Decompose(s_weights, [], stressed, Confidence.P99).StandardDeviation,
            1e-12);

        void Each(JsonElement expected, IReadOnlyList<double> actual, double tolerance)
        {
            for (var i = 0; i < OracleRun.Indices.Length; i++)
            {
                run.Close(expected.GetProperty(OracleRun.Indices[i]), actual[i], tolerance, OracleRun.Indices[i]);
            }
        }
    }

    public static void AttributionScenarios(OracleRun run)
    {
        double[][] columns = [.. OracleRun.Indices.Select(index => run.SimpleReturns(index)[^250..])];
        var hypothetical = Portfolio((row, i) => row[i]);
        var byCac = Portfolio((row, i) => i == 3 ? row[2] : row[i]);
        var result = ProfitAndLossAttribution.Of(hypothetical, byCac);
        var node = run.Expected("pla").GetProperty("scenarios").GetProperty("rtpl_ftse_proxied_by_cac");
        run.Close(node.GetProperty("spearman"), result.Spearman, 1e-12);
        run.Close(node.GetProperty("ks_scipy"), result.KolmogorovSmirnov, 1e-12);
        run.Same(Zone.Green, result.Zone);
        run.Close(node.GetProperty("mean_unexplained_over_sd_hpl"), result.MeanUnexplained, 1e-10);
        run.Close(node.GetProperty("var_unexplained_over_var_hpl"), result.VarianceUnexplained, 1e-11);

        double[] Portfolio(Func<double[], int, double> factor) =>
        [
            .. Enumerable.Range(0, 250).Select(t =>
            {
                double[] row = [.. columns.Select(column => column[t])];
                return 1e6 * ((0.4 * factor(row, 0)) + (0.3 * factor(row, 1)) + (0.2 * factor(row, 2)) + (0.1 * factor(row, 3)));
            }),
        ];
    }

    public static void ModellabilityCases(OracleRun run)
    {
        foreach (var entry in run.Expected("rfet").GetProperty("cases").EnumerateObject())
        {
            var days = entry.Value.GetProperty("observations").EnumerateArray().Select(Day);
            var result = Modellability.Of(days, new DateOnly(2023, 1, 1), new DateOnly(2023, 12, 31));
            run.Same(entry.Value.GetProperty("distinct_days").GetInt32(), result.Days);
            run.Same(entry.Value.GetProperty("criterion_A").GetBoolean(), result.PassesByContinuity);
            run.Same(entry.Value.GetProperty("criterion_B").GetBoolean(), result.PassesByNumber);
            run.Same(entry.Value.GetProperty("modellable").GetBoolean(), result.IsModellable);
            var window = entry.Value.GetProperty("first_failing_90d_window");
            if (window.ValueKind == JsonValueKind.Array)
            {
                run.Same((Day(window[0]), Day(window[1]), window[2].GetInt32()), result.FirstThinWindow);
            }
            else
            {
                run.True(result.FirstThinWindow is null);
            }
        }

        static DateOnly Day(JsonElement element) => DateOnly.ParseExact(element.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
    }

    public static void InternalModelFormulas(OracleRun run)
    {
        var table = run.Expected("frtb");
        var horizon = table.GetProperty("liquidity_horizon_es");
        run.Close(horizon.GetProperty("es"), InternalModelCapital.LiquidityHorizonShortfall(
            OracleRun.Doubles(horizon.GetProperty("ES_T_P_j"))).Value, 1e-12);
        var imcc = table.GetProperty("imcc");
        run.Close(
            imcc.GetProperty("imcc"),
            InternalModelCapital.Aggregate(
                imcc.GetProperty("unconstrained").GetDouble(), OracleRun.Doubles(imcc.GetProperty("constrained"))).Value,
            1e-12);
        var stressed = table.GetProperty("stressed_es_scaling");
        run.Close(stressed.GetProperty("es"), InternalModelCapital.StressedShortfall(90.0, 70.0, 60.0).Value, 1e-12);
        var ses = table.GetProperty("ses");
        run.Close(
            ses.GetProperty("ses"),
            InternalModelCapital.NonModellableShortfall(
                OracleRun.Doubles(ses.GetProperty("isesnm_credit")),
                OracleRun.Doubles(ses.GetProperty("isesnm_equity")),
                OracleRun.Doubles(ses.GetProperty("ses_other"))).Value,
            1e-12);
        var surcharge = table.GetProperty("pla_surcharge_k");
        run.Close(
            surcharge.GetProperty("k"),
            ProfitAndLossAttribution.SurchargeShare(
                OracleRun.Doubles(surcharge.GetProperty("sa_green")), OracleRun.Doubles(surcharge.GetProperty("sa_amber"))),
            1e-12);
    }

    // Reference values for the EWMA-normal forecasts of the rolling table at 97.5 %.
    public static void DistributionBacktests(OracleRun run)
    {
        var returns = run.Column("dax_rolling_var_es.csv", "log_return");
        var sigmas = run.Column("dax_rolling_var_es.csv", "ewma_sigma");
        double[] u = [.. returns.Select((value, t) => NormalDistribution.Cdf(value / sigmas[t]))];
        run.Close(4.0087178948, DistributionBacktest.DuEscancianoUnconditional(u, Confidence.P975).Statistic, 1e-9, "U");
        var z3 = DistributionBacktest.Z3(u, Confidence.P975, NormalDistribution.Quantile);
        run.Close(-0.2154619359, z3.Value, 1e-9, "Z3");
        run.Close(2.8377804, z3.Convention.Parameters[0].Value, 1e-7, "realised");
        run.Close(2.3347341, z3.Convention.Parameters[1].Value, 1e-7, "expected");
        double[] var = [.. sigmas.Select(sigma => ParametricTail.NormalForecast(0.0, sigma, Confidence.P975, 1).ValueAtRisk.Value!.Value)];
        var es = run.Column("dax_rolling_var_es.csv", "ewma_normal_es975");
        run.Close(-0.1282201928, ShortfallBacktest.Z1(returns, var, es, Confidence.P975).Value, 1e-9, "Z1");
        run.Close(-0.5145777604, ShortfallBacktest.Z2(returns, var, es, Confidence.P975).Value, 1e-9, "Z2");
        run.Close(0.0185001186, ShortfallBacktest.ConditionalCalibration(returns, var, es, Confidence.P975).PValue, 1e-8, "NZ");
    }

    // Simulated here and there: agreement is that of two simulations, not of two formulas.
    public static void SimulatedCriticalValues(OracleRun run)
    {
        var table = run.Expected("es_backtest").GetProperty("monte_carlo_critical_values_T250_alpha2.5pct");
        Check("normal", null, 0.02);
        Check("t5", 5.0, 0.03);

        void Check(string law, double? nu, double noise)
        {
            foreach (var statistic in Enum.GetValues<ShortfallStatistic>())
            {
                var values = ShortfallCriticalValues.Simulate(statistic, 250, Confidence.P975, nu, 20_000, 5);
                var expected = table.GetProperty(law).GetProperty(statistic + "_5pct").GetDouble();
                run.Same(expected, values.CriticalValue(0.05)!.Value, noise);
                run.True(values.PValue(expected) is >= 0.04 and <= 0.06);
            }
        }
    }
}
