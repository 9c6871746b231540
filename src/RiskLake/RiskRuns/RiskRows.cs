using System.Text;
using System.Text.Json;
using RiskLake.Gold;
using RiskLake.History;
using RiskLake.Lake.Columns;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.RiskRuns;

/// <summary>Turns numbers into rows of gold.</summary>
internal sealed class RiskRows(DateOnly date, long? asOf, string runId, RiskSettings settings)
{
    /// <summary>Version of the computation, as rows name it.</summary>
    public static string Code { get; } = FormattableString.Invariant($"risk/{RiskRun.OutputVersion}");

    private readonly string _measures = settings.MeasuresSha256;
    private readonly string _volatility = settings.VolatilitySha256;
    private readonly string _correlations = settings.CorrelationSha256;
    private readonly Dictionary<BacktestSettings, string> _backtests = settings.Backtests.ToDictionary(one => one, settings.BacktestSha256);

    public void AddMeasures(RecordBatch batch, SeriesRisk risk)
    {
        var input = risk.Known?.InputSha256() ?? SessionReturns.Digest([]);
        var flagged = FlaggedJson(risk);
        var off = OffSession(risk);
        for (var i = 0; i < risk.Measures.Count; i++)
        {
            var row = risk.Measures[i];
            var measure = row.Measure;
            AddSeries(batch, risk);
            batch["returns"].Append(settings.Measures.Kind.Code());
            batch["measure"].Append(measure.Name);
            batch["method"].Append(measure.Method);
            Append(batch["model"], row.Model);
            AddNumber(batch, measure, row.Unit, risk.Refusal, risk.Returns?.Values.Length);
            AppendDate(batch["first_session"], risk.Returns is { Sessions: [var first, ..] } ? first : null);
            AppendDate(batch["last_session"], risk.Returns is { Sessions: [.., var last] } ? last : null);
            batch["missing_sessions"].Append((long)(risk.Returns?.MissingSessions ?? 0));
            Append(batch["off_session_prices"], off);
            AddConvention(batch, measure);
            Append(batch["interval_low"], row.Interval?.Low);
            Append(batch["interval_high"], row.Interval?.High);
            Append(batch["interval_coverage"], row.Interval?.Coverage);
            AddTail(batch, row, risk);
            batch["flagged_observations"].Append((long)risk.Findings.Count);
            Append(batch["flagged"], flagged);
            Append(
                batch["value_without_flagged"],
                risk.WithoutFlagged.Count > 0 && measure.Value is not null ? risk.WithoutFlagged[i].Measure.Value : null);
            AddReceipt(batch, input, _measures, risk.ValuationTime);
        }
    }

    public void AddVolatility(RecordBatch batch, SeriesRisk risk)
    {
        var input = risk.VolatilityPrices?.InputSha256() ?? SessionReturns.Digest([]);
        var missing = risk.VolatilityPrices?.MissingSessions ?? 0;
        var gap = missing > 0
            ? new SeriesRefusal(Status.InsufficientHistory.Code(), FormattableString.Invariant($"{missing} sessions of the window have no price."))
            : null;
        foreach (var row in risk.Volatility)
        {
            var isRecursive = SeriesVolatility.IsRecursive(row.Measure.Method);
            var prices = isRecursive ? risk.Known : risk.VolatilityPrices;
            AddSeries(batch, risk);
            batch["method"].Append(row.Measure.Method);
            batch["returns"].Append(ReturnKind.Log.Code());
            AddNumber(batch, row.Measure, "fraction", risk.Refusal ?? (isRecursive ? null : gap), null);
            AppendDate(batch["first_session"], prices is { Prices: [var first, ..] } ? DateOnly.FromDayNumber(first.Session) : null);
            AppendDate(batch["last_session"], prices is { Prices: [.., var last] } ? DateOnly.FromDayNumber(last.Session) : null);
            batch["missing_sessions"].Append((long)(prices?.MissingSessions ?? 0));
            AddConvention(batch, row.Measure);
            AddReceipt(batch, isRecursive ? risk.Known?.InputSha256() ?? input : input, _volatility, risk.ValuationTime);
        }
    }

