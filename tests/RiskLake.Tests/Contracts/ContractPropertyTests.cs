using System.Globalization;
using System.Text;
using CsCheck;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Contracts.Odcs;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Contracts;

public sealed class ContractPropertyTests
{
    // Everything the compiler knows, once.
    private const string Rich = """
        apiVersion: v3.1.0
        kind: DataContract
        id: urn:test:rich
        version: 1.0.0
        status: active
        tags: [a, b]
        description: {purpose: none, anything: 1}
        team: {name: t, members: [{username: u, role: owner}]}
        servers:
          - {server: lake, type: local, path: p, format: parquet}
          - {server: db, type: postgres, host: h, port: 5432, database: d, schema: s}
        schema:
          - name: trades
            physicalType: table
            customProperties:
              - {property: delivery, value: stream}
              - {property: openContent, value: true}
              - {property: lookback, value: PT36H}
              - {property: owner, value: {desk: x, level: 0x2}}
            quality:
              - {id: some, metric: rowCount, mustBeBetween: [1, 1e9], severity: warning}
              - {id: dup, metric: duplicateValues, arguments: {properties: [venue, at]}, mustBeLessThan: 3}
              - {id: q, type: sql, query: select 1, mustBe: 1}
              - {id: t, type: text, description: be good}
              - {id: c, type: custom, engine: soda, implementation: {a: [1, 2.5, x]}}
            properties:
              - name: venue
                logicalType: string
                required: true
                primaryKey: true
                primaryKeyPosition: 1
                quality: [{metric: invalidValues, arguments: {validValues: [XNYS, XLON]}, mustBe: 0}]
                customProperties: [{property: normalise, value: [upper, trim]}, {property: role, value: source}]
              - {name: at, logicalType: timestamp, required: true, logicalTypeOptions: {defaultTimezone: Asia/Tokyo, maximum: '2100-01-01T00:00:00Z'},
                 customProperties: [{property: role, value: event_time}, {property: precision, value: truncate}]}
              - {name: seen, logicalType: timestamp, required: true,
                 customProperties: [{property: role, value: ingest_time}, {property: delivery, value: true}]}
              - {name: px, logicalType: number, physicalType: 'DECIMAL(12,4)', logicalTypeOptions: {exclusiveMinimum: 0, maximum: 1e4, multipleOf: 0.0005},
                 customProperties: [{property: role, value: price}, {property: currency, value: USD}]}
              - {name: size, logicalType: integer, unique: true, logicalTypeOptions: {format: u16}, customProperties: [{property: coerce, value: true}]}
              - {name: note, logicalType: string, logicalTypeOptions: {pattern: '^\d*$', maxLength: 9, format: email},
                 quality: [{metric: missingValues, arguments: {missingValues: ['', n/a, null]}, mustBeLessOrEqualTo: 10, unit: percent}]}
              - {name: settles, logicalType: date, logicalTypeOptions: {minimum: '2000-01-01'}}
              - {name: open, logicalType: boolean}
        slaProperties: [{property: latency, value: 4, unit: d, element: trades.at}]
        """;

    private static readonly string[] Nasty =
    [
        "null", "''", "0", "-1", "1e999", ".nan", "9223372036854775808", "true", "[]", "{}", "[a, b]", "{a: b}", "v3.1.0", "'\\'",
        "\"\\u0000\"",
        "'(((('", "P1D", "DECIMAL(0,0)", "DECIMAL(18,18)", "2000-01-01", "'2000-01-01T00:00:00+99:00'", "*a", "&a x", "!!str x", "? x",
        "é", "😀",
        "event_time", "i8", "string", "object", "mustBe", "-9223372036854775808", "0xFFFFFFFFFFFFFFFFFF", "0o77777777777777777777777",
        "0.10000000000000000000000000001", "1e-400", "0x7fffffffffffffff", "'9999-12-31T23:59:59.9999999Z'",
    ];

    private static Contract Compile(string text)
    {
        var problems = new ConfigProblems("c.yaml", ErrorCode.ContractInvalid);
        var root = ConfigFile.Parse("c.yaml", Encoding.UTF8.GetBytes(text)).Root;
        var contract = OdcsContract.Compile(root, new("trade", "v1", null, null, null), problems);
        problems.ThrowIfAny();
        return contract!;
    }

    [Fact]
    public void The_rich_contract_compiles() => Assert.Equal(8, Compile(Rich).Fields.Count);

