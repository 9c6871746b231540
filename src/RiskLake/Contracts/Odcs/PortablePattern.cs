using System.Text;
using System.Text.RegularExpressions;
using RiskLake.Contracts.Configuration;

namespace RiskLake.Contracts.Odcs;

/// <summary>
/// The regular expressions that mean the same to .NET's non-backtracking engine and to RE2: literals, classes, groups, alternation,
/// counted repetition, anchors at both ends. Shorthand classes are ASCII and <c>$</c> is the very end, as ECMA-262 has them; they
/// are rewritten so that both engines agree.
/// </summary>
internal sealed class PortablePattern
{
    // RE2's own limit on counted repetition.
    private const int MostRepeats = 1000;
    private const int MostLength = 1000;

    private readonly string _source;
    private readonly StringBuilder _out = new();
    private int _at;

    private PortablePattern(string source) => _source = source;

    /// <summary>The pattern rewritten, or null and a problem.</summary>
    public static string? Read(ConfigNode node, ConfigProblems problems)
    {
        try
        {
            var text = Translate(node.Text);
            // The engine has limits of its own on the size of the automaton; better met here than at the first record.
            _ = new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
            return text;
        }
        catch (Exception cause) when (cause is FormatException or ArgumentException or NotSupportedException)
        {
            problems.Error(
                "C024",
                node,
                $"the pattern {node.Describe()}: {cause.Message}",
                "a regular expression that RE2 and .NET's non-backtracking engine read alike",
                "use literals, classes, groups, alternation, repetition, ^ and $ only");
            return null;
        }
    }

    /// <exception cref="FormatException">The pattern uses something the engines do not share.</exception>
    public static string Translate(string source)
    {
        if (source.Length > MostLength)
        {
            throw new FormatException(FormattableString.Invariant($"longer than {MostLength} characters"));
        }

        var pattern = new PortablePattern(source);
        pattern.Alternatives(0);
        if (pattern._at < source.Length)
        {
            throw new FormatException("a ')' too many");
        }

        return pattern._out.ToString();
    }

    private bool More => _at < _source.Length;

    private void Alternatives(int depth)
    {
        if (depth > 50)
        {
            throw new FormatException("groups nested too deep");
        }

        while (More && _source[_at] != ')')
        {
            if (_source[_at] == '|')
            {
                Copy(1);
                continue;
            }

            if (Atom(depth))
            {
                Repetition();
            }
        }
    }

    // Whether what was read may be repeated.
    private bool Atom(int depth)
    {
        var c = _source[_at];
        switch (c)
        {
            case '^':
                Copy(1);
                return false;
            case '$':
                _at++;
                _out.Append("\\z");
                return false;
            case '(':
                Group(depth);
                return true;
            case '[':
                Class();
                return true;
            case '\\':
                Escape(inClass: false);
                return true;
            case '*' or '+' or '?' or '{' or '}':
                throw new FormatException($"a '{c}' with nothing to repeat");
            default:
                if (char.IsSurrogate(c))
                {
                    throw new FormatException("a character beyond the basic plane");
                }

                // '#' and blanks are literal in both engines: neither ignores pattern white space unless told.
                Copy(1);
                return true;
        }
    }

    private void Group(int depth)
    {
        if (_at + 1 < _source.Length && _source[_at + 1] == '?')
        {
            if (_at + 2 >= _source.Length || _source[_at + 2] != ':')
            {
                throw new FormatException("a look-around, named group or option; only (...) and (?:...) are shared");
            }

            Copy(3);
        }
        else
        {
            _at++;
            _out.Append("(?:");
        }

        Alternatives(depth + 1);
        if (!More)
        {
            throw new FormatException("a '(' that is not closed");
        }

        Copy(1);
    }

    private void Repetition()
    {
        if (!More)
        {
            return;
        }

        switch (_source[_at])
        {
            case '*' or '+' or '?':
                Copy(1);
                break;
            case '{':
                Counted();
                break;
            default:
                return;
        }

        if (More && _source[_at] == '?')
        {
            Copy(1);
        }

        if (More && _source[_at] is '*' or '+' or '{' or '?')
        {
            throw new FormatException("a repetition of a repetition");
        }
    }

