namespace RiskLake.Ingest.Sources;

/// <summary>
/// A file pattern: <c>*</c> and <c>?</c> within one part of a path, <c>[a-z]</c> and <c>[!a-z]</c> one character of a set,
/// <c>**</c> as a whole part any number of parts. Case matters, on every machine alike.
/// </summary>
internal sealed class InputPattern
{
    private static readonly char[] Wildcards = ['*', '?', '['];

    private readonly string[] _parts;

    private InputPattern(string[] parts) => _parts = parts;

    public static bool IsPattern(string argument) => argument.IndexOfAny(Wildcards) >= 0;

    /// <summary>Splits an absolute pattern into the folder before its first wildcard and the pattern below that folder.</summary>
    public static (string Root, InputPattern Pattern) Split(string path)
    {
        var parts = path.Split('/', Path.DirectorySeparatorChar);
        var first = Array.FindIndex(parts, IsPattern);
        var root = string.Join(Path.DirectorySeparatorChar, parts[..first]);
        return (root.Length == 0 ? Path.DirectorySeparatorChar.ToString() : root, new InputPattern(parts[first..]));
    }

    /// <summary>Whether a relative path with '/' between its parts matches.</summary>
    public bool Matches(string path) => MatchParts(_parts, path.Split('/'));

    private static bool MatchParts(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern.IsEmpty)
        {
            return path.IsEmpty;
        }

        if (pattern[0] == "**")
        {
            for (var skipped = 0; skipped <= path.Length; skipped++)
            {
                if (MatchParts(pattern[1..], path[skipped..]))
                {
                    return true;
                }
            }

            return false;
        }

        return !path.IsEmpty && MatchPart(pattern[0], path[0]) && MatchParts(pattern[1..], path[1..]);
    }

    private static bool MatchPart(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        // Greedy with one point of return: the last star. That is enough, and linear in practice.
        var (starPattern, starText) = (-1, 0);
        var (p, t) = (0, 0);
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (starPattern, starText) = (p++, t);
            }
            else if (p < pattern.Length && MatchOne(pattern[p..], text[t], out var used))
            {
                p += used;
                t++;
            }
            else if (starPattern >= 0)
            {
                p = starPattern + 1;
                t = ++starText;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    private static bool MatchOne(ReadOnlySpan<char> pattern, char character, out int used)
    {
        used = 1;
        if (pattern[0] == '?')
        {
            return true;
        }

        var close = pattern[0] == '[' && pattern.Length > 2 ? pattern[2..].IndexOf(']') + 2 : 1;
        if (close < 2)
        {
            return pattern[0] == character;
        }

        used = close + 1;
        var set = pattern[1..close];
        var negated = set[0] == '!' && set.Length > 1;
        return InSet(negated ? set[1..] : set, character) != negated;
    }

    private static bool InSet(ReadOnlySpan<char> set, char character)
    {
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                if (character >= set[i] && character <= set[i + 2])
                {
                    return true;
                }

                i += 2;
            }
            else if (set[i] == character)
            {
                return true;
            }
        }

        return false;
    }
}
