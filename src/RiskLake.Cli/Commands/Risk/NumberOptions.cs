using System.CommandLine;
using System.Globalization;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Numbers and lists of names on the command line, each refused by its option.</summary>
internal static class NumberOptions
{
    /// <summary>An error of one option.</summary>
    public static RiskLakeException Invalid(string option, string found, string expected) =>
        new(ErrorCode.CommandLineInvalid, option, found, expected, "correct the option");

    /// <summary>A whole number with its bounds.</summary>
    public static Option<int> Whole(string name, string description, int standard) =>
        new(name) { Description = description, HelpName = "n", DefaultValueFactory = _ => standard };

    /// <summary>A real number.</summary>
    public static Option<double> Real(string name, string description, double standard) =>
        new(name) { Description = description, HelpName = "x", DefaultValueFactory = _ => standard };

    /// <summary>How many of the last returns are measured.</summary>
    public static Option<string?> SampleWindow(int standard = MeasureSettings.StandardWindow) => new("--window")
    {
        Description = FormattableString.Invariant($"Measure the last so many returns, or all of them. Default: the last {standard}, or all there are."),
        HelpName = "n|all",
    };

    /// <summary>The window to measure of so many returns; null for all of them. One that was asked for must be full, the standard one need not.</summary>
    public static int? WindowOf(this ParseResult parsed, Option<string?> option, int found, int standard = MeasureSettings.StandardWindow) =>
        parsed.GetValue(option) is not { } text ? found > standard ? standard : null
        : text == "all" ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var window) && window >= 2 ? window
        : throw Invalid(option.Name, $"'{text}'", "a number of returns, 2 or more, or all");

    /// <summary>Says on standard error that the standard window is not full.</summary>
    public static void SayShort(
        this CommandContext context, Option<string?> option, ParseResult parsed, int found, int standard = MeasureSettings.StandardWindow)
    {
        if (parsed.GetValue(option) is null && found < standard)
        {
            context.Terminal.Say(FormattableString.Invariant($"all {found} returns there are, fewer than the usual window of {standard}"));
        }
    }

    /// <summary>The value of a whole-number option between two bounds.</summary>
    public static int Between(this ParseResult parsed, Option<int> option, int least, int most) =>
        parsed.GetValue(option) is var value && value >= least && value <= most ? value : throw Invalid(
            option.Name,
            value.ToString(CultureInfo.InvariantCulture),
            most == int.MaxValue ? FormattableString.Invariant($"{least} or more") : FormattableString.Invariant($"{least} to {most}"));

    /// <summary>The value of an optional whole-number option that is not below a bound.</summary>
    public static int? AtLeast(this ParseResult parsed, Option<int?> option, int least) =>
        parsed.GetValue(option) is not { } value ? null : value >= least ? value : throw Invalid(
            option.Name, value.ToString(CultureInfo.InvariantCulture), FormattableString.Invariant($"{least} or more"));

    /// <summary>The value of an option strictly between 0 and 1.</summary>
    public static double Fraction(this ParseResult parsed, Option<double> option) =>
        parsed.GetValue(option) is var value && value > 0.0 && value < 1.0 ? value : throw Invalid(
            option.Name, value.ToString("R", CultureInfo.InvariantCulture), "a number strictly between 0 and 1");

    /// <summary>One confidence, exact.</summary>
    public static Confidence Level(string option, string text) => Confidence.TryParse(text, out var level) ? level : throw Invalid(
        option, $"'{text}'", "a confidence strictly between 0 and 1 such as 0.99 or 99/100, with at most nine decimals");

    /// <summary>Confidences between commas, each exact.</summary>
    public static IReadOnlyList<Confidence> Levels(string option, string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part => Level(option, part))];

    /// <summary>Names between commas, or <c>all</c>.</summary>
    public static IReadOnlyList<T> Named<T>(string option, string text, IReadOnlyList<T> all, Func<T, string> code)
    {
        if (text == "all")
        {
            return all;
        }

        var known = all.ToDictionary(code, StringComparer.Ordinal);
        return [.. text.Split(',', StringSplitOptions.TrimEntries).Distinct(StringComparer.Ordinal).Select(part =>
            known.TryGetValue(part.Replace('-', '_'), out var item)
                ? item
                : throw new RiskLakeException(
                    ErrorCode.CommandLineInvalid, option, $"'{part}'", $"all, or of {string.Join(", ", known.Keys)} some between commas",
                    Contracts.Configuration.Spelling.Suggest(part, known.Keys)))];
    }
}
