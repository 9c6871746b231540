using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Ingest.Bronze;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Quarantine;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Quality;

namespace RiskLake.Lineage;

/// <summary>One column as documents and lineage explain it.</summary>
/// <param name="Schema">Name, type and nullability, as the files have them.</param>
/// <param name="Unit">What the number counts or measures; empty for text and instants.</param>
/// <param name="Description">What the column says.</param>
internal sealed record ColumnModel(ColumnSchema Schema, string Unit, string Description);

/// <summary>What each table of the lake holds: columns, grain, order. Types come from the stages, words from here.</summary>
internal static class TableModel
{
    private static readonly Dictionary<string, (string Unit, string Description)> Platform = new(StringComparer.Ordinal)
    {
        [BronzeStage.SourceFile] = ("", "The input, relative to what `--input` named."),
        [BronzeStage.SourceLine] = ("from 1", "Where the record is in its input: the line it begins in, its place in a JSON array, or its Parquet row."),
        [BronzeStage.Extra] = ("", "Fields the contract does not name, verbatim, as a JSON object."),
        [SilverStage.WindowStart] = ("", "Start of the window of `--window-minutes` that holds the event."),
        [SilverStage.IsLate] = ("", "Arrived more than `late_seconds` after the event; null where lateness is not applicable."),
        [SilverStage.Flags] = (
            "bits", "Findings that do not take a row out: 1 late, 2 ingested before the event, 4 out of session, 8 on a day without one."),
        [SilverStage.BronzeRunId] = ("", "The run whose bronze holds the record: that of the file."),
        [QuarantineTable.Stage] = ("", "`decode`: not a record of the contract. `silver`: contradicts the version that stands."),
        [RejectSchema.ByteOffset] = ("bytes", "First byte of the record in the decompressed input; null for Parquet and for conflicts."),
        [RejectSchema.Raw] = ("", "The record as received; the beginning of one that is too long; a conflict's fields as JSON."),
        [RejectSchema.RawBytes] = ("bytes", "Full length of the record."),
        [RejectSchema.RawSha256] = ("", "Digest of the whole record."),
        [RejectSchema.Code] = ("", "Code of the first reason."),
        [RejectSchema.Reasons] = ("", "All reasons: a JSON array of `code`, `column`, `found`, `expected`."),
        [GoldColumns.RunId] = ("", "The run that computed the row."),
        [GoldColumns.RunTime] = ("", "The same as `as_of`."),
        [GoldColumns.AsOf] = ("", "What was known: greatest ingest time the run read, or `--as-of`; null without an event."),
        [GoldColumns.ValuationTime] = ("", "What it is about: greatest event time; null without an event."),
        ["symbol"] = ("", "The instrument, as silver spells it."),
        ["window_minutes"] = ("minutes", "Width of the window."),
        ["open"] = ("price", "First price of the window."),
        ["high"] = ("price", "Greatest price of the window."),
        ["low"] = ("price", "Least price of the window."),
        ["close"] = ("price", "Last price of the window."),
        ["vwap"] = ("price", "Sum of price * volume over sum of volume; null without volume."),
        ["volume"] = ("quantity", "Sum of the volumes; null when they cannot be summed."),
        ["trades"] = ("events", "Events of the window."),
        ["volume_status"] = ("", "`ok`, `no_volume_field`, `missing_volume` or `overflow`."),
        ["ts_event"] = ("", "Time of the event the return ends at."),
        ["price"] = ("price", "Price of that event."),
        ["previous_price"] = ("price", "Price of the event before it."),
        ["simple_return"] = ("fraction", "price / previous_price - 1; null when either is not a usable number."),
        ["volatility_5m"] = ("fraction", "Sample standard deviation of the latest returns, not annualised; null with too few."),
        ["value_at_risk_95"] = ("fraction", "Type 7 quantile of the returns at 1 - 0.95, signed: a loss is negative; null without returns."),
        ["volatility_status"] = ("", "`ok`, `warn`, `critical` or `no_data`."),
        ["observations"] = ("returns", "Returns used."),
        ["volatility_window"] = ("returns", "Returns the volatility spans (`--vol-window`)."),
        ["signals"] = (
            "the signal's own",
            "Of each configured signal the latest value known at `as_of`; one without is left out. `docs/sources.md` says when a value is known."),
        ["external_signal_summary.name"] = ("", "The source's id of the series."),
        ["external_signal_summary.source"] = ("", "Who delivered it."),
        ["external_signal_summary.period"] = ("", "What the latest observation known at `as_of` is about; null if there is none."),
        ["external_signal_summary.value"] = ("`units`", "Its value; null if it has none."),
        ["external_signal_summary.missing_reason"] = ("", "Why it has none: `not_reported` or `withdrawn`."),
        ["external_signal_summary.known_from"] = ("", "The day from which it was known to be so."),
        ["external_signal_summary.known_basis"] = ("", "`vintage`: that is the day of publication; `window`, `received`: the latest day it can have been."),
        ["external_signal_summary.units"] = ("", "What the number means, in the source's words."),
        ["external_signal_summary.frequency"] = ("", "How often there is a value."),
        ["external_signal_summary.observations"] = ("periods", "Periods of which something was known at `as_of`."),
        ["external_signal_summary.status"] = ("", "`available`, `missing`, `withdrawn`, or `unavailable`: nothing had been published."),
        ["market"] = ("", "Calendar of the market the symbol is listed for."),
        ["session"] = ("", "Date of the session; of a day without one, the date on the market's clocks."),
        ["expected_minutes"] = ("minutes", "Trading minutes of the session that began before `as_of`, without breaks; 0 on a day without a session."),
        ["observed_minutes"] = ("minutes", "Those with at least one event."),
        ["completeness"] = ("fraction", "observed_minutes / expected_minutes; null where nothing was expected."),
        ["first_event"] = ("", "Time of the first event; null without one."),
        ["last_event"] = ("", "Time of the last event; null without one."),
        ["events"] = ("events", "Events of the session, and those out of session on its date."),
        ["out_of_session"] = ("events", "Those of them outside the trading minutes; on a day without a session, all."),
        ["staleness_minutes"] = ("minutes", "Trading minutes from `last_event` to `as_of`; null without an event."),
        ["dataset"] = ("", "Dataset of the run's records."),
        ["contract_version"] = ("", "Version of the contract."),
        ["events_read"] = ("records", "Read from the inputs."),
        ["events_quarantined"] = ("records", "Not decodable against the contract."),
        ["events_total"] = ("records", "In bronze."),
        ["events_deduped"] = ("records", "Distinct keys among them."),
        ["late_count"] = ("records", "Late among the distinct keys; null where lateness is not applicable."),
        ["late_rate"] = ("fraction", "late_count / events_deduped."),
        ["duplicate_rate"] = ("fraction", "1 - events_deduped / events_total."),
        ["quarantine_rate"] = ("fraction", "events_quarantined / events_read."),
        ["bytes_read"] = ("bytes", "Bytes of the inputs, decompressed; null for Parquet."),
        ["bytes_quarantined"] = ("bytes", "Those in quarantined records, and in stretches in which no record can be told."),
        ["quarantine_byte_rate"] = ("fraction", "bytes_quarantined / bytes_read; the gate takes the worse of the two rates."),
        ["quarantined_estimate"] = ("records", "How many records the quarantined ones may hold, if those are as long as the others."),
        ["already_published"] = ("records", "Equal to events that other runs own."),
        ["conflicts"] = ("records", "Contradict the records that own their events, in this run or others."),
        ["conflict_rate"] = ("fraction", "Records that contradict events of other runs / events_total."),
        ["conflict_status"] = ("", "`ok`, `critical` or `no_data`."),
        ["late_status"] = ("", "`ok`, `critical`, `no_data` or `not_applicable`; events that other runs had published are left out."),
        ["duplicate_status"] = ("", "`ok`, `critical` or `no_data`."),
        ["quarantine_status"] = ("", "`ok`, `critical` or `no_data`."),
        ["dq_passed"] = ("", "Whether no blocking check failed or lacked data."),
    };

