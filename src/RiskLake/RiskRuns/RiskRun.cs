using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Desk.Limits;
using RiskLake.History;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Risk.Measures;
using RiskLake.Runs;

namespace RiskLake.RiskRuns;

/// <summary>What a run of risk is asked to do. Paths are absolute or relative to the process's folder.</summary>
internal sealed record RiskRunRequest
{
    public required string OutputRoot { get; init; }

    public required string ContractsPath { get; init; }

    public required string SymbolsPath { get; init; }

    /// <summary><c>config/risk_measures.yaml</c>.</summary>
    public required string SettingsPath { get; init; }

    /// <summary><c>portfolios.yaml</c>; null for the file beside the symbols, if there is one.</summary>
    public string? PortfoliosPath { get; init; }

    /// <summary><c>risk_limits.yaml</c>; null for the file beside the symbols, if there is one.</summary>
    public string? LimitsPath { get; init; }

    /// <summary>Folder of calendar rule files over the built-in ones; null for those alone.</summary>
    public string? CalendarsPath { get; init; }

    /// <summary>Calendar of symbols of which nobody else says a market; null: theirs is not known.</summary>
    public string? FallbackMarket { get; init; }

    /// <summary>The valuation date; null for the last session that has a price.</summary>
    public DateOnly? Date { get; init; }

    /// <summary>
    /// Whether the files beside the symbols are the caller's own. Portfolios and limits of the shipped example judge nobody else's lake.
    /// </summary>
    public bool HasOwnDesk { get; init; } = true;

    /// <summary>Texts of configuration files that stand in for those of the paths, by name: those a run's record holds.</summary>
    public IReadOnlyDictionary<string, string>? Recorded { get; init; }

    /// <summary>What arrived later, in microseconds, is not known; null for all the lake holds.</summary>
    public long? AsOfMicros { get; init; }

    /// <summary>Null makes one from date and as-of time.</summary>
    public string? RunId { get; init; }

    public string? Reason { get; init; }

    public TimeSpan LockTimeout { get; init; }

    public int Threads { get; init; } = 1;
}

/// <summary>
/// Risk of one valuation date, from the history of session prices: nothing that happened after the session or arrived after the as-of
/// time is read.
/// </summary>
internal static class RiskRun
{
    /// <summary>Raised when the same prices and settings would give other rows than before.</summary>
    public const int OutputVersion = 2;

    public static RunOutcome Execute(RiskRunRequest request, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        var lake = LakeStore.Open(request.OutputRoot, storage, clock);
        return LakeStore.Guard(lake.Root, () =>
        {
            RequireLake(lake);
            var configuration = RiskConfiguration.Load(request);
            var snapshot = lake.Snapshot();
            var date = request.Date ?? LastDate(request, configuration, lake, snapshot, ct);
            var runId = request.RunId ?? IdOf(date, request.AsOfMicros);
            RunId.RequireOfRisk(runId);
            var publisher = new GoldPublisher(lake, storage, clock, runId, GoldWork.Risk) { LockTimeout = request.LockTimeout, Reason = request.Reason };
            var outcome = GoldPublication.Execute(
                publisher, at => Prepare(request, configuration, Traded(Read(request, configuration, lake, at, date, ct)), date, ct), ct);
            LimitEpisodes.Publish(lake, clock, storage, ct);
            return outcome;

            PriceHistory Traded(PriceHistory history)
            {
                RequireSession(history, configuration.Settings, date);
                return history;
            }
        });
    }

    /// <summary>
    /// A day on which no market of the lake has a session is no valuation date: its numbers would be those of the day before, and its
    /// breaches would count twice.
    /// </summary>
    /// <exception cref="RiskLakeException">RL1204 if no market of a series has a session on the date.</exception>
    public static void RequireSession(PriceHistory history, RiskSettings settings, DateOnly date)
    {
        ExchangeCalendar[] markets =
        [
            .. history.Preferred(FirstSession(date, settings), date).Where(one => one.IsMarketKnown && one.Calendar.Knows(date))
                .Select(one => one.Calendar).DistinctBy(calendar => calendar.Id).OrderBy(calendar => calendar.Id, StringComparer.Ordinal),
        ];
        if (markets.Length > 0 && !markets.Any(calendar => calendar.IsSession(date)))
        {
            var before = markets.Max(calendar => calendar.ToSession(date, SessionDirection.Previous));
            throw new RiskLakeException(
                ErrorCode.NotASession, FormattableString.Invariant($"--date {date:yyyy-MM-dd}"),
                $"no session of {string.Join(", ", markets.Select(calendar => calendar.Id))}", "a date on which a market of the lake has a session",
                FormattableString.Invariant($"the session before it is {before:yyyy-MM-dd}"));
        }
    }

