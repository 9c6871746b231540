using System.Text;
using RiskLake.Contracts;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>A contract, compiled for decoding; shared by all threads and never changed.</summary>
internal sealed class DecodePlan
{
    public const string SourceLine = "source_line";
    public const string Extra = "extra";

    private readonly Dictionary<string, int> _index;

    public DecodePlan(Contract contract, int maxRecordBytes, long? asOfMicros, bool keepsRaw = false)
    {
        KeepsRaw = keepsRaw;
        AsOfMicros = asOfMicros;
        Contract = contract;
        MaxRecordBytes = maxRecordBytes;
        Fields = [.. contract.Fields.Select((field, i) => new FieldPlan(field, i))];
        _index = Fields.ToDictionary(field => field.Name, field => field.Index, StringComparer.Ordinal);
        RecordSchema =
        [
            .. contract.Fields.Select(field => field.Column),
            new(SourceLine, ColumnType.Int64),
            new(Extra, ColumnType.String, Nullable: true),
        ];
        EventTime = Fields.FirstOrDefault(field => field.Field.Role == FieldRole.EventTime)?.Index ?? -1;
        Symbol = Fields.FirstOrDefault(field => field.Field.Role == FieldRole.Symbol && field.Type == ColumnType.String)?.Index ?? -1;
        IngestTime = Fields.FirstOrDefault(field => field.Field.Role == FieldRole.IngestTime)?.Index ?? -1;
        MaxLagMicros = contract.MaxIngestLag.Ticks / TimeSpan.TicksPerMicrosecond;
        MaxLeadMicros = contract.MaxIngestLead.Ticks / TimeSpan.TicksPerMicrosecond;
    }

    public Contract Contract { get; }

    public int MaxRecordBytes { get; }

    public FieldPlan[] Fields { get; }

    /// <summary>Whether chunks tell where the raw bytes of their records are.</summary>
    public bool KeepsRaw { get; }

    /// <summary>The contract's fields, then the line and the unknown fields.</summary>
    public IReadOnlyList<ColumnSchema> RecordSchema { get; }

    /// <summary>Index of the field with event time, or -1.</summary>
    public int EventTime { get; }

    /// <summary>Index of the field with the symbol, or -1.</summary>
    public int Symbol { get; }

    /// <summary>Index of the field with ingest time, or -1.</summary>
    public int IngestTime { get; }

    public long MaxLagMicros { get; }

    public long MaxLeadMicros { get; }

    /// <summary>Records that arrived later than this are not known yet; null knows all.</summary>
    public long? AsOfMicros { get; }

    public int IndexOf(string name) => _index.TryGetValue(name, out var index) ? index : -1;

    /// <summary>Index of a field by its name in UTF-8, or -1.</summary>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        foreach (var field in Fields)
        {
            if (name.SequenceEqual(field.NameBytes))
            {
                return field.Index;
            }
        }

        return -1;
    }

    /// <summary>At most 64 bytes of a value, as text for a violation; what is not UTF-8 shows as U+FFFD.</summary>
    public static string Excerpt(ReadOnlySpan<byte> bytes)
    {
        const int Limit = 64;
        return bytes.Length <= Limit ? Encoding.UTF8.GetString(bytes) : Encoding.UTF8.GetString(bytes[..Limit]) + "…";
    }
}