    /// <summary>Every table a run of the contract may write.</summary>
    public static IReadOnlyList<(Layer Layer, string Dataset)> Tables(Contract contract) =>
    [
        (Layer.Bronze, contract.Dataset),
        (Layer.Quarantine, contract.Dataset),
        (Layer.Silver, contract.Dataset),
        .. GoldStage.Applies(contract)
            ? new[] { (Layer.Gold, GoldStage.MarketBars), (Layer.Gold, GoldStage.Returns), (Layer.Gold, GoldStage.RiskSummary) }
            : [],
        .. SignalVintages.AreOf(contract) ? new[] { (Layer.Gold, SignalSummary.Dataset) } : [],
        .. SessionRules.AppliesTo(contract) ? new[] { (Layer.Gold, SessionCompleteness.Dataset) } : [],
        (Layer.Gold, QualityMetrics.Dataset),
    ];

    /// <summary>Tables that are made from history, whatever the contract.</summary>
    public static IReadOnlyList<(Layer Layer, string Dataset)> OfHistory => [.. RiskTables.All.Select(table => (Layer.Gold, table.Dataset))];

    /// <summary>Columns of a table's files.</summary>
    public static IReadOnlyList<ColumnSchema> Schema(Contract contract, Layer layer, string dataset) => (layer, dataset) switch
    {
        (Layer.Bronze, _) => BronzeStage.Schema(contract),
        (Layer.Silver, _) => SilverStage.Schema(contract),
        (Layer.Quarantine, _) => QuarantineTable.Schema,
        (_, QualityMetrics.Dataset) => QualityMetrics.Schema,
        (_, SessionCompleteness.Dataset) => SessionCompleteness.Schema,
        (Layer.Gold, _) when RiskTables.Find(dataset) is { } table => table.Schema,
        _ => GoldStage.Schema(dataset, contract),
    };

