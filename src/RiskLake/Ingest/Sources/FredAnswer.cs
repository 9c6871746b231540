using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>What FRED says when it does not deliver.</summary>
internal enum FredProblem
{
    KeyMissing,
    KeyMalformed,
    KeyUnregistered,
    SeriesUnknown,

    /// <summary>Said of series without vintages and, word for word, of unknown ones whenever a window is asked for.</summary>
    NotInAlfred,
    NoVintages,
    TooManyVintages,
    AfterToday,
    RateLimited,
    Locked,
    NotFound,
    ServerFailed,
    TimedOut,
    BadRequest,
}

/// <summary>An error body of FRED, read.</summary>
/// <param name="Problem">Which of the documented errors it is.</param>
/// <param name="Code">FRED's code.</param>
/// <param name="Message">FRED's words; they never contain the key.</param>
/// <param name="Vintages">How many vintages there are, if it says.</param>
/// <param name="Today">The date in St. Louis, if it says.</param>
internal sealed partial record FredError(FredProblem Problem, int Code, string Message, int? Vintages = null, DateOnly? Today = null)
{
    /// <summary>The error that a body is, or null when it is none. Knows the JSON and XML of version 1 and the JSON of version 2.</summary>
    public static FredError? Read(ReadOnlyMemory<byte> body)
    {
        var text = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
        text = text[(text.Length - text.Span.TrimStart(" \t\r\n"u8).Length)..];
        return text.Span is [(byte)'{', ..] ? ReadJson(text) : text.Span is [(byte)'<', ..] ? ReadXml(text) : null;
    }

    /// <summary>What follows from the error.</summary>
    /// <param name="place">Series and address, without the key.</param>
    public RiskLakeException Refusal(string place)
    {
        var found = $"'{Message}' ({Code.ToString(CultureInfo.InvariantCulture)})";
        return Problem switch
        {
            FredProblem.KeyMissing or FredProblem.KeyMalformed or FredProblem.KeyUnregistered => new(
                ErrorCode.SourceKey, place, found, "a registered key of 32 lower-case letters and digits",
                "get one at https://fred.stlouisfed.org/docs/api/api_key.html and put it into FRED_API_KEY, or a file named with --key-file"),
            FredProblem.SeriesUnknown or FredProblem.NotFound => new(
                ErrorCode.SourceUnknown, place, found, "a series that exists", "look its id up at https://fred.stlouisfed.org"),
            FredProblem.NotInAlfred => new(
                ErrorCode.SourceUnknown, place, found, "a series with vintages",
                "ask for today's values with 'fred' instead of 'alfred'; the same words are used for ids that do not exist"),
            FredProblem.NoVintages => new(ErrorCode.SourceUnknown, place, found, "a window with vintages", "choose an earlier or longer window"),
            FredProblem.TooManyVintages => new(ErrorCode.SourceLimit, place, found, "at most 2000 vintages in one request", "split the window"),
            FredProblem.AfterToday => new(
                ErrorCode.SourceUnknown, place, found, "a window that ends by today in St. Louis", "leave the end of the window out"),
            FredProblem.RateLimited => new(ErrorCode.SourceLimit, place, found, "fewer requests", "wait a minute and repeat the command"),
            FredProblem.Locked or FredProblem.ServerFailed or FredProblem.TimedOut => new(
                ErrorCode.SourceUnavailable, place, found, "an answer", "repeat the command later"),
            _ => new(ErrorCode.SourceAnswer, place, found, "an answer", "correct the request"),
        };
    }

    private static FredError? ReadJson(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return root.TryGetProperty("error_message", out var message) && root.TryGetProperty("error_code", out var code)
                ? Of(Number(code), message.ToString())
                : root.TryGetProperty("message", out message) && root.TryGetProperty("code", out code) ? Of(Number(code), message.ToString())
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static int Number(JsonElement element) =>
        int.TryParse(element.ToString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : 0;

    private static FredError? ReadXml(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(text.ToArray()), FredBody.XmlSettings);
            reader.MoveToContent();
            return reader.LocalName == "error" && reader.GetAttribute("message") is { } message
                ? Of(int.TryParse(reader.GetAttribute("code"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var code) ? code : 0, message)
                : null;
        }
        catch (Exception e) when (e is XmlException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static FredError Of(int code, string message)
    {
        bool Says(string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);
        var problem = Says("api_key") ? Says("has not been set") ? FredProblem.KeyMissing
                : Says("not registered") ? FredProblem.KeyUnregistered
                : FredProblem.KeyMalformed
            : Says("does not exist in ALFRED") ? FredProblem.NotInAlfred
            : Says("No vintage dates exist") ? FredProblem.NoVintages
            : Says("exceeds the maximum number of vintage dates") ? FredProblem.TooManyVintages
            : Says("can not be after today's date") ? FredProblem.AfterToday
            : Says("does not exist") ? FredProblem.SeriesUnknown
            : code switch
            {
                401 or 403 => FredProblem.KeyUnregistered,
                404 => FredProblem.NotFound,
                423 => FredProblem.Locked,
                429 => FredProblem.RateLimited,
                504 => FredProblem.TimedOut,
                >= 500 => FredProblem.ServerFailed,
                _ => Says("Rate Limit") ? FredProblem.RateLimited : FredProblem.BadRequest,
            };
        var vintages = problem == FredProblem.TooManyVintages && Count().Match(message) is { Success: true } count
            ? int.Parse(count.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : (int?)null;
        var today = problem == FredProblem.AfterToday && Date().Match(message) is { Success: true } date
            && DateOnly.TryParseExact(date.Groups[1].ValueSpan, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var named)
            ? named
            : (DateOnly?)null;
        return new FredError(problem, code, message, vintages, today);
    }

    [GeneratedRegex(@"There are ([0-9]{1,9}) vintage", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Count();

    [GeneratedRegex(@"\(([0-9]{4}-[0-9]{2}-[0-9]{2})\)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Date();
}
