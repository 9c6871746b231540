using RiskLake.Columns;
using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>
/// Names of the formats, as they stand in run records, and how they are told apart: by content; the name decides only where the
/// content leaves it open.
/// </summary>
internal static class InputFormat
{
    public const string Ndjson = "ndjson";
    public const string Json = "json";
    public const string Csv = "csv";
    public const string Parquet = "parquet";

    private static readonly string[] Compressed = [".GZ", ".GZIP", ".ZST", ".ZSTD"];

    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static ReadOnlySpan<byte> ParquetMagic => "PAR1"u8;

    /// <summary>The format of an input whose content begins with <paramref name="head"/>.</summary>
    /// <param name="input">Its name is looked at only when the content leaves the format open.</param>
    /// <param name="head">The beginning of the content, decompressed; all of it when it is short.</param>
    /// <param name="plan">A CSV header is known by the names of the contract's fields.</param>
    /// <exception cref="Errors.RiskLakeException">The content is of a format that is not read, or does not fit the one it looks like.</exception>
    public static string Detect(InputFile input, ReadOnlySpan<byte> head, DecodePlan plan)
    {
        var named = Named(input.Name);
        if (head.StartsWith(ParquetMagic))
        {
            return Parquet;
        }

        if (ForeignFormat.OfBytes(head) is { } foreign)
        {
            throw foreign.Refusal(input.Path);
        }

        if (named == Parquet && !head.IsEmpty)
        {
            return Parquet;
        }

        var text = Text(head);
        if (text.IsEmpty)
        {
            return named ?? Ndjson;
        }

        if (text[0] == '{' && Envelope.Find(text, plan) is { } list)
        {
            throw new ForeignFormat($"one object that holds the records in '{list}'",
                $"take them out, such as with jq -c '.{list}[]', and see whether the object says that there are more pages").Refusal(input.Path);
        }

        if (IsCsv(text, plan) && (named == Csv || RowsFit(text)))
        {
            return Csv;
        }

        return JsonShape(text, plan, named) is { } shape ? shape
            : named == Csv ? Csv
            : throw ForeignFormat.Of(text, plan)?.Refusal(input.Path) ?? InputErrors.UnknownFormat(input.Path, DecodePlan.Excerpt(text));
    }

    /// <summary>Whether the content alone says what it is.</summary>
    public static bool IsRecognised(ReadOnlySpan<byte> head, DecodePlan plan)
    {
        var text = Text(head);
        return head.StartsWith(ParquetMagic) || (!text.IsEmpty && (text[0] is (byte)'{' or (byte)'[' || IsCsv(text, plan)));
    }

