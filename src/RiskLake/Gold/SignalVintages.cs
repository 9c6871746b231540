using System.Text;
using RiskLake.Contracts;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>What a value is about.</summary>
/// <param name="Source">Who delivered it.</param>
/// <param name="Name">The source's id of the series.</param>
/// <param name="Period">Days since the epoch.</param>
internal readonly record struct SignalPeriod(string Source, string Name, long Period) : IComparable<SignalPeriod>
{
    public int CompareTo(SignalPeriod other)
    {
        var bySource = string.CompareOrdinal(Source, other.Source);
        var byName = bySource != 0 ? bySource : string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : Period.CompareTo(other.Period);
    }
}

/// <summary>What was published about it.</summary>
internal sealed record SignalValue(bool IsWithdrawn, double? Value, string? MissingReason, string KnownBasis, string Units, string Frequency)
{
    public string Status => IsWithdrawn ? SignalStatus.Withdrawn : Value is null ? SignalStatus.Missing : SignalStatus.Available;
}

/// <summary>What an answer about a signal, or about a bar, is.</summary>
internal static class SignalStatus
{
    public const string Available = "available";

    /// <summary>Published as having no value.</summary>
    public const string Missing = "missing";

    /// <summary>No longer a value at that time.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>Nothing had been published yet.</summary>
    public const string Unavailable = "unavailable";
}

/// <summary>Reads the vintages of signals out of silver. Any dataset with these columns and this key holds signals.</summary>
internal static class SignalVintages
{
    private static readonly string[] s_key = ["source", "name", "period", "known_from"];

    private static readonly ColumnSchema[] s_columns =
    [
        new("source", ColumnType.String),
        new("name", ColumnType.String),
        new("period", ColumnType.Date),
        new("known_from", ColumnType.Date),
        new("is_withdrawn", ColumnType.Boolean),
        new("value", ColumnType.Double),
        new("missing_reason", ColumnType.String),
        new("known_basis", ColumnType.String),
        new("units", ColumnType.String),
        new("frequency", ColumnType.String),
        new("ts_ingest", ColumnType.Timestamp),
    ];

    /// <summary>Whether a contract's records are signals.</summary>
    public static bool AreOf(Contract contract) =>
        contract.Key.Count == s_key.Length && s_key.All(contract.Key.Contains) && AreIn([.. contract.Fields.Select(field => field.Column)]);

    /// <summary>Whether a table has the columns of signals.</summary>
    public static bool AreIn(IReadOnlyCollection<ColumnSchema> columns) =>
        s_columns.All(wanted => columns.Any(column => column.Name == wanted.Name && column.Type == wanted.Type));

    /// <summary>Adds the vintages that a file of silver holds.</summary>
    /// <param name="path">The file.</param>
    /// <param name="known">Where to.</param>
    /// <param name="names">Names that are wanted; null wants all.</param>
    /// <param name="series">Gathers every source and name that is there, known at the time or not, with period 0; null gathers none.</param>
    public static void Read(
        string path, PointInTime<SignalPeriod, SignalValue> known, IReadOnlyCollection<string>? names,
        ISet<SignalPeriod>? series = null)
    {
        using var reader = new ParquetTableReader(path);
        using var batch = new RecordBatch([.. s_columns.Select(column => column with { Nullable = true })]);
        var rows = new Rows(batch, names?.Select(Encoding.UTF8.GetBytes).ToArray());
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            var count = reader.Read(group, batch);
            for (var row = 0; row < count; row++)
            {
                if (rows.IsWanted(row))
                {
                    var (at, key) = (row, rows.Period(row));
                    series?.Add(key with { Period = 0 });
                    long? received = rows.Received.IsNull(row) ? null : rows.Received.Slot(row);
                    known.Add(key, rows.KnownFrom.Slot(row), received, () => rows.Value(at));
                }
            }
        }
    }

    /// <summary>The columns of a batch by name, found once.</summary>
    private sealed class Rows(RecordBatch batch, byte[][]? names)
    {
        private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);
        private readonly Column _source = batch["source"];
        private readonly Column _name = batch["name"];
        private readonly Column _period = batch["period"];
        private readonly Column _isWithdrawn = batch["is_withdrawn"];
        private readonly Column _value = batch["value"];
        private readonly Column _reason = batch["missing_reason"];
        private readonly Column _basis = batch["known_basis"];
        private readonly Column _units = batch["units"];
        private readonly Column _frequency = batch["frequency"];

        public Column KnownFrom { get; } = batch["known_from"];

        public Column Received { get; } = batch["ts_ingest"];

        public bool IsWanted(int row) => names is null || HasName(_name.Bytes(row));

        public SignalPeriod Period(int row) => new(Text(_source, row)!, Text(_name, row)!, _period.Slot(row));

        public SignalValue Value(int row) => new(
            _isWithdrawn.Slot(row) != 0, _value.IsNull(row) ? null : _value.Double(row), Text(_reason, row), Text(_basis, row)!, Text(_units, row)!,
            Text(_frequency, row)!);

        private bool HasName(ReadOnlySpan<byte> name)
        {
            foreach (var wanted in names!)
            {
                if (name.SequenceEqual(wanted))
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>A text; few differ, and each is held once.</summary>
        private string? Text(Column column, int row)
        {
            if (column.IsNull(row))
            {
                return null;
            }

            var text = column.Text(row);
            return _texts.TryGetValue(text, out var held) ? held : _texts[text] = text;
        }
    }
}
