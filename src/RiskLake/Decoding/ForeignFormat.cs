using System.Text;
using RiskLake.Errors;
using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>A format that is not read, but known when it is seen.</summary>
/// <param name="Found">What it is.</param>
/// <param name="WayIn">How its data can be brought in.</param>
internal sealed record ForeignFormat(string Found, string WayIn)
{
    private const int TarMagicOffset = 257;
    private const string Unpack = "unpack it, or pack the single file with gzip or zstd";
    private const string ToParquet = "write it as Parquet, NDJSON or CSV";

    private static readonly (byte[] Magic, int Offset, string Found, string WayIn)[] Magics =
    [
        ([.. "PK\x03\x04"u8], 0, "a zip archive", "unpack it and name the files or the folder"),
        ([.. "PK\x05\x06"u8], 0, "an empty zip archive", "deliver the file again"),
        ([.. "ustar"u8], TarMagicOffset, "a tar archive", "unpack it and name the folder"),
        ([0xD0, 0xCF, 0x11, 0xE0], 0, "an Excel workbook of the old kind (.xls), or another file of Office", "save the sheet as CSV UTF-8"),
        ([.. "BZh"u8], 0, "a file packed with bzip2", Unpack),
        ([0xFD, .. "7zXZ\0"u8], 0, "a file packed with xz", Unpack),
        ([.. "7z\u00BC"u8[..2], 0xBC, 0xAF, 0x27, 0x1C], 0, "a 7z archive", Unpack),
        ([.. "Rar!"u8], 0, "a rar archive", Unpack),
        ([0x04, 0x22, 0x4D, 0x18], 0, "a file packed with lz4", Unpack),
        ([0xFF, 0x06, 0x00, 0x00, .. "sNaPpY"u8], 0, "a file packed with snappy", Unpack),
        ([0x1F, 0x9D], 0, "a file packed with compress", Unpack),
        ([.. "Obj\x01"u8], 0, "an Avro file", ToParquet),
        ([.. "ORC"u8], 0, "an ORC file", ToParquet),
        ([.. "ARROW1"u8], 0, "an Arrow or Feather file", ToParquet),
        ([.. "FEA1"u8], 0, "a Feather file", ToParquet),
        ([.. "PARE"u8], 0, "an encrypted Parquet file", "decrypt it"),
        ([0x89, .. "HDF"u8], 0, "an HDF5 file", ToParquet),
        ([.. "SQLite format 3\0"u8], 0, "an SQLite database", ToParquet),
        ([.. "DUCK"u8], 8, "a DuckDB database", "write the table with COPY ... TO 'file.parquet'"),
        ([0x93, .. "NUMPY"u8], 0, "a NumPy file", ToParquet),
        ([.. "%PDF"u8], 0, "a PDF document", ToParquet),
        ([0x80, 0x04, 0x95], 0, "a Python pickle", ToParquet),
        ([0x80, 0x05, 0x95], 0, "a Python pickle", ToParquet),
    ];

    private static readonly (char Separator, string Name)[] Separators = [(';', "';'"), ('\t', "tabs"), ('|', "'|'")];

    /// <summary>A container or encoding that is not read, told by its bytes.</summary>
    public static ForeignFormat? OfBytes(ReadOnlySpan<byte> head)
    {
        if (Encoded(head) is { } encoding)
        {
            return new ForeignFormat(encoding + " text", $"convert it to UTF-8, such as with iconv -f {encoding} -t UTF-8");
        }

        foreach (var (magic, offset, found, wayIn) in Magics)
        {
            if (head.Length >= offset + magic.Length && head[offset..].StartsWith(magic))
            {
                return head.StartsWith("PK"u8) && IsWorkbook(head)
                    ? new ForeignFormat("an Excel workbook (.xlsx)", "save the sheet as CSV UTF-8, with the names of the contract's fields in its first row")
                    : new ForeignFormat(found, wayIn);
            }
        }

        var text = head.TrimStart(" \t\r\n"u8);
        return text.StartsWith("<"u8) ? Markup(text) : null;
    }

