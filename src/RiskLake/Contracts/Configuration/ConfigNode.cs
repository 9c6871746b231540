using System.Buffers;
using System.Globalization;

namespace RiskLake.Contracts.Configuration;

/// <summary>What a YAML value is, by the core schema of YAML 1.2. Quoted scalars are always <see cref="Text"/>.</summary>
internal enum ConfigKind
{
    Null,
    Boolean,
    Integer,
    Number,
    Text,
    List,
    Map,
}

/// <summary>One entry of a map, in the order of the file.</summary>
internal sealed record ConfigEntry(ConfigNode Key, ConfigNode Value)
{
    /// <summary>The key's text.</summary>
    public string Name => Key.Text;
}

/// <summary>
/// A value of a configuration file with its place. Getters answer null when the value is absent or of another kind: the kind has
/// been checked, and reported, by <see cref="ConfigShape"/> before anyone asks.
/// </summary>
internal sealed class ConfigNode
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private ConfigNode(ConfigKind kind, int line, int column)
    {
        Kind = kind;
        Line = line;
        Column = column;
    }

    public ConfigKind Kind { get; }

    /// <summary>Line in the file, from 1.</summary>
    public int Line { get; }

    /// <summary>Column in the file, from 1.</summary>
    public int Column { get; }

    /// <summary>The scalar as written, without quotes; empty for lists and maps.</summary>
    public string Text { get; private init; } = "";

    public bool Quoted { get; private init; }

    public IReadOnlyList<ConfigNode> Items { get; private init; } = [];

    public IReadOnlyList<ConfigEntry> Entries { get; private init; } = [];

    /// <summary>How many nodes hang here, this one included.</summary>
    public int Size { get; private init; } = 1;

    public bool IsScalar => Kind is not (ConfigKind.List or ConfigKind.Map);

    /// <summary>The value under a key, or null.</summary>
    public ConfigNode? this[string key]
    {
        get
        {
            foreach (var entry in Entries)
            {
                if (string.Equals(entry.Key.Text, key, StringComparison.Ordinal))
                {
                    return entry.Value;
                }
            }

            return null;
        }
    }

    public static ConfigNode Scalar(string text, bool quoted, int line, int column) =>
        new(quoted ? ConfigKind.Text : CoreKind(text), line, column) { Text = text, Quoted = quoted };

    public static ConfigNode List(IReadOnlyList<ConfigNode> items, int line, int column)
    {
        var size = 1;
        foreach (var item in items)
        {
            size += item.Size;
        }

        return new(ConfigKind.List, line, column) { Items = items, Size = size };
    }

    public static ConfigNode Map(IReadOnlyList<ConfigEntry> entries, int line, int column)
    {
        var size = 1;
        foreach (var entry in entries)
        {
            size += 1 + entry.Value.Size;
        }

        return new(ConfigKind.Map, line, column) { Entries = entries, Size = size };
    }

    public string? TextOf(string key) => this[key] is { Kind: ConfigKind.Text } node ? node.Text : null;

    public bool? BooleanOf(string key) => this[key] is { Kind: ConfigKind.Boolean } node ? node.AsBoolean : null;

    /// <summary>The number as written, whether it was quoted or not; ODCS writes bounds of dates as text and of numbers as
    /// numbers.</summary>
    public ConfigNode? ScalarOf(string key) => this[key] is { IsScalar: true, Kind: not ConfigKind.Null } node ? node : null;

    public IReadOnlyList<ConfigNode> ListOf(string key) => this[key] is { Kind: ConfigKind.List } node ? node.Items : [];

    public ConfigNode? MapOf(string key) => this[key] is { Kind: ConfigKind.Map } node ? node : null;

    public bool AsBoolean => Text is "true" or "True" or "TRUE";

    /// <summary>The integer, if this is one and fits 64 bits.</summary>
    public long? AsInteger
    {
        get
        {
            if (Kind != ConfigKind.Integer)
            {
                return null;
            }

            if (Text.StartsWith("0x", StringComparison.Ordinal))
            {
                return long.TryParse(Text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex) && hex >= 0 ? hex
                    : null;
            }

            if (Text.StartsWith("0o", StringComparison.Ordinal))
            {
                return Octal(Text.AsSpan(2));
            }

            return long.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
        }
    }

    /// <summary>The number as a double, if this is an integer or a number; may be NaN or infinite.</summary>
    public double? AsNumber => Kind switch
    {
        // Hexadecimal and octal beyond 64 bits stay beyond: no limit or count is that large.
        ConfigKind.Integer => AsInteger
            ?? (double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var large) ? large : double.PositiveInfinity),
        ConfigKind.Number => Text.TrimStart('+', '-').ToUpperInvariant() switch
        {
            ".INF" => Text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
            ".NAN" => double.NaN,
            _ => double.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture),
        },
        _ => null,
    };

    /// <summary>The number as a decimal, if it is one of at most 28 digits; the same digits, not rounded.</summary>
    public decimal? AsDecimal
    {
        get
        {
            if (Kind == ConfigKind.Integer && AsInteger is { } whole)
            {
                return whole;
            }

            var mantissa = Text.AsSpan(0, Text.AsSpan().IndexOfAny('e', 'E') is >= 0 and var exponent ? exponent : Text.Length);
            var digits = mantissa.TrimStart("+-0.").Length - (mantissa.TrimStart("+-0.").Contains('.') ? 1 : 0);
            return Kind is ConfigKind.Integer or ConfigKind.Number && digits <= 28
                && decimal.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null;
        }
    }

    /// <summary>For messages: what stands here.</summary>
    public string Describe() => Kind switch
    {
        ConfigKind.Null => "nothing",
        ConfigKind.List => "a list",
        ConfigKind.Map => "a map",
        ConfigKind.Text when Quoted => $"the text '{Shorten(Text)}'",
        ConfigKind.Boolean => $"the boolean {Text}",
        ConfigKind.Integer or ConfigKind.Number => $"the number {Shorten(Text)}",
        _ => $"'{Shorten(Text)}'",
    };

    /// <summary>The value without its formatting: keys sorted, numbers by value, texts in quotes.</summary>
    public string ToCanonical() => Kind switch
    {
        ConfigKind.Null => "null",
        ConfigKind.Boolean => AsBoolean ? "true" : "false",
        ConfigKind.Integer or ConfigKind.Number => AsInteger?.ToString(CultureInfo.InvariantCulture)
            ?? AsNumber!.Value.ToString("R", CultureInfo.InvariantCulture),
        ConfigKind.List => $"[{string.Join(',', Items.Select(item => item.ToCanonical()))}]",
        ConfigKind.Map => $"{{{string.Join(',', Entries.OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(Pair))}}}",
        _ => Quote(Text),
    };

    private static string Pair(ConfigEntry entry) => $"{Quote(entry.Name)}:{entry.Value.ToCanonical()}";

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string Shorten(string text) => Printable(text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 57), "..."));

    // A value is quoted in a message of one line: what would break the line, or the terminal, does not get there.
    private static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;

    private static long? Octal(ReadOnlySpan<char> digits)
    {
        long value = 0;
        foreach (var digit in digits)
        {
            if (value > long.MaxValue >> 3)
            {
                return null;
            }

            value = (value << 3) | (uint)(digit - '0');
        }

        return value;
    }

    private static ConfigKind CoreKind(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ConfigKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ConfigKind.Boolean,
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF" => ConfigKind.Number,
        ".nan" or ".NaN" or ".NAN" => ConfigKind.Number,
        _ => NumericKind(text),
    };

    // [-+]? [0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+ are integers; [-+]? ( \.[0-9]+ | [0-9]+(\.[0-9]*)? ) ([eE][-+]?[0-9]+)? are numbers.
    private static ConfigKind NumericKind(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal) && text.Length > 2)
        {
            return text.AsSpan(2).ContainsAnyExcept(HexDigits) ? ConfigKind.Text : ConfigKind.Integer;
        }

        if (text.StartsWith("0o", StringComparison.Ordinal) && text.Length > 2)
        {
            return text.AsSpan(2).ContainsAnyExceptInRange('0', '7') ? ConfigKind.Text : ConfigKind.Integer;
        }

        var at = text[0] is '-' or '+' ? 1 : 0;
        var whole = Digits(text, ref at);
        if (at == text.Length)
        {
            return whole > 0 ? ConfigKind.Integer : ConfigKind.Text;
        }

        var fraction = 0;
        if (text[at] == '.')
        {
            at++;
            fraction = Digits(text, ref at);
        }

        if (whole + fraction == 0)
        {
            return ConfigKind.Text;
        }

        if (at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            at += at < text.Length && text[at] is '-' or '+' ? 1 : 0;
            if (Digits(text, ref at) == 0)
            {
                return ConfigKind.Text;
            }
        }

        return at == text.Length ? ConfigKind.Number : ConfigKind.Text;
    }

    private static int Digits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at - start;
    }
}
