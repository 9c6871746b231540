namespace RiskLake.Lake.Columns;

/// <summary>Exact statistics of one column of one file.</summary>
/// <param name="Column">Column name.</param>
/// <param name="Type">How to read the slots.</param>
/// <param name="NullCount">Number of nulls.</param>
/// <param name="HasRange">Whether any value is not null; without one the limits mean nothing.</param>
/// <param name="MinSlot">Smallest fixed-width value, as a slot.</param>
/// <param name="MaxSlot">Largest fixed-width value, as a slot.</param>
/// <param name="MinBytes">Smallest text in byte order, whole; null for fixed-width and binary columns.</param>
/// <param name="MaxBytes">Largest text in byte order, whole; null for fixed-width and binary columns.</param>
internal sealed record ColumnStatistics(
    string Column, ColumnType Type, long NullCount, bool HasRange, long MinSlot, long MaxSlot, byte[]? MinBytes, byte[]? MaxBytes);
