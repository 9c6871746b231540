using System.Globalization;
using System.Text.Json.Nodes;

namespace RiskLake.Trials.Silver.Histories;

/// <summary>How far the contract's key reaches.</summary>
internal enum KeyScope
{
    Day,
    Month,
    Year,
    None,
}

/// <summary>One record as it is delivered. Version v1 of the contract has a note and no venue, v2 a venue and no note.</summary>
internal sealed record Received(
    string Id, string Symbol, double Price, long Volume, DateTime Happened, TimeSpan Lag, string? Note = null, string? Venue = null,
        string Source = "test")
{
    /// <summary>A record like most others.</summary>
    public static Received Plain { get; } = new("k0", "ZZA", 100, 10, new DateTime(2025, 1, 20, 14, 0, 0, DateTimeKind.Utc),
        TimeSpan.FromSeconds(1));

    public DateTime Arrived => Happened + Lag;

    /// <summary>The record as a line of its input. A field the version does not have is written all the same.</summary>
    public string Json
    {
        get
        {
            var json = new JsonObject
            {
                ["event_id"] = Id,
                ["symbol"] = Symbol,
                ["price"] = Price,
                ["volume"] = Volume,
                ["ts_event"] = Time(Happened),
                ["ts_ingest"] = Time(Arrived),
                ["source"] = Source,
            };
            if (Note is not null)
            {
                json["note"] = Note;
            }

            if (Venue is not null)
            {
                json["venue"] = Venue;
            }

            return json.ToJsonString();
        }
    }

    /// <summary>What the record is about: its key and the scope of its event time.</summary>
    public (string Id, string Scope) Identity(KeyScope scope) => (Id, scope switch
    {
        KeyScope.Day => Happened.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        KeyScope.Month => Happened.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        KeyScope.Year => Happened.ToString("yyyy", CultureInfo.InvariantCulture),
        _ => string.Empty,
    });

    /// <summary>The normalised columns of a version that do not say how the record was delivered.</summary>
    public Dictionary<string, string> Columns(int version)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["symbol"] = Symbol.Trim().ToUpperInvariant(),
            ["price"] = Price.ToString("R", CultureInfo.InvariantCulture),
            ["volume"] = Volume.ToString(CultureInfo.InvariantCulture),
            ["ts_event"] = Micros(Happened).ToString(CultureInfo.InvariantCulture),
            ["source"] = Source,
        };
        columns.Add(version == 1 ? "note" : "venue", (version == 1 ? Note : Venue) ?? "null");
        return columns;
    }

    public override string ToString()
    {
        var (symbol, others) = (Symbol.Replace(' ', '_'), Text("note", Note) + Text("venue", Venue));
        return string.Create(CultureInfo.InvariantCulture, $"{Id} {symbol} {Price} at {Happened:yyyy-MM-dd'T'HH:mm:ss} {Lag.TotalSeconds:+0;-0}s{others}");
    }

    public static long Micros(DateTime time) => (time - DateTime.UnixEpoch).Ticks / 10;

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string Text(string name, string? value) => value is null ? string.Empty : $" {name}={value}";
}

/// <summary>What decides a run's rows besides its records.</summary>
internal sealed record RowConfiguration(int Version, int LateSeconds, int WindowMinutes);

/// <summary>One input and how it is to be taken. A null among the lines is one that does not decode.</summary>
/// <param name="Input">Name of the file.</param>
/// <param name="Lines">Its lines.</param>
/// <param name="Configuration">Version of the contract and options.</param>
/// <param name="IsClosed">Whether the thresholds let nothing pass that holds a line which does not decode.</param>
internal sealed record Delivery(string Input, IReadOnlyList<Received?> Lines, RowConfiguration Configuration, bool IsClosed)
{
    /// <summary>Records that decode, with the line each stands in.</summary>
    public IReadOnlyList<(int Line, Received Record)> Bronze { get; } =
        [.. Lines.Select((record, index) => (Line: index + 1, Record: record)).Where(line => line.Record is not null)
            .Select(line => (line.Line, line.Record!))];

    /// <summary>Lines that do not decode.</summary>
    public IEnumerable<int> Rejects =>
        Lines.Select((record, index) => (record, index)).Where(line => line.record is null).Select(line => line.index + 1);

    /// <summary>What was known: the greatest time of arrival.</summary>
    public DateTime AsOf => Bronze.Max(line => line.Record.Arrived);

    public string Text => string.Concat(Lines.Select(record => (record?.Json ?? "{not a record") + "\n"));
}
