using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>The rows of the tests of ES.</summary>
internal static class ShortfallTests
{
    private const string Subject = "es";

    public static void Add(
        List<BacktestRow> rows,
        ReadOnlySpan<double> pnl,
        ReadOnlySpan<double> var,
        ReadOnlySpan<double> es,
        ReadOnlySpan<double> sigma,
        BacktestSettings settings,
        ShortfallLaws laws)
    {
        var days = PairedDays.Of(settings.Missing, sigma.Length > 0
            ? [pnl.ToArray(), var.ToArray(), es.ToArray(), sigma.ToArray()]
            : [pnl.ToArray(), var.ToArray(), es.ToArray()]);
        if (days.Fault is { } fault)
        {
            foreach (var (test, distribution) in (ReadOnlySpan<(string, string)>)
                [
                    ("acerbi_szekely_z1", "simulated"), ("acerbi_szekely_z2", "simulated"), ("minimally_biased_absolute", "none"),
                    ("minimally_biased_relative", "none"), ("mcneil_frey_residuals", "normal"), ("mcneil_frey_bootstrap", "bootstrap"),
                    ("nolde_ziegel_simple", "chi_squared"), ("e_process_es", "ville"), ("fissler_ziegel_loss", "none"),
                ])
            {
                rows.Add(SeriesBacktest.None(test, Subject, distribution, Status.InvalidInput, fault, pnl.Length));
            }

            return;
        }

        var (x, v, e) = (days[0], days[1], days[2]);
        var s = sigma.Length > 0 ? days[3] : [];
        var confidence = settings.Confidence;
        var z2 = ShortfallBacktest.Z2(x, v, e, confidence);
        rows.Add(Simulated(ShortfallBacktest.Z1(x, v, e, confidence), ShortfallStatistic.Z1, settings, laws));
        rows.Add(Simulated(z2, ShortfallStatistic.Z2, settings, laws));
        rows.Add(SeriesBacktest.Row(ShortfallBacktest.MinimallyBiased(x, v, e, confidence, relative: false), Subject));
        rows.Add(SeriesBacktest.Row(ShortfallBacktest.MinimallyBiased(x, v, e, confidence, relative: true), Subject));
        var badSigma = Array.FindIndex(s, value => !(value > 0.0));
        if (badSigma >= 0)
        {
            var reason = FormattableString.Invariant($"Sigma of day {badSigma} is not positive.");
            rows.Add(SeriesBacktest.None("mcneil_frey_residuals", Subject, "normal", Status.InvalidInput, reason, x.Length));
            rows.Add(SeriesBacktest.None("mcneil_frey_bootstrap", Subject, "bootstrap", Status.InvalidInput, reason, x.Length));
        }
        else
        {
            rows.Add(SeriesBacktest.Row(ShortfallBacktest.ExceedanceResiduals(x, v, e, s), Subject, settings));
            if (settings.Paths > 0)
            {
                rows.Add(SeriesBacktest.Row(
                    ShortfallBacktest.BootstrapResiduals(x, v, e, s, settings.Paths, settings.Seed), Subject, settings));
            }
        }

        rows.Add(SeriesBacktest.Row(ShortfallBacktest.ConditionalCalibration(x, v, e, confidence), Subject, settings));
        rows.Add(EProcessRow(z2, x, v, e, settings));
        rows.Add(SeriesBacktest.Row(z2.Status == Status.Ready
            ? ForecastLoss.Mean("fissler_ziegel_loss", ForecastLoss.FisslerZiegel(x, v, e, confidence), confidence)
            : z2 with { Name = "fissler_ziegel_loss" }, Subject));
    }

    // What makes the forecasts unusable for Z2 (an ES below its VaR, no days) makes them unusable for the others.
    private static BacktestRow EProcessRow(Measure z2, double[] pnl, double[] var, double[] es, BacktestSettings settings)
    {
        if (z2.Status != Status.Ready)
        {
            return SeriesBacktest.None("e_process_es", Subject, "ville", z2.Status, z2.Reason!, pnl.Length);
        }

        var eValues = new double[pnl.Length];
        for (var t = 0; t < eValues.Length; t++)
        {
            eValues[t] = EProcess.OfShortfall(pnl[t], var[t], es[t], settings.Confidence);
        }

        return SeriesBacktest.Process("e_process_es", Subject, eValues, settings);
    }

    private static BacktestRow Simulated(Measure measure, ShortfallStatistic statistic, BacktestSettings settings, ShortfallLaws laws)
    {
        var row = SeriesBacktest.Row(measure, Subject) with { Distribution = "simulated" };
        if (measure.Value is not { } value || settings.Paths < 1)
        {
            return row with { Distribution = settings.Paths < 1 ? "none" : "simulated" };
        }

        var law = laws.Get(statistic, measure.Observations, settings);
        return law is { Paths: > 0 } && law.PValue(value) is { } p
            ? row with
            {
                PValue = p,
                DegreesOfFreedom = settings.DegreesOfFreedom,
                Decision = p <= settings.Size ? "reject" : "pass",
                Size = settings.Size,
                Parameters = [new("critical_value", law.CriticalValue(settings.Size)!.Value), new("paths", law.Paths)],
            }
            : row;
    }
}
