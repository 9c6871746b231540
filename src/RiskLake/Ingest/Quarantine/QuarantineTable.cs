using System.Text;
using System.Text.Json;
using RiskLake.Contracts;
using RiskLake.Ingest.Bronze;
using RiskLake.Ingest.Decoding;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Quarantine;

/// <summary>Writes what did not pass, with every reason, so that it can be found, explained and replayed.</summary>
internal sealed class QuarantineTable(StagingContext context, string name) : IDisposable
{
    public const string Stage = "stage";
    public const string Decode = "decode";
    public const string Silver = "silver";

    private readonly RecordBatch _buffer = new(Schema);
    private readonly SortedDictionary<string, long> _codes = new(StringComparer.Ordinal);
    private StagedTable? _table;

    /// <summary>Columns of quarantine: the stage that refused, the locator, the raw bytes, the reasons.</summary>
    public static IReadOnlyList<ColumnSchema> Schema { get; } =
    [
        new(Stage, ColumnType.String),
        new(BronzeStage.SourceFile, ColumnType.String),
        .. RejectSchema.Columns,
    ];

    /// <summary>Records by the code of their first reason.</summary>
    public IReadOnlyDictionary<string, long> Codes => _codes;

    public long Rows { get; private set; }

    /// <summary>Adds the records of a chunk that could not be decoded.</summary>
    public void Add(DecodedChunk chunk, string sourceFile)
    {
        var rejects = chunk.Rejects;
        for (var row = 0; row < rejects.RowCount; row++)
        {
            _buffer[Stage].Append(Decode);
            _buffer[BronzeStage.SourceFile].Append(sourceFile);
            foreach (var column in RejectSchema.Columns)
            {
                _buffer[column.Name].AppendFrom(rejects[column.Name], row);
            }

            Count(rejects[RejectSchema.Code].Text(row));
        }
    }

    /// <summary>Records of a file of rejects by the code of their first reason.</summary>
    public static IReadOnlyDictionary<string, long> CodesOf(string path)
    {
        var codes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        using var reader = new ParquetTableReader(path);
        using var batch = new RecordBatch([new(RejectSchema.Code, ColumnType.String)]);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            var count = reader.Read(group, batch);
            for (var row = 0; row < count; row++)
            {
                var code = batch[RejectSchema.Code].Text(row);
                codes[code] = codes.GetValueOrDefault(code) + 1;
            }
        }

        return codes;
    }

    /// <summary>Adds what another quarantine file says of decoding.</summary>
    public void AddDecoded(string path)
    {
        using var reader = new ParquetTableReader(path);
        using var batch = new RecordBatch(Schema);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            reader.Read(group, batch);
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (batch[Stage].Text(row) == Decode)
                {
                    _buffer.AppendFrom(batch, row);
                    Count(batch[RejectSchema.Code].Text(row));
                }
            }
        }
    }

    /// <summary>Adds a bronze record that contradicts the record that owns its event.</summary>
    /// <param name="file">Input it came from.</param>
    /// <param name="line">Its place there.</param>
    /// <param name="raw">The record as received, as JSON.</param>
    /// <param name="sha256">Digest of <paramref name="raw"/>.</param>
    /// <param name="reasons">All reasons, as a JSON array.</param>
    public void AddConflict(string file, long line, byte[] raw, string sha256, string reasons)
    {
        _buffer[Stage].Append(Silver);
        _buffer[BronzeStage.SourceFile].Append(file);
        _buffer[RejectSchema.SourceLine].Append(line);
        _buffer[RejectSchema.ByteOffset].AppendNull();
        _buffer[RejectSchema.Raw].Append(raw.AsSpan());
        _buffer[RejectSchema.RawBytes].Append((long)raw.Length);
        _buffer[RejectSchema.RawSha256].Append(sha256);
        _buffer[RejectSchema.Code].Append(ConflictCode);
        _buffer[RejectSchema.Reasons].Append(reasons);
        Count(ConflictCode);
    }

    /// <summary>Code of a record that contradicts the record that owns its event.</summary>
    public const string ConflictCode = "key_conflict";

    /// <summary>Seals the file, or returns null when nothing was refused.</summary>
    public StagedFile? Finish(PartitionHour partition)
    {
        Flush();
        return _table?.Seal(partition);
    }

    public void Dispose()
    {
        _table?.Dispose();
        _buffer.Dispose();
    }

    private void Count(string code)
    {
        _codes[code] = _codes.GetValueOrDefault(code) + 1;
        Rows++;
        if (_buffer.RowCount == ParquetTableWriter.RowGroupRows / 8)
        {
            Flush();
        }
    }

    private void Flush()
    {
        if (_buffer.RowCount > 0)
        {
            _table ??= new StagedTable(context, Layer.Quarantine, context.Contract.Dataset, name, Schema, [RejectSchema.RawSha256]);
            _table.WriteRowGroup(_buffer, 0, _buffer.RowCount);
            _buffer.Clear();
        }
    }
}

/// <summary>Spells a record of the lake as JSON, values as received.</summary>
internal static class RecordJson
{
    public static byte[] Write(Contract contract, RecordBatch batch, int row)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            foreach (var field in contract.Fields)
            {
                json.WritePropertyName(field.Name);
                WriteValue(json, batch[field.Name], row);
            }

            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>One value as text, for messages; null as the word null.</summary>
    public static string Text(Column column, int row)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            WriteValue(json, column, row);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteValue(Utf8JsonWriter json, Column column, int row)
    {
        if (column.IsNull(row))
        {
            json.WriteNullValue();
            return;
        }

        var slot = column.Slot(row);
        switch (column.Schema.Type)
        {
            case ColumnType.String:
                json.WriteStringValue(column.Bytes(row));
                break;
            case ColumnType.Binary:
                json.WriteBase64StringValue(column.Bytes(row));
                break;
            case ColumnType.Double:
                json.WriteNumberValue(column.Double(row));
                break;
            case ColumnType.Decimal:
                json.WriteNumberValue(new decimal(slot) / PowerOfTen(column.Schema.Scale));
                break;
            case ColumnType.Boolean:
                json.WriteBooleanValue(slot != 0);
                break;
            case ColumnType.Timestamp:
                json.WriteStringValue(DateTime.UnixEpoch.AddTicks(slot * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", System.Globalization.CultureInfo.InvariantCulture));
                break;
            case ColumnType.Date:
                json.WriteStringValue(DateOnly.FromDayNumber((int)slot + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber).ToString("O", System.Globalization.CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteNumberValue(slot);
                break;
        }
    }

    private static decimal PowerOfTen(int scale)
    {
        var power = 1m;
        for (var i = 0; i < scale; i++)
        {
            power *= 10;
        }

        return power;
    }
}
