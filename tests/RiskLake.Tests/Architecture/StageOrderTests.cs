using System.Text.RegularExpressions;

namespace RiskLake.Tests.Architecture;

/// <summary>One direction, no way back: a stage may use what stands before it, never what stands after.</summary>
public sealed partial class StageOrderTests
{
    /// <summary>
    /// The folders of the platform in the order of the flow; the first five are the ground all stages stand on. Lineage stands before
    /// Runs because a run tells its lineage while it works.
    /// </summary>
    private static readonly string[] Order =
    [
        "Errors", "Columns", "Contracts", "Lake", "Measures",
        "Sources", "Decoding", "Tables", "Bronze", "Quarantine", "Silver", "Gold", "Quality", "History", "Portfolios", "Limits", "Lineage", "Runs",
        "RiskRuns", "Backfill", "Reports", "Oracles",
    ];

    [Fact]
    public void A_stage_uses_only_the_stages_before_it()
    {
        var types = TypesByStage();
        var violations = Repository.Sources("src/RiskLake")
            .SelectMany(path => References(Stage(path), Code(path), types).Select(used => (path, used)))
            .Where(reference => Position(reference.used) > Position(Stage(reference.path)))
            .Select(reference => $"{reference.path} uses {reference.used}")
            .Distinct();
        Assert.Empty(violations);
    }

    [Fact]
    public void The_reader_of_references_sees_those_that_are_there()
    {
        var types = TypesByStage();
        var seen = Repository.Sources("src/RiskLake")
            .SelectMany(path => References(Stage(path), Code(path), types).Select(used => $"{Stage(path)} uses {used}"))
            .ToHashSet();
        Assert.Superset(new HashSet<string> { "Runs uses Silver", "Gold uses Silver", "Silver uses Bronze", "Bronze uses Lake", "Lake uses Columns" }, seen);
        const string Text = "using RiskLake.Runs;\nvar a = Silver.SilverStage.Flags; // Bronze.BronzeStage\nvar b = x.Lake.LakePaths;";
        Assert.Equal(["Runs", "Silver"], References("Gold", Text, types).Order());
    }

    [Fact]
    public void Every_file_stands_in_the_folder_of_its_namespace()
    {
        var misplaced = Repository.Sources("src/RiskLake").Where(path =>
        {
            var folder = Path.GetDirectoryName(path)!.Replace('\\', '/')["src/RiskLake".Length..].TrimStart('/').Replace('/', '.');
            return Array.IndexOf(Order, Stage(path)) < 0 || !Repository.Read(path).Contains($"namespace RiskLake.{folder};", StringComparison.Ordinal);
        });
        Assert.Empty(misplaced);
    }

    [Theory]
    [InlineData("RiskLake.Risk")]
    [InlineData("RiskLake.Calendars")]
    public void The_pure_packages_know_nothing_of_the_platform(string package)
    {
        var own = package["RiskLake.".Length..];
        var foreign = Repository.Sources($"src/{package}")
            .Where(path => PlatformName().Matches(Code(path)).Any(match => match.Groups[1].Value != own));
        Assert.Empty(foreign);
        Assert.DoesNotContain("ProjectReference", Repository.Read($"src/{package}/{package}.csproj"), StringComparison.Ordinal);
    }

    private static int Position(string stage) => Array.IndexOf(Order, stage);

    private static string Stage(string path) => path.Split('/')[2];

    /// <summary>Text of a file without comments.</summary>
    private static string Code(string path) => Comment().Replace(Repository.Read(path), "");

    private static Dictionary<string, HashSet<string>> TypesByStage() => Repository.Sources("src/RiskLake")
        .GroupBy(Stage)
        .ToDictionary(
            stage => stage.Key,
            stage => stage.SelectMany(path => Declaration().Matches(Code(path)).Select(match => match.Groups[1].Value)).ToHashSet(StringComparer.Ordinal));

    /// <summary>Stages that a text names: in a using or in full, or by a namespace that begins where the text's own does.</summary>
    private static IEnumerable<string> References(string stage, string text, Dictionary<string, HashSet<string>> types)
    {
        text = Comment().Replace(text, "");
        var full = PlatformName().Matches(text).Select(match => match.Groups[1].Value);
        var relative = RelativeName().Matches(text)
            .Where(match => types.GetValueOrDefault(match.Groups[1].Value)?.Contains(match.Groups[2].Value) == true)
            .Select(match => match.Groups[1].Value);
        return full.Concat(relative).Where(used => used != stage && Array.IndexOf(Order, used) >= 0).Distinct();
    }

    [GeneratedRegex(@"//[^\n]*", RegexOptions.None, 60_000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bRiskLake\.([A-Z]\w*)", RegexOptions.None, 60_000)]
    private static partial Regex PlatformName();

    [GeneratedRegex(@"(?<![.\w])([A-Z]\w*)\.([A-Z]\w*)", RegexOptions.None, 60_000)]
    private static partial Regex RelativeName();

    [GeneratedRegex(@"\b(?:class|record struct|record|struct|interface|enum)\s+([A-Z]\w*)", RegexOptions.None, 60_000)]
    private static partial Regex Declaration();
}
