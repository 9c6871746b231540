using System.Text.RegularExpressions;

namespace RiskLake.Tests.Architecture;

/// <summary>Rules of style that a compiler does not know.</summary>
public sealed partial class HouseRulesTests
{
    private const int LinesMax = 400;
    private const int ColumnsMax = 160;

    /// <summary>Files that still have longer lines. An entry goes when its file is reflowed; none is added.</summary>
    private static readonly HashSet<string> WithLongLines =
        [.. Repository.Read("tests/RiskLake.Tests/Architecture/long-lines.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Types that still wait for a name that says what they are.</summary>
    private static readonly HashSet<string> ToBeNamed = ["CommonOptions"];

    private static IEnumerable<string> All => new[] { "src", "tests", "bench" }.SelectMany(Repository.Sources);

    [Fact]
    public void A_file_fits_a_reader() =>
        Assert.DoesNotContain(All, path => Repository.Read(path).Split('\n').Length > LinesMax);

    [Fact]
    public void A_line_fits_a_screen() => Assert.Empty(All
        .Where(path => !WithLongLines.Contains(path))
        .SelectMany(path => Repository.Read(path).Split('\n').Select((line, i) => (line, place: $"{path}:{i + 1}")))
        .Where(line => line.line.Length > ColumnsMax)
        .Select(line => line.place));

    [Fact]
    public void Nothing_is_named_for_having_no_name()
    {
        var folders = All.SelectMany(path => path.Split('/')[..^1]).Distinct().Where(name => Drawer().IsMatch(name));
        var types = All.SelectMany(path => Declaration().Matches(Repository.Read(path)).Select(match => match.Groups[1].Value));
        Assert.Empty(folders.Concat(types.Where(name => Drawer().IsMatch(name) && !ToBeNamed.Contains(name))));
        Assert.All(["Utils", "DateHelpers", "CommonTypes", "LakeManager"], name => Assert.Matches(Drawer(), name));
        Assert.All(["Commons", "Utilisation"], name => Assert.DoesNotMatch(Drawer(), name));
    }

    [Fact]
    public void Every_file_of_tests_asserts_something() => Assert.Empty(Repository.Sources("tests")
        .Select(path => (path, text: Repository.Read(path)))
        .Where(file => Test().IsMatch(file.text) && !Assertion().IsMatch(file.text))
        .Select(file => file.path));

    [GeneratedRegex("(Utils?|Utilities|Helpers?|Manager)$|^((Utils?|Helpers?|Common)(?=$|[A-Z]))", RegexOptions.None, 60_000)]
    private static partial Regex Drawer();

    [GeneratedRegex(@"^\s*(?:[a-z]+\s+)*?(?:class|record struct|record class|record|struct|interface|enum)\s+([A-Z]\w*)", RegexOptions.Multiline, 60_000)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^\s*\[(Fact|Theory)", RegexOptions.Multiline, 60_000)]
    private static partial Regex Test();

    [GeneratedRegex(@"\bAssert\.|\.Sample\(|\bOracle\.Agrees\(", RegexOptions.None, 60_000)]
    private static partial Regex Assertion();
}