    public void AddTests(RecordBatch batch, SeriesRisk risk)
    {
        var input = risk.BacktestReturns?.InputSha256() ?? SessionReturns.Digest([]);
        var tested = risk.BacktestReturns?.Sessions ?? [];
        var days = tested.Skip(SeriesForecasts.First(tested.Count, settings)).ToArray();
        foreach (var test in risk.Tests)
        {
            var row = test.Row;
            var isReady = risk.Refusal is null && row.Status == Status.Ready;
            AddSeries(batch, risk);
            batch["method"].Append(test.Method.Code);
            batch["confidence"].Append(test.Settings.Confidence.ToString());
            batch["confidence_level"].Append(test.Settings.Confidence.Level);
            batch["returns"].Append(settings.Measures.Kind.Code());
            batch["horizon"].Append(1L);
            batch["sign"].Append(Sign.LossPositive.Code());
            batch["forecast_window"].Append((long)settings.ForecastWindow);
            batch["subject"].Append(row.Subject);
            batch["test"].Append(row.Test);
            Append(batch["statistic"], isReady ? row.Statistic : null);
            Append(batch["p_value"], isReady ? row.PValue : null);
            batch["distribution"].Append(row.Distribution);
            Append(batch["degrees_of_freedom"], row.DegreesOfFreedom);
            batch["decision"].Append(isReady ? row.Decision : "none");
            Append(batch["size"], row.Size);
            batch["days"].Append((long)row.Observations);
            AppendDate(batch["first_session"], days is [var first, ..] ? first : null);
            AppendDate(batch["last_session"], days is [.., var last] ? last : null);
            Append(batch["exceedances"], test.Exceedances);
            batch["status"].Append(risk.Refusal?.Status ?? row.Status.Code());
            Append(batch["reason"], risk.Refusal?.Reason ?? row.Reason);
            batch["parameters"].Append(MeasureRow.TextOf(row.Parameters));
            AddReceipt(batch, input, _backtests[test.Settings], risk.ValuationTime);
        }
    }

    public void AddCorrelations(RecordBatch batch, AlignedReturns aligned, IReadOnlyList<CorrelationRow> rows, long? valuationTime)
    {
        var digests = aligned.Series.ToDictionary(
            one => one.Key.Symbol, one => SessionReturns.Digest(aligned.First is { } first ? one.Between(first, date) : []));
        var keys = aligned.Series.ToDictionary(one => one.Key.Symbol, one => one.Key);
        foreach (var row in rows)
        {
            batch[RiskTables.ValuationDate].Append(Days(date));
            batch["symbol"].Append(row.First);
            batch["other_symbol"].Append(row.Second);
            batch["method"].Append(row.Correlation.Method);
            AddPrices(batch, "", keys[row.First]);
            AddPrices(batch, "other_", keys[row.Second]);
            batch["returns"].Append(settings.Measures.Kind.Code());
            batch["horizon"].Append(1L);
            batch["sign"].Append(Sign.Natural.Code());
            batch["window"].Append((long)settings.CorrelationWindow);
            AddNumber(batch, row.Correlation, "none", null, null);
            Append(batch["covariance"], row.Covariance);
            AppendDate(batch["first_session"], aligned.Sessions is [var first, ..] ? first : null);
            AppendDate(batch["last_session"], aligned.Sessions is [.., var last] ? last : null);
            batch["parameters"].Append(MeasureRow.TextOf(row.Correlation.Convention.Parameters));
            AddReceipt(batch, $"{digests[row.First]} {digests[row.Second]}", _correlations, valuationTime);
        }
    }

    private void AddSeries(RecordBatch batch, SeriesRisk risk)
    {
        var key = risk.Series.Key;
        batch[RiskTables.ValuationDate].Append(Days(date));
        batch["symbol"].Append(key.Symbol);
        AddPrices(batch, "", key);
        Append(batch["currency"], key.Currency);
        batch["frequency"].Append(key.Frequency);
        Append(batch["market"], risk.Series.IsMarketKnown ? risk.Series.Calendar.Id : null);
    }

    private static void AddPrices(RecordBatch batch, string prefix, SeriesKey key)
    {
        batch[prefix + "source"].Append(key.Source);
        batch[prefix + "price_kind"].Append(key.PriceKind);
        batch[prefix + "adjustment"].Append(key.Adjustment);
    }

    /// <summary>Days of the window with a price that has no say; null where nobody knows the sessions.</summary>
    private static long? OffSession(SeriesRisk risk) => !risk.Series.IsMarketKnown ? null
        : risk.Returns is not { Prices: [var first, ..] } returns ? 0
        : risk.Series.OffSession.Count(day => day >= first.Session && day <= returns.Valuation.DayNumber);

