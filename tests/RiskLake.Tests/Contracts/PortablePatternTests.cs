using System.Text.RegularExpressions;
using CsCheck;
using RiskLake.Contracts.Odcs;

namespace RiskLake.Tests.Contracts;

public sealed class PortablePatternTests
{
    [Theory]
    [InlineData("^[A-Z][A-Z0-9.\\-]{0,15}$", "^[A-Z][A-Z0-9.\\-]{0,15}\\z")]
    [InlineData("\\d+(a|b)?", "[0-9]+(?:a|b)?")]
    [InlineData("(?:x|\\w\\W)*?", "(?:x|[0-9A-Za-z_][^0-9A-Za-z_])*?")]
    [InlineData("[\\d\\s_]", "[0-9\\t\\n\\v\\f\\r _]")]
    [InlineData("\\x41\\.\\$", "\\x41\\.\\$")]
    [InlineData("[a-]", "[a-]")]
    [InlineData("|a|", "|a|")]
    [InlineData("", "")]
    [InlineData("^$", "^\\z")]
    [InlineData("é{2,}", "é{2,}")]
    [InlineData("[^]]", null)]
    [InlineData("[]a]", null)]
    [InlineData("(?=a)", null)]
    [InlineData("(?<n>a)", null)]
    [InlineData("(?i)a", null)]
    [InlineData("(a)\\1", null)]
    [InlineData("\\bword", null)]
    [InlineData("\\p{L}", null)]
    [InlineData("\\u0041", null)]
    [InlineData("a{2,1}", null)]
    [InlineData("a{1001}", null)]
    [InlineData("a{,3}", null)]
    [InlineData("a{x}", null)]
    [InlineData("a{1", null)]
    [InlineData("a**", null)]
    [InlineData("*a", null)]
    [InlineData("^*", null)]
    [InlineData("a|*", null)]
    [InlineData("(a", null)]
    [InlineData("a)", null)]
    [InlineData("[a", null)]
    [InlineData("[z-a]", null)]
    [InlineData("[a-\\d]", null)]
    [InlineData("[a[b]]", null)]
    [InlineData("[a-z-[aeiou]]", null)]
    [InlineData("[\\D]", null)]
    [InlineData("a\\", null)]
    [InlineData("😀", null)]
    public void Patterns_are_rewritten_or_refused(string source, string? portable)
    {
        if (portable is null)
        {
            Assert.Throws<FormatException>(() => PortablePattern.Translate(source));
        }
        else
        {
            Assert.Equal(portable, PortablePattern.Translate(source));
        }
    }

    [Fact]
    public void Whatever_is_accepted_compiles_and_never_backtracks() => Gen.String[Gen.Char["ab01-^$|()[]{}?*+.\\dwsDx,"], 0, 12].Sample(
        source =>
        {
            string portable;
            try
            {
                portable = PortablePattern.Translate(source);
            }
            catch (FormatException)
            {
                return;
            }

            _ = new Regex(portable, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
        },
        iter: 4_000);
}
