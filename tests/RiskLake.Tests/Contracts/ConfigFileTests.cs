using System.Text;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Contracts;

public sealed class ConfigFileTests
{
    private static ConfigNode Parse(string text) => ConfigFile.Parse("f.yaml", Encoding.UTF8.GetBytes(text)).Root;

    private static RiskLakeException Refused(byte[] bytes) => Assert.Throws<RiskLakeException>(() => ConfigFile.Parse("f.yaml", bytes));

    private static RiskLakeException Refused(string text) => Refused(Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("", "Null")]
    [InlineData("~", "Null")]
    [InlineData("null", "Null")]
    [InlineData("nUll", "Text")]
    [InlineData("true", "Boolean")]
    [InlineData("FALSE", "Boolean")]
    [InlineData("yes", "Text")]
    [InlineData("on", "Text")]
    [InlineData("12", "Integer")]
    [InlineData("-12", "Integer")]
    [InlineData("+0", "Integer")]
    [InlineData("0x1F", "Integer")]
    [InlineData("0o17", "Integer")]
    [InlineData("0o18", "Text")]
    [InlineData("0xG", "Text")]
    [InlineData("0b1", "Text")]
    [InlineData("1_000", "Text")]
    [InlineData("1.0", "Number")]
    [InlineData("1.", "Number")]
    [InlineData(".5", "Number")]
    [InlineData("-.5e-3", "Number")]
    [InlineData("1e3", "Number")]
    [InlineData("1e", "Text")]
    [InlineData("1e+", "Text")]
    [InlineData(".", "Text")]
    [InlineData("+.", "Text")]
    [InlineData("1.2.3", "Text")]
    [InlineData(".inf", "Number")]
    [InlineData("-.INF", "Number")]
    [InlineData(".NaN", "Number")]
    [InlineData("inf", "Text")]
    [InlineData("NaN", "Text")]
    [InlineData("2025-01-20", "Text")]
    [InlineData("10:30", "Text")]
    [InlineData("v1", "Text")]
    [InlineData("'12'", "Text")]
    [InlineData("\"true\"", "Text")]
    [InlineData("! 12", "Text")]
    [InlineData("|\n  12", "Text")]
    public void Plain_scalars_follow_the_core_schema(string text, string kind) =>
        Assert.Equal(kind, Parse($"key: {text}\n")["key"]!.Kind.ToString());

    [Theory]
    [InlineData("0x10", 16L)]
    [InlineData("0o17", 15L)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("0xFFFFFFFFFFFFFFFF", null)]
    [InlineData("0o7777777777777777777777", null)]
    public void Integers_beyond_64_bits_are_none(string text, long? value) => Assert.Equal(value, Parse($"key: {text}")["key"]!.AsInteger);

    [Fact]
    public void Every_node_knows_its_place()
    {
        var root = Parse("a: 1\nb:\n  - x\n  - {c: 2}\n");
        Assert.Equal((4, 9), (root["b"]!.Items[1]["c"]!.Line, root["b"]!.Items[1]["c"]!.Column));
    }

    [Fact]
    public void Aliases_stand_for_their_anchor()
    {
        var root = Parse("a: &x [1, 2]\nb: *x\nc: {d: *x}\n");
        Assert.Equal("[1,2]", root["c"]!["d"]!.ToCanonical());
    }

    [Fact]
    public void A_byte_order_mark_and_crlf_are_fine() => Assert.Equal("1", Parse("\uFEFFa: 1\r\nb: 2\r\n")["a"]!.Text);

    [Fact]
    public void An_empty_file_is_an_empty_map() => Assert.Empty(Parse("# nothing\n").Entries);

