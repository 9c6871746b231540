using System.CommandLine;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk dependence</c>: whether returns are independent and normal.</summary>
internal static class DependenceCommand
{
    public static Command Build(CommandContext context)
    {
        var series = new SeriesOptions(context);
        var lags = NumberOptions.Whole("--lags", "Lags of the autocorrelations and tests.", 10);
        var fitted = NumberOptions.Whole("--fitted", "Parameters of a model these are the residuals of: Ljung-Box loses as many degrees of freedom.", 0);
        var command = SeriesOptions.With(
            new Command("dependence", "Autocorrelations, and tests of independence (Ljung-Box, ARCH-LM) and normality (Jarque-Bera)."),
            series.All, [lags, fitted]);
        command.SetAction(parsed =>
        {
            var count = parsed.Between(lags, 1, 10_000);
            var lost = parsed.Between(fitted, 0, count - 1);
            var read = series.Read(context, parsed);
            var basis = series.BasisOf(parsed, read);
            double[] squares = [.. read.Returns.Select(value => value * value)];
            var rows = context.AllRows(
                parsed, "statistic", "lag", "value", "p_value", "distribution", "degrees_of_freedom", "status", "reason", "observations", "returns",
                "price_kind", "window", "horizon", "sign", "missing", "missing_sessions");
            object?[] named =
            [
                basis.Returns, basis.PriceKind, read.Returns.Length, 1, Sign.Natural.Code(), basis.Missing, basis.MissingSessions,
            ];
            var tests = new[]
            {
                (Name: "ljung_box", Lag: (int?)count, Test: SerialDependence.LjungBox(read.Returns, count, lost)),
                ("ljung_box_squares", count, SerialDependence.LjungBox(squares, count, lost)),
                ("arch_lm", count, SerialDependence.ArchLm(read.Returns, count)),
                ("jarque_bera", null, SerialDependence.JarqueBera(read.Returns)),
            };
            foreach (var (name, lag, test) in tests)
            {
                rows.Write(
                [
                    name, lag, test.Statistic, test.PValue, test.Distribution, test.DegreesOfFreedom, test.Status.Code(), test.Reason,
                    test.Observations, .. named,
                ]);
            }

            var judged = tests[0].Test;
            var correlations = judged.Status == Status.Ready ? SerialDependence.Autocorrelations(read.Returns, count) : [];
            for (var lag = 1; lag <= count; lag++)
            {
                var status = judged.Status == Status.Ready ? Status.Degenerate : judged.Status;
                double? value = lag <= correlations.Length && double.IsFinite(correlations[lag - 1]) ? correlations[lag - 1] : null;
                rows.Write(
                [
                    "autocorrelation", lag, value, null, "none", null, (value is null ? status : Status.Ready).Code(),
                    value is null ? judged.Reason ?? "The series has no variance." : null, read.Returns.Length, .. named,
                ]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }
}
