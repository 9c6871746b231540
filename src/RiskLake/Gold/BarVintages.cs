using System.Text;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>A bar, whatever its values were at a time.</summary>
internal readonly record struct BarKey(string Source, string Symbol, string Frequency, long BarTime, string Adjustment) : IComparable<BarKey>
{
    public int CompareTo(BarKey other)
    {
        ReadOnlySpan<int> parts =
        [
            string.CompareOrdinal(Symbol, other.Symbol), string.CompareOrdinal(Source, other.Source), string.CompareOrdinal(Frequency, other.Frequency),
            string.CompareOrdinal(Adjustment, other.Adjustment), BarTime.CompareTo(other.BarTime),
        ];
        var first = parts.IndexOfAnyExcept(0);
        return first < 0 ? 0 : parts[first];
    }
}

/// <summary>Values of a bar as one snapshot brought them.</summary>
internal sealed record BarValue(long Session, double? Open, double? High, double? Low, double Close, decimal? Volume);

/// <summary>Reads the vintages of bars out of silver.</summary>
internal static class BarVintages
{
    private static readonly ColumnSchema s_symbol = new("symbol", ColumnType.String, Nullable: true);

    private static readonly ColumnSchema[] s_columns =
    [
        new("source", ColumnType.String),
        s_symbol,
        new("frequency", ColumnType.String),
        new("bar_time", ColumnType.Timestamp),
        new("adjustment", ColumnType.String),
        new("vintage", ColumnType.Timestamp),
        new("session", ColumnType.Date),
        new("open", ColumnType.Double, Nullable: true),
        new("high", ColumnType.Double, Nullable: true),
        new("low", ColumnType.Double, Nullable: true),
        new("close", ColumnType.Double),
        new("volume", ColumnType.Decimal, Nullable: true, 18, 6),
    ];

    /// <summary>Whether a table has the columns of bars.</summary>
    public static bool AreIn(IReadOnlyCollection<ColumnSchema> columns) =>
        s_columns.All(wanted => columns.Any(column => column.Name == wanted.Name && column.Type == wanted.Type));

    /// <summary>Adds the vintages of some symbols that a file of silver holds.</summary>
    public static void Read(string path, PointInTime<BarKey, BarValue> known, IReadOnlyCollection<string> symbols)
    {
        var wanted = symbols.Select(Encoding.UTF8.GetBytes).ToArray();
        using var reader = new ParquetTableReader(path);
        using var names = new RecordBatch([s_symbol]);
        using var batch = new RecordBatch(s_columns);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            // Rows are sorted by symbol: most groups hold none that is wanted, and one column tells.
            names.Clear();
            var rows = reader.Read(group, names);
            if (!Enumerable.Range(0, rows).Any(row => IsWanted(names.Columns[0], row, wanted)))
            {
                continue;
            }

            batch.Clear();
            reader.Read(group, batch);
            for (var row = 0; row < rows; row++)
            {
                if (IsWanted(batch["symbol"], row, wanted))
                {
                    var at = row;
                    var vintage = batch["vintage"].Slot(row);
                    known.Add(Key(batch, row), vintage, vintage, () => Value(batch, at));
                }
            }
        }
    }

    private static bool IsWanted(Column symbol, int row, byte[][] wanted)
    {
        foreach (var name in wanted)
        {
            if (symbol.Bytes(row).SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }

    private static BarKey Key(RecordBatch batch, int row) => new(
        batch["source"].Text(row), batch["symbol"].Text(row), batch["frequency"].Text(row), batch["bar_time"].Slot(row), batch["adjustment"].Text(row));

    private static BarValue Value(RecordBatch batch, int row) => new(
        batch["session"].Slot(row), Number(batch["open"], row), Number(batch["high"], row), Number(batch["low"], row), batch["close"].Double(row),
        batch["volume"].IsNull(row) ? null : batch["volume"].Slot(row) / 1_000_000m);

    private static double? Number(Column column, int row) => column.IsNull(row) ? null : column.Double(row);
}
