using System.Globalization;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>What an answer of FRED says of itself. Where it says nothing, as CSV does, there is nothing to hold it to.</summary>
internal sealed record FredClaims
{
    /// <summary>Rows of the body.</summary>
    public required long Rows { get; init; }

    /// <summary>How many rows there are in all.</summary>
    public long? Count { get; init; }

    /// <summary>How many rows come before those of the body.</summary>
    public long? Offset { get; init; }

    /// <summary>How many rows one answer may have.</summary>
    public long? Limit { get; init; }

    /// <summary>How the values were transformed; <c>lin</c> is not at all.</summary>
    public string? Units { get; init; }

    /// <summary>1 for all values with their periods of validity, 2 and 3 for a column a vintage, 4 for first values alone.</summary>
    public long? OutputType { get; init; }

    public string? RealtimeStart { get; init; }

    public string? RealtimeEnd { get; init; }

    public string? ObservationStart { get; init; }

    public string? ObservationEnd { get; init; }

    /// <summary>Whether rows stand in other bodies.</summary>
    public bool IsPage => Count is { } count && (Offset > 0 || Rows < count);

    /// <param name="said">The value of an attribute, or null.</param>
    /// <param name="rows">Rows of the body.</param>
    /// <param name="place">Where the body comes from.</param>
    public static FredClaims Read(Func<string, string?> said, long rows, string place)
    {
        return new()
        {
            Rows = rows,
            Count = Number("count"),
            Offset = Number("offset"),
            Limit = Number("limit"),
            Units = said("units"),
            OutputType = Number("output_type"),
            RealtimeStart = said("realtime_start"),
            RealtimeEnd = said("realtime_end"),
            ObservationStart = said("observation_start"),
            ObservationEnd = said("observation_end"),
        };

        long? Number(string name) => said(name) is not { } text ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw Refusal(place, $"{name} '{text}'", "a whole number", "fetch the body again");
    }

    /// <summary>Holds a body to what it says.</summary>
    public void Require(FredBody body, string place)
    {
        if (Units is not (null or "lin"))
        {
            throw Refusal(
                place, $"units={Units}: values that were transformed", "units=lin: the values of the series itself",
                    "ask again with units=lin, and transform afterwards");
        }

        if (Count is { } count && Rows + (Offset ?? 0) > count)
        {
            throw Refusal(place, FormattableString.Invariant($"{Rows} rows from offset {Offset ?? 0} on"),
                FormattableString.Invariant($"{count} in all, as the body says"), "fetch the body again");
        }

        foreach (var row in body.Observations)
        {
            Within(row.Date, ObservationStart, ObservationEnd, "a period", row, place);
            Within(row.RealtimeStart, RealtimeStart, RealtimeEnd, "a value known from", row, place);
            Within(row.RealtimeEnd, row.RealtimeStart ?? RealtimeStart, RealtimeEnd, "a value known until", row, place);
        }
    }

    /// <summary>
    /// Refuses bodies of which the rest is missing: all rows must be there, in one body or in several.
    /// </summary>
    /// <param name="pages">Bodies of one request each, or the pages of one.</param>
    public static void RequireWhole(IReadOnlyList<(string Place, string Series, FredClaims Claims)> pages)
    {
        foreach (var request in pages
            .Where(page => page.Claims.Count is not null).GroupBy(page => (page.Series, Claims: page.Claims with { Rows = 0, Offset = null, Limit = null })))
        {
            long reached = 0;
            foreach (var (_, _, claims) in request.OrderBy(page => page.Claims.Offset ?? 0))
            {
                reached = (claims.Offset ?? 0) <= reached ? Math.Max(reached, (claims.Offset ?? 0) + claims.Rows) : reached;
            }

            var count = request.Key.Claims.Count!.Value;
            if (reached < count)
            {
                var first = request.First();
                throw Refusal(
                    first.Place,
                    FormattableString.Invariant(
                        $"{request.Sum(page => page.Claims.Rows)} of {count} rows (offset {first.Claims.Offset ?? 0}, limit {first.Claims.Limit ?? 0})"),
                    "all rows, in one body or in pages that are named together",
                    "name the other pages with --input too, or ask again with a greater limit");
            }
        }
    }

    /// <summary>Refuses an answer to another question.</summary>
    /// <param name="place">The request, without its key.</param>
    /// <param name="asked">What was asked for; null asks for nothing in particular.</param>
    public void RequireAnswers(string place, FredClaims asked)
    {
        Same("output_type", OutputType?.ToString(CultureInfo.InvariantCulture), asked.OutputType?.ToString(CultureInfo.InvariantCulture));
        Same("offset", Offset?.ToString(CultureInfo.InvariantCulture), asked.Offset?.ToString(CultureInfo.InvariantCulture));
        Same("limit", Limit?.ToString(CultureInfo.InvariantCulture), asked.Limit?.ToString(CultureInfo.InvariantCulture));
        Same("realtime_start", RealtimeStart, asked.RealtimeStart);
        Same("realtime_end", RealtimeEnd, asked.RealtimeEnd);
        if (Count is { } count && asked.Limit is { } limit && Rows < Math.Min(limit, count - (Offset ?? 0)))
        {
            throw Refusal(place, FormattableString.Invariant($"{Rows} rows"),
                FormattableString.Invariant($"{Math.Min(limit, count - (Offset ?? 0))}, as the answer says"), "repeat the command");
        }

        void Same(string name, string? said, string? wanted)
        {
            if (said is not null && wanted is not null && said != wanted)
            {
                throw Refusal(place, $"an answer with {name}={said}", $"{name}={wanted}, as asked",
                    "repeat the command; if it stays, compare the answer with docs/sources.md");
            }
        }
    }

    /// <summary>Rows of one period together, in the order of real time, whatever the order of the answer.</summary>
    public static IReadOnlyList<FredObservation> InOrder(IReadOnlyList<FredObservation> rows)
    {
        var last = new Dictionary<string, (string Date, string Start)>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var key = (row.Date, row.RealtimeStart ?? "");
            if (last.TryGetValue(row.Series ?? "", out var before) && Compare(before, key) > 0)
            {
                return [.. rows.OrderBy(each => each.Date, StringComparer.Ordinal).ThenBy(each => each.RealtimeStart ?? "", StringComparer.Ordinal)];
            }

            last[row.Series ?? ""] = key;
        }

        return rows;

        static int Compare((string Date, string Start) left, (string Date, string Start) right) =>
            string.CompareOrdinal(left.Date, right.Date) is var order and not 0 ? order : string.CompareOrdinal(left.Start, right.Start);
    }

    /// <summary>A date that is none is for the contract to refuse.</summary>
    private static void Within(string? date, string? from, string? through, string what, FredObservation row, string place)
    {
        if (IsDate(date) && ((IsDate(from) && string.CompareOrdinal(date, from) < 0) || (IsDate(through) && string.CompareOrdinal(date, through) > 0)))
        {
            throw Refusal(FormattableString.Invariant($"{place}:{row.Line}"), $"{what} {date}",
                $"dates from {from} to {through}, as the body says", "fetch the body again");
        }
    }

    private static bool IsDate(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static RiskLakeException Refusal(string place, string found, string expected, string next) =>
        new(ErrorCode.SourceAnswer, place, found, expected, next);
}