    /// <summary>The verdicts of a date as they would be published now; nothing is.</summary>
    public static IReadOnlyList<LimitVerdict> Judge(RiskRunRequest request, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        var lake = LakeStore.Open(request.OutputRoot, storage, clock);
        return LakeStore.Guard(lake.Root, () =>
        {
            RequireLake(lake);
            var configuration = RiskConfiguration.Load(request);
            var snapshot = lake.Snapshot();
            var date = request.Date ?? LastDate(request, configuration, lake, snapshot, ct);
            var history = Read(request, configuration, lake, snapshot, date, ct);
            RequireSession(history, configuration.Settings, date);
            return Compute(request, configuration, history, date).Judge(ct);
        });
    }

    /// <summary>Id of a run that was given none: repeating the command repeats the run.</summary>
    public static string IdOf(DateOnly date, long? asOf) => asOf is { } micros
        ? string.Create(CultureInfo.InvariantCulture, $"risk-{date:yyyy-MM-dd}-as-of-{DateTime.UnixEpoch.AddTicks(micros * 10):yyyyMMdd'T'HHmmss.ffffff'Z'}")
        : string.Create(CultureInfo.InvariantCulture, $"risk-{date:yyyy-MM-dd}");

    /// <summary>Before every session: volatilities without a window rest on all prices known.</summary>
    public static DateOnly Beginning { get; } = DateOnly.MinValue.AddDays(10);

    /// <summary>All prices of sessions through a date.</summary>
    public static PriceHistory Read(
        RiskRunRequest request, RiskConfiguration configuration, LakeStore lake, LakeSnapshot at, DateOnly through, CancellationToken ct) =>
        PriceHistory.Read(
            new HistoryRequest
            {
                Lake = lake,
                Snapshot = at,
                Contracts = configuration.Contracts,
                Symbols = configuration.Symbols,
                Calendars = configuration.Calendars,
                FallbackMarket = request.FallbackMarket,
                From = Beginning,
                Through = through,
                AsOf = request.AsOfMicros,
                Threads = request.Threads,
            },
            ct);

    /// <summary>Says what the run of a date is made of, and how it is written.</summary>
    public static GoldRun Prepare(RiskRunRequest request, RiskConfiguration configuration, PriceHistory history, DateOnly date, CancellationToken ct)
    {
        var computation = Compute(request, configuration, history, date);
        var series = computation.Series;
        return new GoldRun
        {
            Fingerprint = Fingerprint(request, configuration, series, history.Traded, date),
            AsOf = computation.AsOf,
            ValuationTime = computation.ValuationTime,
            Reads = [.. history.Datasets.Select(dataset => (Layer.Silver, dataset))],
            Write = staging => computation.Write(staging, ct),
            Facts = () => Facts(request, configuration, series, date, computation),
        };
    }

    private static RiskComputation Compute(RiskRunRequest request, RiskConfiguration configuration, PriceHistory history, DateOnly date)
    {
        var settings = configuration.Settings;
        var from = FirstSession(date, settings);
        var series = history.Preferred(from, date);
        return series.Count > 0
            ? new RiskComputation(settings, configuration.Desk, series, history.Traded, date, from, request.AsOfMicros, request.Threads)
            : throw NoPrices(request.OutputRoot, FormattableString.Invariant($"no price of a session up to {date:yyyy-MM-dd} that was known then"));
    }

