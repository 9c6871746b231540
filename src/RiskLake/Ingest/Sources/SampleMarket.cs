namespace RiskLake.Ingest.Sources;

/// <summary>
/// Price paths of the sample, one per symbol and date, each computable alone: a backfill of one date sees exactly the events a
/// run over the whole week sees.
/// </summary>
/// <remarks>
/// The open of every session is a random walk read at a random place (a Brownian bridge between dates four years apart), so no
/// earlier session has to be simulated. Within a session, shocks are fat-tailed, their volatility clusters (GARCH(1,1)) and is
/// higher at open and close; the path is then tilted to end near the next open. All symbols share a part of every move.
/// </remarks>
internal sealed class SampleMarket(ulong seed)
{
    private const int SessionsPerYear = 252;
    private const int BridgeSessions = 1024;

    // 0.6 and 0.8 are the shares of a correlation of 0.36 between any two symbols: their squares sum to one.
    private const double MarketShare = 0.6;
    private const double OwnShare = 0.8;
    private const double OvernightShare = 0.3;

    private static readonly DateOnly Anchor = new(2025, 1, 20);

    private readonly Dictionary<int, double[]> _marketShocks = [];

    /// <summary>The prices of a session in ticks, one a minute, and how violent each minute was (1 on average).</summary>
    public (long[] Ticks, double[] Activity) Session(SampleSymbol symbol, DateOnly date, int minutes)
    {
        var own = SampleRandom.Key(seed, symbol.Symbol);
        var market = SampleRandom.Key(seed, "market");
        if (!_marketShocks.TryGetValue(date.DayNumber, out var shared))
        {
            _marketShocks[date.DayNumber] = shared = Shocks(SampleRandom.Key(market, date.DayNumber), minutes);
        }

        var daily = symbol.AnnualVolatility / Math.Sqrt(SessionsPerYear);
        var session = SessionIndex(date);
        var open = daily * ((MarketShare * Walk(market, session)) + (OwnShare * Walk(own, session)));
        var nextOpen = daily * ((MarketShare * Walk(market, session + 1)) + (OwnShare * Walk(own, session + 1)));
        var key = SampleRandom.Key(own, date.DayNumber);
        var overnight = new SampleRandom(SampleRandom.Key(key, "overnight")).Normal() * daily * OvernightShare;

        var shocks = Shocks(key, minutes);
        var perMinute = daily / Math.Sqrt(minutes);
        var path = new double[minutes];
        for (var minute = 1; minute < minutes; minute++)
        {
            path[minute] = path[minute - 1] + (perMinute * ((MarketShare * shared[minute]) + (OwnShare * shocks[minute])));
        }

        var tilt = (nextOpen - overnight - open - path[^1]) / (minutes - 1);
        var ticks = new long[minutes];
        var activity = new double[minutes];
        for (var minute = 0; minute < minutes; minute++)
        {
            var price = (double)symbol.StartPrice * Compound(open + path[minute] + (tilt * minute));
            ticks[minute] = Math.Max(1, (long)((price / (double)symbol.Tick) + 0.5));
            activity[minute] = Math.Abs((MarketShare * shared[minute]) + (OwnShare * shocks[minute]));
        }

        return (ticks, activity);
    }

    /// <summary>Unit-variance shocks whose size clusters, larger at both ends of the session.</summary>
    private static double[] Shocks(ulong key, int minutes)
    {
        var random = new SampleRandom(SampleRandom.Key(key, "shocks"));
        var shocks = new double[minutes];
        var variance = 0.5 + random.Unit();
        for (var minute = 0; minute < minutes; minute++)
        {
            var shock = Math.Sqrt(variance) * random.FatTailed();
            variance = Math.Min(0.02 + (0.08 * shock * shock) + (0.90 * variance), 25.0);
            var fromMidday = (2.0 * minute / (minutes - 1)) - 1.0;
            shocks[minute] = shock * (0.75 + (0.75 * fromMidday * fromMidday));
        }

        return shocks;
    }

    /// <summary>A random walk with unit steps, at one session; zero at the anchor and every <see cref="BridgeSessions"/> from it.</summary>
    private static double Walk(ulong key, int session)
    {
        var block = (int)Math.Floor(session / (double)BridgeSessions);
        var position = session - (block * BridgeSessions);
        var bridge = SampleRandom.Key(SampleRandom.Key(key, "walk"), block);
        var (low, high) = (0, BridgeSessions);
        var (atLow, atHigh) = (0.0, 0.0);
        while (position != low)
        {
            var middle = (low + high) / 2;
            var normal = new SampleRandom(SampleRandom.Key(bridge, middle)).Normal();
            var atMiddle = ((atLow + atHigh) / 2.0) + (Math.Sqrt(high - low) / 2.0 * normal);
            if (position < middle)
            {
                (high, atHigh) = (middle, atMiddle);
            }
            else
            {
                (low, atLow) = (middle, atMiddle);
            }
        }

        return atLow;
    }

    /// <summary>Weekdays since the anchor, negative before it.</summary>
    private static int SessionIndex(DateOnly date)
    {
        var days = date.DayNumber - Anchor.DayNumber;
        var week = (int)Math.Floor(days / 7.0);
        return (week * 5) + (days - (week * 7));
    }

    /// <summary>Growth by a continuous rate, as 256 equal steps: eight squarings instead of <c>Exp</c>.</summary>
    private static double Compound(double rate)
    {
        var growth = 1.0 + (rate / 256.0);
        for (var doubling = 0; doubling < 8; doubling++)
        {
            growth *= growth;
        }

        return growth;
    }
}
