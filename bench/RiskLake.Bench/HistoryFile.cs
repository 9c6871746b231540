using System.Globalization;
using System.Text.Json;

namespace RiskLake.Bench;

/// <summary>
/// Market events of many sessions in one file, session after session, for a backfill. The sessions are those of XNYS, as the pipeline's
/// own calendar tells them; ten of the 200 symbols are those of config/symbols.yaml, the others have no market.
/// </summary>
internal sealed record HistoryFile(string Path, DateOnly From, DateOnly Through, int Sessions, EventCounts Counts)
{
    private const int Version = 1;
    private const int Symbols = 200;
    private const string First = "2024-01-02";

    private static readonly string[] Desk = ["AAPL", "AMZN", "BRK.B", "GOOGL", "JNJ", "JPM", "MSFT", "NVDA", "SPY", "XOM"];

    /// <summary>The file with so many sessions of so many lines each; generated when it is not there yet.</summary>
    public static HistoryFile Obtain(string folder, int sessions, long linesEach, int seed, Func<string, string> ask)
    {
        Directory.CreateDirectory(folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"history-{sessions}x{linesEach}-seed{seed}-v{Version}");
        var path = System.IO.Path.Combine(folder, name + ".ndjson");
        var described = System.IO.Path.Combine(folder, name + ".json");
        if (!File.Exists(described))
        {
            var last = DateOnly.Parse(First, CultureInfo.InvariantCulture).AddDays(sessions * 2);
            var schedule = Schedule(ask(string.Create(CultureInfo.InvariantCulture, $"calendar schedule XNYS --from {First} --to {last:yyyy-MM-dd} -o csv")));
            if (schedule.Count < sessions)
            {
                throw new InvalidOperationException($"The calendar knows {schedule.Count} sessions from {First} on, not {sessions}.");
            }

            var names = Enumerable.Range(0, Symbols)
                .Select(number => number < Desk.Length ? Desk[number] : string.Create(CultureInfo.InvariantCulture, $"SYM{number:000}")).ToArray();
            using var generator = new EventGenerator(path, wellFormedPath: null, seed, names);
            foreach (var (_, open, close) in schedule.Take(sessions))
            {
                generator.AddSession(open, close - open, linesEach);
            }

            var file = new HistoryFile(path, schedule[0].Session, schedule[sessions - 1].Session, sessions, generator.Finish());
            File.WriteAllText(described, JsonSerializer.Serialize(file));
        }

        return JsonSerializer.Deserialize<HistoryFile>(File.ReadAllText(described))! with { Path = path };
    }

    private static List<(DateOnly Session, DateTime Open, DateTime Close)> Schedule(string csv) =>
    [
        .. csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')).Select(cells => (
            DateOnly.ParseExact(cells[0], "yyyy-MM-dd", CultureInfo.InvariantCulture), Instant(cells[1]), Instant(cells[2]))),
    ];

    private static DateTime Instant(string text) =>
        DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
}