    private static string? FlaggedJson(SeriesRisk risk)
    {
        if (risk.Returns is not { } returns || risk.Findings.Count == 0)
        {
            return null;
        }

        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var (index, names) in risk.Findings.OrderBy(entry => entry.Key))
            {
                json.WriteStartObject();
                json.WriteString("session", FormattableString.Invariant($"{returns.Sessions[index]:yyyy-MM-dd}"));
                WriteNullable(json, "return", double.IsFinite(returns.Values[index]) ? returns.Values[index] : null);
                WriteNames(json, names);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteNames(Utf8JsonWriter json, IReadOnlyList<string> names)
    {
        json.WriteStartArray("findings");
        foreach (var name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    private static void AddNumber(RecordBatch batch, Measure measure, string unit, SeriesRefusal? refusal, int? found)
    {
        Append(batch["value"], refusal is null ? measure.Value : null);
        batch["unit"].Append(unit);
        batch["status"].Append(refusal?.Status ?? measure.Status.Code());
        Append(batch["reason"], refusal?.Reason ?? measure.Reason);
        batch["observations"].Append((long)(refusal is null ? measure.Observations : found ?? 0));
    }

    private static void AddConvention(RecordBatch batch, Measure measure)
    {
        var convention = measure.Convention;
        Append(batch["confidence"], convention.Confidence?.ToString());
        Append(batch["confidence_level"], convention.Confidence?.Level);
        batch["horizon"].Append((long)convention.Horizon);
        batch["horizon_rule"].Append(convention.HorizonRule.Code());
        batch["sign"].Append(convention.Sign.Code());
        Append(batch["quantile_type"], (int?)convention.QuantileType);
        Append(batch["ddof"], convention.Ddof);
        Append(batch["mean_rule"], convention.Mean?.Code());
        Append(batch["window"], convention.Window ?? (measure.Observations > 0 ? measure.Observations : null));
        Append(batch["periods_per_year"], convention.PeriodsPerYear);
        batch["parameters"].Append(MeasureRow.TextOf(convention.Parameters));
    }

    /// <summary>The observations behind a number; of each with a finding the measure without it.</summary>
    private void AddTail(RecordBatch batch, MeasureRow row, SeriesRisk risk)
    {
        if (risk.Refusal is not null || risk.Returns is not { } returns || row.Tail.Count == 0)
        {
            batch["tail"].AppendNull();
            batch["flagged_in_tail"].Append(0L);
            return;
        }

        using var stream = new MemoryStream();
        var flagged = 0L;
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            foreach (var observation in row.Tail)
            {
                json.WriteStartObject();
                json.WriteString("session", FormattableString.Invariant($"{returns.Sessions[observation.Index]:yyyy-MM-dd}"));
                json.WriteNumber("return", observation.Return);
                json.WriteNumber("shortfall_weight", observation.ShortfallWeight);
                json.WriteNumber("quantile_weight", observation.QuantileWeight);
                json.WriteNumber("dq_flags", returns.Flags[observation.Index]);
                if (risk.Findings.TryGetValue(observation.Index, out var names))
                {
                    flagged++;
                    WriteNames(json, names);
                    WriteNullable(json, "without", Without(risk.Known ?? returns, returns.Values.Length, observation.Index, row));
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        batch["tail"].Append(Encoding.UTF8.GetString(stream.ToArray()));
        batch["flagged_in_tail"].Append(flagged);
    }

    /// <summary>The same measure over the returns but one.</summary>
    private double? Without(SessionReturns known, int window, int index, MeasureRow row)
    {
        var rest = SeriesRisk.Remaining(known.Values, window, [index]);
        var convention = row.Measure.Convention;
        var same = settings.Measures with
        {
            Methods = [TailMethods.Named(row.Measure.Method)],
            Confidences = [convention.Confidence!.Value],
            Horizon = convention.Horizon,
            HorizonRule = convention.Horizon == 1 ? HorizonRule.OnePeriod : convention.HorizonRule,
            Summary = false,
            IntervalCoverage = null,
        };
        return SeriesRisk.Windowed(rest, window - 1, same).First(other => other.Measure.Name == row.Measure.Name).Measure.Value;
    }

    private void AddReceipt(RecordBatch batch, string input, string parameters, long? valuationTime)
    {
        batch["input_sha256"].Append(input);
        batch["parameters_sha256"].Append(parameters);
        batch["code"].Append(Code);
        batch[GoldColumns.RunId].Append(runId);
        Append(batch[GoldColumns.RunTime], asOf);
        Append(batch[GoldColumns.AsOf], asOf);
        Append(batch[GoldColumns.ValuationTime], valuationTime);
    }

    private static void WriteNullable(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void AppendDate(Column column, DateOnly? value) => Append(column, value is { } day ? Days(day) : null);

    private static long Days(DateOnly date) => date.DayNumber - new DateOnly(1970, 1, 1).DayNumber;

    private static void Append(Column column, string? value)
    {
        if (value is null)
        {
            column.AppendNull();
        }
        else
        {
            column.Append(value);
        }
    }

    private static void Append(Column column, long? value)
    {
        if (value is { } slot)
        {
            column.Append(slot);
        }
        else
        {
            column.AppendNull();
        }
    }

    private static void Append(Column column, double? value)
    {
        if (value is { } number)
        {
            column.Append(number);
        }
        else
        {
            column.AppendNull();
        }
    }
}
