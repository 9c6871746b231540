using System.IO.Hashing;

namespace RiskLake.Lake.Columns;

/// <summary>
/// Which columns of a file are written with a dictionary: those whose values repeat in the first rows. The choice is a function of the
/// rows alone, and of what the contract says never repeats.
/// </summary>
internal static class DictionaryChoice
{
    /// <summary>Rows looked at.</summary>
    public const int SampleRows = 4096;

    /// <summary>A dictionary pays when a value stands for at least this many rows.</summary>
    public const int RowsPerValue = 2;

    /// <param name="columns">Columns of the first batch.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="distinct">Columns whose values hardly repeat.</param>
    public static HashSet<string> Repeating(Column[] columns, RowSelection rows, IReadOnlyCollection<string> distinct)
    {
        var repeating = new HashSet<string>(StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (column.Schema.Type is ColumnType.String or ColumnType.Double or ColumnType.Date && !distinct.Contains(column.Schema.Name)
                && Repeats(column, rows))
            {
                repeating.Add(column.Schema.Name);
            }
        }

        return repeating;
    }

    private static bool Repeats(Column column, RowSelection rows)
    {
        var count = Math.Min(rows.Count, SampleRows);
        var seen = new HashSet<UInt128>(count);
        var present = 0;
        for (var i = 0; i < count; i++)
        {
            var row = rows[i];
            if (!column.IsNull(row))
            {
                present++;
                seen.Add(Value(column, row));
            }
        }

        return present >= RowsPerValue * seen.Count && present > 0;
    }

    private static unsafe UInt128 Value(Column column, int row) => column.Schema.Type is ColumnType.String
        ? XxHash128.HashToUInt128(new ReadOnlySpan<byte>((void*)column.Address(row), column.ByteLength(row)))
        : (UInt128)(ulong)column.Slot(row);
}
