using System.Globalization;
using System.Text.Json;

namespace RiskLake.Bench;

/// <summary>
/// The benchmark's input: market events of one session, and beside it the same file without its malformed lines. A function of the
/// number of lines, the seed and the date alone.
/// </summary>
internal sealed record EventFile(string Path, string WellFormedPath, EventCounts Counts)
{
    private const int Version = 1;
    private const int Symbols = 200;

    private static readonly TimeOnly Open = new(14, 30);
    private static readonly TimeSpan SessionLength = TimeSpan.FromHours(6.5);

    /// <summary>The date of the events where the date does not matter.</summary>
    public static DateOnly DefaultDate { get; } = new(2025, 1, 20);

    /// <summary>The file with so many lines below <paramref name="folder"/>; generated when it is not there yet.</summary>
    public static EventFile Obtain(string folder, long lines, int seed, DateOnly date)
    {
        Directory.CreateDirectory(folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"events-{lines}-{date:yyyyMMdd}-seed{seed}-v{Version}");
        var path = System.IO.Path.Combine(folder, name + ".ndjson");
        var wellFormed = System.IO.Path.Combine(folder, name + ".well-formed.ndjson");
        var counts = System.IO.Path.Combine(folder, name + ".counts.json");

        // The counts are written last: where they are, both files are whole.
        if (!File.Exists(counts))
        {
            var symbols = Enumerable.Range(0, Symbols).Select(number => string.Create(CultureInfo.InvariantCulture, $"SYM{number:000}")).ToArray();
            using var generator = new EventGenerator(path, wellFormed, seed, symbols);
            generator.AddSession(date.ToDateTime(Open, DateTimeKind.Utc), SessionLength, lines);
            File.WriteAllText(counts, JsonSerializer.Serialize(generator.Finish()));
        }

        return new EventFile(path, wellFormed, JsonSerializer.Deserialize<EventCounts>(File.ReadAllText(counts))!);
    }
}