    [Fact]
    public void Formatting_and_order_of_keys_do_not_change_the_digest()
    {
        var root = ConfigFile.Parse("c.yaml", Encoding.UTF8.GetBytes(Rich)).Root;
        var digest = Compile(Rich).Sha256;
        Gen.Int.Sample(
            seed =>
            {
                var text = new StringBuilder("# written anew\n");
                Write(text, root, 0, new Choices(seed), flow: false);
                return string.Equals(Compile(text.ToString()).Sha256, digest, StringComparison.Ordinal);
            },
            iter: 200);
    }

    [Fact]
    public void Each_fact_changes_the_digest()
    {
        (string From, string To)[] facts =
        [
            ("urn:test:rich", "urn:test:poor"), ("value: stream", "value: snapshot"),
            ("openContent, value: true", "openContent, value: false"),
            ("PT36H", "PT37H"), ("desk: x", "desk: y"), ("1e9", "2e9"), ("severity: warning", "severity: info"),
            ("LessThan: 3", "LessThan: 4"),
            ("[venue, at]", "[at, venue]"), ("select 1", "select 2"), ("be good", "be bad"), ("2.5", "2.6"), ("XLON", "XPAR"),
            ("[upper, trim]", "[trim]"),
            ("value: source", "value: symbol"), ("Asia/Tokyo", "Asia/Seoul"), ("2100-", "2101-"), ("truncate", "reject"),
            ("DECIMAL(12,4)", "DECIMAL(13,4)"),
            ("exclusiveMinimum: 0", "minimum: 0"), ("0.0005", "0.001"), ("value: USD", "value: EUR"), ("u16", "u8"),
            ("unique: true", "unique: false"),
            ("coerce, value: true", "coerce, value: false"), ("^\\d*$", "^\\d+$"), ("maxLength: 9", "maxLength: 8"), ("email", "uuid"),
            ("n/a", "na"),
            ("'', n/a", "n/a"), ("'2000-01-01'", "'2000-01-02'"), ("name: open", "name: shut"),
            ("logicalType: boolean", "logicalType: string"),
            ("value: 4", "value: 5"),
        ];
        var digest = Compile(Rich).Sha256;
        foreach (var (from, to) in facts)
        {
            var changed = Rich.Replace(from, to, StringComparison.Ordinal);
            Assert.False(string.Equals(Rich, changed, StringComparison.Ordinal), from);
            Assert.False(string.Equals(digest, Compile(changed).Sha256, StringComparison.Ordinal), from);
        }
    }

    [Fact]
    public void Prose_does_not_change_the_digest()
    {
        var digest = Compile(Rich).Sha256;
        foreach (var (from, to) in new[] { ("purpose: none", "purpose: some"), ("[a, b]", "[c]"), ("username: u", "username: v"),
            ("host: h", "host: g") })
        {
            Assert.Equal(digest, Compile(Rich.Replace(from, to, StringComparison.Ordinal)).Sha256);
        }
    }

    [Fact]
    public void A_mutilated_file_is_a_contract_or_a_refusal() => Gen.Int.Sample(
        seed =>
        {
            var choices = new Choices(seed);
            var text = Rich;
            for (var i = choices.Next(4); i >= 0; i--)
            {
                text = Mutilate(text, choices);
            }

            try
            {
                Compile(text);
            }
            catch (RiskLakeException refusal)
            {
                Assert.NotEmpty(refusal.Place);
            }
        },
        iter: 1_000);

    [Fact]
    public void A_mutilated_registry_is_a_registry_or_a_refusal()
    {
        const string Registry = """
            contracts:
              a:
                dataset: as
                version: v1
                compatibility: full
                required_fields: [id, t]
                key: [id]
                roles: {event_time: t, price: p}
                delivery_fields: [s]
                normalise: {id: [trim]}
                open_content: true
                lookback: 3d
                schema: {id: string, t: timestamp, s: string, p: {type: 'decimal(9,2)', minimum: 0, values: [1, 2]}}
            """;
        using var folder = new ConfigFolder();
        Gen.Int.Sample(
            seed =>
            {
                var choices = new Choices(seed);
                var path = folder.Write("r.yaml", Mutilate(Mutilate(Registry, choices), choices));
                try
                {
                    ContractRegistry.Load(path);
                }
                catch (RiskLakeException refusal)
                {
                    Assert.NotEmpty(refusal.Place);
                }
            },
            iter: 300,
            threads: 1);
    }

