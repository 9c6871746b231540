using System.Globalization;
using System.Text.RegularExpressions;
using RiskLake.Contracts.Configuration;

namespace RiskLake.Contracts.Odcs;

/// <summary>
/// The <c>customProperties</c> of an element. Names that belong to the platform are held to their kind; a name that looks like a
/// slip of one of them is an error; any other belongs to another tool and is left alone.
/// </summary>
internal sealed partial class Extensions
{
    private readonly Dictionary<string, ConfigNode> _values = new(StringComparer.Ordinal);
    private readonly ConfigProblems _problems;

    public Extensions(ConfigNode element, IReadOnlyList<string> ours, ConfigProblems problems)
    {
        _problems = problems;
        foreach (var entry in element.ListOf("customProperties"))
        {
            if (entry.TextOf("property") is not { } name || entry["value"] is not { } value)
            {
                continue;
            }

            if (!_values.TryAdd(name, value))
            {
                problems.Error("C010", entry, $"the custom property '{name}' again", "each once", "remove one of the two");
            }

            if (!ours.Contains(name, StringComparer.Ordinal) && Spelling.Nearest(name, ours) is { } meant)
            {
                problems.Error(
                    "C002", entry, $"the custom property '{name}'", $"'{meant}', or a name unlike any of ours", $"did you mean '{meant}'?");
            }
        }
    }

    /// <summary>The value of a name as it stands, or null.</summary>
    public ConfigNode? Find(string name) => _values.GetValueOrDefault(name);

    public string? Text(string name)
    {
        if (Find(name) is not { } node)
        {
            return null;
        }

        if (node.Kind != ConfigKind.Text)
        {
            Wrong(name, node, "text");
            return null;
        }

        return node.Text;
    }

    public bool Flag(string name, bool otherwise = false)
    {
        if (Find(name) is not { } node)
        {
            return otherwise;
        }

        if (node.Kind != ConfigKind.Boolean)
        {
            Wrong(name, node, "true or false");
        }

        return node.AsBoolean;
    }

    /// <summary>Which of several words stands there, ignoring case and underscores; null if none does, absent or reported.</summary>
    public int? Word(string name, IReadOnlyList<string> words)
    {
        if (Find(name) is not { } node)
        {
            return null;
        }

        if (node.Kind == ConfigKind.Text && IndexOf(words, node.Text) is >= 0 and var index)
        {
            return index;
        }

        Wrong(name, node, $"one of {string.Join(", ", words)}");
        return null;
    }

    /// <summary>A list of words, or a single one.</summary>
    public IEnumerable<ConfigNode> Words(string name) => Find(name) switch
    {
        null => [],
        { Kind: ConfigKind.List } list => list.Items,
        var single => [single],
    };

    /// <summary>A duration: ISO 8601 in weeks, days, hours, minutes and seconds, or a whole number with <c>d</c>, <c>h</c>, <c>min</c> or
    /// <c>s</c>.</summary>
    public TimeSpan Duration(string name, TimeSpan otherwise)
    {
        if (Find(name) is not { } node)
        {
            return otherwise;
        }

        if (node.Kind == ConfigKind.Text && ParseDuration(node.Text) is { } span)
        {
            return span;
        }

        Wrong(name, node, "a duration of at most 100 years such as P30D, PT12H or 30d");
        return otherwise;
    }

    public void Wrong(string name, ConfigNode node, string expected) =>
        _problems.Error("C004", node, $"{node.Describe()} for '{name}'", expected, "correct the value");

    /// <summary>Position of a word among others, ignoring case and underscores; -1 if it is none of them.</summary>
    public static int IndexOf(IReadOnlyList<string> words, string word)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (string.Equals(Plain(words[i]), Plain(word), StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private static string Plain(string word) => word.Replace("_", "", StringComparison.Ordinal);

    private static TimeSpan? ParseDuration(string text)
    {
        var match = Iso().Match(text);
        if (!match.Success)
        {
            match = Plain().Match(text);
        }

        if (!match.Success)
        {
            return null;
        }

        long Part(string group) =>
            match.Groups[group] is { Success: true } part ? long.Parse(part.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : 0;
        var seconds = (((((Part("w") * 7) + Part("d")) * 24) + Part("h")) * 3600) + (Part("m") * 60) + Part("s");
        return seconds <= 36_525L * 86_400 ? TimeSpan.FromSeconds(seconds) : null;
    }

    // Months and years have no fixed length; they are not durations here.
    [GeneratedRegex(
        @"\AP(?=[0-9T])((?<w>[0-9]{1,9})W)?((?<d>[0-9]{1,9})D)?(T(?=[0-9])((?<h>[0-9]{1,9})H)?((?<m>[0-9]{1,9})M)?((?<s>[0-9]{1,9})S)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Iso();

    [GeneratedRegex(
        @"\A((?<d>[0-9]{1,9})d|(?<h>[0-9]{1,9})h|(?<m>[0-9]{1,9})min|(?<s>[0-9]{1,9})s)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Plain();
}
