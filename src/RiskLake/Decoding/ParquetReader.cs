using ParquetSharp;
using RiskLake.Errors;
using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>Reads Parquet row group by row group, a bounded number of rows at a time.</summary>
internal sealed class ParquetReader(int fileIndex, InputFile input, string path, DecodePlan plan, DecodeOptions options)
{
    private const long PageBufferBytes = 1 << 20;

    public IEnumerable<InputBlock> Read()
    {
        using var properties = ReaderProperties.GetDefaultReaderProperties();
        properties.EnablePageChecksumVerification();
        properties.EnableBufferedStream();
        properties.BufferSize = PageBufferBytes;
        using var file = Guard(() => new ParquetFileReader(path, properties));
        using var metadata = Guard(() => file.FileMetaData);
        Guard(() => RequireAgreement(file, metadata));
        var columns = Guard(() => Columns(metadata));
        PathColumns.Require(input, plan, name => Array.Exists(columns, column => column.Name == name));
        var row = 1L;
        for (var i = 0; i < metadata.NumRowGroups; i++)
        {
            var index = i;
            using var group = Guard(() => file.RowGroup(index));
            var rows = Guard(() => group.MetaData.NumRows);
            var readers = new ColumnReader?[columns.Length];
            var nested = new ParquetNested?[columns.Length];
            try
            {
                for (var c = 0; c < columns.Length; c++)
                {
                    var column = columns[c];
                    readers[c] = column.IsNested ? null : Guard(() => group.Column(column.Index));
                    nested[c] = column.IsNested ? Guard(() => Nested(metadata.Schema, group, column.Index)) : null;
                }

                for (var done = 0L; done < rows;)
                {
                    var count = (int)Math.Min(options.ChunkRows, rows - done);
                    yield return new ParquetBlock(fileIndex, count, Guard(() => Vectors(columns, readers, nested, count)), row);
                    done += count;
                    row += count;
                }
            }
            finally
            {
                foreach (var reader in readers)
                {
                    reader?.Dispose();
                }

                foreach (var column in nested)
                {
                    column?.Dispose();
                }
            }
        }
    }

    /// <summary>
    /// The footer has no checksum, but says three times how many rows there are: a file of which a row group or the end of a column is
    /// lost would else be read as a shorter one.
    /// </summary>
    private static bool RequireAgreement(ParquetFileReader file, FileMetaData metadata)
    {
        var rows = 0L;
        for (var i = 0; i < metadata.NumRowGroups; i++)
        {
            using var group = file.RowGroup(i);
            rows += group.MetaData.NumRows;
            for (var c = 0; c < group.MetaData.NumColumns; c++)
            {
                using var chunk = group.MetaData.GetColumnChunkMetaData(c);
                if (metadata.Schema.Column(c).MaxRepetitionLevel == 0 && chunk.NumValues != group.MetaData.NumRows)
                {
                    throw new InvalidDataException(FormattableString.Invariant(
                        $"column {c} of row group {i} has {chunk.NumValues} values for {group.MetaData.NumRows} rows"));
                }
            }
        }

        return rows == metadata.NumRows ? true : throw new InvalidDataException(FormattableString.Invariant(
            $"row groups of {rows} rows in all, where the file says {metadata.NumRows}"));
    }

    /// <summary>One column for each leaf at the top, and one for all that lies below a nested one.</summary>
    private ParquetColumn[] Columns(FileMetaData metadata)
    {
        var schema = metadata.Schema;
        var columns = new List<ParquetColumn>();
        for (var i = 0; i < metadata.NumColumns; i++)
        {
            var column = new ParquetColumn(schema.Column(i), i, plan);
            if (!(column.IsNested && columns.Count > 0 && columns[^1].IsNested && columns[^1].Name == column.Name))
            {
                columns.Add(column);
            }
        }

        return [.. columns];
    }

    /// <summary>A column with all its leaves, of which the first stands at an index.</summary>
    private ParquetNested Nested(SchemaDescriptor schema, RowGroupReader group, int index)
    {
        var name = schema.Column(index).Path.ToDotVector()[0];
        var leaves = new List<(ColumnDescriptor, ColumnReader)>();
        for (var i = index; i < group.MetaData.NumColumns && schema.Column(i).Path.ToDotVector()[0] == name; i++)
        {
            leaves.Add((schema.Column(i), group.Column(i)));
        }

        return new ParquetNested(schema.GroupNode.Fields.First(field => field.Name == name), leaves, plan);
    }

    private static ParquetVector[] Vectors(ParquetColumn[] columns, ColumnReader?[] readers, ParquetNested?[] nested, int rows)
    {
        var vectors = new ParquetVector[columns.Length];
        for (var i = 0; i < columns.Length; i++)
        {
            vectors[i] = new ParquetVector(columns[i], rows);
            if (nested[i] is { } column)
            {
                for (var row = 0; row < rows; row++)
                {
                    vectors[i].Add(column.Next());
                }

                vectors[i].EndTexts();
            }
            else if (readers[i] is { } reader && !vectors[i].Fill(reader))
            {
                throw new InvalidDataException($"column {columns[i].Name} has fewer rows than its row group says");
            }
        }

        return vectors;
    }

    /// <summary>Whatever the library complains about is damage of the input.</summary>
    private T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not (RiskLakeException or OperationCanceledException or OutOfMemoryException))
        {
            throw InputErrors.Damaged(input.Path, e.Message.Split('\n')[0], "a Parquet file that can be read to its end", e);
        }
    }
}
