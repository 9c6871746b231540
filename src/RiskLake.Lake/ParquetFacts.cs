using ParquetSharp;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Lake;

/// <summary>What a Parquet file says of itself, compared with what the lake shall say of it. Readers are too lenient to notice a difference.</summary>
internal static class ParquetFacts
{
    /// <summary>Refuses a staged file whose rows or columns are not those it was announced with.</summary>
    public static void Check(StagedFile staged)
    {
        try
        {
            using var reader = new ParquetFileReader(staged.Path);
            var facts = reader.FileMetaData;
            if (facts.NumRows != staged.File.Rows)
            {
                throw Mismatch(staged, FormattableString.Invariant($"{facts.NumRows} rows"), FormattableString.Invariant($"{staged.File.Rows}"));
            }

            var schema = facts.Schema;
            var leaves = staged.Schema.SelectMany(column => Enumerable.Range(0, Leaves(column)).Select(place => (Column: column, Place: place))).ToArray();
            if (schema.NumColumns != leaves.Length)
            {
                throw Mismatch(staged, FormattableString.Invariant($"{schema.NumColumns} columns"), FormattableString.Invariant($"{leaves.Length}"));
            }

            for (var i = 0; i < schema.NumColumns; i++)
            {
                CheckColumn(staged, schema.Column(i), leaves[i].Column, leaves[i].Place);
            }
        }
        catch (ParquetException exception)
        {
            throw Mismatch(staged, exception.Message.ReplaceLineEndings(" "), "a readable Parquet file");
        }
    }

    /// <summary>Columns of Parquet that a column takes.</summary>
    private static int Leaves(ColumnSchema column) => column.Type == ColumnType.Map ? ParquetMap.Leaves : 1;

    private static void CheckColumn(StagedFile staged, ColumnDescriptor found, ColumnSchema expected, int place)
    {
        using var logical = found.LogicalType;
        var fits = expected.Type == ColumnType.Map
            ? ParquetMap.Fits(found, expected.Name, place)
            : string.Equals(found.Path.ToDotString(), expected.Name, StringComparison.Ordinal)
                && found.MaxRepetitionLevel == 0
                && Fits(found.PhysicalType, logical, expected);
        if (!fits)
        {
            throw Mismatch(staged, $"column {found.Path.ToDotString()}: {found.PhysicalType} {logical}", $"{expected.Name}: {expected.Type}");
        }
    }

    private static bool Fits(PhysicalType physical, LogicalType logical, ColumnSchema expected) => expected.Type switch
    {
        ColumnType.String => physical is PhysicalType.ByteArray && logical is StringLogicalType,
        ColumnType.Binary => physical is PhysicalType.ByteArray && logical is NoneLogicalType,
        ColumnType.Int64 => physical is PhysicalType.Int64 && logical is NoneLogicalType or IntLogicalType { BitWidth: 64, IsSigned: true },
        ColumnType.Double => physical is PhysicalType.Double && logical is NoneLogicalType,
        ColumnType.Boolean => physical is PhysicalType.Boolean && logical is NoneLogicalType,
        ColumnType.Timestamp => physical is PhysicalType.Int64 && logical is TimestampLogicalType { IsAdjustedToUtc: true, TimeUnit: TimeUnit.Micros },
        ColumnType.Date => physical is PhysicalType.Int32 && logical is DateLogicalType,
        ColumnType.Decimal => physical is PhysicalType.Int64 or PhysicalType.Int32 or PhysicalType.FixedLenByteArray
            && logical is DecimalLogicalType type && type.Precision == expected.Precision && type.Scale == expected.Scale,
        _ => false,
    };

    private static RiskLakeException Mismatch(StagedFile staged, string found, string expected) =>
        new(ErrorCode.StagedFileInvalid, staged.Path, found, expected, "nothing was published; please report it with the command and its input");
}
