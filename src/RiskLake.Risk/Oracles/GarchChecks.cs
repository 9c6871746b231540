using System.Text.Json;
using RiskLake.Risk;

namespace RiskLake.Risk.Oracles;

internal static class GarchChecks
{
    public static void MaximumLikelihood(OracleRun run)
    {
        foreach (var model in run.Expected("garch").GetProperty("models").EnumerateObject())
        {
            if (!model.Name.EndsWith(".at_fixed_point", StringComparison.Ordinal))
            {
                MaximumLikelihood(run, model.Name, model.Value, ReturnsOf(run, model.Name.Split('.')[0]));
            }
        }
    }

    internal static void MaximumLikelihood(OracleRun run, string key, JsonElement node, double[] returns)
    {
        var fit = GarchFit.Of(returns, SpecificationOf(key, returns));
        run.Same(fit.Persistence >= 1.0 ? Status.NotConverged : Status.Ready, fit.Status);
        if (fit.LogLikelihood is null)
        {
            return;
        }

        run.Close(node.GetProperty("logLikelihood"), fit.LogLikelihood, 1e-12, "lnL");
        run.Close(node.GetProperty("aic"), fit.Aic, 1e-10, "aic");
        run.Close(node.GetProperty("bic"), fit.Bic, 1e-10, "bic");
        foreach (var parameter in node.GetProperty("parameters").EnumerateObject())
        {
            var actual = fit.Parameters.Single(item => item.Name == parameter.Name);
            run.Close(parameter.Value, actual.Value, 1e-6, parameter.Name);
            run.Close(
                node.GetProperty("stdErr_hessian").GetProperty(parameter.Name), actual.HessianError, 1e-5, parameter.Name + " hessian");
            run.Close(node.GetProperty("stdErr_opg").GetProperty(parameter.Name), actual.OpgError, 1e-5, parameter.Name + " opg");
            run.Close(node.GetProperty("stdErr_qml").GetProperty(parameter.Name), actual.SandwichError, 1e-5, parameter.Name + " qml");
        }

        run.Close(node.GetProperty("persistence"), fit.Persistence, 1e-8, "persistence");
        Optional("unconditional_variance", fit.UnconditionalVariance);
        Optional("exp_unconditional_log_variance", fit.UnconditionalVariance);
        Optional("half_life_obs", fit.HalfLife);
        Each("h_first5", [.. fit.Variances.Take(5)]);
        Each("h_last5", [.. fit.Variances.TakeLast(5)]);
        run.Close(node.GetProperty("h_sum"), fit.Variances.Sum(), 1e-8, "h_sum");
        if (fit.Status == Status.Ready)
        {
            Each("variance_forecast_h1_to_h10", fit.ForecastVariances(10));
            Each("variance_forecast_h1", fit.ForecastVariances(1));
        }

        void Optional(string name, double? value)
        {
            if (node.TryGetProperty(name, out var expected))
            {
                run.Close(expected, value, 1e-7, name);
            }
        }

        void Each(string name, double[] values)
        {
            if (node.TryGetProperty(name, out var expected))
            {
                run.Same(expected.GetArrayLength(), values.Length);
                for (var i = 0; i < values.Length; i++)
                {
                    run.Close(expected[i], values[i], 1e-7, name);
                }
            }
        }
    }

    public static void PublishedBenchmark(OracleRun run)
    {
        var published = run.Expected("garch").GetProperty("published").GetProperty("garch11_normal_FCP1996");
        var fit = GarchFit.Of(run.MarksPerPound(), new GarchSpecification());
        foreach (var parameter in fit.Parameters)
        {
            run.Close(published.GetProperty("parameters").GetProperty(parameter.Name), parameter.Value, 2e-5, parameter.Name);
            run.Close(published.GetProperty("stdErr_hessian").GetProperty(parameter.Name), parameter.HessianError, 2e-5, parameter.Name);
        }
    }

    public static void ConditionalTails(OracleRun run)
    {
        var returns = run.LogReturnsPercent();
        var normal = GarchFit.Of(returns, new GarchSpecification());
        var heavy = GarchFit.Of(returns, new GarchSpecification { Errors = ErrorDistribution.StudentT });
        foreach (var level in run.Expected("var_es").GetProperty("conditional_T_plus_1").EnumerateObject())
        {
            var confidence = OracleRun.Level(level.Name);
            var filtered = level.Value.GetProperty("fhs_garch11_normal_fcp_pct_units");
            var simulated = FilteredSimulation.Estimate(normal, returns, confidence);
            Check(filtered, "var_type7", "es_acerbi_tasche", simulated);
            run.Close(filtered.GetProperty("sigma_T_plus_1"), Math.Sqrt(normal.NextVariance!.Value), 1e-7, "sigma");
            var sigma = Math.Sqrt(normal.NextVariance!.Value);
            Check(level.Value.GetProperty("garch11_normal_fcp_pct_units"), "var", "es", ParametricTail.NormalForecast(
                normal["mu"], sigma, confidence, returns.Length));
            var wide = Math.Sqrt(heavy.NextVariance!.Value);
            Check(
                level.Value.GetProperty("garch11_t_fcp_pct_units"),
                "var",
                "es",
                ParametricTail.StudentTForecast(heavy["mu"], wide, heavy["nu"], confidence, returns.Length));
        }

        void Check(JsonElement node, string var, string es, TailRisk risk)
        {
            run.Close(node.GetProperty(var), risk.ValueAtRisk.Value, 1e-7, var);
            run.Close(node.GetProperty(es), risk.ExpectedShortfall.Value, 1e-7, es);
        }
    }

    private static double[] ReturnsOf(OracleRun run, string series) => series switch
    {
        "dem2gbp" => run.MarksPerPound(),
        "dax" => run.LogReturnsPercent(),
        "sp500ohlcv" =>
        [
            .. Returns.Simple(run.Column("sp500_ohlcv_1999_2018.csv", "adj_close")).Select(value => 100.0 * value),
        ],
        _ => throw new OracleAbsentException($"data of {series}"),
    };

    private static GarchSpecification SpecificationOf(string key, double[] returns)
    {
        var parts = key.Split('.');
        var ofArch = parts[3] == "arch_backcast";
        return new GarchSpecification
        {
            Model = parts[1] switch { "garch11" => GarchModel.Garch, "gjr11" => GarchModel.Gjr, _ => GarchModel.Egarch },
            Errors = parts[2] == "t" ? ErrorDistribution.StudentT : ErrorDistribution.Normal,
            Presample = ofArch ? Presample.Constant : parts[3] == "fcp" ? Presample.Fcp : Presample.InitialVariance,
            PresampleVariance = ofArch ? GarchSpecification.ArchBackcast(returns) : null,
            Constraint = parts.Length > 4 ? GarchConstraint.Stationary : GarchConstraint.None,
        };
    }
}
