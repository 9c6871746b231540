using RiskLake.Risk;
using RiskLake.Risk.Oracles;

namespace RiskLake.Tests.Risk;

public sealed class GarchOracleTests
{
    [Fact]
    public void Maximum_likelihood_agrees() => Oracle.Agrees(GarchChecks.MaximumLikelihood);

    [Fact]
    public void Published_benchmark_of_fiorentini_calzolari_panattoni_is_reproduced() => Oracle.Agrees(GarchChecks.PublishedBenchmark);

    [Fact]
    public void Conditional_tails_of_fitted_models_agree() => Oracle.Agrees(GarchChecks.ConditionalTails);

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
}
