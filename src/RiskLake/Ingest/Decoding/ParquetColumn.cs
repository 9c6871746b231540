using ParquetSharp;

namespace RiskLake.Ingest.Decoding;

/// <summary>What the values of a Parquet column mean.</summary>
internal enum ParquetKind
{
    /// <summary>Nothing a contract can ask for: nested, time of day, interval, UUID and the like.</summary>
    Other,
    Boolean,
    Integer,
    UnsignedInteger,
    Single,
    Double,
    Decimal,
    Timestamp,
    Date,
    Text,
    Bytes,
}

/// <summary>A column of a Parquet file and the field it goes to.</summary>
internal sealed class ParquetColumn
{
    private const long NanosPerMicro = 1000;

    /// <param name="descriptor">The column in the file's schema.</param>
    /// <param name="index">Position in the file.</param>
    /// <param name="plan">What is decoded.</param>
    /// <param name="isLeaf">Whether a leaf below groups is meant, rather than the column it is a part of.</param>
    public ParquetColumn(ColumnDescriptor descriptor, int index, DecodePlan plan, bool isLeaf = false)
    {
        using var path = descriptor.Path;
        var parts = path.ToDotVector();
        Index = index;
        Name = parts[0];
        Physical = descriptor.PhysicalType;
        MaxDefinitionLevel = descriptor.MaxDefinitionLevel;
        FixedLength = descriptor.TypeLength;
        IsNested = !isLeaf && (parts.Length > 1 || descriptor.MaxRepetitionLevel > 0);
        using var logical = descriptor.LogicalType;
        TypeName = IsNested ? "a nested column" : $"{logical.Type}/{Physical}";
        Kind = IsNested ? ParquetKind.Other : KindOf(logical);
        if (logical is TimestampLogicalType timestamp)
        {
            IsUtc = timestamp.IsAdjustedToUtc;
            (Multiplier, Divisor) = timestamp.TimeUnit == TimeUnit.Millis ? (1000, 1)
                : timestamp.TimeUnit == TimeUnit.Nanos ? (1, NanosPerMicro)
                : (1, 1);
        }

        Scale = logical is DecimalLogicalType number ? number.Scale : 0;
        var field = plan.IndexOf(Name);
        Field = field < 0 ? null : plan.Fields[field];
    }

    /// <summary>Position in the file.</summary>
    public int Index { get; }

    public string Name { get; }

    /// <summary>Whether the column lies below a group: it is spelt as JSON.</summary>
    public bool IsNested { get; }

    public PhysicalType Physical { get; }

    public short MaxDefinitionLevel { get; }

    /// <summary>Bytes of a fixed-length value.</summary>
    public int FixedLength { get; }

    public ParquetKind Kind { get; }

    /// <summary>The file's type, for messages.</summary>
    public string TypeName { get; }

    /// <summary>Whether timestamps are instants; otherwise they are local times of an unnamed zone.</summary>
    public bool IsUtc { get; }

    /// <summary>Microseconds per unit of a coarse timestamp.</summary>
    public long Multiplier { get; } = 1;

    /// <summary>Units of a fine timestamp per microsecond.</summary>
    public long Divisor { get; } = 1;

    /// <summary>Digits of a decimal after the point.</summary>
    public int Scale { get; }

    /// <summary>The contract's field of this name, or null.</summary>
    public FieldPlan? Field { get; }

    private ParquetKind KindOf(LogicalType logical) => (logical.Type, Physical) switch
    {
        (LogicalTypeEnum.None or LogicalTypeEnum.Undefined, _) => PlainKind(),
        (LogicalTypeEnum.Int, _) => ((IntLogicalType)logical).IsSigned ? ParquetKind.Integer : ParquetKind.UnsignedInteger,
        (LogicalTypeEnum.Decimal, _) => ParquetKind.Decimal,
        (LogicalTypeEnum.Timestamp, PhysicalType.Int64) => ParquetKind.Timestamp,
        (LogicalTypeEnum.Date, PhysicalType.Int32) => ParquetKind.Date,
        (LogicalTypeEnum.String or LogicalTypeEnum.Enum or LogicalTypeEnum.Json, PhysicalType.ByteArray) => ParquetKind.Text,
        _ => ParquetKind.Other,
    };

    private ParquetKind PlainKind() => Physical switch
    {
        PhysicalType.Boolean => ParquetKind.Boolean,
        PhysicalType.Int32 or PhysicalType.Int64 => ParquetKind.Integer,
        PhysicalType.Float => ParquetKind.Single,
        PhysicalType.Double => ParquetKind.Double,
        PhysicalType.ByteArray or PhysicalType.FixedLenByteArray => ParquetKind.Bytes,

        // The old timestamp of Hive and Impala: writers disagree on its zone, so it counts as local.
        PhysicalType.Int96 => ParquetKind.Timestamp,
        _ => ParquetKind.Other,
    };
}
