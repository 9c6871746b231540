using RiskLake.EndToEnd.Crash;
using RiskLake.Trials.Silver.Histories;

namespace RiskLake.EndToEnd.Silver;

/// <summary>Random histories through the real command line, with two processes at once in some steps.</summary>
[Collection(Alone.Name)]
public sealed class CommandHistoryTests(ITestOutputHelper output)
{
    /// <summary>Twenty, unless RISKLAKE_COMMAND_HISTORIES says otherwise.</summary>
    private static readonly int Histories = CrashTests.Setting("RISKLAKE_COMMAND_HISTORIES", 20);

    [Fact]
    public void What_other_readers_find_is_what_the_published_runs_say()
    {
        _ = BuiltProgram.Path;
        var (versions, shared) = (0, 0);
        for (var seed = 1; seed <= Histories; seed++)
        {
            var history = SilverHistory.Of(seed, 3, 6, shared: 3);
            shared += history.Steps.Count(step => step.IsWithNext);
            output.WriteLine(history.ToString());
            versions += CommandHistory.Play(history);
        }

        Assert.True(shared > Histories / 4, "too few steps had two processes at once");
        output.WriteLine(FormattableString.Invariant(
            $"{Histories} histories, {shared} steps of two processes at once, {versions} versions of tables"));
        if (DeltaReader.Missing is { } missing)
        {
            Assert.Skip(missing);
        }
    }
}
