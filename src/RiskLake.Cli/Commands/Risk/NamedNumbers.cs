using System.Globalization;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Numbers by name on the command line: <c>A=0.5,B=-20%</c>.</summary>
internal static class NamedNumbers
{
    /// <summary>Reads them in their order; a name stands once. What follows the last equals sign is the number.</summary>
    public static IReadOnlyList<(string Name, double Value)> Read(string option, IEnumerable<string> texts)
    {
        List<(string Name, double Value)> pairs = [];
        foreach (var part in texts.SelectMany(text => text.Split(',', StringSplitOptions.TrimEntries)))
        {
            var equals = part.LastIndexOf('=');
            if (equals < 1)
            {
                throw NumberOptions.Invalid(option, $"'{part}'", "name=number such as A=0.5, several between commas");
            }

            var name = part[..equals].TrimEnd();
            if (pairs.Exists(pair => pair.Name == name))
            {
                throw NumberOptions.Invalid(option, $"'{name}' twice", "each name once");
            }

            pairs.Add((name, Number(option, part[(equals + 1)..].TrimStart())));
        }

        return pairs;
    }

    /// <summary>Numbers by name whose sum is a number, too.</summary>
    public static IReadOnlyList<(string Name, double Value)> ReadSummable(string option, IEnumerable<string> texts)
    {
        var pairs = Read(option, texts);
        return double.IsFinite(pairs.Sum(pair => Math.Abs(pair.Value)))
            ? pairs
            : throw NumberOptions.Invalid(option, "numbers whose sum is beyond the range of numbers", "smaller ones");
    }

    /// <summary>A number, or a percentage as a fraction.</summary>
    public static double Number(string option, string text)
    {
        var isPercent = text.EndsWith('%');
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(isPercent ? text[..^1] : text, Style, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? isPercent ? value / 100.0 : value
            : throw NumberOptions.Invalid(option, $"'{text}'", "a number such as -0.1, or a percentage such as -10%");
    }

    /// <summary>The name of a series, as the file has it.</summary>
    public static string Known(string option, string name, IReadOnlyList<string> names) => names.Contains(name, StringComparer.Ordinal)
        ? name
        : throw new RiskLakeException(
            ErrorCode.CommandLineInvalid, option, $"'{name}'", $"a series that has a weight: {string.Join(", ", names)}", Spelling.Suggest(name, names));
}
