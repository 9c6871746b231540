using System.Globalization;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Runs;
using RiskLake.Tests.Runs;
using RiskLake.Tests.Sources;

namespace RiskLake.Tests.Gold;

/// <summary>A desk that lands signals and runs events beside them.</summary>
internal sealed class SignalDesk : IDisposable
{
    private int _count;

    public TestDesk Desk { get; } = new(inMemory: true);

    public SourceDesk.SetClock Clock { get; } = new();

    /// <summary>Four events of two symbols on a day, all received one second after the last.</summary>
    public static string[] Events(DateTime at) => [.. Enumerable.Range(0, 4).Select(i =>
        new TestEvent($"e{at:yyyyMMdd}-{i}", i % 2 == 0 ? "AAPL" : "MSFT", 100 + i, 10, at.AddSeconds(i), TimeSpan.FromSeconds(1)).Json)];

    /// <summary>Lands a body of FRED and runs it into external_signals.</summary>
    public RunOutcome Land(string name, string body, string? ingestedAt = null)
    {
        var path = Desk.Write($"landed-{_count++}/{name}", body);
        var intake = new SourceIntake(Desk.LakeRoot, Clock, CancellationToken.None)
        {
            IngestedAtMicros = ingestedAt is null ? null : LandingLedger.Micros(DateTimeOffset.Parse(ingestedAt, CultureInfo.InvariantCulture)),
        };
        var catalogue = FredCatalogue.Load(Path.Combine(Desk.Folder, "config", "fred_series.yaml"));
        var outcome = Desk.Run(Desk.Request() with
        {
            Dataset = "external_signal",
            IsSnapshot = true,
            FromSource = _ => intake.Fred([new InputFile(path, name)], new FredOptions(), catalogue).Files,
        });
        Assert.Equal(0, outcome.ExitCode);
        return outcome;
    }

    public RunRequest Request(string runId, DateTime at) => Desk.Request(Desk.WriteEvents(Events(at))) with { RunId = runId };

    /// <summary>The signals of a run's risk, the same for each symbol.</summary>
    public Dictionary<string, double?> SignalsOf(string runId)
    {
        var lake = Desk.Lake;
        var file = lake.Snapshot().Files(Layer.Gold, "risk_summary").Single(file => file.RunId == runId);
        using var reader = new ParquetTableReader(Path.Combine(Desk.LakeRoot, file.DeltaPath));
        using var batch = new RecordBatch(reader.Schema);
        reader.Read(0, batch);
        var maps = Enumerable.Range(0, batch.RowCount).Select(row => NumberMap.ToDictionary(batch["signals"].Bytes(row))).ToList();
        Assert.All(maps, map => Assert.Equal(maps[0], map));
        return maps[0];
    }

    public void Dispose() => Desk.Dispose();
}
