using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>A value of a series as it stood in a window of real time. Text as received, for the contract to judge.</summary>
/// <param name="Series">Id, or null where the body does not say.</param>
/// <param name="Date">The period it is about.</param>
/// <param name="RealtimeStart">First day it was known, or of the window that was asked for.</param>
/// <param name="RealtimeEnd">Last such day; null is not known.</param>
/// <param name="Value">The value; null is missing.</param>
/// <param name="Line">Which row of the body.</param>
internal sealed record FredObservation(string? Series, string Date, string? RealtimeStart, string? RealtimeEnd, string? Value, long Line);

/// <summary>A body with observations, whatever its form.</summary>
/// <param name="Form"><c>json</c>, <c>xml</c> or <c>csv</c>.</param>
/// <param name="WindowStart">First day of the window of real time, if the body says.</param>
/// <param name="WindowEnd">Last day, likewise.</param>
/// <param name="Total">How many observations there are in all, where the body may hold only some of them.</param>
/// <param name="Observations">The rows, in the order of the body.</param>
internal sealed partial record FredBody(string Form, string? WindowStart, string? WindowEnd, long? Total, IReadOnlyList<FredObservation> Observations)
{
    /// <summary>Documented limits (100,000 observations) give at most a tenth of this.</summary>
    public const long MostBytes = 64 << 20;

    public static XmlReaderSettings XmlSettings => new()
    {
        DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MostBytes,
    };

    /// <summary>What the body says of itself.</summary>
    public required FredClaims Claims { get; init; }

    /// <exception cref="RiskLakeException">The body is an error of FRED's, nothing that is known, or not what it says it is.</exception>
    public static FredBody Read(ReadOnlyMemory<byte> body, string place)
    {
        var read = ReadForm(body, place);
        read.Claims.Require(read, place);
        return read with { Observations = FredClaims.InOrder(read.Observations) };
    }

    private static FredBody ReadForm(ReadOnlyMemory<byte> body, string place)
    {
        if (FredError.Read(body) is { } error)
        {
            throw error.Refusal(place);
        }

        var text = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
        text = text[(text.Length - text.Span.TrimStart(" \t\r\n"u8).Length)..];
        try
        {
            return text.Span switch
            {
                [(byte)'{', ..] => ReadJson(text, place),
                [(byte)'<', ..] => ReadXml(text, place),
                _ => ReadCsv(text, place),
            };
        }
        catch (Exception cause) when (cause is JsonException or XmlException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            // Half a surrogate pair or bytes that are no UTF-8 show only when a text is asked for.
            throw Unknown(text.Span, place, cause);
        }
    }

    /// <summary>Whether a cell says that there is no value.</summary>
    private static string? Present(string? value) => value is null or "" or "." or "ND" ? null : value;

    private static FredBody ReadJson(ReadOnlyMemory<byte> text, string place)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        if (!root.TryGetProperty("observations", out var rows) || rows.ValueKind != JsonValueKind.Array)
        {
            throw Unknown(text.Span, place, null);
        }

        var found = new List<FredObservation>();
        long line = 0;
        foreach (var row in rows.EnumerateArray())
        {
            line++;
            if (row.ValueKind != JsonValueKind.Object)
            {
                throw Unknown(text.Span, place, null);
            }

            AddRow(row.EnumerateObject().Select(cell => (cell.Name, cell.Value.ValueKind == JsonValueKind.Null ? null : cell.Value.ToString())), line, found);
        }

