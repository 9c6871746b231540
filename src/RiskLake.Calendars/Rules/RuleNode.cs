using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using static System.FormattableString;

namespace RiskLake.Calendars.Rules;

/// <summary>
/// One node of a rule file with its place. The tree is built from parser events, not by a deserialiser, so that every later
/// complaint can name a line, a key can stand only once, and an alias cannot blow a small file up.
/// </summary>
internal sealed class RuleNode
{
    internal const int MaxBytes = 1 << 20;
    private const int MaxDepth = 12;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private RuleNode(string file, int line)
    {
        File = file;
        Line = line;
    }

    public string File { get; }

    public int Line { get; }

    /// <summary>The text of a scalar, else null.</summary>
    public string? Text { get; private init; }

    /// <summary>The items of a list, else null.</summary>
    public List<RuleNode>? Items { get; private init; }

    /// <summary>The entries of a map in file order, else null.</summary>
    public Dictionary<string, RuleNode>? Entries { get; private init; }

    public CalendarException Error(string detail) => new(CalendarFault.RuleFile, detail, File, Line);

    public static RuleNode Parse(string file, ReadOnlySpan<byte> bytes) => Reading(file, bytes, parser =>
    {
        var root = Read(parser, file, depth: 0);
        Expect<DocumentEnd>(parser, file);
        if (Advance(parser, file) && parser.Current is not StreamEnd)
        {
            throw new CalendarException(
                CalendarFault.RuleFile, "a second document begins here; a calendar file holds one", file, LineOf(parser.Current!));
        }

        return root.Entries is null ? throw root.Error("expected a map of keys at the top of the file") : root;
    });

    /// <summary>The value of one key at the top of a file, or null. Reads no further than that key, so errors in the rest stay unseen.</summary>
    public static RuleNode? ParseKey(string file, ReadOnlySpan<byte> bytes, string key) => Reading(file, bytes, parser =>
    {
        if (parser.Current is not MappingStart)
        {
            return null;
        }

        Advance(parser, file);
        while (parser.Current is not MappingEnd)
        {
            var name = Read(parser, file, depth: 1).Text;
            var value = Read(parser, file, depth: 1);
            if (name == key)
            {
                return value;
            }
        }

        return null;
    });

    private static T Reading<T>(string file, ReadOnlySpan<byte> bytes, Func<Parser, T> read)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new CalendarException(
                CalendarFault.RuleFile, $"the file has {bytes.Length} bytes; a calendar file has at most {MaxBytes}", file, line: null);
        }

        if (bytes.StartsWith(Encoding.UTF8.Preamble))
        {
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        }

        try
        {
            var parser = new Parser(new StringReader(StrictUtf8.GetString(bytes)));
            Expect<StreamStart>(parser, file);
            if (!Advance(parser, file) || parser.Current is StreamEnd)
            {
                throw new CalendarException(CalendarFault.RuleFile, "the file is empty", file, line: 1);
            }

            Advance(parser, file);
            return read(parser);
        }
        catch (YamlException e)
        {
            throw new CalendarException(CalendarFault.RuleFile, $"not YAML: {e.Message}", file, checked((int)e.Start.Line), e);
        }
        catch (DecoderFallbackException e)
        {
            throw new CalendarException(CalendarFault.RuleFile, "the file is not UTF-8", file, line: null, e);
        }
    }

    /// <summary>This map with the entries of <paramref name="parent"/> for the keys that it lacks.</summary>
    public RuleNode Over(RuleNode parent, params ReadOnlySpan<string> notInherited)
    {
        var entries = new Dictionary<string, RuleNode>(Entries!, StringComparer.Ordinal);
        foreach (var (key, value) in parent.Entries!)
        {
            if (!notInherited.Contains(key))
            {
                entries.TryAdd(key, value);
            }
        }

        return new RuleNode(File, Line) { Entries = entries };
    }

    // Reads the node that begins at the parser's current event and leaves the parser on the event after it.
    private static RuleNode Read(IParser parser, string file, int depth)
    {
        var current = parser.Current!;
        var line = LineOf(current);
        CalendarException Error(string detail) => new(CalendarFault.RuleFile, detail, file, line);

        if (depth > MaxDepth)
        {
            throw Error($"nested more than {MaxDepth} levels deep");
        }

        if (current is AnchorAlias)
        {
            throw Error("an alias (`*name`) is not allowed; write the value out");
        }

        if (current is NodeEvent { Anchor.IsEmpty: false })
        {
            throw Error("an anchor (`&name`) is not allowed");
        }

        if (current is NodeEvent { Tag.IsEmpty: false })
        {
            throw Error("a tag (`!name`) is not allowed");
        }

        switch (current)
        {
            case Scalar scalar:
                Advance(parser, file);
                return new RuleNode(file, line) { Text = scalar.Value };

            case SequenceStart:
                var items = new List<RuleNode>();
                Advance(parser, file);
                while (parser.Current is not SequenceEnd)
                {
                    items.Add(Read(parser, file, depth + 1));
                }

                Advance(parser, file);
                return new RuleNode(file, line) { Items = items };

            case MappingStart:
                var entries = new Dictionary<string, RuleNode>(StringComparer.Ordinal);
                Advance(parser, file);
                while (parser.Current is not MappingEnd)
                {
                    var key = Read(parser, file, depth + 1);
                    var value = Read(parser, file, depth + 1);
                    if (key.Text is not { Length: > 0 } name)
                    {
                        throw key.Error("a key must be a plain word");
                    }

                    if (!entries.TryAdd(name, value))
                    {
                        throw key.Error(Invariant($"key `{name}` stands twice, first on line {entries[name].Line}"));
                    }
                }

                Advance(parser, file);
                return new RuleNode(file, line) { Entries = entries };

            default:
                throw Error($"unexpected {current.GetType().Name}");
        }
    }

    // The scanner answers some malformed text with exceptions that are not its own.
    private static bool Advance(IParser parser, string file)
    {
        try
        {
            return parser.MoveNext();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or ArithmeticException)
        {
            throw new CalendarException(
                CalendarFault.RuleFile, "not YAML: " + e.Message, file, parser.Current is { } last ? LineOf(last) : 1, e);
        }
    }

    private static void Expect<T>(IParser parser, string file)
        where T : ParsingEvent
    {
        // After a document's root node the parser already stands on the document's end.
        if (parser.Current is not T && (!Advance(parser, file) || parser.Current is not T))
        {
            throw new CalendarException(
                CalendarFault.RuleFile, $"expected {typeof(T).Name}", file, parser.Current is { } e ? LineOf(e) : null);
        }
    }

    private static int LineOf(ParsingEvent e) => checked((int)e.Start.Line);
}
