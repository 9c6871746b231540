using System.Security.Cryptography;
using System.Text;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Sources;

public sealed class InputResolverTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("risklake-").FullName;

    public InputResolverTests()
    {
        foreach (var path in new[] { "b.json", "a.json", "B.json", "day/2.csv", "day/10.csv", "day/deep/x.csv", "_SUCCESS", ".hidden", "[odd].json", "empty/.keep" })
        {
            var full = Path.Combine(_root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, path);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Files_keep_the_order_of_the_arguments_and_their_own_name() =>
        Assert.Equal(["b.json", "a.json", "2.csv"], Names("b.json", "a.json", "day/2.csv"));

    [Fact]
    public void A_folder_is_read_in_ordinal_order_without_bookkeeping() =>
        Assert.Equal(["B.json", "[odd].json", "a.json", "b.json", "day/10.csv", "day/2.csv", "day/deep/x.csv"], Names("."));

    [Theory]
    [InlineData("*.json", "B.json,[odd].json,a.json,b.json")]
    [InlineData("?.json", "B.json,a.json,b.json")]
    [InlineData("[a-z].json", "a.json,b.json")]
    [InlineData("[!a-z].json", "B.json")]
    [InlineData("day/*.csv", "10.csv,2.csv")]
    [InlineData("d*/*.csv", "day/10.csv,day/2.csv")]
    [InlineData("**/*.csv", "day/10.csv,day/2.csv,day/deep/x.csv")]
    [InlineData("day/**", "10.csv,2.csv,deep/x.csv")]
    [InlineData("[odd].json", "[odd].json")]
    public void A_pattern_names_what_it_matches(string pattern, string names) => Assert.Equal(names, string.Join(',', Names(pattern)));

    [Theory]
    [InlineData("nowhere.json")]
    [InlineData("*.parquet")]
    [InlineData("nowhere/*.json")]
    [InlineData("empty")]
    [InlineData("")]
    public void What_does_not_exist_is_an_error(string argument) =>
        Assert.Equal(ErrorCode.InputMissing, Assert.Throws<RiskLakeException>(() => Names(argument)).Code);

    [Fact]
    public void A_file_named_twice_is_read_once_and_names_stay_unique()
    {
        Assert.Equal(["a.json", "b.json"], Names("a.json", "./a.json", "b.json"));
        File.WriteAllText(Path.Combine(_root, "day", "a.json"), "");
        Assert.Equal(["a.json", "a.json#2"], Names("a.json", "day/a.json"));
    }

    [Fact]
    public void Standard_input_is_kept_under_its_digest()
    {
        var bytes = Encoding.UTF8.GetBytes("hello");
        var landing = Path.Combine(_root, "landing");
        for (var round = 0; round < 2; round++)
        {
            var file = Assert.Single(InputResolver.Resolve(["-"], _root, landing, new MemoryStream(bytes)));
            Assert.Equal("stdin", file.Name);
            Assert.Equal(Path.Combine(landing, Convert.ToHexStringLower(SHA256.HashData(bytes))), file.Path);
            Assert.Equal(bytes, File.ReadAllBytes(file.Path));
            Assert.Single(Directory.GetFiles(landing));
            Assert.Equal((Path.GetFileName(file.Path), 5L), InputDigest.Compute(file.Path, CancellationToken.None));
        }
    }

    private List<string> Names(params string[] arguments) =>
        [.. InputResolver.Resolve(arguments, _root, null, null).Select(file => file.Name)];
}