    private static string Fingerprint(
        RiskRunRequest request, RiskConfiguration configuration, IReadOnlyList<PriceSeries> series, IReadOnlyList<PriceSeries> traded, DateOnly date)
    {
        var text = new CanonicalText("risk-run/1")
            .Add("date", date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
            .Add("as_of", RunRecord.Time(request.AsOfMicros))
            .Add("settings", configuration.Settings.Sha256)
            .Add("desk", configuration.Desk.DigestOn(date))
            .Add("zones", ExchangeCalendar.TimeZoneVersion)
            .Add("output_version", OutputVersion);
        foreach (var calendar in series.Select(one => one.Calendar).DistinctBy(one => one.Id).OrderBy(one => one.Id, StringComparer.Ordinal))
        {
            text.Add("calendar", calendar.Id).Add("rules", calendar.Rules.Sha256);
        }

        foreach (var one in series)
        {
            var key = one.Key;
            text.Add("symbol", key.Symbol).Add("source", key.Source).Add("kind", key.PriceKind).Add("adjustment", key.Adjustment).Add("currency", key.Currency)
                .Add("market", one.IsMarketKnown ? one.Calendar.Id : null).Add("prices", SessionReturns.Digest(one.Between(Beginning, date)))
                .Add("off_session", string.Join(' ', one.OffSession.Where(day => day <= date.DayNumber)));
        }

        configuration.Desk.AddTraded(text, series, traded, date);
        return text.Sha256();
    }

    private static JsonObject Facts(
        RiskRunRequest request, RiskConfiguration configuration, IReadOnlyList<PriceSeries> series, DateOnly date, RiskComputation computation) => new()
        {
            ["valuation_date"] = date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["series"] = series.Count,
            ["statuses"] = new JsonObject(computation.Statuses.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
            ["headline"] = computation.Headline(),
            ["limits"] = computation.Desk.Summary(),
            ["limits_not_judged"] = new JsonArray([.. computation.Desk.NotJudged.Select(scope => (JsonNode?)scope)]),
            ["unknown_markets"] = new JsonArray([.. series.Where(one => !one.IsMarketKnown).Select(one => (JsonNode?)one.Key.Symbol)]),
            ["correlations_left_out"] = new JsonArray([.. computation.LeftOut.Select(one => (JsonNode?)new JsonObject
            {
                ["symbol"] = one.Symbol,
                ["reason"] = one.Reason,
            })]),
            ["configuration"] = new JsonObject
            {
                ["as_of"] = RunRecord.Time(request.AsOfMicros),
                ["fallback_market"] = request.FallbackMarket,
                ["settings_sha256"] = configuration.Settings.Sha256,
                ["portfolios_sha256"] = configuration.Desk.Portfolios.DigestOn(date),
                ["limits_sha256"] = configuration.Desk.Limits.DigestOn(date),
                ["files"] = ConfigurationFiles.Record(configuration.Files),
                ["time_zones"] = ExchangeCalendar.TimeZoneVersion,
                ["calendars"] = new JsonObject(series.Select(one => one.Calendar).DistinctBy(one => one.Id).OrderBy(one => one.Id, StringComparer.Ordinal)
                    .Select(one => KeyValuePair.Create(one.Id, (JsonNode?)one.Rules.Sha256))),
                ["output_version"] = OutputVersion,
            },
        };

    /// <summary>A date before the first session of the longest window, whatever the market.</summary>
    public static DateOnly FirstSession(DateOnly date, RiskSettings settings) =>
        date.DayNumber > (settings.LongestWindow * 8 / 5) + 400 ? date.AddDays(-((settings.LongestWindow * 8 / 5) + 40)) : DateOnly.MinValue;

    /// <summary>The greatest session that any series has a price of.</summary>
    private static DateOnly LastDate(RiskRunRequest request, RiskConfiguration configuration, LakeStore lake, LakeSnapshot snapshot, CancellationToken ct)
    {
        var all = Read(request, configuration, lake, snapshot, DateOnly.MaxValue.AddDays(-10), ct);
        return all.Series.Count > 0
            ? DateOnly.FromDayNumber(all.Series.Max(one => one.Prices[^1].Session))
            : throw NoPrices(lake.Root, "no price of any session");
    }

    private static RiskLakeException NoPrices(string place, string found) => new(
        ErrorCode.NoPrices, place, found, "events or daily bars in silver, within what the calendars know",
        "publish some with 'risklake run', or name another date with --date");

    private static void RequireLake(LakeStore lake)
    {
        if (!lake.Exists)
        {
            throw new RiskLakeException(
                ErrorCode.LakeMissing, lake.Root, "no lake log", "a lake", "name the lake with --output-root, or make one with 'risklake run'");
        }
    }
}