    public static TheoryData<string, string, int> Hostile => new()
    {
        { "a: 1\nb: 2\na: 3\n", "C001", 3 },
        { "a: {b: 1, c: {d: 1, d: 2}}\n", "C001", 1 },
        { "a: 1\n\"a\": 2\n", "C001", 2 },
        { "a: *nowhere\n", "C000", 1 },
        { "a: &a [*a]\n", "C000", 1 },
        { "? [1, 2]\n: x\n", "C000", 1 },
        { "? {a: 1}\n: x\n", "C000", 1 },
        { "a: &x b\n*x : c\n", "C000", 2 },
        { "a: 1\n---\nb: 2\n", "C000", 2 },
        { "a:\n\tb: 1\n", "C000", 2 },
        { "a: !!python/object:os.system x\n", "C000", 1 },
        { "a: !!binary aGk=\n", "C000", 1 },
        { "a: !!int 12\n", "C000", 1 },
        { "a: [1, 2\n", "C000", 2 },
        { "a: 'x\n", "C000", 1 },
        { "a: b: c\n", "C000", 1 },
        { "%YAML 9.9\n---\na: 1\n", "C000", 1 },
        { "a: \"\\q\"\n", "C000", 1 },
        { "a: 1\n b: 2\n", "C000", 2 },
        { "@a: 1\n", "C000", 1 },
        { "a: x\0y\n", "C000", 1 },
        { "a: 1\nb: x\u0007y\n", "C000", 2 },
        { "a: 1\nb: \uFEFF2\n", "C000", 2 },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Hostile_text_is_refused_with_its_line(string text, string rule, int line)
    {
        var refusal = Refused(text);
        Assert.Equal(ErrorCode.ConfigurationInvalid, refusal.Code);
        Assert.Equal(FormattableString.Invariant($"f.yaml:{line}"), refusal.Place);
        Assert.Equal(rule, Assert.IsType<ConfigProblemsException>(refusal.InnerException).Problems[0].Rule);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_with_their_line()
    {
        Assert.Equal("f.yaml:2", Refused([.. "a: 1\nb: "u8, 0xFF, 0xFE]).Place);
        Assert.Equal("f.yaml:1", Refused([0xC3, 0x28]).Place);
        Assert.Equal("f.yaml:1", Refused(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("a: 1")).ToArray()).Place);
    }

    [Fact]
    public void A_billion_laughs_stay_few()
    {
        var text = new StringBuilder("a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha, ha]\n");
        for (var i = 1; i < 12; i++)
        {
            var ten = string.Join(", ", Enumerable.Repeat(FormattableString.Invariant($"*a{i - 1}"), 10));
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{ten}]\n");
        }

        Assert.Contains("beyond measure", Refused(text.ToString()).Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a: ", "}")]
    [InlineData("- ", "")]
    [InlineData("? ", "")]
    public void Deep_nesting_is_refused_without_recursion(string open, string close)
    {
        var text = string.Concat(Enumerable.Repeat(open, 100_000)) + string.Concat(Enumerable.Repeat(close, 100_000));
        Assert.Equal(ErrorCode.ConfigurationInvalid, Refused(text).Code);
    }

    [Fact]
    public void A_chain_of_aliases_does_not_nest_beyond_measure()
    {
        var text = new StringBuilder("a0: &a0 [x]\n");
        for (var i = 1; i < 5000; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}]\n");
        }

        Assert.Equal(ErrorCode.ConfigurationInvalid, Refused(text.ToString()).Code);
    }

    [Fact]
    public void A_file_over_the_limit_is_refused()
    {
        using var folder = new ConfigFolder();
        var path = folder.Write("big.yaml", "a: " + new string('x', ConfigFile.MostBytes));
        Assert.Equal(ErrorCode.ConfigurationInvalid, Assert.Throws<RiskLakeException>(() => ConfigFile.Read(path)).Code);
    }

    [Fact]
    public void A_device_without_end_is_refused() =>
        Assert.Equal(ErrorCode.ConfigurationInvalid, Assert.Throws<RiskLakeException>(() => ConfigFile.Read("/dev/zero")).Code);

    [Fact]
    public void A_missing_file_a_folder_and_no_name_are_missing()
    {
        Assert.Equal(ErrorCode.ConfigurationMissing, Assert.Throws<RiskLakeException>(() => ConfigFile.Read("/nowhere/f.yaml")).Code);
        Assert.Equal(ErrorCode.ConfigurationMissing, Assert.Throws<RiskLakeException>(() => ConfigFile.Read("/tmp")).Code);
        Assert.Equal(ErrorCode.ConfigurationMissing, Assert.Throws<RiskLakeException>(() => ConfigFile.Read("")).Code);
    }

    [Theory]
    [InlineData("delivry", "delivery")]
    [InlineData("max_lat_rate", "max_late_rate")]
    [InlineData("open-content", "openContent")]
    [InlineData("requierd", "required")]
    [InlineData("banana", null)]
    public void A_slip_of_two_letters_is_recognised(string word, string? meant) =>
        Assert.Equal(meant, Spelling.Nearest(word, ["delivery", "max_late_rate", "openContent", "required"]));
}
