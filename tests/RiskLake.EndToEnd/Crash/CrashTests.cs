using System.Globalization;
using System.Text;

namespace RiskLake.EndToEnd.Crash;

/// <summary>These tests want the machine for themselves: others measure time, and they keep both processors busy.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}

/// <summary>The program is killed where it hurts, two hundred times, and the lake never notices.</summary>
[Collection(Alone.Name)]
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Lakes = 2;

    /// <summary>More kills, or another seed, from the environment: RISKLAKE_KILLS, RISKLAKE_SEED.</summary>
    private static readonly int Kills = Setting("RISKLAKE_KILLS", 200);
    private static readonly int Seed = Setting("RISKLAKE_SEED", 20250120);

    [Fact]
    public void Two_hundred_kills_lose_duplicate_and_leave_nothing()
    {
        output.WriteLine(FormattableString.Invariant($"seed {Seed}, {Kills} kills"));
        var missing = DeltaReader.Missing;
        var reports = new Report[Lakes];
        Parallel.For(0, Lakes, lake => reports[lake] = KillMany(Seed + lake, Kills / Lakes, missing is null));
        var deaths = reports.SelectMany(report => report.Deaths).ToList();
        var histogram = Histogram(deaths);
        output.WriteLine(histogram);
        output.WriteLine(string.Join('\n', reports.Select(report => FormattableString.Invariant($"lake version {report.Version}, {report.Notes} table versions read again at the end"))));
        Directory.CreateDirectory(Path.Combine(Cli.Repository, "TestResults"));
        File.WriteAllText(Path.Combine(Cli.Repository, "TestResults", "kills.txt"), histogram);
        Assert.True(deaths.Count >= Kills, histogram);
        Assert.True(deaths.Count(death => death.Death.IsInWindow) * 2 >= deaths.Count, histogram);
        if (missing is not null)
        {
            Assert.Skip(missing);
        }
    }

    private static Report KillMany(int seed, int kills, bool readDelta)
    {
        using var rig = new CrashRig(seed);
        try
        {
            return KillMany(rig, kills, readDelta);
        }
        catch (Exception exception)
        {
            throw new Xunit.Sdk.XunitException($"seed {seed}: {exception.Message}\n{rig.History}", exception);
        }
    }

    private static Report KillMany(CrashRig rig, int kills, bool readDelta)
    {
        rig.Warm();
        for (var strike = 1; rig.Deaths.Count < kills; strike++)
        {
            Assert.True(strike < kills * 2, "too many commands end before they can be killed");
            rig.Strike();
            if (readDelta && strike % 30 == 0)
            {
                rig.CompareNewest();
            }
        }

        rig.VerifyAll();
        if (readDelta)
        {
            rig.CompareVersions();
        }

        return new Report(rig.Deaths, rig.Version, rig.Notes);
    }

    private static string Histogram(List<(string Deed, Death Death)> deaths)
    {
        var text = new StringBuilder();
        var inside = deaths.Count(death => death.Death.IsInWindow);
        text.Append(CultureInfo.InvariantCulture, $"{deaths.Count} kills, {inside} of them between the first staged file and the last view\n");
        foreach (var step in deaths.GroupBy(death => death.Death.LastLabel).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{step.Key,-26} {step.Count(),4} {new string('#', step.Count())}\n");
        }

        foreach (var deed in deaths.GroupBy(death => death.Deed).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{deed.Key,-26} {deed.Count(),4}\n");
        }

        return text.ToString();
    }

    internal static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    private sealed record Report(List<(string Deed, Death Death)> Deaths, long Version, int Notes);
}
