using System.Globalization;
using RiskLake.Backfill;
using RiskLake.Calendars;
using RiskLake.Lake;
using RiskLake.Lake.Storage;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Backfill;

/// <summary>A desk that is backfilled.</summary>
internal sealed class BackfillDesk : IDisposable
{
    public static readonly DateOnly Start = new(2025, 1, 6);
    public static readonly DateOnly End = new(2025, 1, 10);

    private readonly TestDesk _desk = new();

    public BackfillDesk()
    {
        foreach (var (name, rate) in new[] { ("open", "1.0"), ("closed", "0.0") })
        {
            _desk.Write($"config/{name}.yaml", $"""
                data_quality:
                  max_late_rate: {rate}
                  max_duplicate_rate: {rate}
                  max_quarantine_rate: {rate}
                volatility:
                  warn: 0.03
                  critical: 0.07
                """);
        }
    }

    public TestDesk Desk => _desk;

    public LakeStore Lake => _desk.Lake;

    public string Write(string name, IEnumerable<string> lines) => _desk.Write(name, string.Concat(lines.Select(line => line + "\n")));

    public BackfillRequest Request(params string[] inputs) => new()
    {
        StartDate = Start,
        EndDate = End,
        Parallel = 1,
        Run = _desk.Request(inputs) with { ThresholdsPath = "config/open.yaml" },
    };

    public BackfillOutcome Backfill(BackfillRequest request, IStorage? storage = null, IBackfillProgress? progress = null, CancellationToken ct = default) =>
        BackfillRunner.Execute(request, progress ?? Mute.Instance, TimeProvider.System, storage ?? _desk.Storage, CalendarLibrary.BuiltIn, ct);

    public BackfillManifest Manifest() => new ManifestFile(Lake).Read(Request().Id)!;

    /// <summary>Digest of every live file of the lake, by path.</summary>
    public string[] Digests(bool withBronze = true) => [.. Lake.Snapshot().Runs.Values.SelectMany(run => run.Files)
        .Where(file => withBronze || file.Layer is Layer.Silver or Layer.Gold)
        .Select(file => $"{file.TreePath} {file.Sha256}").Order(StringComparer.Ordinal)];

    /// <summary>An event at noon in New York, of a symbol that trades there unless told.</summary>
    public static string Event(string id, DateOnly day, int second = 0, string symbol = "AAPL", int price = 100) => new TestEvent(
        id, symbol, price, 10, day.ToDateTime(new TimeOnly(17, 0), DateTimeKind.Utc).AddSeconds(second), TimeSpan.FromSeconds(1)).Json;

    public static string Day(int offset) => Start.AddDays(offset).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public void Dispose() => _desk.Dispose();

    internal sealed class Mute : IBackfillProgress
    {
        public static Mute Instance { get; } = new();

        public void Slicing(long records)
        {
        }

        public void Planned(BackfillManifest manifest)
        {
        }

        public void Finished(BackfillItem item)
        {
        }
    }
}
