using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>The backtests of one series of forecasts, a row per test.</summary>
/// <remarks>
/// Pure. P&amp;L or returns keep their sign; VaR, ES and sigma are positive. An exceedance is a loss strictly greater than its VaR. Rows
/// come in a fixed order; a test that cannot be made has a row with a status. Sigma scales the McNeil-Frey residuals and nothing else.
/// </remarks>
internal static class SeriesBacktest
{
    /// <summary>Wealth at which an e-process is said to have been on some day.</summary>
    private static readonly double[] s_thresholds = [2.0, 5.0, 10.0, 20.0];

    public static string Code(this MissingRule rule) => rule switch
    {
        MissingRule.Refuse => "refuse",
        MissingRule.CountAsExceedance => "count",
        MissingRule.LeaveOut => "leave_out",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "No such rule."),
    };

    /// <summary>Computes the rows; an empty <paramref name="es"/> leaves out the tests of ES.</summary>
    /// <param name="pnl">P&amp;L or returns, losses negative.</param>
    /// <param name="var">VaR forecasts made before each day.</param>
    /// <param name="es">ES forecasts, or empty.</param>
    /// <param name="sigma">Volatility forecasts, or empty.</param>
    /// <param name="settings">Everything else.</param>
    /// <param name="laws">Simulated laws to share between series; null for own ones.</param>
    /// <exception cref="ArgumentException">The series differ in length, or the settings are out of range.</exception>
    public static IReadOnlyList<BacktestRow> Compute(
        ReadOnlySpan<double> pnl,
        ReadOnlySpan<double> var,
        ReadOnlySpan<double> es,
        ReadOnlySpan<double> sigma,
        BacktestSettings settings,
        ShortfallLaws? laws = null)
    {
        if (pnl.Length != var.Length || (es.Length > 0 && es.Length != pnl.Length) || (sigma.Length > 0 && sigma.Length != pnl.Length))
        {
            throw new ArgumentException("The series differ in length.", nameof(pnl));
        }

        if (!(settings.Size > 0.0 && settings.Size < 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(settings), settings.Size, "A size lies strictly between 0 and 1.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(settings.TrafficLightDays, 1, nameof(settings));
        List<BacktestRow> rows = [];
        AddValueAtRisk(rows, pnl, var, settings);
        if (es.Length > 0)
        {
            ShortfallTests.Add(rows, pnl, var, es, sigma, settings, laws ?? new ShortfallLaws());
        }

        return rows;
    }

    /// <summary>A row of a hypothesis test, decided at the size of the settings.</summary>
    internal static BacktestRow Row(HypothesisTest test, string subject, BacktestSettings settings, params ReadOnlySpan<Parameter> more) => new()
    {
        Test = test.Name,
        Subject = subject,
        Status = test.Status,
        Reason = test.Reason,
        Statistic = test.Statistic,
        PValue = test.PValue,
        Distribution = test.Distribution,
        DegreesOfFreedom = test.DegreesOfFreedom,
        Decision = test.PValue is { } p ? p <= settings.Size ? "reject" : "pass" : "none",
        Size = test.PValue is null ? null : settings.Size,
        Observations = test.Observations,
        Parameters = [.. test.Parameters, .. more],
    };

    /// <summary>A row of a mere statistic.</summary>
    internal static BacktestRow Row(Measure measure, string subject, params ReadOnlySpan<Parameter> more) => new()
    {
        Test = measure.Name,
        Subject = subject,
        Status = measure.Status,
        Reason = measure.Reason,
        Statistic = measure.Value,
        Distribution = "none",
        Decision = "none",
        Observations = measure.Observations,
        Parameters = [.. measure.Convention.Parameters, .. more],
    };

    /// <summary>The row of an e-process: its final wealth, its peak, and the first day, from 1, on which each threshold was reached.</summary>
    internal static BacktestRow Process(string name, string subject, ReadOnlySpan<double> eValues, BacktestSettings settings)
    {
        var (final, firstDays) = EProcess.Run(eValues, settings.BettingFraction, s_thresholds);
        if (!double.IsFinite(final.Peak))
        {
            return None(name, subject, "ville", Status.Degenerate, "An e-value is infinite: ES equals VaR on a day of a loss beyond it.", eValues.Length);
        }

        List<Parameter> parameters =
            [new("betting_fraction", settings.BettingFraction), new("peak", final.Peak), new("peak_day", final.PeakDay)];
        for (var k = 0; k < s_thresholds.Length; k++)
        {
            if (firstDays[k] is { } day)
            {
                parameters.Add(new Parameter(FormattableString.Invariant($"first_day_at_{s_thresholds[k]}"), day));
            }
        }

        var p = Math.Min(1.0, 1.0 / final.Peak);
        return new BacktestRow
        {
            Test = name,
            Subject = subject,
            Status = Status.Ready,
            Statistic = final.Wealth,
            PValue = p,
            Distribution = "ville",
            Decision = p <= settings.Size ? "reject" : "pass",
            Size = settings.Size,
            Observations = final.Days,
            Parameters = parameters,
        };
    }

    internal static BacktestRow None(string test, string subject, string distribution, Status status, string reason, int observations) => new()
    {
        Test = test,
        Subject = subject,
        Status = status,
        Reason = reason,
        Distribution = distribution,
        Decision = "none",
        Observations = observations,
    };

    private static void AddValueAtRisk(List<BacktestRow> rows, ReadOnlySpan<double> pnl, ReadOnlySpan<double> var, BacktestSettings settings)
    {
        const string Subject = "var";
        var confidence = settings.Confidence;
        var exceedances = Exceedances.Of(pnl, var, confidence, settings.Missing);
        var days = PairedDays.Of(settings.Missing, pnl, var);
        rows.Add(Row(CoverageTests.Kupiec(exceedances), Subject, settings, Counts(exceedances, settings)));
        rows.Add(Row(CoverageTests.Binomial(exceedances), Subject, settings));
        rows.Add(Row(CoverageTests.ZScore(exceedances), Subject, settings));
        rows.Add(Row(CoverageTests.Independence(exceedances), Subject, settings));
        rows.Add(Row(CoverageTests.ConditionalCoverage(exceedances), Subject, settings));
        rows.Add(Row(CoverageTests.ConditionalCoverage(exceedances, conditionalOnFirstDay: true), Subject, settings));
        rows.Add(Row(CoverageTests.TimeUntilFirstFailure(exceedances), Subject, settings));
        rows.Add(Row(CoverageTests.TimeBetweenFailures(exceedances), Subject, settings));
        rows.Add(Row(DurationTest.Weibull(exceedances), Subject, settings));
        rows.Add(days.Fault is { } fault && exceedances.Status == Status.Ready
            ? None("dynamic_quantile", Subject, "chi_squared", Status.InvalidInput, fault, exceedances.Observations)
            : Row(DynamicQuantileTest.Of(exceedances, exceedances.Status == Status.Ready ? days[1] : [], settings.Lags), Subject, settings));
        rows.Add(Row(
            DynamicQuantileTest.Of(exceedances, [], settings.Lags) with { Name = "dynamic_quantile_hits" }, Subject, settings));
        rows.Add(TrafficLightRow(exceedances, settings));
        if (days.Fault is { } missing)
        {
            rows.Add(None("e_process_var", Subject, "ville", Status.InvalidInput, missing, pnl.Length));
            rows.Add(None("pinball_loss", Subject, "none", Status.InvalidInput, missing, pnl.Length));
            return;
        }

        var (returns, forecasts) = (days[0], days[1]);
        var eValues = new double[returns.Length];
        for (var t = 0; t < eValues.Length; t++)
        {
            eValues[t] = EProcess.OfValueAtRisk(returns[t], forecasts[t], confidence);
        }

        rows.Add(returns.Length == 0
            ? None("e_process_var", Subject, "ville", Status.InsufficientHistory, "No days.", 0)
            : Process("e_process_var", Subject, eValues, settings));
        rows.Add(Row(ForecastLoss.Mean("pinball_loss", ForecastLoss.Pinball(returns, forecasts, confidence), confidence), Subject));
    }

    private static Parameter[] Counts(Exceedances exceedances, BacktestSettings settings)
    {
        if (exceedances.Status != Status.Ready)
        {
            return [];
        }

        var (least, most) = CoverageTests.NonRejectionRegion(exceedances.Observations, exceedances.Confidence, settings.Size);
        return
        [
            new("exceedances", exceedances.Count),
            new("expected", exceedances.Expected),
            new("missing_days", exceedances.Missing),
            new("least_not_rejected", least),
            new("most_not_rejected", most),
        ];
    }

    private static BacktestRow TrafficLightRow(Exceedances exceedances, BacktestSettings settings)
    {
        if (exceedances.Status != Status.Ready)
        {
            return None("traffic_light", "var", "binomial", exceedances.Status, exceedances.Reason!, exceedances.Observations);
        }

        var light = TrafficLight.OfLast(exceedances, Math.Min(settings.TrafficLightDays, exceedances.Observations))!;
        List<Parameter> parameters =
            [new("cumulative", light.Cumulative), new("yellow_from", light.YellowFrom), new("red_from", light.RedFrom)];
        if (light is { PlusFactor: { } plus, Multiplier: { } multiplier })
        {
            parameters.Add(new Parameter("plus_factor", plus));
            parameters.Add(new Parameter("multiplier", multiplier));
        }

        return new BacktestRow
        {
            Test = "traffic_light",
            Subject = "var",
            Status = Status.Ready,
            Statistic = light.Count,
            PValue = light.FalseAlarm,
            Distribution = "binomial",
            Decision = light.Zone switch { Zone.Green => "green", Zone.Yellow => "yellow", _ => "red" },
            Observations = light.Observations,
            Parameters = parameters,
        };
    }
}
