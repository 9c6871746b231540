using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk garch</c>: one model fitted by maximum likelihood.</summary>
internal static class GarchCommand
{
    private static readonly string[] s_columns =
    [
        "model", "status", "reason", "observations", "parameters", "log_likelihood", "std_error_hessian", "std_error_opg", "std_error_sandwich",
        "persistence", "unconditional_variance", "half_life", "aic", "bic", "boundary", "forecast_variances", "forecast_volatilities",
        "diagnostics", "presample_variance", "iterations", "returns", "price_kind", "window", "horizon", "sign", "missing", "missing_sessions", "variances",
    ];

    public static Command Build(CommandContext context)
    {
        var series = new SeriesOptions(context, ReturnKind.Log);
        var garch = new GarchOptions(string.Empty);
        var window = new Option<int?>("--window") { Description = "Fit to the last so many returns. Default: all.", HelpName = "n" };
        var forecast = NumberOptions.Whole("--forecast", "Periods of forecast variances (EGARCH with t errors: one, the later means are infinite).", 10);
        var lags = NumberOptions.Whole("--lags", "Lags of the residual diagnostics.", 10);
        var variances = new Option<bool>("--variances") { Description = "Also the conditional variance of every period." };
        var command = SeriesOptions.With(
            new Command("garch", "Fit GARCH(1,1), GJR or EGARCH by maximum likelihood: parameters, three standard errors, forecasts, diagnostics."),
            series.All,
            garch.All,
            [window, forecast, lags, variances]);
        command.SetAction(parsed =>
        {
            var read = series.Read(context, parsed);
            var returns = read.Returns;
            var periods = parsed.Between(forecast, 1, 100_000);
            var depth = parsed.Between(lags, 1, 1000);
            if (parsed.AtLeast(window, 2) is { } last)
            {
                if (last > returns.Length)
                {
                    throw NumberOptions.Invalid(
                        window.Name, FormattableString.Invariant($"{last}"), FormattableString.Invariant($"at most the {returns.Length} returns there are"));
                }

                returns = returns[^last..];
            }

            var fit = GarchFit.Of(returns, garch.SpecificationOf(parsed, returns));
            var diagnostics = fit.Status == Status.Ready && returns.Length > depth + 1 ? fit.Diagnostics(returns, depth) : [];
            if (context.Format(parsed) is OutputFormat.Json or OutputFormat.Ndjson)
            {
                WriteObject(context, parsed, series.BasisOf(parsed, read), fit, fit.ForecastVariances(periods), diagnostics, parsed.GetValue(variances));
            }
            else
            {
                WriteLines(context, parsed, series.BasisOf(parsed, read), fit, fit.ForecastVariances(periods), diagnostics, parsed.GetValue(variances));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void WriteObject(
        CommandContext context, ParseResult parsed, SeriesBasis basis, GarchFit fit, double[] forecasts, IReadOnlyList<HypothesisTest> diagnostics,
        bool variances)
    {
        var rows = context.Rows(parsed, variances ? s_columns : s_columns[..^1]);
        List<object?> row =
        [
            fit.Specification.Name, fit.Status.Code(), fit.Reason, fit.Observations, Map(parameter => parameter.Value), fit.LogLikelihood,
            Map(parameter => parameter.HessianError), Map(parameter => parameter.OpgError), Map(parameter => parameter.SandwichError),
            fit.Persistence, fit.UnconditionalVariance, fit.HalfLife, fit.Aic, fit.Bic, fit.Boundary, forecasts,
            forecasts.Select(Math.Sqrt).ToArray(), diagnostics.Select(Diagnostic).ToArray(), fit.Specification.PresampleVariance, fit.Iterations,
            basis.Returns, basis.PriceKind, fit.Observations, 1, Sign.Natural.Code(), basis.Missing, basis.MissingSessions,
        ];
        if (variances)
        {
            row.Add(fit.Variances);
        }

        rows.Write(row);
        rows.Finish();

        Dictionary<string, object?> Map(Func<GarchParameter, double?> value) =>
            fit.Parameters.ToDictionary(parameter => parameter.Name, parameter => (object?)value(parameter), StringComparer.Ordinal);
    }

    private static Dictionary<string, object?> Diagnostic(HypothesisTest test) => new(StringComparer.Ordinal)
    {
        ["test"] = test.Name,
        ["statistic"] = test.Statistic,
        ["p_value"] = test.PValue,
        ["distribution"] = test.Distribution,
        ["degrees_of_freedom"] = test.DegreesOfFreedom,
        ["status"] = test.Status.Code(),
    };

    private static void WriteLines(
        CommandContext context, ParseResult parsed, SeriesBasis basis, GarchFit fit, double[] forecasts, IReadOnlyList<HypothesisTest> diagnostics,
        bool variances)
    {
        var rows = context.AllRows(parsed, "kind", "name", "value", "std_error_hessian", "std_error_opg", "std_error_sandwich", "p_value", "status");
        var status = fit.Status.Code();
        rows.Write(["model", fit.Specification.Name, null, null, null, null, null, status]);
        rows.Write(["returns", basis.Returns, null, null, null, null, null, status]);
        rows.Write(["price_kind", basis.PriceKind, null, null, null, null, null, status]);
        rows.Write(["sign", Sign.Natural.Code(), null, null, null, null, null, status]);
        rows.Write(["missing", basis.Missing, basis.MissingSessions, null, null, null, null, status]);
        rows.Write(["fit", "window", fit.Observations, null, null, null, null, status]);
        rows.Write(["fit", "horizon", 1, null, null, null, null, status]);
        foreach (var parameter in fit.Parameters)
        {
            rows.Write(
            [
                "parameter", parameter.Name, parameter.Value, parameter.HessianError, parameter.OpgError, parameter.SandwichError, null, status,
            ]);
        }

        foreach (var (name, value) in (ReadOnlySpan<(string, double?)>)
            [
                ("log_likelihood", fit.LogLikelihood), ("aic", fit.Aic), ("bic", fit.Bic), ("persistence", fit.Persistence),
                ("unconditional_variance", fit.UnconditionalVariance), ("half_life", fit.HalfLife),
            ])
        {
            rows.Write(["fit", name, value, null, null, null, null, status]);
        }

        for (var k = 0; k < forecasts.Length; k++)
        {
            rows.Write(["forecast_variance", FormattableString.Invariant($"{k + 1}"), forecasts[k], null, null, null, null, status]);
        }

        foreach (var test in diagnostics)
        {
            rows.Write(["diagnostic", test.Name, test.Statistic, null, null, null, test.PValue, test.Status.Code()]);
        }

        for (var t = 0; variances && t < fit.Variances.Count; t++)
        {
            rows.Write(["variance", FormattableString.Invariant($"{t + 1}"), fit.Variances[t], null, null, null, null, status]);
        }

        rows.Finish();
        if ((fit.Reason ?? fit.Boundary) is { } remark)
        {
            context.Terminal.Say(fit.Reason is null ? $"the optimum lies on a boundary: {remark}" : remark);
        }
    }
}
