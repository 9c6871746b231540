using System.Text;
using RiskLake.Tests.Runs;

namespace RiskLake.Trials.Guard;

/// <summary>
/// No change of the code changes a byte of a lake unless it means to: the digests of every file that five stories leave behind stand in
/// <c>tests/fixtures/guard/</c>. A change that means to is listed in the changelog, raises an output version where results change, and
/// writes them anew: <c>RISKLAKE_REWRITE_GUARD=1 eng/test --filter-class '*GuardTests'</c>.
/// </summary>
public sealed class GuardTests
{
    public static TheoryData<string> Scenarios => [.. GuardScenarios.All.Keys];

    private static string Folder => Path.Combine(Path.GetDirectoryName(TestDesk.RepositoryConfig)!, "tests", "fixtures", "guard");

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Every_file_of_the_lake_is_the_one_it_was(string scenario)
    {
        var (one, many) = (Lake(scenario, 1), Lake(scenario, 3));
        Assert.Equal(one, many);
        var path = Path.Combine(Folder, scenario + ".sha256");
        if (Environment.GetEnvironmentVariable("RISKLAKE_REWRITE_GUARD") == "1")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(path, string.Concat(one.Select(line => line + "\n")));
        }

        var expected = File.ReadAllLines(path);
        Assert.NotEmpty(expected);
        var differences = expected.Except(one, StringComparer.Ordinal).Select(line => "was " + line)
            .Concat(one.Except(expected, StringComparer.Ordinal).Select(line => "is  " + line));
        Assert.Equal("", string.Join('\n', differences.OrderBy(line => line[70..], StringComparer.Ordinal)));
        Assert.Equal(expected, one);
    }

    [Theory]
    [InlineData("gold/x.parquet", "PAR1 a", "PAR1 b")]
    [InlineData("_log/1.json", """{"record":{"rows":1,"execution":{"host":"a"}}}""", """{"record":{"rows":2,"execution":{"host":"a"}}}""")]
    [InlineData("_log/1.json", """{"kind":"publish"}""", """{"kind": "publish"}""")]
    [InlineData("_log/1.json", """{"previous_sha256":null}""", """{"previous_sha256":"a"}""")]
    [InlineData("_log/_views", """{"version":2,"sha256":"a"}""", """{"version":3,"sha256":"a"}""")]
    [InlineData("_runs/r.json", """{"rows":1}""", """{"rows":1.0}""")]
    [InlineData("_runs/r.json", """{"name":"é"}""", """{"name":"\u00e9"}""")]
    [InlineData("_delta/a/_delta_log/1.json", "{\"add\":{}}\n{\"remove\":{}}\n", "{\"remove\":{}}\n{\"add\":{}}\n")]
    public void Any_other_byte_counts(string path, string one, string other) => Assert.NotEqual(Counted(path, one), Counted(path, other));

    [Theory]
    [InlineData(
        "_log/2.json", """{"previous_sha256":"a","record":{"execution":{"host":"a"}}}""",
        """{"previous_sha256":"b","record":{"execution":{"host":"b"}}}""")]
    [InlineData("_log/_views", """{"version":2,"sha256":"a","check":"c"}""", """{"version":2,"sha256":"b","check":"d"}""")]
    [InlineData("_delta/a/_delta_log/1.json", "{\"metaData\":{\"id\":\"a\"}}\n", "{\"metaData\":{\"id\":\"b\"}}\n")]
    [InlineData("_runs/r.openlineage.ndjson", "{\"name\":\"/one/lake\"}\n", "{\"name\":\"{desk}/lake\"}\n")]
    public void What_a_machine_brings_in_does_not_count(string path, string one, string other) =>
        Assert.Equal(Counted(path, one), Counted(path, other));

    private static string Counted(string path, string text) =>
        Encoding.UTF8.GetString(LakeDigests.Content(path, Encoding.UTF8.GetBytes(text), "/one"));

    private static string[] Lake(string scenario, int threads)
    {
        using var desk = new GuardDesk(threads);
        GuardScenarios.All[scenario](desk);
        return LakeDigests.Of(desk.Root, desk.Folder);
    }
}
