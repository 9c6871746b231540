using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Lake;

namespace RiskLake.History;

/// <summary>Which prices are asked for.</summary>
internal sealed record HistoryRequest
{
    public required LakeStore Lake { get; init; }

    /// <summary>The lake at the version that is read.</summary>
    public required LakeSnapshot Snapshot { get; init; }

    public required ContractRegistry Contracts { get; init; }

    public required SymbolList Symbols { get; init; }

    public required CalendarLibrary Calendars { get; init; }

    /// <summary>Calendar of symbols of which nobody else says a market; null: theirs is not known.</summary>
    public string? FallbackMarket { get; init; }

    /// <summary>First session.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last session: nothing that happened later is read.</summary>
    public required DateOnly Through { get; init; }

    /// <summary>What arrived later, in microseconds, is not read; null reads all the version holds.</summary>
    public long? AsOf { get; init; }

    public int Threads { get; init; } = 1;
}

/// <summary>
/// The session prices of the lake at one version, as known at a time: one series for each symbol, source, price kind, adjustment,
/// currency and frequency.
/// </summary>
internal sealed class PriceHistory
{
    /// <summary>Adjustment of prices that do not say.</summary>
    public const string Undeclared = "undeclared";

    private static readonly string[] Adjustments = ["all", "splits", "raw", Undeclared];

    private PriceHistory(IReadOnlyList<PriceSeries> series, IReadOnlyList<string> datasets)
    {
        Series = series;
        Datasets = datasets;
    }

    /// <summary>All series, by symbol in ordinal order, the preferred one of each symbol first.</summary>
    public IReadOnlyList<PriceSeries> Series { get; }

    /// <summary>Datasets of silver that were read.</summary>
    public IReadOnlyList<string> Datasets { get; }

    /// <summary>
    /// The series that stands for each symbol between two dates: of the first source in the symbol list's order that has a price there,
    /// sources that are not listed after those that are; bars before events; the most adjusted bars first. By symbol in ordinal order.
    /// </summary>
    public IReadOnlyList<PriceSeries> Preferred(DateOnly from, DateOnly through) =>
        [.. Series.Where(one => !one.Between(from, through).IsEmpty).DistinctBy(one => one.Key.Symbol, StringComparer.Ordinal)];

    /// <summary>Prices as they were traded, the preferred one of each symbol first: what quantities are worth.</summary>
    public IReadOnlyList<PriceSeries> Traded => [.. Series.Where(one => one.Key.IsTraded)];

    public static PriceHistory Read(HistoryRequest request, CancellationToken ct)
    {
        var markets = new Markets(request.Symbols, request.Calendars, request.FallbackMarket);
        var series = new List<(PriceSeries Series, int Source, int Kind, int Adjustment)>();
        var datasets = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var table in request.Snapshot.TableStates.Values.Where(table => table.Layer == Layer.Silver))
        {
            if (request.Contracts.All.FirstOrDefault(contract => contract.Dataset == table.Dataset) is not { } active)
            {
                continue;
            }

            var files = Files(request, active);
            if (BarPrices.Applies(active))
            {
                datasets.Add(table.Dataset);
                Add(new BarPrices(request, markets, files).Read(ct), SeriesKey.Close);
            }
            else if (EventPrices.Applies(active))
            {
                datasets.Add(table.Dataset);
                Add(new EventPrices(request, markets, files).Read(ct), SeriesKey.Last);
            }
        }

        var ordered = series.OrderBy(one => one.Series.Key.Symbol, StringComparer.Ordinal)
            .ThenBy(one => one.Source).ThenBy(one => one.Kind).ThenBy(one => one.Adjustment)
            .ThenBy(one => one.Series.Key.Source, StringComparer.Ordinal)
            .Select(one => one.Series).ToArray();
        return new PriceHistory(ordered, [.. datasets]);

        void Add(SeriesCollector collected, string kind)
        {
            foreach (var ((symbol, source, adjustment), sessions) in collected.Series)
            {
                if (sessions.Count == 0)
                {
                    continue;
                }

                var entry = markets.Entry(symbol);
                var key = new SeriesKey(symbol, source, kind, adjustment, entry?.Currency, "d");
                var prices = sessions.Values.Select(candidate => candidate.Price).OrderBy(price => price.Session).ToArray();
                var rank = entry is null ? -1 : entry.Sources.ToList().IndexOf(source);
                var named = collected.MarketOf(symbol);
                var calendar = markets.ClockOf(symbol, named).Calendar;
                var one = new PriceSeries(key, calendar, prices)
                {
                    IsMarketKnown = markets.MarketOf(symbol, named) is not null,
                    OffSession = collected.OffSession(symbol, source, adjustment),
                };
                series.Add((one, rank < 0 ? int.MaxValue : rank, kind == SeriesKey.Close ? 0 : 1, Array.IndexOf(Adjustments, adjustment)));
            }
        }
    }

    /// <summary>Live files that may hold something of the sessions asked for, each with the contract it was written under.</summary>
    private static List<(DataFile File, Contract Contract)> Files(HistoryRequest request, Contract active)
    {
        var (from, to) = (Micros(request.From.AddDays(-3)), Micros(request.Through.AddDays(3)));
        var result = new List<(DataFile File, Contract Contract)>();
        foreach (var file in request.Snapshot.Files(Layer.Silver, active.Dataset))
        {
            var contract = file.ContractVersion == active.Version ? active
                : request.Contracts.Versions(active.Dataset).Contains(file.ContractVersion) ? request.Contracts.Get(active.Dataset, file.ContractVersion)
                : active;
            var field = contract.EventTime;
            var time = file.Statistics.FirstOrDefault(column => column.Column == field.Name);
            if (time is null || !time.HasRange || (field.Micros(time.MaxSlot) >= from && field.Micros(time.MinSlot) <= to))
            {
                result.Add((file, contract));
            }
        }

        return result;
    }

    private static long Micros(DateOnly date) => (date.DayNumber - new DateOnly(1970, 1, 1).DayNumber) * 86_400_000_000L;
}