    /// <summary>A header row of a dialect that is not read, told by names of the contract.</summary>
    public static ForeignFormat? OfHeader(ReadOnlySpan<byte> text, DecodePlan plan)
    {
        var feed = text.IndexOf((byte)'\n');
        var line = Encoding.UTF8.GetString((feed < 0 ? text : text[..feed]).TrimEnd("\r"u8));
        if (line.Contains('\r', StringComparison.Ordinal) && Names(line.Split('\r')[0].Split(','), plan) > 0)
        {
            return new ForeignFormat("lines that end with a carriage return alone", "end lines with a line feed, such as with tr '\\r' '\\n'");
        }

        foreach (var (separator, name) in Separators)
        {
            if (Names(line.Split(separator), plan) is var named && named > 0 && named >= Names(line.Split(','), plan))
            {
                return new ForeignFormat($"values separated by {name}", "separate them by commas, with quotes around values that hold one");
            }
        }

        if (HeaderBelow(text, plan) is { } below)
        {
            return new ForeignFormat(
                FormattableString.Invariant($"'{DecodePlan.Excerpt(Encoding.UTF8.GetBytes(line))}' before the header row, which stands in line {below}"),
                "remove the lines before the header row");
        }

        return line.Split(',').Select(cell => (Cell: cell, Field: Array.Find(plan.Fields, field => CsvHeader.IsMeant(cell, field.Name))))
            .FirstOrDefault(pair => pair.Field is not null) is { Field: { } meant } found
            ? new ForeignFormat($"the column '{found.Cell}', where the contract has '{meant.Name}': case counts, and so does space",
                $"write '{meant.Name}' in the header")
            : null;
    }

    /// <summary>Number of a line behind the first that names fields of the contract as no line of values does; null where there is none.</summary>
    private static int? HeaderBelow(ReadOnlySpan<byte> text, DecodePlan plan)
    {
        const int Searched = 40;
        var number = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            number++;
            var cells = number is > 1 and <= Searched ? Encoding.UTF8.GetString(text[range].TrimEnd((byte)'\r')).Split(',', ';', '\t', '|') : [];
            if (cells.Length > 1 && Names(cells, plan) * 2 > cells.Length)
            {
                return number;
            }

            if (number > Searched)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>What a text is that fits none of the formats that are read, as far as that can be said.</summary>
    public static ForeignFormat? Of(ReadOnlySpan<byte> head, DecodePlan plan) => OfBytes(head)
        ?? OfHeader(head, plan)
        ?? (head.Contains((byte)0) ? new ForeignFormat("bytes that are no text", ToParquet) : null);

    public RiskLakeException Refusal(string path) => new(ErrorCode.InputFormatUnknown, path, Found, InputErrors.KnownFormats, WayIn);

    private static int Names(string[] cells, DecodePlan plan) => cells.Length < 2 && plan.Fields.Length > 1
        ? 0
        : cells.Count(cell => plan.IndexOf(cell.Trim().Trim('"')) >= 0 || Array.Exists(plan.Fields, field => CsvHeader.IsMeant(cell, field.Name)));

    private static bool IsWorkbook(ReadOnlySpan<byte> head) =>
        head.IndexOf("[Content_Types].xml"u8) >= 0 || head.IndexOf("xl/"u8) >= 0;

    private static string? Encoded(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE, 0, 0]) || head.StartsWith((ReadOnlySpan<byte>)[0, 0, 0xFE, 0xFF]))
        {
            return "UTF-32";
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || head.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return "UTF-16";
        }

        // Text of Latin letters has a zero in every other byte.
        var (even, odd, pairs) = (0, 0, Math.Min(head.Length, 64) / 2);
        for (var i = 0; i < pairs; i++)
        {
            even += head[2 * i] == 0 ? 1 : 0;
            odd += head[(2 * i) + 1] == 0 ? 1 : 0;
        }

        return pairs < 2 ? null
            : odd == pairs && even == 0 ? "UTF-16LE"
            : even == pairs && odd == 0 ? "UTF-16BE"
            : null;
    }

    private static ForeignFormat Markup(ReadOnlySpan<byte> text)
    {
        var start = Encoding.Latin1.GetString(text[..Math.Min(text.Length, 16)]).ToUpperInvariant();
        return start.StartsWith("<!DOCTYPE HTML", StringComparison.Ordinal) || start.StartsWith("<HTML", StringComparison.Ordinal)
            ? new ForeignFormat("a web page", "deliver the data that the page offers; an error page often takes its place")
            : new ForeignFormat("XML", ToParquet);
    }
}
