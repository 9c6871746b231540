using System.Text;
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
    /// <returns>The format, and whether JSON values stand alone instead of in an array.</returns>
    public static (string Format, bool IsSequence) Detect(InputFile input, ReadOnlySpan<byte> head, DecodePlan plan)
    {
        if (head.StartsWith(ParquetMagic) || (Named(input.Name) == Parquet && !head.IsEmpty))
        {
            return (Parquet, false);
        }

        var text = head.StartsWith(ByteOrderMark) ? head[ByteOrderMark.Length..] : head;
        text = text.TrimStart(" \t\r\n"u8);
        if (IsCsv(text, plan))
        {
            return (Csv, false);
        }

        return text.IsEmpty ? (Named(input.Name) ?? Ndjson, false)
            : text[0] == '[' ? (IsArrayLine(text) ? Ndjson : Json, false)
            : IsSpreadOut(text) ? (Json, true)
            : text[0] == '{' || HasObjectLine(text) ? (Ndjson, false)
            : Named(input.Name) is Csv ? (Csv, false)
            : Named(input.Name) is Json or Ndjson ? (Ndjson, false)
            : throw InputErrors.UnknownFormat(input.Path, DecodePlan.Excerpt(text));
    }

    /// <summary>Whether the content alone says what it is.</summary>
    public static bool IsRecognised(ReadOnlySpan<byte> head, DecodePlan plan)
    {
        var text = head.StartsWith(ByteOrderMark) ? head[ByteOrderMark.Length..] : head;
        text = text.TrimStart(" \t\r\n"u8);
        return head.StartsWith(ParquetMagic) || (!text.IsEmpty && (text[0] is (byte)'{' or (byte)'[' || IsCsv(text, plan)));
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

    /// <summary>Whether the first line is a header row in which a field of the contract is named.</summary>
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
            for (var i = 0; i < row.Count; i++)
            {
                if (plan.IndexOf(new ReadOnlySpan<byte>(row[i].Start, row[i].Length)) >= 0)
                {
                    return true;
                }
            }
        }

        return false;
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
