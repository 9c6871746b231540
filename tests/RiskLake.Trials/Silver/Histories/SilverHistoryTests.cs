using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace RiskLake.Trials.Silver.Histories;

/// <summary>Silver is a function of bronze: random histories through the program and through the literal model.</summary>
public sealed partial class SilverHistoryTests
{
    private const int ShrinksMax = 300;

    /// <summary>A hundred, unless RISKLAKE_HISTORIES says otherwise.</summary>
    private static readonly int Histories = Setting("RISKLAKE_HISTORIES", 100);

    /// <summary>Seed of the first history; RISKLAKE_HISTORY_SEED plays others.</summary>
    private static readonly int FirstSeed = Setting("RISKLAKE_HISTORY_SEED", 1);

    [Fact]
    public void Silver_and_conflicts_are_what_the_published_runs_say_after_every_step()
    {
        var faults = new ConcurrentDictionary<int, string>();
        Parallel.For(FirstSeed, FirstSeed + Histories, new ParallelOptions { MaxDegreeOfParallelism = 2 }, (seed, loop) =>
        {
            if (HistoryPlayer.Fault(Of(seed)) is { } fault)
            {
                faults.TryAdd(seed, fault);
                loop.Break();
            }
        });
        if (!faults.IsEmpty)
        {
            var first = faults.MinBy(fault => fault.Key);
            var (history, fault) = Shrunk(Of(first.Key), first.Value);
            Assert.Fail($"{history}\n{fault}");
        }
    }

    /// <summary>Longer ones where many are asked for.</summary>
    private static SilverHistory Of(int seed) => SilverHistory.Of(seed, 2, Histories > 100 ? 12 : 5);

    /// <summary>The same fault with as few steps and records as leaving out one at a time leads to.</summary>
    private static (SilverHistory History, string Fault) Shrunk(SilverHistory history, string fault)
    {
        var left = ShrinksMax;
        for (var isShrinking = true; isShrinking && left > 0;)
        {
            isShrinking = false;
            foreach (var smaller in Smaller(history))
            {
                if (left-- > 0 && HistoryPlayer.Fault(smaller) is { } still && Kind(still) == Kind(fault))
                {
                    (history, fault, isShrinking) = (smaller, still, true);
                    break;
                }
            }
        }

        return (history, fault);
    }

    /// <summary>The first line without the step and without numbers: leaving something out shall not lead to another fault.</summary>
    private static string Kind(string fault) => Number().Replace(fault.Split('\n')[0].Split(": ", 2)[1], "#");

    [GeneratedRegex("[0-9]+", RegexOptions.None, 60_000)]
    private static partial Regex Number();

    private static IEnumerable<SilverHistory> Smaller(SilverHistory history)
    {
        for (var step = history.Steps.Count - 1; step >= 0; step--)
        {
            yield return history with { Steps = [.. history.Steps.Where((_, index) => index != step)] };
        }

        for (var step = 0; step < history.Steps.Count; step++)
        {
            for (var line = 0; line < history.Steps[step].Lines.Count && history.Steps[step].Lines.Count > 1; line++)
            {
                var shorter = history.Steps[step] with { Lines = [.. history.Steps[step].Lines.Where((_, index) => index != line)] };
                yield return history with { Steps = [.. history.Steps.Select((before, index) => index == step ? shorter : before)] };
            }
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;
}
