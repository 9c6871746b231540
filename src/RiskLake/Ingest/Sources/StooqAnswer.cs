using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>What a body from Stooq is. The status of the response says nothing: most refusals arrive as 200.</summary>
internal enum StooqAnswer
{
    /// <summary>A history of one symbol.</summary>
    History,

    /// <summary>Bars that carry their ticker.</summary>
    Bulk,

    /// <summary>Last quotes: no history.</summary>
    Quotes,

    /// <summary>Unknown symbol, or nothing in the window.</summary>
    Empty,

    /// <summary>The quota of this address is used up until the next day in Warsaw.</summary>
    HitsLimit,

    /// <summary>A key is missing or not valid.</summary>
    KeyNeeded,

    /// <summary>A page that wants to see a browser.</summary>
    BrowserChallenge,

    /// <summary>The address is refused.</summary>
    Denied,

    /// <summary>A warning of the server's own before what may be data.</summary>
    ServerWarning,

    /// <summary>None of these.</summary>
    Unknown,
}

/// <summary>Tells bodies apart by their first line, and says what follows from it.</summary>
internal static class StooqAnswers
{
    /// <summary>How much of a body is enough.</summary>
    public const int HeadBytes = 4096;

    /// <summary>How much of a body that is not data is kept as evidence.</summary>
    public const int ExcerptBytes = 200;

    public static StooqAnswer Classify(ReadOnlySpan<byte> head)
    {
        var text = (head.StartsWith("\uFEFF"u8) ? head[3..] : head).TrimStart(" \t\r\n\0"u8);
        var feed = text.IndexOf((byte)'\n');
        var line = (feed < 0 ? text : text[..feed]).TrimEnd(" \t\r"u8);
        if (line.IsEmpty)
        {
            return StooqAnswer.Empty;
        }

        if (StooqHeader.Read(line) is { } header)
        {
            return header.IsQuote ? StooqAnswer.Quotes : header.IsBulk ? StooqAnswer.Bulk : StooqAnswer.History;
        }

        return Starts(line, "No data"u8) || Starts(line, "Brak danych"u8) ? StooqAnswer.Empty
            : Starts(line, "Exceeded the daily hits limit"u8) || Starts(line, "Przekroczony dzienny limit"u8) ? StooqAnswer.HitsLimit
            : Starts(line, "Get your apikey"u8) ? StooqAnswer.KeyNeeded
            : IsPage(line) ? Page(text)
            : Starts(line, "Access denied"u8) ? StooqAnswer.Denied
            : IsServerWarning(line) ? StooqAnswer.ServerWarning
            : StooqAnswer.Unknown;
    }

    /// <summary>The refusal an answer stands for, or null when there may be something to read.</summary>
    /// <param name="answer">What the body is.</param>
    /// <param name="place">The file or address, without a key.</param>
    public static RiskLakeException? Refusal(StooqAnswer answer, string place) => answer switch
    {
        StooqAnswer.HitsLimit => new(
            ErrorCode.SourceLimit, place, "'Exceeded the daily hits limit'", "a body with bars",
            "ask nothing more of Stooq before midnight in Warsaw"),
        StooqAnswer.KeyNeeded => new(
            ErrorCode.SourceKey, place, "a page that asks for an API key", "a body with bars",
            "open https://stooq.com/q/d/?s=aapl.us&get_apikey in a browser, and name the file that holds the key with --key-file"),
        StooqAnswer.BrowserChallenge => new(
            ErrorCode.SourceRefused, place, "a page that wants to see a browser", "a body with bars",
            "download the file by hand and name it with --input; no program passes that page, and this one does not try"),
        StooqAnswer.Denied => new(
            ErrorCode.SourceRefused, place, "'Access denied'", "a body with bars", "download the file by hand and name it with --input"),
        StooqAnswer.Quotes => new(
            ErrorCode.SourceAnswer, place, "last quotes, not a history", "bars of past sessions",
            "download the history of the symbol (page 'Historical data') or a bulk archive"),
        _ => null,
    };

    private static bool Starts(ReadOnlySpan<byte> line, ReadOnlySpan<byte> words) =>
        line.Length >= words.Length && System.Text.Ascii.EqualsIgnoreCase(line[..words.Length], words);

    /// <summary>What PHP says of its own troubles, as text or as HTML, before it goes on.</summary>
    private static bool IsServerWarning(ReadOnlySpan<byte> line)
    {
        line = Starts(line, "<b>"u8) ? line[3..] : Starts(line, "PHP "u8) ? line[4..] : line;
        return Starts(line, "Warning"u8) || Starts(line, "Notice"u8) || Starts(line, "Deprecated"u8) || Starts(line, "Strict Standards"u8)
            || Starts(line, "<br"u8);
    }

    private static bool IsPage(ReadOnlySpan<byte> line) => Starts(line, "<!DOCTYPE"u8) || Starts(line, "<html"u8) || Starts(line, "<head"u8);

    private static StooqAnswer Page(ReadOnlySpan<byte> text) =>
        text.IndexOf("verify your browser"u8) >= 0 || text.IndexOf("/__verify"u8) >= 0 || text.IndexOf("JavaScript"u8) >= 0 ? StooqAnswer.BrowserChallenge
        : text.IndexOf("apikey"u8) >= 0 ? StooqAnswer.KeyNeeded
        : StooqAnswer.Denied;
}