    /// <summary>The content without a byte order mark, and without what may stand before its first record.</summary>
    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> head) =>
        (head.StartsWith(ByteOrderMark) ? head[ByteOrderMark.Length..] : head).TrimStart(" \t\r\n\u001E"u8);

    /// <summary>Lines or values of JSON, if the beginning is either; where the name says nothing, a value or a record must be found in it.</summary>
    private static string? JsonShape(ReadOnlySpan<byte> text, DecodePlan plan, string? named)
    {
        var isNamed = named is Json or Ndjson;
        if (text[0] is (byte)'{' or (byte)'[')
        {
            return !isNamed && !BeginsWithValue(text, plan) && FirstRecord(text, plan) < 0 ? null
                : text[0] == '[' ? (IsArrayLine(text) ? Ndjson : Json)
                : IsSpreadOut(text) ? Json
                : Ndjson;
        }

        var first = isNamed || named is null ? FirstRecord(text, plan) : -1;
        return first < 0 ? isNamed && ForeignFormat.OfHeader(text, plan) is null ? Ndjson : null
            : HasObjectLine(text) ? Ndjson
            : Json;
    }

    private static unsafe int FirstRecord(ReadOnlySpan<byte> text, DecodePlan plan)
    {
        using var pieces = new JsonPieces(plan);
        using var copy = Padded(text);
        return pieces.FirstRecord(copy.Pointer, text.Length);
    }

    /// <summary>Whether a JSON value ends in the text, or the text is the sound beginning of one.</summary>
    private static unsafe bool BeginsWithValue(ReadOnlySpan<byte> text, DecodePlan plan)
    {
        using var row = new RowBuilder(plan);
        using var copy = Padded(text);
        var parser = new JsonRecordParser(row);
        return parser.Extent(copy.Pointer, copy.Pointer + text.Length, out _) is not null || parser.BrokenAt >= copy.Pointer + text.Length;
    }

    private static NativeBuffer<byte> Padded(ReadOnlySpan<byte> text)
    {
        var copy = new NativeBuffer<byte>();
        copy.Reserve(text.Length + 1 + ByteScan.Padding);
        copy.AddRange(text);
        copy.Add((byte)'\n');
        return copy;
    }

    /// <summary>The format that the name promises, or null.</summary>
    private static string? Named(string name)
    {
        var extension = Path.GetExtension(name).ToUpperInvariant();
        if (Compressed.Contains(extension))
        {
            extension = Path.GetExtension(Path.GetFileNameWithoutExtension(name)).ToUpperInvariant();
        }

        return extension switch
        {
            ".JSON" => Json,
            ".NDJSON" or ".JSONL" => Ndjson,
            ".CSV" => Csv,
            ".PARQUET" or ".PARQ" => Parquet,
            _ => null,
        };
    }

    /// <summary>Whether the first line is a sound header row in which a field of the contract is named.</summary>
    private static unsafe bool IsCsv(ReadOnlySpan<byte> text, DecodePlan plan)
    {
        if (text.IsEmpty || text[0] is (byte)'{' or (byte)'[')
        {
            return false;
        }

        using var row = new CsvRow();
        fixed (byte* start = text)
        {
            row.Read(start, start + text.Length);
            for (var i = 0; row.Fault is null && i < row.Count; i++)
            {
                if (plan.IndexOf(new ReadOnlySpan<byte>(row[i].Start, row[i].Length)) >= 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether any row behind the header has its number of values, if there are rows.</summary>
    private static unsafe bool RowsFit(ReadOnlySpan<byte> text)
    {
        using var row = new CsvRow();
        fixed (byte* start = text)
        {
            var limit = start + text.Length;
            var at = row.Read(start, limit);
            var (columns, isEmpty) = (row.Count, true);
            while (at < limit)
            {
                at = row.Read(at, limit);
                if (row.Fault is null && row.Count == columns)
                {
                    return true;
                }

                isEmpty &= row.IsBlank;
            }

            return isEmpty;
        }
    }

    /// <summary>
    /// Whether objects are spread over several lines: the first line ends inside an object, and the next one goes on with a name or
    /// a closing brace, which no line of NDJSON begins with. A cut-off line of NDJSON is followed by one that begins with a brace.
    /// </summary>
    private static bool IsSpreadOut(ReadOnlySpan<byte> text)
    {
        var feed = text.IndexOf((byte)'\n');
        if (text.IsEmpty || text[0] != '{' || feed < 0)
        {
            return false;
        }

        var next = text[feed..].TrimStart(" \t\r\n"u8);
        return !next.IsEmpty && next[0] is (byte)'"' or (byte)'}' && new ElementEnd().Find(text[..feed]) < 0;
    }

    /// <summary>
    /// Whether the first line is an array of its own, but not of objects, and an object follows: NDJSON that begins with a wrong record.
    /// </summary>
    private static bool IsArrayLine(ReadOnlySpan<byte> text)
    {
        var feed = text.IndexOf((byte)'\n');
        if (feed < 0)
        {
            return false;
        }

        var line = text[..feed].TrimEnd(" \t\r"u8);
        return line[1..].TrimStart(" \t"u8) is not [(byte)'{', ..]
            && new ElementEnd().Find(line) == line.Length
            && text[feed..].TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
    }

    /// <summary>Whether any line begins like a JSON object: the first lines of NDJSON may be damaged.</summary>
    private static bool HasObjectLine(ReadOnlySpan<byte> text) => text.IndexOf("\n{"u8) >= 0;
}
