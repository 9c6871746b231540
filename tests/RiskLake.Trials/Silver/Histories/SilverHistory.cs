using System.Globalization;

namespace RiskLake.Trials.Silver.Histories;

internal enum Act
{
    /// <summary>Publishes a run, or restates it.</summary>
    Publish,

    /// <summary>Publishes a run directly before another; restates it if it is published already.</summary>
    Correct,

    /// <summary>Runs into a closed gate: a new run is blocked, a published one keeps what it has.</summary>
    Block,

    /// <summary>Repeats a run's last command: unchanged, or it comes back, or what was blocked is allowed.</summary>
    Repeat,

    Withdraw,

    /// <summary>Makes the gold of one run anew.</summary>
    Refresh,

    /// <summary>Makes the gold of every stale run anew.</summary>
    RefreshAll,
}

/// <summary>One command on one run. It means something in every state of the lake, so that any step can be left out of a history.</summary>
internal sealed record Step(Act Act, string Run, string Other, RowConfiguration Configuration, IReadOnlyList<Received?> Lines)
{
    /// <summary>Whether another process does the step after it at the same moment.</summary>
    public bool IsWithNext { get; init; }

    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Act} {Run}");
        if (Act is Act.Correct)
        {
            text += $" of {Other}";
        }

        if (Act is Act.Publish or Act.Correct or Act.Block)
        {
            var (version, late, window) = Configuration;
            var lines = string.Join("; ", Lines.Select(line => line?.ToString() ?? "broken"));
            text += string.Create(CultureInfo.InvariantCulture, $" v{version} late>{late}s window {window}m [{lines}]");
        }

        return IsWithNext ? text + " at the same moment as" : text;
    }
}

/// <summary>Steps over a handful of runs and keys.</summary>
internal sealed record SilverHistory(int Seed, KeyScope Scope, IReadOnlyList<Step> Steps)
{
    private static readonly DateTime Base = new(2025, 1, 20, 14, 0, 0, DateTimeKind.Utc);

    /// <summary>Event times of one key: mostly the same; on the same day, the same month, the next one, the next year.</summary>
    private static readonly DateTime[] Times = [Base, Base.AddHours(1.5), Base.AddDays(2), Base.AddDays(20), Base.AddDays(350)];

    private static readonly TimeSpan[] Lags =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(300), TimeSpan.FromSeconds(301), TimeSpan.FromSeconds(3600),
        TimeSpan.FromSeconds(7400), TimeSpan.FromSeconds(-5),
    ];

    private static readonly (Act Act, int Weight)[] Weights =
    [
        (Act.Publish, 40), (Act.Correct, 14), (Act.Block, 8), (Act.Repeat, 10), (Act.Withdraw, 14), (Act.Refresh, 7), (Act.RefreshAll, 4),
    ];

    /// <summary>The history a seed stands for.</summary>
    /// <param name="seed">Where its numbers come from.</param>
    /// <param name="least">Least number of steps.</param>
    /// <param name="most">Greatest number of steps.</param>
    /// <param name="shared">One step in so many happens at the same moment as the next; 0 for none.</param>
    public static SilverHistory Of(int seed, int least, int most, int shared = 0)
    {
        var random = new Random(seed);
        var scope = random.Next(6) switch { 0 => KeyScope.Day, 1 => KeyScope.Year, 2 => KeyScope.None, _ => KeyScope.Month };
        var runs = random.Next(1, 7);
        var steps = new List<Step>();
        for (var left = random.Next(least, most + 1); left > 0; left--)
        {
            var step = NextStep(random, runs, steps);
            steps.Add(step);
            if (shared > 0 && step.Act is Act.Publish && random.Next(shared) == 0 && runs > 1)
            {
                steps[^1] = step with { IsWithNext = true };
                var another = $"r{(int.Parse(step.Run[1..], CultureInfo.InvariantCulture) + 1) % runs}";
                var other = NextStep(random, runs, steps) with { Act = Act.Publish, Run = another };
                steps.Add(other with { Lines = other.Lines.Count > 0 ? other.Lines : Lines(random, steps) });
            }
        }

        return new SilverHistory(seed, scope, steps);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"seed {Seed}, scope {Scope.ToString().ToLowerInvariant()}\n  {string.Join("\n  ", Steps)}");

    private static Step NextStep(Random random, int runs, List<Step> before)
    {
        var act = Draw(random);
        var configuration = new RowConfiguration(
            random.Next(3) == 0 ? 2 : 1, random.Next(4) == 0 ? 7200 : 300, random.Next(4) == 0 ? 15 : 5);
        var isInput = act is Act.Publish or Act.Correct or Act.Block;
        return new Step(act, Run(), Run(), configuration, isInput ? Lines(random, before) : []);

        string Run() => $"r{random.Next(runs)}";
    }

    private static Act Draw(Random random)
    {
        var left = random.Next(Weights.Sum(weight => weight.Weight));
        return Weights.First(weight => (left -= weight.Weight) < 0).Act;
    }

    /// <summary>Some records anew, and some that an earlier step held, as they were or nearly so.</summary>
    private static List<Received?> Lines(Random random, List<Step> before)
    {
        var held = before.SelectMany(step => step.Lines).Where(line => line is not null).ToList();
        var lines = new List<Received?>();
        for (var left = random.Next(1, 7); left > 0; left--)
        {
            var record = held.Count > 0 && random.Next(2) == 0 ? held[random.Next(held.Count)]! : Record(random);
            lines.Add(random.Next(4) == 0 ? Altered(random, record) : record);
            held.Add(lines[^1]);
        }

        if (random.Next(6) == 0)
        {
            lines.Insert(random.Next(lines.Count + 1), null);
        }

        return lines;
    }

    private static Received Record(Random random)
    {
        var key = random.Next(5);
        var time = Times[random.Next(3) == 0 ? random.Next(Times.Length) : 0];
        return new Received(
            $"k{key}",
            key % 2 == 0 ? "ZZA" : "ZZB",
            100 + key + (random.Next(6) == 0 ? 0.25 : 0),
            10 + key,
            time.AddSeconds(key / 2),
            Lags[random.Next(3) == 0 ? random.Next(Lags.Length) : 0],
            random.Next(5) == 0 ? "n" : null,
            random.Next(5) == 0 ? "x" : null);
    }

    /// <summary>The same event with another spelling, another delivery, or another content.</summary>
    private static Received Altered(Random random, Received record) => random.Next(8) switch
    {
        0 => record with { Symbol = record.Symbol.ToLowerInvariant() },
        1 => record with { Symbol = $" {record.Symbol} " },
        2 or 3 => record with { Lag = Lags[random.Next(Lags.Length)] },
        4 => record with { Price = record.Price + 1 },
        5 => record with { Happened = Times[random.Next(Times.Length)] },
        6 => record with { Note = record.Note is null ? "n" : null },
        _ => record with { Venue = record.Venue is null ? "x" : null },
    };
}
