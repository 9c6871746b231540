using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.History;
using RiskLake.RiskRuns;
using RiskLake.Runs;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.History;

/// <summary>A daily bar for tests.</summary>
internal sealed record TestBar(string Symbol, DateOnly Session, double Close, DateTime Vintage)
{
    public string Source { get; init; } = "stooq";

    public string Adjustment { get; init; } = "all";

    public string? Market { get; init; } = "XNYS";

    public string Json => new JsonObject
    {
        ["source"] = Source,
        ["symbol"] = Symbol,
        ["frequency"] = "d",
        ["bar_time"] = Session.ToString("yyyy-MM-dd'T00:00:00Z'", CultureInfo.InvariantCulture),
        ["adjustment"] = Adjustment,
        ["vintage"] = Instant(Vintage),
        ["session"] = Session.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        ["market"] = Market,
        ["clock"] = "day",
        ["open"] = Close,
        ["high"] = Close + 1,
        ["low"] = Close - 1,
        ["close"] = Close,
        ["landed"] = "test",
        ["origin"] = "test",
        ["ts_ingest"] = Instant(Vintage),
    }.ToJsonString();

    public static string Instant(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A lake with prices, and the history and runs of risk that come out of it.</summary>
internal sealed class HistoryDesk : IDisposable
{
    private int _runs;

    public TestDesk Desk { get; } = new(inMemory: true);

    public static ExchangeCalendar Xnys { get; } = CalendarLibrary.BuiltIn.Get("XNYS");

    public RiskRunRequest Request => new()
    {
        OutputRoot = Desk.LakeRoot,
        ContractsPath = Path.Combine(Desk.Folder, "config/data_contracts.yaml"),
        SymbolsPath = Path.Combine(Desk.Folder, "config/symbols.yaml"),
        SettingsPath = Path.Combine(Desk.Folder, "config/risk_measures.yaml"),
        FallbackMarket = "XNYS",
        Threads = 2,
    };

    public void PublishBars(params IEnumerable<TestBar> bars) => Publish("market_bar", bars.Select(bar => bar.Json));

    public void PublishEvents(params IEnumerable<TestEvent> events) => Publish("market_event", events.Select(item => item.Json));

    public PriceHistory Read(DateOnly from, DateOnly through, DateTime? asOf = null) => PriceHistory.Read(
        new HistoryRequest
        {
            Lake = Desk.Lake,
            Snapshot = Desk.Lake.Snapshot(),
            Contracts = ContractRegistry.Load(Request.ContractsPath),
            Symbols = SymbolList.Load(Request.SymbolsPath),
            Calendars = CalendarLibrary.BuiltIn,
            FallbackMarket = "XNYS",
            From = from,
            Through = through,
            AsOf = asOf is { } time ? Micros(time) : null,
            Threads = 2,
        },
        CancellationToken.None);

    public RunOutcome Risk(RiskRunRequest request) => RiskRun.Execute(request, TimeProvider.System, Desk.Storage, CancellationToken.None);

    public static long Micros(DateTime time) => (time - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public void Dispose() => Desk.Dispose();

    private void Publish(string dataset, IEnumerable<string> lines)
    {
        var request = Desk.Request(Desk.WriteEvents(lines)) with
        {
            Dataset = dataset,
            RunId = FormattableString.Invariant($"{dataset}-{_runs++}"),
            AllowBreach = true,
        };
        Assert.Equal(0, Desk.Run(request).ExitCode);
    }
}
