using RiskLake.Gold;
using RiskLake.Lake.Columns;
using RiskLake.Risk;

namespace RiskLake.Desk.Limits;

/// <summary>Turns verdicts, episodes and acknowledgements into rows of gold, and rows back.</summary>
/// <param name="Code">Version of the computation.</param>
/// <param name="RunId">The run.</param>
/// <param name="AsOf">What was known.</param>
/// <param name="ValuationTime">What it is about.</param>
internal sealed record LimitRows(string Code, string RunId, long? AsOf, long? ValuationTime)
{
    public void Append(RecordBatch batch, LimitVerdict verdict, string limitsSha256)
    {
        batch[RiskTables.ValuationDate].Append(verdict.Date);
        AppendLimit(batch, verdict.Limit, verdict.Scope);
        AppendMeasure(batch, verdict.Owner, verdict.Measure);
        batch["returns"].AppendOrNull(verdict.Basis.Returns);
        batch["window"].AppendOrNull((long?)verdict.Basis.Window);
        batch["sign"].AppendOrNull(verdict.Basis.Sign);
        batch["price_kind"].AppendOrNull(verdict.Basis.PriceKind);
        batch["adjustment"].AppendOrNull(verdict.Basis.Adjustment);
        batch["value"].AppendOrNull(verdict.Value);
        batch["warn"].Append(verdict.WarnAmount);
        batch["critical"].Append(verdict.CriticalAmount);
        batch["utilisation"].AppendOrNull(verdict.Utilisation);
        batch["status"].Append(verdict.Status);
        batch["reason"].AppendOrNull(verdict.Reason);
        batch["clean_days"].Append((long)verdict.CleanDays);
        batch["limits_sha256"].Append(limitsSha256);
        RunColumns.Append(batch, Code, RunId, AsOf, ValuationTime);
    }

    public void Append(RecordBatch batch, LimitBreach breach)
    {
        var episode = breach.Episode;
        AppendLimit(batch, breach.Limit, breach.Scope);
        batch["opened"].Append(episode.Opened);
        batch["resolved"].AppendOrNull(episode.Resolved);
        batch["state"].Append(breach.State);
        batch["level"].Append(LimitBreach.Text(breach.Level));
        batch["peak"].Append(LimitBreach.Text(episode.Peak));
        batch["peak_value"].Append(episode.PeakValue);
        batch["peak_date"].Append(episode.PeakDate);
        batch["days_outside"].Append((long)episode.DaysOutside);
        batch["days_without_value"].Append((long)episode.DaysWithoutValue);
        batch["last_date"].Append(breach.LastDate);
        AppendMeasure(batch, breach.Owner, breach.Measure);
        batch["events"].Append(breach.EventsJson());
        RunColumns.Append(batch, Code, RunId, AsOf, ValuationTime);
    }

    public void Append(RecordBatch batch, LimitAcknowledgement word)
    {
        batch["acknowledgement_id"].Append(word.Id);
        AppendLimit(batch, word.Limit, word.Scope);
        batch["breach_date"].Append(word.Date);
        batch["acknowledged_by"].Append(word.By);
        batch["reason"].Append(word.Reason);
        batch["acknowledged_at"].Append(word.At);
        RunColumns.Append(batch, Code, RunId, AsOf, ValuationTime);
    }

    public static PublishedVerdict ReadVerdict(RecordBatch batch, int row)
    {
        var value = batch["value"];
        var verdict = new LimitVerdict
        {
            Date = batch[RiskTables.ValuationDate].Date(row),
            Limit = batch["limit_id"].Text(row),
            Owner = batch["owner"].Text(row),
            Scope = ReadScope(batch, row),
            Measure = new LimitedMeasure(
                batch["measure"].Text(row),
                TextOrNull(batch["method"], row),
                TextOrNull(batch["confidence"], row) is { } text && Confidence.TryParse(text, out var confidence) ? confidence : null,
                (int)batch["horizon"].Slot(row),
                batch["unit"].Text(row)),
            Basis = new MeasureBasis
            {
                Returns = TextOrNull(batch["returns"], row),
                Window = (int?)SlotOrNull(batch["window"], row),
                Sign = TextOrNull(batch["sign"], row),
                PriceKind = TextOrNull(batch["price_kind"], row),
                Adjustment = TextOrNull(batch["adjustment"], row),
            },
            Value = value.IsNull(row) ? null : value.Double(row),
            WarnAmount = batch["warn"].Double(row),
            CriticalAmount = batch["critical"].Double(row),
            Utilisation = batch["utilisation"].IsNull(row) ? null : batch["utilisation"].Double(row),
            Status = batch["status"].Text(row),
            Reason = TextOrNull(batch["reason"], row),
            CleanDays = (int)batch["clean_days"].Slot(row),
        };
        return new PublishedVerdict(
            batch[GoldColumns.RunId].Text(row), SlotOrNull(batch[GoldColumns.AsOf], row), SlotOrNull(batch[GoldColumns.ValuationTime], row), verdict);
    }

    public static LimitAcknowledgement ReadAcknowledgement(RecordBatch batch, int row) => new(
        batch["limit_id"].Text(row),
        ReadScope(batch, row),
        batch["breach_date"].Date(row),
        batch["acknowledged_by"].Text(row),
        batch["reason"].Text(row),
        batch["acknowledged_at"].Slot(row));

    private static LimitScope ReadScope(RecordBatch batch, int row) => new(batch["scope_kind"].Text(row), batch["scope"].Text(row));

    private static string? TextOrNull(Column column, int row) => column.IsNull(row) ? null : column.Text(row);

    private static long? SlotOrNull(Column column, int row) => column.IsNull(row) ? null : column.Slot(row);

    private static void AppendLimit(RecordBatch batch, string limit, LimitScope scope)
    {
        batch["limit_id"].Append(limit);
        batch["scope_kind"].Append(scope.Kind);
        batch["scope"].Append(scope.Name);
    }

    private static void AppendMeasure(RecordBatch batch, string owner, LimitedMeasure measure)
    {
        batch["owner"].Append(owner);
        batch["measure"].Append(measure.Measure);
        batch["method"].AppendOrNull(measure.Method);
        batch["confidence"].AppendOrNull(measure.Confidence?.ToString());
        batch["confidence_level"].AppendOrNull(measure.Confidence?.Level);
        batch["horizon"].Append((long)measure.Horizon);
        batch["unit"].Append(measure.Unit);
    }
}
