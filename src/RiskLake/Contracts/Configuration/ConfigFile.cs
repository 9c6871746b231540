using System.Text;
using RiskLake.Lake.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RiskLake.Contracts.Configuration;

/// <summary>
/// A YAML file as a tree with places. Refused, with RL1101: files over <see cref="MostBytes"/>, anything but UTF-8, control
/// characters, tags, several documents, repeated keys, keys that are not scalars, nesting beyond <see cref="MostDepth"/>, and more
/// than <see cref="MostNodes"/> nodes once every alias is written out.
/// </summary>
internal sealed class ConfigFile
{
    public const int MostBytes = 1 << 20;
    public const int MostDepth = 64;
    public const int MostNodes = 200_000;

    private ConfigFile(string path, string text, ConfigNode root)
    {
        Path = path;
        Text = text;
        Root = root;
    }

    /// <summary>The file as the caller named it.</summary>
    public string Path { get; }

    /// <summary>What stands in it.</summary>
    public string Text { get; }

    public ConfigNode Root { get; }

    /// <exception cref="RiskLakeException">RL1102 if there is no such file, RL1101 if it is not acceptable YAML.</exception>
    public static ConfigFile Read(string path)
    {
        byte[] bytes;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            bytes = ReadLimited(stream, path);
        }
        catch (Exception cause) when (cause is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unreadable(path, "no such file", "check the path that names it", cause);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw Unreadable(path, cause.Message, "check the path and its permissions", cause);
        }

