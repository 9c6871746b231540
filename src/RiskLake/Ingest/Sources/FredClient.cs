using System.Globalization;
using System.Text;
using System.Text.Json;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>A body that was fetched.</summary>
/// <param name="Name">A name for its file.</param>
/// <param name="Bytes">What came.</param>
internal sealed record FetchedBody(string Name, byte[] Bytes);

/// <summary>Fetches series from FRED, and their vintages from ALFRED.</summary>
internal sealed class FredClient(SourceHttp http, string baseAddress)
{
    public const string DefaultAddress = "https://api.stlouisfed.org/fred/";
    public const string KeyVariable = "FRED_API_KEY";

    /// <summary>More vintages than this are refused in one request.</summary>
    public const int MostVintages = 2000;

    private const int PageRows = 100_000;
    private const int PageVintages = 10_000;

    /// <summary>The values as they stand today.</summary>
    public IEnumerable<FetchedBody> Latest(string series, CancellationToken ct) => Pages(series, null, series, ct);

    /// <summary>Every vintage, in windows that begin on vintage dates.</summary>
    public IEnumerable<FetchedBody> Vintages(string series, CancellationToken ct)
    {
        var windows = Windows(VintageDates(series, ct)).ToArray();
        foreach (var (from, through) in windows)
        {
            var name = windows.Length == 1 ? series : $"{series}.{from}";
            foreach (var body in Pages(series, (from, through), name, ct))
            {
                yield return body;
            }
        }
    }

    /// <summary>Windows of at most <see cref="MostVintages"/> vintages that follow on one another and leave no day out.</summary>
    public static IEnumerable<(string From, string Through)> Windows(IReadOnlyList<DateOnly> vintages)
    {
        for (var start = 0; start == 0 || start < vintages.Count; start += MostVintages)
        {
            var next = start + MostVintages;
            yield return (
                start == 0 ? "1776-07-04" : Day(vintages[start]),
                next < vintages.Count ? Day(vintages[next].AddDays(-1)) : "9999-12-31");
        }
    }

    private static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private IEnumerable<FetchedBody> Pages(string series, (string From, string Through)? realtime, string name, CancellationToken ct)
    {
        var window = realtime is var (from, through) ? $"&realtime_start={from}&realtime_end={through}" : "";
        var asked = new FredClaims { Rows = 0, OutputType = 1, Limit = PageRows, RealtimeStart = realtime?.From, RealtimeEnd = realtime?.Through };
        for (long offset = 0, page = 1; ; offset += PageRows, page++)
        {
            var place = Address(
                "series/observations", series, $"&units=lin&output_type=1{window}&limit={PageRows}&offset={offset.ToString(CultureInfo.InvariantCulture)}");
            var bytes = Get(place, series, window.Length > 0, ct);
            var body = FredBody.Read(bytes, place);
            body.Claims.RequireAnswers(place, asked with { Offset = offset });
            yield return new FetchedBody(FormattableString.Invariant($"{name}{(page == 1 ? "" : $".{page}")}.json"), bytes);
            if (!(body.Total > offset + PageRows))
            {
                yield break;
            }
        }
    }

    private List<DateOnly> VintageDates(string series, CancellationToken ct)
    {
        var dates = new List<DateOnly>();
        for (long offset = 0; ; offset += PageVintages)
        {
            var place = Address("series/vintagedates", series, FormattableString.Invariant($"&limit={PageVintages}&offset={offset}"));
            var bytes = Get(place, series, hasWindow: true, ct);
            try
            {
                using var document = JsonDocument.Parse(bytes);
                var page = document.RootElement.GetProperty("vintage_dates").EnumerateArray()
                    .Select(date => DateOnly.ParseExact(date.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture)).ToArray();
                if (page.Zip(page.Skip(1)).Any(pair => pair.First >= pair.Second) || (dates.Count > 0 && page.Length > 0 && page[0] <= dates[^1]))
                {
                    throw Unknown(bytes, place);
                }

                dates.AddRange(page);
                if (page.Length < PageVintages)
                {
                    return dates;
                }
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
            {
                throw Unknown(bytes, place);
            }
        }
    }

    private string Address(string path, string series, string rest) =>
        $"{baseAddress.TrimEnd('/')}/{path}?series_id={Uri.EscapeDataString(series)}&file_type=json{rest}";

    /// <summary>A body without an error. An id that ALFRED does not have is looked up in FRED, because both cases are answered alike.</summary>
    private byte[] Get(string place, string series, bool hasWindow, CancellationToken ct)
    {
        var response = http.Get(place, "api_key", ct);
        if (FredError.Read(response.Body) is { } error)
        {
            if (error.Problem == FredProblem.NotInAlfred && hasWindow)
            {
                var probe = Address("series", series, "");
                throw Safe((FredError.Read(http.Get(probe, "api_key", ct).Body) ?? error).Refusal(probe));
            }

            throw Safe(error.Refusal(place));
        }

        return response.Status switch
        {
            200 => response.Body,
            429 => throw new FredError(FredProblem.RateLimited, 429, "Too Many Requests").Refusal(place),
            423 or >= 500 => throw new FredError(FredProblem.ServerFailed, response.Status, "no words").Refusal(place),
            404 => throw new FredError(FredProblem.NotFound, 404, "Not Found").Refusal(place),
            _ => throw Unknown(response.Body, place),
        };
    }

    private RiskLakeException Unknown(byte[] body, string place) => new(
        ErrorCode.SourceAnswer, place, $"'{http.Redact(Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(200, body.Length)))).ReplaceLineEndings(" ")}'",
        "an answer as FRED documents it", "compare it with docs/sources.md");

    // An error may quote the request.
    private RiskLakeException Safe(RiskLakeException error) => new(error.Code, error.Place, http.Redact(error.Found), error.Expected, error.Next);
}
