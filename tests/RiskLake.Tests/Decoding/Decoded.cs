using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Columns;

namespace RiskLake.Tests.Decoding;

/// <summary>What came out of decoding one input, as plain objects.</summary>
internal sealed record Decoded(IReadOnlyList<Dictionary<string, object?>> Records, IReadOnlyList<Rejected> Rejects, DecodedInput Input)
{
    /// <summary>The one record, of an input that holds nothing else.</summary>
    public Dictionary<string, object?> Record => Rejects.Count == 0
        ? Assert.Single(Records)
        : throw new InvalidOperationException(string.Join(", ", Rejects[0].Codes));

    /// <summary>The one reject, of an input that holds nothing else.</summary>
    public Rejected Reject
    {
        get
        {
            Assert.Empty(Records);
            return Assert.Single(Rejects);
        }
    }

    public static Decoded Of(string text, Contract? contract = null, string name = "events.ndjson", DecodeOptions? options = null) =>
        Of(Encoding.UTF8.GetBytes(text), contract, name, options);

    public static Decoded Of(byte[] content, Contract? contract = null, string name = "events.ndjson", DecodeOptions? options = null)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + Path.GetExtension(name));
        File.WriteAllBytes(path, content);
        try
        {
            var decoded = OfFile(path, contract, name, options);
            Assert.Equal(content.Length, decoded.Input.Bytes);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), decoded.Input.Sha256);
            return decoded;
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static Decoded OfFile(string path, Contract? contract = null, string name = "events.ndjson", DecodeOptions? options = null)
    {
        var records = new List<Dictionary<string, object?>>();
        var rejects = new List<Rejected>();
        var input = Assert.Single(RiskLake.Ingest.Decoding.Decoder.Decode(
            [new InputFile(path, name)],
            contract ?? ContractSamples.MarketEvent,
            options ?? new DecodeOptions { Threads = 1, ChunkBytes = 1 << 16 },
            null,
            chunk =>
            {
                using (chunk)
                {
                    for (var row = 0; row < chunk.Records.RowCount; row++)
                    {
                        records.Add(chunk.Records.Columns.ToDictionary(column => column.Schema.Name, column => Value(column, row), StringComparer.Ordinal));
                    }

                    for (var row = 0; row < chunk.Rejects.RowCount; row++)
                    {
                        rejects.Add(Rejected.Of(chunk.Rejects, row));
                    }
                }
            },
            CancellationToken.None));
        Assert.Equal(input.RecordsDecoded, records.Count);
        Assert.Equal(input.RecordsRejected, rejects.Count);
        Assert.Equal(input.RecordsRead, records.Count + rejects.Count);
        return new Decoded(records, rejects, input);
    }

    /// <summary>Everything that came out as one text, for comparisons.</summary>
    public string Dump()
    {
        var text = new StringBuilder();
        foreach (var record in Records)
        {
            text.AppendJoin('|', record.Select(pair => pair.Value switch
            {
                null => "null",
                double number => BitConverter.DoubleToInt64Bits(number).ToString("X"),
                byte[] bytes => Convert.ToHexString(bytes),
                var other => other.ToString(),
            })).Append('\n');
        }

        foreach (var reject in Rejects)
        {
            text.Append($"{reject.Line}|{reject.Offset}|{Convert.ToHexString(reject.Raw)}|{reject.Length}|{reject.Sha256}|{reject.Code}|{reject.Reasons}\n");
        }

        return text.Append(Input).ToString();
    }

    private static object? Value(Column column, int row) => column.IsNull(row) ? null : column.Schema.Type switch
    {
        ColumnType.String => column.Text(row),
        ColumnType.Binary => column.Bytes(row).ToArray(),
        ColumnType.Double => column.Double(row),
        ColumnType.Boolean => column.Slot(row) == 1,
        _ => column.Slot(row),
    };
}

/// <summary>A rejected record.</summary>
internal sealed record Rejected(long Line, long? Offset, byte[] Raw, long Length, string Sha256, string Code, string Reasons)
{
    public string Text => Encoding.UTF8.GetString(Raw);

    /// <summary>All codes, in order.</summary>
    public IReadOnlyList<string> Codes => [.. Reason("code")!];

    /// <summary>All columns, in order; empty for the record as a whole.</summary>
    public IReadOnlyList<string> Columns => [.. Reason("column")];

    public static Rejected Of(RecordBatch rejects, int row) => new(
        rejects[RejectSchema.SourceLine].Slot(row),
        rejects[RejectSchema.ByteOffset].IsNull(row) ? null : rejects[RejectSchema.ByteOffset].Slot(row),
        rejects[RejectSchema.Raw].Bytes(row).ToArray(),
        rejects[RejectSchema.RawBytes].Slot(row),
        rejects[RejectSchema.RawSha256].Text(row),
        rejects[RejectSchema.Code].Text(row),
        rejects[RejectSchema.Reasons].Text(row));

    private IEnumerable<string> Reason(string property)
    {
        using var json = JsonDocument.Parse(Reasons);
        return [.. json.RootElement.EnumerateArray().Select(reason => reason.GetProperty(property).GetString() ?? "")];
    }
}

/// <summary>Contracts for tests.</summary>
internal static class ContractSamples
{
    public static Contract MarketEvent { get; } = Of(
        new() { Name = "event_id", Type = ColumnType.String, Required = true },
        new() { Name = "symbol", Type = ColumnType.String, Required = true, Role = FieldRole.Symbol },
        new() { Name = "price", Type = ColumnType.Double, Required = true, Role = FieldRole.Price, Minimum = new Bound(0, true, "0") },
        new() { Name = "volume", Type = ColumnType.Int64, Required = true, Role = FieldRole.Volume, Minimum = new Bound(0, false, "0") },
        new() { Name = "ts_event", Type = ColumnType.Timestamp, Required = true, Role = FieldRole.EventTime },
        new() { Name = "ts_ingest", Type = ColumnType.Timestamp, Required = true, Role = FieldRole.IngestTime },
        new() { Name = "source", Type = ColumnType.String, Required = true, Role = FieldRole.Source });

    public static Contract Of(params ContractField[] fields) => new()
    {
        Name = "test",
        Dataset = "tests",
        Id = "test",
        Version = "v1",
        Fields = fields,
        Key = [fields[0].Name],
        Sha256 = "",
    };

    /// <summary>A contract with one optional field, <c>x</c>.</summary>
    public static Contract One(ColumnType type, Func<ContractField, ContractField>? change = null)
    {
        var field = new ContractField { Name = "x", Type = type, Precision = 18, Scale = 4 };
        return Of(change is null ? field : change(field));
    }

    public static Contract Open(this Contract contract) => contract with { OpenContent = true };
}