        return Parse(path, bytes);
    }

    /// <summary>Parses bytes that are already at hand; <paramref name="path"/> is for messages.</summary>
    public static ConfigFile Parse(string path, ReadOnlySpan<byte> bytes)
    {
        var text = Decode(path, bytes);
        return new ConfigFile(path, text, new TreeReader(path, text).Read());
    }

    private static byte[] ReadLimited(Stream stream, string path)
    {
        // Devices and pipes have no length worth asking for: the limit is on what is read.
        var buffer = new byte[16 * 1024];
        var count = 0;
        while (true)
        {
            var read = stream.Read(buffer, count, buffer.Length - count);
            if (read == 0)
            {
                return buffer.AsSpan(0, count).ToArray();
            }

            count += read;
            if (count > MostBytes)
            {
                throw Refused("C007", path, 1, "more than 1 MiB", "a file of at most 1 MiB", "split it; one contract per file");
            }

            if (count == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private static string Decode(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("\uFEFF"u8))
        {
            bytes = bytes[3..];
        }

        string text;
        try
        {
            text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException cause)
        {
            var line = 1 + bytes[..Math.Clamp(cause.Index, 0, bytes.Length)].Count((byte)'\n');
            throw Refused("C000", path, line, "bytes that are not UTF-8", "UTF-8 text", "save the file as UTF-8", cause);
        }

        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (c is < ' ' and not ('\t' or '\n' or '\r') or '\x7f' or '\uFEFF')
            {
                var line = 1 + text.AsSpan(0, at).Count('\n');
                throw Refused(
                    "C000", path, line, $"the control character U+{(int)c:X4}", "printable text",
                    "delete it, or write it as an escape in double quotes");
            }
        }

        return text;
    }

    private static RiskLakeException Unreadable(string path, string found, string next, Exception cause) => ConfigProblems.Exception(
        [new(ErrorCode.ConfigurationMissing, "C008", Severity.Error, path, 0, found, "a readable configuration file", next)], cause);

    private static RiskLakeException Refused(
        string rule, string path, int line, string found, string expected, string next, Exception? cause = null) =>
        ConfigProblems.Exception(
            [new(ErrorCode.ConfigurationInvalid, rule, Severity.Error, path, line, found, expected, next)], cause);

    /// <summary>Builds the tree from the parser's events; every limit is applied as the events come.</summary>
    private sealed class TreeReader(string path, string text)
    {
        private readonly Parser _parser = new(new StringReader(text));
        private readonly Dictionary<string, ConfigNode> _anchors = new(StringComparer.Ordinal);
        private int _nodes;

        public ConfigNode Read()
        {
            try
            {
                Next();
                Next();
                if (_parser.Current is StreamEnd)
                {
                    return ConfigNode.Map([], 1, 1);
                }

                Next();
                var root = ReadNode(1);
                Next();
                if (_parser.Current is not StreamEnd)
                {
                    throw Refused("C000", Line, "a second document", "one document per file", "split the file at '---'");
                }

                return root;
            }
            catch (Exception cause) when (cause is not RiskLakeException)
            {
                // Some malformed texts make the parser stumble over itself instead of saying so.
                var line = (int)Math.Max(1, cause is YamlException { Start.Line: var at } ? at : _parser.Current?.End.Line ?? 1);
                throw TabIn(line) ?? TabIn(line + 1)
                    ?? ConfigFile.Refused("C000", path, line, Reason(cause), "well-formed YAML", "correct the line", cause);
            }
        }

        private int Line => (int)_parser.Current!.Start.Line;

        private int Column => (int)_parser.Current!.Start.Column;

        private void Next()
        {
            do
            {
                if (!_parser.MoveNext())
                {
                    return;
                }
            }
            while (_parser.Current is Comment);
        }

        // On entry the parser stands on the node's first event, on exit behind its last.
        private ConfigNode ReadNode(int depth)
        {
            if (depth > MostDepth)
            {
                throw Refused("C007", Line, "deeper nesting", FormattableString.Invariant($"at most {MostDepth} levels"), "flatten it");
            }

            if (_parser.Current is AnchorAlias alias)
            {
                return ReadAlias(alias);
            }

            var first = (NodeEvent)_parser.Current!;
            Count(1, first);
            if (!first.Tag.IsEmpty && !first.Tag.IsNonSpecific)
            {
                throw Refused("C000", Line, $"the tag '{first.Tag.Value}'", "a plain value",
                    "remove the tag; types come from the value itself");
            }

            var node = first switch
            {
                Scalar scalar => ReadScalar(scalar),
                SequenceStart => ReadList(depth),
                _ => ReadMap(depth),
            };
            if (!first.Anchor.IsEmpty)
            {
                _anchors[first.Anchor.Value] = node;
            }

            return node;
        }

        private ConfigNode ReadScalar(Scalar scalar)
        {
            var quoted = scalar.Style != ScalarStyle.Plain || scalar.Tag.IsNonSpecific;
            var node = ConfigNode.Scalar(scalar.Value, quoted, Line, Column);
            Next();
            return node;
        }

        private ConfigNode ReadList(int depth)
        {
            var (line, column) = (Line, Column);
            var items = new List<ConfigNode>();
            Next();
            while (_parser.Current is not SequenceEnd)
            {
                items.Add(ReadNode(depth + 1));
            }

            Next();
            return ConfigNode.List(items, line, column);
        }

        private ConfigNode ReadMap(int depth)
        {
            var (line, column) = (Line, Column);
            var entries = new List<ConfigEntry>();
            var lines = new Dictionary<string, int>(StringComparer.Ordinal);
            Next();
            while (_parser.Current is not MappingEnd)
            {
                if (_parser.Current is not Scalar)
                {
                    throw Refused("C000", Line, "a key that is not a plain word", "a text key", "write the key out");
                }

                var key = ReadNode(depth + 1);
                if (!lines.TryAdd(key.Text, key.Line))
                {
                    throw Refused(
                        "C001",
                        key.Line,
                        $"the key '{key.Text}' again",
                        FormattableString.Invariant($"each key once; the first is on line {lines[key.Text]}"),
                        "remove one of the two");
                }

                entries.Add(new(key, ReadNode(depth + 1)));
            }

            Next();
            return ConfigNode.Map(entries, line, column);
        }

        // An alias shares the anchored node, but counts as if it were written out: what comes after walks it again and again.
        private ConfigNode ReadAlias(AnchorAlias alias)
        {
            if (!_anchors.TryGetValue(alias.Value.Value, out var node))
            {
                throw Refused("C000", Line, $"the alias '*{alias.Value.Value}'", "an alias of a finished anchor above it",
                    "write the value out");
            }

            Count(node.Size, alias);
            Next();
            return node;
        }

        private void Count(int nodes, ParsingEvent at)
        {
            _nodes += nodes;
            if (_nodes > MostNodes)
            {
                throw Refused(
                    "C007",
                    (int)at.Start.Line,
                    "aliases or values beyond measure",
                    FormattableString.Invariant($"at most {MostNodes} values, aliases written out"),
                    "write the values out, or split the file");
            }
        }

        private RiskLakeException Refused(string rule, int line, string found, string expected, string next) =>
            ConfigFile.Refused(rule, path, line, found, expected, next);

        // The parser calls a tab in the indentation many things, none of them a tab.
        private RiskLakeException? TabIn(int line)
        {
            var number = 0;
            foreach (var content in text.AsSpan().EnumerateLines())
            {
                if (++number == line)
                {
                    return content.TrimStart(' ').StartsWith('\t')
                        ? Refused("C000", line, "a tab in the indentation", "spaces", "replace the tab by spaces")
                        : null;
                }
            }

            return null;
        }

        private static string Reason(Exception cause) => cause is YamlException
            ? (cause.InnerException as YamlException ?? cause).Message.TrimEnd('.').ReplaceLineEndings(" ")
            : "text the parser cannot make sense of";
    }
}
