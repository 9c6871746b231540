using System.Globalization;
using System.Text;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>What the user says about bodies of FRED, because they do not.</summary>
internal sealed record FredOptions
{
    /// <summary>Series of a body that does not name it; null takes it from the file's name.</summary>
    public string? Series { get; init; }

    /// <summary>First day from which a keyless CSV without a vintage counts as known; null takes the day its bytes were received.</summary>
    public string? KnownFrom { get; init; }

    /// <summary>The user answers for licences that forbid storing.</summary>
    public bool LicencePermitsStoring { get; init; }
}

/// <summary>Turns landed bodies of FRED and ALFRED into records of <c>external_signals</c>.</summary>
internal sealed class FredSource(FredOptions options, FredCatalogue catalogue)
{
    public const string Name = "fred";

    private const string Forever = "9999-12-31";
    private const string Ever = "1776-07-04";

    public SourceTally Tally { get; } = new();

    /// <summary>Refuses bodies that are pages of answers whose other pages are not there.</summary>
    public void RequireWhole(IReadOnlyList<InputFile> files) => FredClaims.RequireWhole(
        [.. files.Select(file => (file.Name, Series: options.Series ?? Path.GetFileName(file.Name).Split('.')[0], Read(file.Path, file.Name).Claims))]);

    /// <summary>Refuses a file with a series that may not be stored, or that is not known.</summary>
    public void RequireLicence(InputFile file)
    {
        foreach (var series in Read(file.Path, file.Name).Observations.Select(observation => SeriesOf(observation, file.Name)).Distinct(StringComparer.Ordinal))
        {
            catalogue.Require(series, options.LicencePermitsStoring);
        }
    }

    /// <summary>Writes the records of one landed body.</summary>
    public void Convert(LandedBytes landed, string name, long ingestMicros, Stream output, CancellationToken ct)
    {
        var body = Read(landed.Path, name);
        Tally.Bodies++;
        Tally.Empty += body.Observations.Count == 0 ? 1 : 0;
        using var records = new CanonicalRecords(output);
        var context = new Context(landed, name, ingestMicros, body, records);
        var isUnion = body.Form == "csv" && body.Observations.Select(observation => observation.Series).Distinct(StringComparer.Ordinal).Skip(1).Any();
        for (var i = 0; i < body.Observations.Count; i++)
        {
            ct.ThrowIfCancellationRequested();
            var observation = body.Observations[i];
            Tally.Rows++;
            var series = catalogue.Require(SeriesOf(observation, name), options.LicencePermitsStoring);
            if (isUnion && observation.Value is null && !FredPeriods.MayBe(observation.Date, series.Frequency))
            {
                continue; // Another series of the file has a value for that date; this one knows no such period.
            }

            var start = observation.RealtimeStart ?? options.KnownFrom ?? LandingLedger.Instant(ingestMicros)[..10];
            Write(context, series, observation, start, isWithdrawn: false);
            var next = i + 1 < body.Observations.Count ? body.Observations[i + 1] : null;
            if (Withdrawal(body, observation, next) is { } day)
            {
                Write(context, series, observation, day, isWithdrawn: true);
            }
        }
    }

    private static FredBody Read(string path, string name)
    {
        try
        {
            return new FileInfo(path).Length <= FredBody.MostBytes
                ? FredBody.Read(File.ReadAllBytes(path), name)
                : throw new RiskLakeException(
                    ErrorCode.SourceAnswer, name, "more than 64 MiB", "at most 100,000 observations, as one request gives", "split the request");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputErrors.Unreadable(path, e);
        }
    }

    /// <summary>Bodies with a column per series name it; others go by the option or, as <c>DGS10.json</c> and its page <c>DGS10.2.json</c>,
    /// by the name of the file.</summary>
    private string SeriesOf(FredObservation observation, string name)
    {
        if (observation.Series is { } own)
        {
            return options.Series is { } said && said != own
                ? throw new RiskLakeException(
                    ErrorCode.SourceAnswer, name, $"values of {own}", $"values of {said}, as asked", "leave --series out, or name the right file")
                : own;
        }

        return options.Series ?? Path.GetFileName(name).Split('.')[0].ToUpperInvariant();
    }

    /// <summary>
    /// The day on which a value ceased to be known, if it did: its real time ends inside the window, and no other value follows on.
    /// Rows of one period stand together, in the order of real time.
    /// </summary>
    private static string? Withdrawal(FredBody body, FredObservation observation, FredObservation? next)
    {
        // First values alone do not tell what came after them, and neither does the end of a page.
        if (body.Claims.OutputType == 4 || (next is null && body.Claims is { Count: { } count } claims && (claims.Offset ?? 0) + claims.Rows < count)
            || observation.RealtimeEnd is not { } end || end == Forever || end == body.WindowEnd
            || !DateOnly.TryParseExact(end, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var last))
        {
            return null;
        }

        var day = last.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return next is not null && next.Date == observation.Date && next.RealtimeStart == day ? null : day;
    }

    private static void Write(Context context, FredSeries series, FredObservation observation, string start, bool isWithdrawn)
    {
        var (landed, name, ingestMicros, body, records) = context;
        var ingest = LandingLedger.Instant(ingestMicros);
        records.Begin();
        records.Text("source"u8, FredSource.Name);
        records.Text("name"u8, series.Id);
        records.Text("period"u8, observation.Date);
        records.Text("known_from"u8, start);
        records.Flag("is_withdrawn"u8, isWithdrawn);
        if (observation.Value is { } value && !isWithdrawn)
        {
            records.Number("value"u8, Encoding.UTF8.GetBytes(value));
        }
        else
        {
            records.Text("missing_reason"u8, isWithdrawn ? "withdrawn" : "not_reported");
        }

        // The first day of a window is not the day the value became known, unless the window begins where ALFRED does.
        records.Text("known_basis"u8, observation.RealtimeStart is null ? "received" : start == body.WindowStart && start != Ever ? "window" : "vintage");
        records.Text("units"u8, series.UnitsOf(start));
        records.Text("frequency"u8, series.Frequency);
        records.Text("licence"u8, series.Licence);
        records.Text("asked_from"u8, body.WindowStart ?? start);
        records.Text("asked_through"u8, body.WindowEnd ?? start);
        records.Text("landed"u8, landed.Sha256);
        records.Text("origin"u8, string.Create(CultureInfo.InvariantCulture, $"{name}:{observation.Line}"));
        records.Text("ts_ingest"u8, ingest);
        records.End();
    }

    private sealed record Context(LandedBytes Landed, string Name, long IngestMicros, FredBody Body, CanonicalRecords Records);
}
