namespace RiskLake.Lake.Columns;

/// <summary>What a column holds. Every fixed-width value travels as one 64-bit slot; the type says how to read it.</summary>
internal enum ColumnType
{
    /// <summary>UTF-8 text.</summary>
    String,

    /// <summary>Bytes without an encoding.</summary>
    Binary,

    /// <summary>64-bit signed integer.</summary>
    Int64,

    /// <summary>IEEE double; the slot holds its bits.</summary>
    Double,

    /// <summary>Decimal of up to 18 digits; the slot holds the unscaled value.</summary>
    Decimal,

    /// <summary>0 or 1.</summary>
    Boolean,

    /// <summary>Instant: microseconds since 1970-01-01T00:00:00Z.</summary>
    Timestamp,

    /// <summary>Calendar date: days since 1970-01-01.</summary>
    Date,

    /// <summary>Numbers by name, each of which may be null; <see cref="NumberMap"/> spells the bytes.</summary>
    Map,
}

/// <summary>Name, type and nullability of a column; precision and scale for decimals only.</summary>
internal sealed record ColumnSchema(string Name, ColumnType Type, bool Nullable = false, int Precision = 0, int Scale = 0)
{
    /// <summary>Whether values are variable-length bytes.</summary>
    public bool IsBytes => Type is ColumnType.String or ColumnType.Binary or ColumnType.Map;
}