        var claims = FredClaims.Read(name => root.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value.ToString() : null, line, place);
        return new FredBody("json", claims.RealtimeStart, claims.RealtimeEnd, claims.Count, found) { Claims = claims };
    }

    private static FredBody ReadXml(ReadOnlyMemory<byte> text, string place)
    {
        using var reader = XmlReader.Create(new MemoryStream(text.ToArray()), XmlSettings);
        reader.MoveToContent();
        if (reader.LocalName != "observations")
        {
            throw Unknown(text.Span, place, null);
        }

        var said = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.MoveToNextAttribute())
        {
            said[reader.LocalName] = reader.Value;
        }

        reader.MoveToElement();
        var found = new List<FredObservation>();
        long line = 0;
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "observation")
            {
                line++;
                var cells = new List<(string, string?)>();
                while (reader.MoveToNextAttribute())
                {
                    cells.Add((reader.LocalName, reader.Value));
                }

                AddRow(cells, line, found);
            }
        }

        var claims = FredClaims.Read(said.GetValueOrDefault, line, place);
        return new FredBody("xml", claims.RealtimeStart, claims.RealtimeEnd, claims.Count, found) { Claims = claims };
    }

    /// <summary>A tall row has a value; a wide one has a column for each vintage, whose XML name starts with '_' where the id starts with a digit.</summary>
    private static void AddRow(IEnumerable<(string Name, string? Value)> cells, long line, List<FredObservation> found)
    {
        string? date = null, start = null, end = null, value = null;
        var isTall = false;
        var wide = new List<(string Series, string Vintage, string? Value)>();
        foreach (var (name, cell) in cells)
        {
            if (name == "date")
            {
                date = cell;
            }
            else if (name == "realtime_start")
            {
                start = cell;
            }
            else if (name == "realtime_end")
            {
                end = cell;
            }
            else if (name == "value")
            {
                (isTall, value) = (true, cell);
            }
            else if (Stamped().Match(name) is { Success: true } stamp)
            {
                wide.Add((Id(stamp), Day(stamp), cell));
            }
        }

        if (isTall || wide.Count == 0)
        {
            found.Add(new FredObservation(null, date ?? "", start, end, Present(value), line));
        }

        found.AddRange(wide.Select(cell => new FredObservation(cell.Series, date ?? "", cell.Vintage, null, Present(cell.Value), line)));
    }

    private static FredBody ReadCsv(ReadOnlyMemory<byte> text, string place)
    {
        var lines = new SourceLines(new MemoryStream(text.ToArray()));
        if (!lines.Next() || Encoding.UTF8.GetString(lines.Span).Split(',') is not ["observation_date" or "DATE" or "date", _, ..] header)
        {
            throw Unknown(text.Span, place, null);
        }

        var columns = header.Skip(1).Select(name => name.Trim().Trim('"')).ToArray();
        var rows = new List<(long Line, string[] Cells)>();
        var last = new int[header.Length];
        while (lines.Next())
        {
            var cells = Encoding.UTF8.GetString(lines.Span).Split(',').Select(cell => cell.Trim().Trim('"')).ToArray();
            if (cells is [""])
            {
                continue;
            }

            if (cells.Length != header.Length)
            {
                throw Unknown(lines.Span, FormattableString.Invariant($"{place}:{lines.Number}"), null);
            }

            rows.Add((lines.Number, cells));
            for (var i = 1; i < cells.Length; i++)
            {
                last[i] = cells[i].Length > 0 ? rows.Count : last[i];
            }
        }

        return new FredBody("csv", null, null, null, [.. rows.SelectMany((row, number) => CellsOf(row.Line, row.Cells, number, columns, last))])
        {
            Claims = new FredClaims { Rows = rows.Count },
        };
    }

    /// <summary>
    /// The observations of a row. A cell that is empty below the last value of its column, in a row that another column has a value for,
    /// is no period without a value, but one that was not published yet.
    /// </summary>
    private static IEnumerable<FredObservation> CellsOf(long line, string[] cells, int number, string[] columns, int[] last)
    {
        for (var i = 1; i < cells.Length; i++)
        {
            var stamp = Stamped().Match(columns[i - 1]);
            if (cells[i].Length == 0 && number >= last[i] && cells.Skip(1).Any(cell => Present(cell) is not null))
            {
                continue;
            }

            yield return stamp.Success
                ? new FredObservation(Id(stamp), cells[0], Day(stamp), null, Present(cells[i]), line)
                : new FredObservation(columns[i - 1], cells[0], null, null, Present(cells[i]), line);
        }
    }

    private static string Id(Match stamp) => stamp.Groups[1].Value.TrimStart('_');

    private static string Day(Match stamp) => stamp.Groups[2].Value is var day ? $"{day[..4]}-{day[4..6]}-{day[6..]}" : "";

    private static RiskLakeException Unknown(ReadOnlySpan<byte> text, string place, Exception? cause)
    {
        if (text.StartsWith("PK"u8) || text is [0x1F, 0x8B, ..])
        {
            return new RiskLakeException(
                ErrorCode.SourceAnswer, place, text[0] == 'P' ? "a zip archive (xlsx and csv come as such)" : "a gzip file",
                "observations as FRED delivers them (JSON, XML or CSV)", "unpack it, or ask for JSON or XML");
        }

        var isPage = text.StartsWith("<!DOCTYPE"u8) || text.StartsWith("<html"u8);
        return new RiskLakeException(
            ErrorCode.SourceAnswer,
            place,
            isPage ? "a web page" : text.IsEmpty ? "nothing" : $"'{Encoding.UTF8.GetString(text[..Math.Min(200, text.Length)]).ReplaceLineEndings(" ")}'",
            "observations as FRED delivers them (JSON, XML or CSV)",
            isPage ? "check the series id: an unknown one gives a page" : "compare the body with docs/sources.md",
            cause);
    }

    [GeneratedRegex("^(_?[A-Za-z0-9_]+)_([0-9]{8})$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Stamped();
}