    private void Counted()
    {
        var close = _source.IndexOf('}', _at);
        var inside = close < 0 ? [] : _source.AsSpan(_at + 1, close - _at - 1);
        var comma = inside.IndexOf(',');
        var low = comma < 0 ? inside : inside[..comma];
        var high = comma < 0 ? low : inside[(comma + 1)..];
        var open = comma >= 0 && high.IsEmpty;
        if (!Count(low, out var from) || (!open && !Count(high, out _)))
        {
            throw new FormatException(
                FormattableString.Invariant($"a repetition that is not {{n}}, {{n,}} or {{n,m}} up to {MostRepeats}"));
        }

        if (!open && Count(high, out var to) && to < from)
        {
            throw new FormatException("a repetition whose limits are reversed");
        }

        Copy(close - _at + 1);
    }

    private static bool Count(ReadOnlySpan<char> digits, out int value)
    {
        value = 0;
        return digits.Length is > 0 and <= 4 && !digits.ContainsAnyExceptInRange('0', '9')
            && int.TryParse(digits, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out value)
            && value <= MostRepeats;
    }

    private void Class()
    {
        Copy(1);
        if (More && _source[_at] == '^')
        {
            Copy(1);
        }

        var first = true;
        while (true)
        {
            if (!More)
            {
                throw new FormatException("a '[' that is not closed");
            }

            if (_source[_at] == ']')
            {
                if (first)
                {
                    throw new FormatException("an empty class; write a literal ']' as \\]");
                }

                Copy(1);
                return;
            }

            first = false;
            ClassItem();
        }
    }

    private void ClassItem()
    {
        var low = ClassAtom();
        if (_at + 1 < _source.Length && _source[_at] == '-' && _source[_at + 1] != ']')
        {
            Copy(1);
            var high = ClassAtom();
            if (low < 0 || high < 0 || high < low)
            {
                throw new FormatException("a range in a class that is reversed or not between two characters");
            }
        }
    }

    // The character, or -1 for a class such as \d.
    private int ClassAtom()
    {
        var c = _source[_at];
        switch (c)
        {
            case '\\':
                return Escape(inClass: true);
            case '[':
                throw new FormatException("a '[' inside a class; write it as \\[");
            default:
                if (char.IsSurrogate(c))
                {
                    throw new FormatException("a character beyond the basic plane");
                }

                Copy(1);
                return c;
        }
    }

    private int Escape(bool inClass)
    {
        if (_at + 1 >= _source.Length)
        {
            throw new FormatException("a '\\' at the end");
        }

        var c = _source[_at + 1];
        var shorthand = c switch
        {
            'd' => "0-9",
            'w' => "0-9A-Za-z_",
            's' => "\\t\\n\\v\\f\\r ",
            _ => null,
        };
        if (shorthand is not null)
        {
            _at += 2;
            _out.Append(inClass ? shorthand : $"[{shorthand}]");
            return -1;
        }

        if (!inClass && c is 'D' or 'W' or 'S')
        {
            _at += 2;
            _out.Append(c switch { 'D' => "[^0-9]", 'W' => "[^0-9A-Za-z_]", _ => "[^\\t\\n\\v\\f\\r ]" });
            return -1;
        }

        if (c is 't' or 'n' or 'r' or 'f' or 'v')
        {
            Copy(2);
            return c switch { 't' => '\t', 'n' => '\n', 'r' => '\r', 'f' => '\f', _ => '\v' };
        }

        if (c == 'x' && _at + 3 < _source.Length && char.IsAsciiHexDigit(_source[_at + 2]) && char.IsAsciiHexDigit(_source[_at + 3]))
        {
            Copy(4);
            return Convert.ToInt32(_source.Substring(_at - 2, 2), 16);
        }

        if (char.IsAscii(c) && (char.IsPunctuation(c) || char.IsSymbol(c)))
        {
            Copy(2);
            return c;
        }

        throw new FormatException($"the escape \\{c}, which the engines do not share");
    }

    private void Copy(int count)
    {
        _out.Append(_source, _at, count);
        _at += count;
    }
}
