using System.Text.RegularExpressions;

namespace RiskLake.Tests.Architecture;

/// <summary>One direction, no way back: a stage may use what stands before it, never what stands after.</summary>
public sealed partial class StageOrderTests
{
    /// <summary>
    /// The folders of lake and platform in the order of the flow; the first four are the ground all stages stand on. Lineage stands before
    /// Runs because a run tells its lineage while it works.
    /// </summary>
    private static readonly string[] Order =
    [
        "Lake.Errors", "Lake.Columns", "Lake", "Contracts",
        "Ingest.Sources", "Ingest.Decoding", "UserFiles", "Ingest.Bronze", "Ingest.Quarantine", "Ingest.Silver",
        "Gold", "Quality", "History", "Desk.Portfolios", "Desk.Limits", "Lineage", "Runs", "RiskRuns", "Backfill",
    ];

    private static IEnumerable<string> Platform => Repository.Sources("src/RiskLake.Lake").Concat(Repository.Sources("src/RiskLake"));

    [Fact]
    public void A_stage_uses_only_the_stages_before_it()
    {
        var types = TypesByStage();
        var violations = Platform
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
        var seen = Platform
            .SelectMany(path => References(Stage(path), Code(path), types).Select(used => $"{Stage(path)} uses {used}"))
            .ToHashSet();
        Assert.Superset(
            new HashSet<string>
            {
                "Runs uses Ingest.Silver", "Gold uses Ingest.Silver", "Ingest.Silver uses Ingest.Bronze", "Ingest.Bronze uses Lake",
                "Lake uses Lake.Columns",
            }, seen);
        const string Text = "using RiskLake.Runs;\nvar a = Ingest.Silver.SilverStage.Flags; // Ingest.Bronze.BronzeStage\nvar b = x.Lake.LakePaths;";
        Assert.Equal(["Ingest.Silver", "Runs"], References("Gold", Text, types).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_file_stands_in_the_folder_of_its_namespace()
    {
        var misplaced = Platform.Where(path => Position(Stage(path)) < 0
            || !Repository.Read(path).Contains($"namespace {Folder(path)};", StringComparison.Ordinal));
        Assert.Empty(misplaced);
    }

    [Theory]
    [InlineData("RiskLake.Risk")]
    [InlineData("RiskLake.Calendars")]
    public void The_pure_packages_know_nothing_of_the_platform(string package)
    {
        var own = package["RiskLake.".Length..];
        var foreign = Repository.Sources($"src/{package}")
            .Where(path => PlatformName().Matches(Code(path)).Any(match => match.Groups[1].Value.Split('.')[0] != own));
        Assert.Empty(foreign);
        Assert.DoesNotContain("ProjectReference", Repository.Read($"src/{package}/{package}.csproj"), StringComparison.Ordinal);
    }

    private static int Position(string stage) => Array.IndexOf(Order, stage);

    private static string Folder(string path) => Path.GetDirectoryName(path)!.Replace('\\', '/')["src/".Length..].Replace('/', '.');

    /// <summary>The nearest folder above a file that stands in the order.</summary>
    private static string Stage(string path)
    {
        var folder = Folder(path)["RiskLake.".Length..];
        while (Position(folder) < 0 && folder.Contains('.', StringComparison.Ordinal))
        {
            folder = folder[..folder.LastIndexOf('.')];
        }

        return folder;
    }

    /// <summary>Text of a file without comments.</summary>
    private static string Code(string path) => Comment().Replace(Repository.Read(path), "");

    private static Dictionary<string, HashSet<string>> TypesByStage() => Platform
        .GroupBy(Stage)
        .ToDictionary(
            stage => stage.Key,
            stage => stage.SelectMany(path => Declaration().Matches(Code(path)).Select(match => match.Groups[1].Value)).ToHashSet(StringComparer.Ordinal));

    /// <summary>Stages that a text names: in a using or in full, or by a namespace that begins where the text's own does.</summary>
    private static IEnumerable<string> References(string stage, string text, Dictionary<string, HashSet<string>> types)
    {
        text = Comment().Replace(text, "");
        var full = PlatformName().Matches(text).Select(match => Nearest(match.Groups[1].Value)).OfType<string>();
        var relative = RelativeName().Matches(text)
            .Where(match => types.GetValueOrDefault(match.Groups[1].Value)?.Contains(match.Groups[2].Value) == true)
            .Select(match => match.Groups[1].Value);
        return full.Concat(relative).Where(used => used != stage).Distinct();
    }

    /// <summary>The stage a name in full belongs to: the longest that it begins with.</summary>
    private static string? Nearest(string name) => Order
        .Where(stage => name == stage || name.StartsWith(stage + ".", StringComparison.Ordinal))
        .MaxBy(stage => stage.Length);

    [GeneratedRegex(@"//[^\n]*", RegexOptions.None, 60_000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bRiskLake\.([A-Z]\w*(?:\.[A-Z]\w*)*)", RegexOptions.None, 60_000)]
    private static partial Regex PlatformName();

    [GeneratedRegex(@"(?<![.\w])((?:Lake\.|Ingest\.|Desk\.)?[A-Z]\w*)\.([A-Z]\w*)", RegexOptions.None, 60_000)]
    private static partial Regex RelativeName();

    [GeneratedRegex(@"\b(?:class|record struct|record|struct|interface|enum)\s+([A-Z]\w*)", RegexOptions.None, 60_000)]
    private static partial Regex Declaration();
}
