using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RiskLake.Lake.Columns;

namespace RiskLake.Lake.Delta;

/// <summary>
/// A commit of a Delta log: a pure function of the lake's entry, so that rolling forward twice writes the same bytes.
/// Reader version 1, so that anyone may read; a private writer feature, so that nobody else writes.
/// </summary>
internal static class DeltaCommit
{
    public const string ApplicationId = "risklake.lake";

    private const long MicrosPerMilli = 1000;

    /// <summary>Bytes of the commit that brings an entry's changes to a table.</summary>
    /// <param name="entry">The decision.</param>
    /// <param name="digest">Its digest, which names the transaction.</param>
    /// <param name="table">The table after the entry.</param>
    public static byte[] Write(LogEntry entry, string digest, TableState table)
    {
        var lines = new DeltaLines();
        var removed = entry.AllRemoved.Where(removal => IsIn(table, removal.File.Path)).ToList();
        var added = entry.AllAdded.Where(file => string.Equals(file.Table, table.Name, StringComparison.Ordinal)).ToList();
        lines.Add(json => WriteCommitInfo(json, entry, digest, blind: removed.Count == 0));
        if (entry.Schemas.ContainsKey(table.Name))
        {
            if (table.DeltaVersion == 0)
            {
                lines.Add(WriteProtocol);
            }

            lines.Add(json => WriteMetaData(json, table));
        }

        foreach (var (runId, file) in removed)
        {
            lines.Add(json => WriteRemove(json, entry, table, runId, file));
        }

        foreach (var file in added)
        {
            lines.Add(json => WriteAdd(json, table, file, entry.CommittedMs));
        }

        lines.Add(json => WriteTransaction(json, entry.Version, entry.CommittedMs));
        return lines.ToArray();
    }

    public static bool IsIn(TableState table, string deltaPath) => deltaPath.StartsWith($"_delta/{table.Name}/", StringComparison.Ordinal);

