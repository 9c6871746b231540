using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Quality;

/// <summary>
/// Counts a run's events against the sessions of their markets: writes <c>session_completeness</c> and answers the checks about
/// sessions. They warn and do not block: a market that was quiet is not a fault of the records.
/// </summary>
internal sealed class SessionCompleteness : IDisposable
{
    public const string Dataset = "session_completeness";

    private readonly SessionRules _rules;
    private readonly long _asOf;
    private readonly long _valuationTime;
    private readonly GoldWriter _writer;
    private readonly GoldColumns _common;
    private readonly string _checked;
    private long _events;
    private long _outOfSession;
    private long _nonTradingDay;
    private long _sessions;
    private long _missing;
    private long _expected;
    private long _observed;
    private long _symbols;
    private long _stale;
    private double? _staleness;

    public SessionCompleteness(StagingContext context, SessionRules rules, long asOf, long valuationTime)
    {
        (_rules, _asOf, _valuationTime) = (rules, asOf, valuationTime);
        _writer = new GoldWriter(context, Dataset, Schema, []);
        _common = new GoldColumns(context.Contract.Dataset, context.RunId, asOf, valuationTime);
        _checked = context.Contract.Dataset;
    }

    public static IReadOnlyList<ColumnSchema> Schema { get; } =
    [
        new("symbol", ColumnType.String),
        new("market", ColumnType.String),
        new("session", ColumnType.Date),
        new("expected_minutes", ColumnType.Int64),
        new("observed_minutes", ColumnType.Int64),
        new("completeness", ColumnType.Double, Nullable: true),
        new("first_event", ColumnType.Timestamp, Nullable: true),
        new("last_event", ColumnType.Timestamp, Nullable: true),
        new("events", ColumnType.Int64),
        new("out_of_session", ColumnType.Int64),
        new("staleness_minutes", ColumnType.Int64, Nullable: true),
        new(GoldColumns.RunId, ColumnType.String),
        .. GoldColumns.Times,
    ];

    /// <summary>Results of checks of a run without events: there was nothing they could apply to.</summary>
    public static IReadOnlyList<CheckResult> NoEvents(string dataset) => Results(dataset, 0, 0, 0, 0, 0, 0, 0, 0, 0, null);

    /// <summary>Adds the events of one symbol. A symbol that is not listed is passed over.</summary>
    public void Add(SymbolEvents events)
    {
        if (_rules.MarketOf(events.Symbol) is not var (market, clock))
        {
            return;
        }

        var tally = SessionTally.Count(clock, Times(events), _asOf, _valuationTime);
        _events += tally.Evaluated;
        _outOfSession += tally.OutOfSession;
        _nonTradingDay += tally.NonTradingDay;
        SessionCount? latest = null;
        foreach (var day in tally.Days)
        {
            Write(events.Symbol, market, day);
            _sessions += day.Expected > 0 ? 1 : 0;
            _missing += day.Expected > 0 && day.Observed == 0 ? 1 : 0;
            _expected += day.Expected;
            _observed += day.Observed;
            latest = day.Staleness is null ? latest : day;
        }

        if (latest?.Staleness is { } stale)
        {
            _symbols++;
            _staleness = Math.Max(_staleness ?? 0, stale);
            _stale += stale > LastSession(clock, latest.Session) ? 1 : 0;
        }
    }

    /// <summary>The results of the checks.</summary>
    public IReadOnlyList<CheckResult> Checks() => Results(
        _checked, _events, _outOfSession, _nonTradingDay, _sessions, _missing, _expected, _observed, _symbols, _stale, _staleness);

    /// <summary>Seals the file; null when no listed symbol had an event.</summary>
    public StagedFile? Seal(PartitionHour partition) => _writer.Seal(partition);

    public void Dispose() => _writer.Dispose();

    private static long[] Times(SymbolEvents events)
    {
        var times = new long[events.Order.Length];
        var slots = events.Time.Slots;
        for (var i = 0; i < times.Length; i++)
        {
            times[i] = slots[events.Order[i]];
        }

        return times;
    }

    // One whole session may pass without an event before a symbol is called stale.
    private static int LastSession(SessionClock clock, DateOnly day) => clock.Calendar.CountSessions(clock.Calendar.KnownFrom, day) == 0
        ? 0
        : clock.Calendar.CountMinutes(clock.Calendar.ToSession(day, Calendars.SessionDirection.Previous));

    private void Write(string symbol, string market, SessionCount day)
    {
        var batch = _writer.Batch;
        batch["symbol"].Append(symbol);
        batch["market"].Append(market);
        batch["session"].Append((long)(day.Session.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber));
        batch["expected_minutes"].Append((long)day.Expected);
        batch["observed_minutes"].Append((long)day.Observed);
        GoldColumns.AppendFinite(batch["completeness"], day.Completeness ?? double.NaN);
        Append(batch["first_event"], day.First);
        Append(batch["last_event"], day.Last);
        batch["events"].Append(day.Events);
        batch["out_of_session"].Append(day.Outside);
        Append(batch["staleness_minutes"], day.Staleness);
        _common.AppendRunId(batch, 1);
        _common.AppendTimes(batch, 1);
        _writer.FlushIfFull();
    }

    private static void Append(Column column, long? value)
    {
        if (value is { } slot)
        {
            column.Append(slot);
        }
        else
        {
            column.AppendNull();
        }
    }

    private static IReadOnlyList<CheckResult> Results(
        string dataset, long events, long outOfSession, long nonTradingDay, long sessions, long missing, long expected, long observed,
        long symbols, long stale, double? staleness) =>
    [
        Result(dataset, "missing_sessions", missing, 0, "= 0", sessions, missing),
        Result(dataset, "session_minutes", expected > 0 ? (double)observed / expected : null, 1, ">= 1", expected, expected - observed),
        Result(dataset, "out_of_session", outOfSession, 0, "= 0", events, outOfSession),
        Result(dataset, "non_trading_day", nonTradingDay, 0, "= 0", events, nonTradingDay),
        Result(dataset, "session_staleness", staleness, null, "<= one session", symbols, stale),
    ];

    private static CheckResult Result(
        string dataset, string rule, double? observed, double? threshold, string wanted, long evaluated, long failed) => new()
    {
        Rule = rule,
        Dataset = dataset,
        Observed = evaluated > 0 ? observed : null,
        Threshold = threshold,
        Expected = wanted,
        EvaluatedRows = evaluated,
        FailedRows = failed,
        Status = evaluated == 0 ? CheckStatus.NotApplicable : failed > 0 ? CheckStatus.Warned : CheckStatus.Passed,
        IsBlocking = false,
    };
}
