using RiskLake.Backfill;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.RiskRuns;
using RiskLake.Runs;
using RiskLake.Tests.Backfill;
using RiskLake.Tests.Runs;

namespace RiskLake.Trials.Guard;

/// <summary>A desk whose clock stands still until it is moved, so that whatever holds an instant holds the same one every time.</summary>
internal sealed class GuardDesk(int threads) : IDisposable
{
    private readonly TestDesk _desk = new(inMemory: true);
    private readonly StandingClock _clock = new();

    public string Folder => _desk.Folder;

    public LakeStore Lake => LakeStore.Open(_desk.LakeRoot, _desk.Storage, _clock);

    public string Root => _desk.LakeRoot;

    public string Write(string name, string text) => _desk.Write(name, text);

    public string WriteLines(string name, IEnumerable<string> lines) => Write(name, string.Concat(lines.Select(line => line + "\n")));

    public RunOutcome Run(string runId, string? input, Func<RunRequest, RunRequest>? change = null)
    {
        var request = _desk.Request(input is null ? [] : [input]) with { RunId = runId, Threads = threads };
        return After(RunPipeline.Execute(change?.Invoke(request) ?? request, TestDesk.Silent.Instance, _clock, _desk.Storage, CancellationToken.None));
    }

    public BackfillOutcome Backfill(DateOnly from, DateOnly through, params string[] inputs)
    {
        var request = new BackfillRequest
        {
            StartDate = from,
            EndDate = through,
            Parallel = 1,
            Run = _desk.Request(inputs) with { Threads = threads, AllowBreach = true, MaxDisplaced = "100%" },
        };
        return After(BackfillRunner.Execute(
            request, BackfillDesk.Mute.Instance, _clock, _desk.Storage, CalendarLibrary.BuiltIn, CancellationToken.None));
    }

    public RunOutcome Risk(DateOnly date) => After(RiskRun.Execute(
        new RiskRunRequest
        {
            OutputRoot = Root,
            ContractsPath = Path.Combine(Folder, "config/data_contracts.yaml"),
            SymbolsPath = Path.Combine(Folder, "config/symbols.yaml"),
            SettingsPath = Path.Combine(Folder, "config/risk_measures.yaml"),
            FallbackMarket = "XNYS",
            Date = date,
            Threads = threads,
        },
        _clock, _desk.Storage, CancellationToken.None));

    public RunOutcome Acknowledge(AcknowledgementRequest request) =>
        After(Acknowledgement.Publish(Lake, request, TimeSpan.Zero, _clock, _desk.Storage, CancellationToken.None));

    public RunOutcome Withdraw(string runId) =>
        After(RunWithdrawal.Withdraw(Root, runId, "withdrawn by a test", TimeSpan.Zero, _clock, _desk.Storage, CancellationToken.None));

    public RunOutcome Refresh(string runId) => After(RunRefresh.Refresh(
        _desk.Request() with { Threads = threads, AllowBreach = true }, runId, TestDesk.Silent.Instance, _clock, _desk.Storage, CancellationToken.None));

    public RunOutcome Stooq(string runId, string dataset, string name, string text)
    {
        var target = dataset == "market_event" ? StooqTarget.Events : StooqTarget.Bars;
        var options = new StooqOptions { Adjustment = "all", Market = "XNYS" };
        return FromSource(runId, dataset, name, text, (intake, file) => intake.Stooq([file], options, target, _ => "XNYS").Files);
    }

    public RunOutcome Fred(string runId, string name, string text)
    {
        var catalogue = FredCatalogue.Load(Path.Combine(Folder, "config/fred_series.yaml"));
        return FromSource(
            runId, "external_signal", name, text, (intake, file) => intake.Fred([file], new FredOptions(), catalogue).Files);
    }

    public void Dispose() => _desk.Dispose();

    private RunOutcome FromSource(
        string runId, string dataset, string name, string text, Func<SourceIntake, InputFile, IReadOnlyList<InputFile>> land)
    {
        var file = new InputFile(Write(name, text), Path.GetFileName(name));
        return Run(runId, null, request => request with
        {
            Dataset = dataset,
            IsSnapshot = true,
            AllowBreach = true,
            FromSource = root => land(new SourceIntake(root, _clock, CancellationToken.None), file),
        });
    }

    /// <summary>A day passes between one command and the next.</summary>
    private T After<T>(T outcome)
    {
        _clock.Now = _clock.Now.AddDays(1);
        return outcome;
    }

    private sealed class StandingClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2025, 2, 3, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => 0;
    }
}