    private static string Mutilate(string text, Choices choices)
    {
        var lines = text.Split('\n').ToList();
        var at = choices.Next(lines.Count);
        var line = lines[at];
        switch (choices.Next(7))
        {
            case 0:
                lines.RemoveAt(at);
                break;
            case 1:
                lines.Insert(choices.Next(lines.Count), line);
                break;
            case 2:
                lines[at] = " " + line;
                break;
            case 3 when line.Contains(": ", StringComparison.Ordinal):
                lines[at] = string.Concat(line.AsSpan(0, line.IndexOf(": ", StringComparison.Ordinal) + 2),
                    Nasty[choices.Next(Nasty.Length)]);
                break;
            case 4 when line.LastIndexOf(": ", StringComparison.Ordinal) is > 0 and var colon:
                lines[at] = line.EndsWith('}')
                    ? $"{line[..(colon + 2)]}{Nasty[choices.Next(Nasty.Length)]}}}"
                    : string.Concat(line.AsSpan(0, colon + 2), Nasty[choices.Next(Nasty.Length)]);
                break;
            case 5:
                lines[at] = line.Insert(choices.Next(line.Length + 1), "{}[]:,&*!|>'\"%@`#-?\t\0"[choices.Next(20)].ToString());
                break;
            default:
                var cut = choices.Next(line.Length + 1);
                lines[at] = line[..cut];
                break;
        }

        return string.Join('\n', lines);
    }

    private static void Write(StringBuilder text, ConfigNode node, int indent, Choices choices, bool flow)
    {
        flow |= choices.Next(4) == 0 || node.Items.Count + node.Entries.Count == 0;
        switch (node.Kind)
        {
            case ConfigKind.List when flow:
                WriteFlow(text, '[', ']', node.Items.Select(item => ("", item)), choices);
                break;
            case ConfigKind.Map when flow:
                WriteFlow(text, '{', '}', choices.Shuffle(node.Entries).Select(entry => ($"{Key(entry, choices)}: ", entry.Value)),
                    choices);
                break;
            case ConfigKind.List:
                foreach (var item in node.Items)
                {
                    text.Append('\n').Append(' ', indent).Append("- ");
                    Write(text, item, indent + 2, choices, flow: false);
                }

                break;
            case ConfigKind.Map:
                foreach (var entry in choices.Shuffle(node.Entries))
                {
                    text.Append('\n').Append(' ', indent).Append(Key(entry, choices)).Append(": ");
                    Write(text, entry.Value, indent + 1 + choices.Next(3), choices, flow: false);
                    text.Append(choices.Next(6) == 0 ? "   # a remark" : "");
                }

                break;
            default:
                text.Append(Scalar(node, choices));
                break;
        }
    }

    private static void WriteFlow(StringBuilder text, char open, char close, IEnumerable<(string Key, ConfigNode Value)> parts,
        Choices choices)
    {
        text.Append(open);
        var first = true;
        foreach (var (key, value) in parts)
        {
            text.Append(first ? "" : choices.Next(2) == 0 ? "," : " , ").Append(first ? "" : " ").Append(key);
            Write(text, value, 0, choices, flow: true);
            first = false;
        }

        text.Append(' ').Append(close);
    }

    private static string Key(ConfigEntry entry, Choices choices) => choices.Next(3) == 0 ? $"\"{entry.Name}\"" : entry.Name;

    private static string Scalar(ConfigNode node, Choices choices) => node.Kind switch
    {
        ConfigKind.Null => choices.Next(2) == 0 ? "null" : "~",
        ConfigKind.Text when choices.Next(2) == 0 => $"'{node.Text.Replace("'", "''", StringComparison.Ordinal)}'",
        ConfigKind.Text => $"\"{node.Text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"",
        StringComparison.Ordinal)}\"",
        ConfigKind.Integer when choices.Next(3) == 0 => $"+{node.AsInteger!.Value.ToString(CultureInfo.InvariantCulture)}",
        ConfigKind.Integer when choices.Next(3) == 0 => $"0x{node.AsInteger!.Value:X}",
        _ => node.Text,
    };

    /// <summary>A stream of choices from a seed.</summary>
    private sealed class Choices(int seed)
    {
        private uint _state = (uint)seed * 2654435761 + 1;

        public int Next(int count)
        {
            _state ^= _state << 13;
            _state ^= _state >> 17;
            _state ^= _state << 5;
            return (int)(_state % (uint)Math.Max(1, count));
        }

        public List<T> Shuffle<T>(IReadOnlyList<T> items)
        {
            var list = items.ToList();
            for (var i = list.Count - 1; i > 0; i--)
            {
                var j = Next(i + 1);
                (list[i], list[j]) = (list[j], list[i]);
            }

            return list;
        }
    }
}
