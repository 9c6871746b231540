using RiskLake.Contracts;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>
/// Writes <c>external_signal_summary</c>: of each source and name among a run's own signals, the latest observation as known at the run's
/// <c>as_of</c>.
/// </summary>
internal sealed class SignalSummary(StagingContext context, long asOf, long? valuationTime)
{
    public const string Dataset = "external_signal_summary";

    public static IReadOnlyList<ColumnSchema> Schema { get; } =
    [
        new("name", ColumnType.String),
        new("source", ColumnType.String),
        new("period", ColumnType.Date, Nullable: true),
        new("value", ColumnType.Double, Nullable: true),
        new("missing_reason", ColumnType.String, Nullable: true),
        new("known_from", ColumnType.Date, Nullable: true),
        new("known_basis", ColumnType.String, Nullable: true),
        new("units", ColumnType.String, Nullable: true),
        new("frequency", ColumnType.String, Nullable: true),
        new("observations", ColumnType.Int64),
        new("status", ColumnType.String),
        new(GoldColumns.Dataset, ColumnType.String),
        new(GoldColumns.RunId, ColumnType.String),
        new(GoldColumns.RunTime, ColumnType.Timestamp, Nullable: true),
        .. GoldColumns.Times,
    ];

    /// <param name="files">The run's events, in files of silver.</param>
    public StagedFile? Write(IReadOnlyList<string> files)
    {
        var known = PointInTime<SignalPeriod, SignalValue>.OfDays(KnowledgeTime.At(asOf));
        var series = new SortedSet<SignalPeriod>();
        foreach (var file in files)
        {
            SignalVintages.Read(file, known, null, series);
        }

        if (series.Count == 0)
        {
            return null;
        }

        using var batch = new RecordBatch(Schema);
        var observations = known.Known.ToLookup(pair => pair.Key with { Period = 0 });
        foreach (var one in series.OrderBy(one => one.Name, StringComparer.Ordinal).ThenBy(one => one.Source, StringComparer.Ordinal))
        {
            Append(batch, one, [.. observations[one]]);
        }

        var common = new GoldColumns(context.Contract.Dataset, context.RunId, asOf, valuationTime);
        common.AppendDataset(batch, series.Count);
        common.AppendRunId(batch, series.Count);
        common.AppendTimes(batch, series.Count);
        using var table = new StagedTable(context, Layer.Gold, Dataset, "rows", Schema, []);
        table.WriteAll(batch);
        return table.Seal(PartitionHour.Of(asOf));
    }

    private static void Append(RecordBatch batch, SignalPeriod series, KeyValuePair<SignalPeriod, Vintage<SignalValue>>[] observations)
    {
        batch["name"].Append(series.Name);
        batch["source"].Append(series.Source);
        batch["observations"].Append((long)observations.Length);
        if (observations.Length == 0)
        {
            foreach (var column in Schema.Where(column => column.Nullable && !GoldColumns.IsCommon(column.Name)))
            {
                batch[column.Name].AppendNull();
            }

            batch["status"].Append(SignalStatus.Unavailable);
            return;
        }

        var (key, (knownFrom, latest)) = observations.MaxBy(pair => pair.Key.Period);
        batch["period"].Append(key.Period);
        GoldColumns.AppendFinite(batch["value"], latest.Value ?? double.NaN);
        AppendText(batch["missing_reason"], latest.MissingReason);
        batch["known_from"].Append(knownFrom);
        batch["known_basis"].Append(latest.KnownBasis);
        batch["units"].Append(latest.Units);
        batch["frequency"].Append(latest.Frequency);
        batch["status"].Append(latest.Status);
    }

    private static void AppendText(Column column, string? text)
    {
        if (text is null)
        {
            column.AppendNull();
        }
        else
        {
            column.Append(text);
        }
    }
}
