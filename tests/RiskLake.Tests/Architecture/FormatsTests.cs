using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.RiskRuns;
using RiskLake.Runs;

namespace RiskLake.Tests.Architecture;

/// <summary>The page on formats says the versions that the code writes.</summary>
public sealed class FormatsTests
{
    private static readonly string s_page = Repository.Read("docs/formats.md");

    [Fact]
    public void The_page_names_the_formats_that_are_written()
    {
        Assert.Equal($"{LogEntry.FormatVersion}", Cell("| log entry"));
        Assert.Equal(System.Text.Encoding.ASCII.GetString(BitConverter.GetBytes(KeyFile.Magic))[1..], Cell("| key index"));
        Assert.Contains($"(RL{(int)ErrorCode.LakeTooNew})", Line("| log entry"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_names_the_output_version_of_every_stage()
    {
        var versions = RunFingerprint.OutputVersions
            .Append(KeyValuePair.Create("runs of risk", RiskRun.OutputVersion))
            .Append(KeyValuePair.Create("limits", LimitEpisodes.OutputVersion));
        Assert.All(versions, pair => Assert.Equal($"{pair.Value}", Cell($"| {pair.Key} |")));
    }

    private static string Line(string beginning) => Assert.Single(s_page.Split('\n'), line => line.StartsWith(beginning, StringComparison.Ordinal));

    private static string Cell(string beginning) => Line(beginning).Split('|')[2].Trim();
}