    public static void WriteProtocol(Utf8JsonWriter json)
    {
        json.WriteStartObject("protocol");
        json.WriteNumber("minReaderVersion", 1);
        json.WriteNumber("minWriterVersion", 7);
        json.WriteStartArray("writerFeatures");
        json.WriteStringValue("appendOnly");
        json.WriteStringValue("invariants");
        json.WriteStringValue("risklake.managed");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteMetaData(Utf8JsonWriter json, TableState table)
    {
        json.WriteStartObject("metaData");
        json.WriteString("id", table.Id);
        json.WriteString("name", table.Name);
        json.WriteStartObject("format");
        json.WriteString("provider", "parquet");
        json.WriteStartObject("options");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteString("schemaString", SchemaString(table));
        json.WriteStartArray("partitionColumns");
        foreach (var column in CommitPlan.PartitionColumns)
        {
            json.WriteStringValue(column);
        }

        json.WriteEndArray();
        json.WriteStartObject("configuration");
        json.WriteString("delta.checkpointInterval", DeltaCheckpoint.Interval.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteNumber("createdTime", table.CreatedMs);
        json.WriteEndObject();
    }

    public static void WriteAdd(Utf8JsonWriter json, TableState table, DataFile file, long modifiedMs)
    {
        json.WriteStartObject("add");
        json.WriteString("path", PathIn(table, file.DeltaPath));
        WritePartitionValues(json, file);
        json.WriteNumber("size", file.Bytes);
        json.WriteNumber("modificationTime", modifiedMs);
        json.WriteBoolean("dataChange", true);
        json.WriteString("stats", Statistics(table, file));
        json.WriteStartObject("tags");
        json.WriteString("sha256", file.Sha256);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteTransaction(Utf8JsonWriter json, long version, long updatedMs)
    {
        json.WriteStartObject("txn");
        json.WriteString("appId", ApplicationId);
        json.WriteNumber("version", version);
        json.WriteNumber("lastUpdated", updatedMs);
        json.WriteEndObject();
    }

    private static string PathIn(TableState table, string deltaPath) => deltaPath[$"_delta/{table.Name}/".Length..];

    private static void WriteCommitInfo(Utf8JsonWriter json, LogEntry entry, string digest, bool blind)
    {
        json.WriteStartObject("commitInfo");
        json.WriteNumber("timestamp", entry.CommittedMs);
        json.WriteString("operation", "WRITE");
        json.WriteStartObject("operationParameters");
        json.WriteString("kind", entry.Kind);
        json.WriteString("runId", entry.RunId);
        json.WriteString("attempt", entry.Attempt.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteBoolean("isBlindAppend", blind);
        json.WriteString("engineInfo", "risklake");
        json.WriteString("txnId", new Guid(Convert.FromHexString(digest).AsSpan(0, 16), bigEndian: true));
        json.WriteEndObject();
    }

    private static void WriteRemove(Utf8JsonWriter json, LogEntry entry, TableState table, string runId, FileReference file)
    {
        json.WriteStartObject("remove");
        json.WriteString("path", PathIn(table, file.Path));
        json.WriteNumber("deletionTimestamp", entry.CommittedMs);
        json.WriteBoolean("dataChange", true);
        json.WriteBoolean("extendedFileMetadata", true);
        WritePartitionValues(json, DataFile.Parse(file.Path, runId, file.Sha256, file.Bytes, 0, 0, []) ?? throw new FormatException(file.Path));
        json.WriteNumber("size", file.Bytes);
        json.WriteEndObject();
    }

    private static void WritePartitionValues(Utf8JsonWriter json, DataFile file)
    {
        var start = file.Partition.Start;
        json.WriteStartObject("partitionValues");
        json.WriteString("contract_version", file.ContractVersion);
        json.WriteString("year", start.Year.ToString(CultureInfo.InvariantCulture));
        json.WriteString("month", start.Month.ToString(CultureInfo.InvariantCulture));
        json.WriteString("day", start.Day.ToString(CultureInfo.InvariantCulture));
        json.WriteString("hour", start.Hour.ToString(CultureInfo.InvariantCulture));
        json.WriteString("run_id", file.RunId);
        json.WriteEndObject();
    }

    private static string SchemaString(TableState table)
    {
        var fields = table.Columns.Select(column => (column.Name, Type: TypeJson(column)))
            .Concat(CommitPlan.PartitionColumns.Select(name => (name, name is "contract_version" or "run_id" ? "\"string\"" : "\"integer\"")));
        return Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", "struct");
            json.WriteStartArray("fields");
            foreach (var (name, type) in fields)
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WritePropertyName("type");
                json.WriteRawValue(type);
                json.WriteBoolean("nullable", true);
                json.WriteStartObject("metadata");
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static string TypeJson(ColumnSchema column) => column.Type == ColumnType.Map
        ? """{"type":"map","keyType":"string","valueType":"double","valueContainsNull":true}"""
        : $"\"{TypeName(column)}\"";

    private static string TypeName(ColumnSchema column) => column.Type switch
    {
        ColumnType.String => "string",
        ColumnType.Binary => "binary",
        ColumnType.Int64 => "long",
        ColumnType.Double => "double",
        ColumnType.Decimal => FormattableString.Invariant($"decimal({column.Precision},{column.Scale})"),
        ColumnType.Boolean => "boolean",
        ColumnType.Timestamp => "timestamp",
        _ => "date",
    };

    private static string Statistics(TableState table, DataFile file) => Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("numRecords", file.Rows);
        foreach (var (name, upper) in new[] { ("minValues", false), ("maxValues", true) })
        {
            json.WriteStartObject(name);
            foreach (var column in file.Statistics.Where(column => column.HasRange && column.Type is not ColumnType.Boolean))
            {
                json.WritePropertyName(column.Column);
                WriteLimit(json, table, column, upper);
            }

            json.WriteEndObject();
        }

        json.WriteStartObject("nullCount");
        foreach (var column in file.Statistics.Where(column => column.Type is not ColumnType.Map)) // Readers want leaves here.
        {
            json.WriteNumber(column.Column, column.NullCount);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteLimit(Utf8JsonWriter json, TableState table, ColumnStatistics column, bool upper)
    {
        var slot = upper ? column.MaxSlot : column.MinSlot;
        switch (column.Type)
        {
            case ColumnType.String:
                json.WriteStringValue(upper ? column.MaxBytes : column.MinBytes);
                break;
            case ColumnType.Double:
                json.WriteNumberValue(BitConverter.Int64BitsToDouble(slot));
                break;
            case ColumnType.Decimal:
                var scale = table.Columns.First(known => string.Equals(known.Name, column.Column, StringComparison.OrdinalIgnoreCase)).Scale;
                json.WriteRawValue(DecimalText(slot, scale));
                break;
            case ColumnType.Date:
                json.WriteStringValue(DateTime.UnixEpoch.AddDays(slot).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case ColumnType.Timestamp:
                // Statistics have milliseconds: the limits are widened to them, which every reader takes for what it is.
                var millis = Math.DivRem(slot, MicrosPerMilli, out var rest) + (rest < 0 ? -1 : 0) + (upper && rest != 0 ? 1 : 0);
                millis = Math.Min(millis, LastMillis);
                json.WriteStringValue(DateTime.UnixEpoch.AddMilliseconds(millis).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteNumberValue(slot);
                break;
        }
    }

    /// <summary>The last millisecond that can be written; readers take a limit to reach to its end.</summary>
    private const long LastMillis = 253_402_300_799_999;

    private static string DecimalText(long unscaled, int scale)
    {
        var digits = decimal.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        var text = scale == 0 ? digits : $"{digits[..^scale]}.{digits[^scale..]}";
        return unscaled < 0 ? "-" + text : text;
    }

    private static string Text(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, LogEntryFormat.WriterOptions))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>Actions of a Delta log, one JSON object to a line.</summary>
internal sealed class DeltaLines
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Number of actions.</summary>
    public int Count { get; private set; }

    /// <summary>Adds one action; the callback writes its only property.</summary>
    public void Add(Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(_buffer, LogEntryFormat.WriterOptions))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        _buffer.Write("\n"u8);
        Count++;
    }

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();
}
