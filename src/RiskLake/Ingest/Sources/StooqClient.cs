using System.Text;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// Fetches histories from Stooq. Since 2026 the site wants a key that a person gets from a page with a captcha, and may answer with a
/// page that wants to see a browser: then this stops and says so.
/// </summary>
internal sealed class StooqClient(SourceHttp http, string baseAddress)
{
    public const string DefaultAddress = "https://stooq.com/";
    public const string KeyVariable = "STOOQ_API_KEY";

    /// <summary>The whole daily history of a symbol; null when there is none.</summary>
    /// <param name="symbol">Stooq's ticker, such as <c>aapl.us</c> or <c>^spx</c>.</param>
    /// <param name="isRaw">Without corrections for splits, dividends and the like.</param>
    /// <param name="ct">Stops it.</param>
    public FetchedBody? History(string symbol, bool isRaw, CancellationToken ct)
    {
        var ticker = symbol.Trim().ToLowerInvariant();
        var place = $"{baseAddress.TrimEnd('/')}/q/d/l/?s={Uri.EscapeDataString(ticker)}&i=d{(isRaw ? "&o=1111111" : "")}";
        var response = http.Get(place, "apikey", ct);
        var head = response.Body.AsSpan(0, Math.Min(response.Body.Length, StooqAnswers.HeadBytes));
        var answer = StooqAnswers.Classify(head);
        if (StooqAnswers.Refusal(answer, place) is { } refusal)
        {
            throw refusal;
        }

        if (response.Status is 401 or 403 or 404)
        {
            throw StooqAnswers.Refusal(StooqAnswer.Denied, place)!;
        }

        return answer switch
        {
            StooqAnswer.Empty when response.Status == 200 => null,
            StooqAnswer.History => new FetchedBody($"{ticker.Replace('.', '_')}_d.csv", response.Body),
            _ => throw new RiskLakeException(
                response.Status >= 500 ? ErrorCode.SourceUnavailable : ErrorCode.SourceAnswer, place,
                $"'{http.Redact(Encoding.UTF8.GetString(head[..Math.Min(head.Length, StooqAnswers.ExcerptBytes)])).ReplaceLineEndings(" ")}'",
                "a history as CSV", "download the file by hand and name it with --input"),
        };
    }
}