    /// <summary>The columns of a table, explained.</summary>
    public static IReadOnlyList<ColumnModel> Columns(Contract contract, Layer layer, string dataset) =>
        layer == Layer.Gold && RiskTables.Find(dataset) is { } table
            ? table.Columns.Select(column => new ColumnModel(column.Schema, column.Unit, column.Description)).ToArray()
            : Schema(contract, layer, dataset).Select(column => Explain(contract, layer, dataset, column)).ToArray();

    /// <summary>What one row is.</summary>
    public static string Grain(Layer layer, string dataset) => (layer, dataset) switch
    {
        (Layer.Bronze, _) => "one received record that satisfies the contract, duplicates kept, values as received",
        (Layer.Quarantine, _) => "one record that did not pass",
        (Layer.Silver, _) => "one event of the market: each key once over all runs",
        (_, GoldStage.MarketBars) => "one symbol and window of a run",
        (_, GoldStage.Returns) => "one event of a run that has an event of its symbol before it",
        (_, GoldStage.RiskSummary) => "one symbol of a run",
        (_, SignalSummary.Dataset) => "one source and name among the signals of a run",
        (_, SessionCompleteness.Dataset) =>
            "one listed symbol and session of its market, from the symbol's first event in the run on, or a day without a session on which it had events",
        (Layer.Gold, _) when RiskTables.Find(dataset) is { } table => table.Grain,
        _ => "one run",
    };

    /// <summary>Order of the rows of a file.</summary>
    public static string Order(Contract contract, Layer layer, string dataset) => (layer, dataset) switch
    {
        (Layer.Bronze, _) => "input, then place in it",
        (Layer.Quarantine, _) => "rejected records in the order of the input, then conflicts in the same order",
        (Layer.Silver, _) => Fields(contract.Field(FieldRole.Symbol), contract.EventTime),
        (_, GoldStage.MarketBars) => "`symbol`, `window_start`",
        (_, GoldStage.Returns) => "`symbol`, `ts_event`, key",
        (_, GoldStage.RiskSummary) => "`symbol`",
        (_, SignalSummary.Dataset) => "`name`, `source`",
        (_, SessionCompleteness.Dataset) => "`symbol`, `session`",
        (Layer.Gold, _) when RiskTables.Find(dataset) is { } table => table.Order,
        _ => "nothing, it is a single row",
    };

    private static string Fields(params ContractField?[] fields) =>
        string.Join(", ", fields.OfType<ContractField>().Select(field => $"`{field.Name}`").Append("key"));

    private static ColumnModel Explain(Contract contract, Layer layer, string dataset, ColumnSchema column)
    {
        var field = layer is Layer.Bronze or Layer.Silver ? contract.Fields.FirstOrDefault(field => field.Name == column.Name) : null;
        if (field is not null)
        {
            return new ColumnModel(column, Unit(field), Describe(contract, field, layer));
        }

        if (Platform.TryGetValue($"{dataset}.{column.Name}", out var known) || Platform.TryGetValue(column.Name, out known))
        {
            return new ColumnModel(column, known.Unit, known.Description);
        }

        var source = contract.Fields.FirstOrDefault(field => column.Name == field.Name || column.Name == "key_" + field.Name);
        return new ColumnModel(column, "", source is null ? "" : $"Part of the event's key: silver's `{source.Name}`.");
    }

    private static string Unit(ContractField field) => field.Role switch
    {
        FieldRole.Price => "price",
        FieldRole.Volume => "quantity",
        _ => "",
    };

    private static string Describe(Contract contract, ContractField field, Layer layer)
    {
        var role = field.Role switch
        {
            FieldRole.EventTime => "When it happened in the market.",
            FieldRole.IngestTime => "When the record arrived.",
            FieldRole.Symbol => "The instrument.",
            FieldRole.Price => "Price of the event, in the currency of the instrument.",
            FieldRole.Volume => "Quantity of the event.",
            FieldRole.Source => "Who delivered the record.",
            _ => contract.Key.Contains(field.Name) ? "Part of the key." : "Field of the contract.",
        };
        var steps = layer == Layer.Silver && field.Normalisation != Normalisation.None
            ? $" Normalised: {field.Normalisation.ToString().ToLowerInvariant()}."
            : "";
        return role + (field.IsDelivery ? " Equal events may differ here." : "") + steps;
    }
}
