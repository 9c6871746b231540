using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RiskLake.Ingest.Sources;

namespace RiskLake.Tests.Sources;

public sealed class SampleTests
{
    private static readonly SampleSymbol[] Symbols =
    [
        new("AAPL", 229.90m, 0.01m, 0.28),
        new("MSFT", 428.50m, 0.01m, 0.24),
        new("NKY", 38_900m, 5m, 0.22),
    ];

    [Fact]
    public void Bytes_are_the_same_on_every_machine()
    {
        var bytes = Write(Symbols, Sample.DefaultSessions);

        // A new digest means another sample: every number a newcomer has seen in the documentation changes with it.
        Assert.Equal("5eb12459f2ddff60684e263c5c920a990acbb64d7f7493c1c650bfa0cbf95398", Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Fact]
    public void A_day_is_the_same_alone_as_in_its_week()
    {
        var week = Write(Symbols, Sample.DefaultSessions);
        var days = Sample.DefaultSessions.SelectMany(date => Write(Symbols, [date])).ToArray();

        Assert.Equal(week, days);
    }

    [Fact]
    public void A_symbol_is_the_same_alone_as_among_others()
    {
        var alone = Lines(Write(Symbols[..1], Sample.DefaultSessions));
        var among = Lines(Write(Symbols, Sample.DefaultSessions)).Where(line => line.Contains("AAPL", StringComparison.Ordinal));

        Assert.Equal(alone.Order(StringComparer.Ordinal), among.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("2025-01-02")]
    [InlineData("2025-01-17")]
    [InlineData("1999-12-30")]
    [InlineData("2028-06-29")]
    public void Any_single_day_stays_under_half_of_every_limit(string date)
    {
        for (var symbols = 1; symbols <= Symbols.Length; symbols++)
        {
            var lines = Lines(Write(Symbols[..symbols], [DateOnly.Parse(date, CultureInfo.InvariantCulture)]));
            var events = lines.Select(WellFormed).OfType<Event>().ToList();
            var distinct = events.DistinctBy(e => e.EventId, StringComparer.Ordinal).ToList();

            Assert.Equal(390 * symbols, distinct.Count);
            Assert.InRange(1 - (distinct.Count / (double)events.Count), 0.0001, 0.005);
            Assert.InRange(distinct.Count(e => e.Ingested - e.Happened > TimeSpan.FromSeconds(300)) / (double)distinct.Count, 0.0001, 0.01);
            Assert.InRange((lines.Count - events.Count) / (double)lines.Count, 0.0001, 0.01);
        }
    }

    [Fact]
    public void A_redelivery_differs_in_its_ingest_time_alone()
    {
        var repeats = Lines(Write(Symbols, Sample.DefaultSessions))
            .Select(WellFormed).OfType<Event>().GroupBy(e => e.EventId, StringComparer.Ordinal).Where(group => group.Count() > 1).ToList();

        Assert.Equal(Symbols.Length * Sample.DefaultSessions.Count, repeats.Count);
        Assert.All(repeats, group =>
        {
            Assert.Equal(2, group.Select(e => e.Ingested).Distinct().Count());
            Assert.Single(group.Select(e => e with { Ingested = default }).Distinct());
        });
    }

    [Fact]
    public void Records_arrive_in_the_order_of_their_ingest_time()
    {
        var ingested = Lines(Write(Symbols, Sample.DefaultSessions)).Select(WellFormed).OfType<Event>().Select(e => e.Ingested).ToList();

        Assert.Equal(ingested.Order(), ingested);
    }

    [Fact]
    public void Prices_are_whole_ticks_and_every_minute_of_the_session_has_one()
    {
        var events = Lines(Write(Symbols, Sample.DefaultSessions)).Select(WellFormed).OfType<Event>().DistinctBy(e => e.EventId, StringComparer.Ordinal).ToList();

        foreach (var symbol in Symbols)
        {
            var own = events.Where(e => e.Symbol == symbol.Symbol).OrderBy(e => e.Happened).ToList();
            Assert.All(own, e => Assert.Equal(0m, e.Price % symbol.Tick));
            Assert.InRange(own[0].Price, symbol.StartPrice * 0.9m, symbol.StartPrice * 1.1m);
            Assert.Equal(new DateTimeOffset(2025, 1, 17, 14, 30, 0, TimeSpan.Zero), own[0].Happened);
            Assert.Equal(new DateTimeOffset(2025, 1, 24, 20, 59, 0, TimeSpan.Zero), own[^1].Happened);
        }
    }

    [Fact]
    public void Returns_have_fat_tails_clustered_volatility_and_the_asked_for_size()
    {
        var sessions = Enumerable.Range(0, 140).Select(day => new DateOnly(2025, 1, 20).AddDays(day)).Where(Sample.IsSession).ToList();
        var liquid = new SampleSymbol("X", 1_000m, 0.001m, 0.30);
        var market = new SampleMarket(SampleRandom.Key(0, Sample.DefaultSeed));
        var returns = sessions.Select(date => market.Session(liquid, date, 390).Ticks)
            .SelectMany(ticks => ticks.Zip(ticks.Skip(1), (from, to) => (to / (double)from) - 1)).ToArray();
        var variance = returns.Average(r => r * r);

        Assert.InRange(Math.Sqrt(variance * 252 * 390), 0.27, 0.36);
        Assert.InRange(returns.Average(r => r * r * r * r) / (variance * variance), 4.5, 60);
        Assert.InRange(Correlation([.. returns.Select(Math.Abs)], lag: 1), 0.08, 0.6);
        Assert.InRange(Correlation(returns, lag: 1), -0.03, 0.03);
    }

    [Fact]
    public void A_day_without_a_session_has_no_events()
    {
        // A holiday, a day of mourning, and a day of which the calendar knows nothing.
        Assert.Empty(Write(Symbols, [new(2025, 1, 20), new(2025, 1, 1), new(2025, 1, 9), new(2040, 6, 29)]));
        Assert.Empty(Write(Symbols, [new(2025, 1, 25), new(2025, 1, 26)]));
        using var monday = new MemoryStream();
        Sample.WriteDay(monday, Symbols, new(2025, 1, 27));
        Assert.Equal(Write(Symbols, [new(2025, 1, 25), new(2025, 1, 27)]), monday.ToArray());
    }

    [Theory]
    [InlineData("2025-07-01", "13:30", "19:59")] // the clocks of New York in summer
    [InlineData("2024-11-29", "14:30", "17:59")] // an early close
    public void Every_minute_of_a_session_has_one_event_and_no_other_minute(string date, string first, string last)
    {
        var day = DateOnly.Parse(date, CultureInfo.InvariantCulture);
        var minutes = Lines(Write(Symbols[..1], [day])).Select(WellFormed).OfType<Event>().Select(e => e.Happened).Distinct().Order().ToList();
        DateTimeOffset At(string time) => new(day, TimeOnly.Parse(time, CultureInfo.InvariantCulture), TimeSpan.Zero);
        Assert.Equal((At(first), At(last)), (minutes[0], minutes[^1]));
        Assert.Equal((int)(At(last) - At(first)).TotalMinutes + 1, minutes.Count);
    }

    private static double Correlation(double[] values, int lag)
    {
        var mean = values.Average();
        var covariance = values.Zip(values.Skip(lag), (a, b) => (a - mean) * (b - mean)).Sum();
        return covariance / values.Sum(v => (v - mean) * (v - mean));
    }

    private static byte[] Write(IReadOnlyList<SampleSymbol> symbols, IReadOnlyList<DateOnly> sessions)
    {
        using var output = new MemoryStream();
        Sample.Write(output, symbols, sessions);
        return output.ToArray();
    }

    private static List<string> Lines(byte[] bytes) =>
        [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The event, or null when a strict reader would refuse the line.</summary>
    private static Event? WellFormed(string line)
    {
        try
        {
            var json = JsonDocument.Parse(line).RootElement;
            if (json.GetProperty("price").ValueKind != JsonValueKind.Number
                || json.GetProperty("price").GetDecimal() <= 0
                || !json.GetProperty("volume").TryGetInt64(out var volume)
                || !json.GetProperty("ts_event").GetString()!.EndsWith('Z'))
            {
                return null;
            }

            return new Event(
                json.GetProperty("event_id").GetString()!,
                json.GetProperty("symbol").GetString()!,
                json.GetProperty("price").GetDecimal(),
                volume,
                json.GetProperty("ts_event").GetDateTimeOffset(),
                json.GetProperty("ts_ingest").GetDateTimeOffset());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Event(string EventId, string Symbol, decimal Price, long Volume, DateTimeOffset Happened, DateTimeOffset Ingested);
}
