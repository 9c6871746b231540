using System.Text.Json;
using RiskLake.Risk;

namespace RiskLake.Tests.Risk;

public sealed class GarchOracleTests
{
    public static TheoryData<string> Models =>
    [
        "dem2gbp.garch11.normal.fcp",
        "dem2gbp.garch11.normal.h1var",
        "dem2gbp.garch11.t.fcp",
        "dem2gbp.garch11.t.h1var",
        "dem2gbp.garch11.t.fcp.constrained_igarch_boundary",
        "dem2gbp.garch11.t.h1var.constrained_igarch_boundary",
        "dem2gbp.gjr11.normal.fcp",
        "dem2gbp.gjr11.normal.h1var",
        "dem2gbp.egarch11.normal.h1var",
        "dem2gbp.egarch11.normal.fcp",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void Maximum_likelihood_agrees(string key)
    {
        var node = Oracle.Expected("garch").GetProperty("models").GetProperty(key);
        var fit = GarchFit.Of(Series.MarksPerPound(), SpecificationOf(key));
        Assert.True(fit.Status == Status.Ready, fit.Reason);
        Oracle.Close(node.GetProperty("logLikelihood"), fit.LogLikelihood, 1e-12, "lnL");
        Oracle.Close(node.GetProperty("aic"), fit.Aic, 1e-10, "aic");
        Oracle.Close(node.GetProperty("bic"), fit.Bic, 1e-10, "bic");
        foreach (var parameter in node.GetProperty("parameters").EnumerateObject())
        {
            var actual = fit.Parameters.Single(item => item.Name == parameter.Name);
            Oracle.Close(parameter.Value, actual.Value, 1e-6, parameter.Name);
            Oracle.Close(
                node.GetProperty("stdErr_hessian").GetProperty(parameter.Name), actual.HessianError, 1e-5, parameter.Name + " hessian");
            Oracle.Close(node.GetProperty("stdErr_opg").GetProperty(parameter.Name), actual.OpgError, 1e-5, parameter.Name + " opg");
            Oracle.Close(node.GetProperty("stdErr_qml").GetProperty(parameter.Name), actual.SandwichError, 1e-5, parameter.Name + " qml");
        }

        Oracle.Close(node.GetProperty("persistence"), fit.Persistence, 1e-8, "persistence");
        Optional("unconditional_variance", fit.UnconditionalVariance);
        Optional("exp_unconditional_log_variance", fit.UnconditionalVariance);
        Optional("half_life_obs", fit.HalfLife);
        Each("h_first5", [.. fit.Variances.Take(5)]);
        Each("h_last5", [.. fit.Variances.TakeLast(5)]);
        Oracle.Close(node.GetProperty("h_sum"), fit.Variances.Sum(), 1e-8, "h_sum");
        Each("variance_forecast_h1_to_h10", fit.ForecastVariances(10));
        Each("variance_forecast_h1", fit.ForecastVariances(1));

        void Optional(string name, double? value)
        {
            if (node.TryGetProperty(name, out var expected))
            {
                Oracle.Close(expected, value, 1e-7, name);
            }
        }

        void Each(string name, double[] values)
        {
            if (node.TryGetProperty(name, out var expected))
            {
                Assert.Equal(expected.GetArrayLength(), values.Length);
                for (var i = 0; i < values.Length; i++)
                {
                    Oracle.Close(expected[i], values[i], 1e-7, name);
                }
            }
        }
    }

    [Fact]
    public void Score_and_hessian_at_a_fixed_point_agree()
    {
        var node = Oracle.Expected("garch").GetProperty("models").GetProperty("dem2gbp.garch11.normal.fcp.at_fixed_point");
        var specification = new GarchSpecification();
        var likelihood = new GarchLikelihood(Series.MarksPerPound(), specification, 0.0);
        double[] point = [0.0, 0.01, 0.1, 0.85];
        var gradient = new double[4];
        var hessian = new double[16];
        Oracle.Close(node.GetProperty("logLikelihood"), likelihood.Derivatives(point, gradient, hessian), 1e-13, "lnL");
        Oracle.Close(node.GetProperty("logLikelihood"), likelihood.Value(point), 1e-13, "lnL");
        for (var i = 0; i < 4; i++)
        {
            Oracle.Close(node.GetProperty("score")[i], gradient[i], 1e-10, "score");
            for (var j = 0; j <= i; j++)
            {
                Oracle.Close(node.GetProperty("hessian_lower")[i][j], hessian[(i * 4) + j], 1e-10, "hessian");
                Assert.Equal(hessian[(i * 4) + j], hessian[(j * 4) + i]);
            }
        }
    }

    [Fact]
    public void Published_benchmark_of_fiorentini_calzolari_panattoni_is_reproduced()
    {
        var published = Oracle.Expected("garch").GetProperty("published").GetProperty("garch11_normal_FCP1996");
        var fit = GarchFit.Of(Series.MarksPerPound(), new GarchSpecification());
        foreach (var parameter in fit.Parameters)
        {
            Oracle.Close(published.GetProperty("parameters").GetProperty(parameter.Name), parameter.Value, 2e-5, parameter.Name);
            Oracle.Close(published.GetProperty("stdErr_hessian").GetProperty(parameter.Name), parameter.HessianError, 2e-5, parameter.Name);
        }
    }

    [Fact]
    public void Conditional_tails_of_fitted_models_agree()
    {
        var returns = Series.LogReturnsPercent();
        var normal = GarchFit.Of(returns, new GarchSpecification());
        var heavy = GarchFit.Of(returns, new GarchSpecification { Errors = ErrorDistribution.StudentT });
        foreach (var level in Oracle.Expected("var_es").GetProperty("conditional_T_plus_1").EnumerateObject())
        {
            var confidence = Series.Level(level.Name);
            var filtered = level.Value.GetProperty("fhs_garch11_normal_fcp_pct_units");
            var simulated = FilteredSimulation.Estimate(normal, returns, confidence);
            Check(filtered, "var_type7", "es_acerbi_tasche", simulated);
            Oracle.Close(filtered.GetProperty("sigma_T_plus_1"), Math.Sqrt(normal.NextVariance!.Value), 1e-7, "sigma");
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

        static void Check(JsonElement node, string var, string es, TailRisk risk)
        {
            Oracle.Close(node.GetProperty(var), risk.ValueAtRisk.Value, 1e-7, var);
            Oracle.Close(node.GetProperty(es), risk.ExpectedShortfall.Value, 1e-7, es);
        }
    }

    [Theory]
    [InlineData(GarchModel.Garch, ErrorDistribution.StudentT, Presample.Fcp)]
    [InlineData(GarchModel.Garch, ErrorDistribution.Normal, Presample.Constant)]
    [InlineData(GarchModel.Gjr, ErrorDistribution.Normal, Presample.InitialVariance)]
    [InlineData(GarchModel.Gjr, ErrorDistribution.StudentT, Presample.Fcp)]
    [InlineData(GarchModel.Egarch, ErrorDistribution.Normal, Presample.Fcp)]
    [InlineData(GarchModel.Egarch, ErrorDistribution.StudentT, Presample.Unconditional)]
    [InlineData(GarchModel.Egarch, ErrorDistribution.Normal, Presample.InitialVariance)]
    [InlineData(GarchModel.Egarch, ErrorDistribution.Normal, Presample.Constant)]
    public void Derivatives_are_those_of_the_value(GarchModel model, ErrorDistribution errors, Presample presample)
    {
        var specification = new GarchSpecification { Model = model, Errors = errors, Presample = presample, PresampleVariance = 0.9 };
        double[] data = [.. Enumerable.Range(0, 60).Select(i => Math.Sin((i * i * 0.37) + 0.2) + (0.6 * Math.Cos(i * 1.7)))];
        var likelihood = new GarchLikelihood(data, specification, 0.9);
        double[] point = [.. specification.ParameterNames.Select(name => name switch
        {
            "mu" => 0.05,
            "omega" => 0.1,
            "alpha" => 0.12,
            "gamma" => 0.07,
            "beta" => 0.7,
            _ => 5.5,
        })];
        var n = point.Length;
        var (gradient, hessian) = (new double[n], new double[n * n]);
        likelihood.Derivatives(point, gradient, hessian);
        for (var i = 0; i < n; i++)
        {
            var step = 1e-5 * Math.Max(1.0, Math.Abs(point[i]));
            double[] up = [.. point];
            double[] down = [.. point];
            up[i] += step;
            down[i] -= step;
            var (gradientUp, gradientDown, scratch) = (new double[n], new double[n], new double[n * n]);
            var slope = (likelihood.Value(up) - likelihood.Value(down)) / (2.0 * step);
            Assert.Equal(slope, gradient[i], 1e-5 * (1.0 + Math.Abs(slope)));
            likelihood.Derivatives(up, gradientUp, scratch);
            likelihood.Derivatives(down, gradientDown, scratch);
            for (var j = 0; j < n; j++)
            {
                var bend = (gradientUp[j] - gradientDown[j]) / (2.0 * step);
                Assert.Equal(bend, hessian[(i * n) + j], 1e-5 * (1.0 + Math.Abs(bend)));
            }
        }
    }

    internal static GarchSpecification SpecificationOf(string key)
    {
        var parts = key.Split('.');
        return new GarchSpecification
        {
            Model = parts[1] switch { "garch11" => GarchModel.Garch, "gjr11" => GarchModel.Gjr, _ => GarchModel.Egarch },
            Errors = parts[2] == "t" ? ErrorDistribution.StudentT : ErrorDistribution.Normal,
            Presample = parts[3] == "fcp" ? Presample.Fcp : Presample.InitialVariance,
            Constraint = parts.Length > 4 ? GarchConstraint.Stationary : GarchConstraint.None,
        };
    }
}
