using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using CsCheck;
using RiskLake.Ingest.Decoding;
using RiskLake.Lake.Columns;

namespace RiskLake.Tests.Decoding;

public sealed class DecodingProperties
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>Lines of all kinds: good, with odd values, broken, blank, long.</summary>
    private static readonly Gen<string> Line = Gen.Frequency(
        (6, Gen.Select(Gen.Double, Gen.Int[0, 1000], (price, volume) => MarketEvents
            .With("price", Math.Abs(price).ToString("R", CultureInfo.InvariantCulture))
            .Replace(":100,", ":" + volume.ToString(CultureInfo.InvariantCulture) + ",", StringComparison.Ordinal))),
        (2, Gen.OneOf("\"é😀\\n\"", "null", "1.5", "{\"a\":[1,{\"b\":\"]}\\\"\"}]}", "\"2025-01-20T14:30:00+05:30\"", "01", "\"\\ud800\"")
            .Select(Gen.OneOf("symbol", "volume", "ts_event"), (json, field) => MarketEvents.With(field, json))),
        (1, Gen.Int[0, 150].Select(length => MarketEvents.Good[..length])),
        (1, Gen.Int[0, 700].Select(length => "{\"z\":\"" + new string('y', length) + "\"}")),
        (1, Gen.OneOf("", "  ", "\r", "{}", "[]", "}", "]", ",", "\"", "{\"a\":1}{\"a\":1}")));

    private static readonly Gen<string> Json = Gen.Recursive<string>((depth, value) => Gen.Frequency(
        (3, Gen.OneOf("0", "-0", "-12.5e+3", "1E9", "true", "false", "null", "\"\"", "\"a\\u00e9\\n\"", "\"\\ud83d\\ude00\"", "\"é\"")),
        (1, Gen.OneOf(
            "01", "1.", ".5", "+1", "tru", "\"\\x\"", "\"\\ud83d\"", "\"", "'a'", "", "NaN",
            "\"a\tb\"", "[1,]", "{\"a\":1,}", "{\"a\":1,\"\\u0061\":2}", "{a:1}", "1 2", "[", "}")),
        (depth < 3 ? 2 : 0, Gen.Select(value.List[0, 3], Gen.OneOf(",", " , "), (items, comma) => "[" + string.Join(comma, items) + "]")),
        (depth < 3 ? 2 : 0, value.List[0, 3].Select(items => "{" + string.Join(',', items.Select((item, i) => $"\"k{(char)('a' + i)}\" : {item}")) + "}"))));

    private static readonly Gen<string> Number = Gen.Select(
        Gen.OneOf("", "-"),
        Gen.OneOf(Gen.String[Gen.Char['0', '9'], 1, 3], Gen.String[Gen.Char['0', '9'], 1, 25], Gen.String[Gen.Char['0', '9'], 300, 400]),
        Gen.OneOf(Gen.Const(""), Gen.String[Gen.Char['0', '9'], 1, 4], Gen.String[Gen.Char['0', '9'], 1, 25], Gen.String[Gen.Char['0', '9'], 800, 900]),
        Gen.Frequency((3, Gen.Const((int?)null)), (2, Gen.Int[-30, 30].Nullable()), (1, Gen.Int[-420, 420].Nullable())),
        (sign, whole, fraction, exponent) => sign + (whole.TrimStart('0') is "" ? "0" : whole.TrimStart('0'))
            + (fraction.Length > 0 ? "." + fraction : "")
            + (exponent is { } power ? "e" + power.ToString(CultureInfo.InvariantCulture) : ""));

    [Theory]
    [InlineData("events.ndjson")]
    [InlineData("events.json")]
    [InlineData("events.csv")]
    public void Threads_and_chunks_change_nothing(string name) => Gen.Select(Line.List[0, 40], Gen.Int[1, 400], Gen.Int[1, 4], Gen.Bool).Sample(
        (lines, chunk, threads, open) =>
        {
            var contract = open ? ContractSamples.MarketEvent.Open() : ContractSamples.MarketEvent;
            var text = name switch
            {
                "events.json" => "[" + string.Join(",\n", lines) + "]",
                "events.csv" => "event_id,symbol,price,volume,ts_event,ts_ingest,source\n"
                    + string.Join("\n", lines.Select(Csv)),
                _ => string.Join("\n", lines),
            };
            var options = new DecodeOptions { Threads = 1, MaxRecordBytes = 500 };
            var whole = Decoded.Of(text, contract, name, options);
            var parts = Decoded.Of(text, contract, name, options with { ChunkBytes = chunk, Threads = threads });
            Assert.Equal(whole.Dump(), parts.Dump());
        },
        iter: 100);

    [Fact]
    public void Random_damage_never_crashes_and_nothing_is_lost() => Gen.Select(
        Gen.OneOf("events.ndjson", "events.json", "events.csv"),
        Gen.Select(Gen.Int[0, 1500], Gen.Byte).List[1, 20],
        Gen.Int[1, 300]).Sample(
        (name, damage, chunk) =>
        {
            var text = name switch
            {
                "events.json" => "[" + string.Join(",\n", Enumerable.Repeat(MarketEvents.Good, 9)) + "]",
                "events.csv" => "event_id,symbol,price,volume,ts_event,ts_ingest,source\n"
                    + string.Concat(Enumerable.Repeat(Csv(MarketEvents.Good) + "\n", 12)),
                _ => string.Concat(Enumerable.Repeat(MarketEvents.Good + "\n", 9)),
            };
            var bytes = Encoding.UTF8.GetBytes(text);
            foreach (var (at, value) in damage)
            {
                bytes[60 + (at % (bytes.Length - 60))] = value;
            }

            var options = new DecodeOptions { Threads = 1 };
            Assert.Equal(
                Decoded.Of(bytes, name: name, options: options).Dump(),
                Decoded.Of(bytes, name: name, options: options with { ChunkBytes = chunk, Threads = 2 }).Dump());
        },
        iter: 300);

    [Fact]
    public void A_record_is_json_exactly_when_the_framework_says_so() => Json.Sample(
        json =>
        {
            var line = "{\"x\":" + json + ",\"y\":" + json + "}";
            var decoded = Decoded.Of(line, ContractSamples.One(ColumnType.Int64, field => field with { Name = "n" }).Open());
            var expected = IsJson(line);
            Assert.Equal(expected, decoded.Records.Count == 1);
            if (expected)
            {
                using var extra = JsonDocument.Parse((string)decoded.Record["extra"]!);
                using var received = JsonDocument.Parse(line);
                Assert.True(JsonElement.DeepEquals(extra.RootElement, received.RootElement));
            }
        },
        iter: 1500);

    [Fact]
    public void Doubles_are_the_nearest_ones() => Number.List[200].Sample(
        numbers =>
        {
            foreach (var (number, (slot, code)) in numbers.Zip(Decode(numbers, ColumnType.Double)))
            {
                var expected = double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
                Assert.Equal(double.IsFinite(expected) ? null : "non_finite", code);
                Assert.True(code is not null || BitConverter.DoubleToInt64Bits(expected) == slot, number);
            }
        },
        iter: 20);

    [Fact]
    public void Printed_doubles_come_back() => Gen.Double.List[200].Sample(
        values =>
        {
            var finite = values.Where(double.IsFinite).ToList();
            var decoded = Decode([.. finite.Select(value => value.ToString("R", CultureInfo.InvariantCulture))], ColumnType.Double);
            Assert.Equal(finite.Select(BitConverter.DoubleToInt64Bits), decoded.Select(value => value.Slot!.Value));
        },
        iter: 20);

    [Theory]
    [InlineData(true, 0, 19)]
    [InlineData(false, 4, 18)]
    public void Integers_and_decimals_are_exact(bool integer, int scale, int digits) => Number.List[200].Sample(
        numbers =>
        {
            foreach (var (number, (slot, code)) in numbers.Zip(Decode(numbers, integer ? ColumnType.Int64 : ColumnType.Decimal)))
            {
                var (expected, expectedCode) = Exact(number, scale, digits, integer);
                Assert.Equal((number, expectedCode, expected), (number, code, slot));
            }
        },
        iter: 20);

    [Fact]
    public void Timestamps_are_those_of_the_framework() => Gen.Select(
        Gen.Long[TimestampText.MinMicros + 86_400_000_000, TimestampText.MaxMicros - 86_400_000_000],
        Gen.Int[-840, 840],
        Gen.Int[0, 7],
        Gen.Bool).List[100].Sample(
        samples =>
        {
            var texts = samples.Select(sample =>
            {
                var (micros, offset, places, zulu) = sample;
                var local = new DateTimeOffset(DateTime.UnixEpoch.AddTicks(micros * 10)).ToOffset(TimeSpan.FromMinutes(zulu ? 0 : offset));
                var format = "yyyy-MM-dd'T'HH:mm:ss" + (places == 0 ? "" : "." + new string('f', places));
                return local.ToString(format, CultureInfo.InvariantCulture) + (zulu ? "Z" : local.ToString("zzz", CultureInfo.InvariantCulture));
            }).ToList();
            var decoded = Decode([.. texts.Select(text => $"\"{text}\"")], ColumnType.Timestamp);
            Assert.Equal(
                texts.Select(text => (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture).UtcTicks - DateTime.UnixEpoch.Ticks) / 10),
                decoded.Select(value => value.Slot!.Value));
        },
        iter: 20);

    /// <summary>Decodes values one by one; each is a number or a reason.</summary>
    private static List<(long? Slot, string? Code)> Decode(IReadOnlyList<string> values, ColumnType type)
    {
        var decoded = Decoded.Of(string.Concat(values.Select(value => "{\"x\":" + value + "}\n")), ContractSamples.One(type));
        var results = new (long?, string?)[values.Count];
        foreach (var record in decoded.Records)
        {
            results[(long)record["source_line"]! - 1] = (record["x"] is double number ? BitConverter.DoubleToInt64Bits(number) : (long)record["x"]!, null);
        }

        foreach (var reject in decoded.Rejects)
        {
            results[reject.Line - 1] = (null, reject.Code);
        }

        return [.. results];
    }

    private static (long? Value, string? Code) Exact(string number, int scale, int digits, bool integer)
    {
        var mark = number.IndexOf('e', StringComparison.Ordinal);
        var written = mark < 0 ? number : number[..mark];
        var power = (mark < 0 ? 0 : int.Parse(number[(mark + 1)..], CultureInfo.InvariantCulture)) + scale;
        var point = written.IndexOf('.', StringComparison.Ordinal);
        power -= point < 0 ? 0 : written.Length - point - 1;
        var value = BigInteger.Parse(written.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        var divisor = power < 0 ? BigInteger.Pow(10, -power) : 1;
        value *= power > 0 ? BigInteger.Pow(10, power) : 1;
        return value % divisor != 0 ? (null, integer ? "not_integer" : "precision_loss")
            : integer && (value / divisor > long.MaxValue || value / divisor < long.MinValue) ? (null, "type_overflow")
            : !integer && BigInteger.Abs(value / divisor) >= BigInteger.Pow(10, digits) ? (null, "type_overflow")
            : ((long)(value / divisor), null);
    }

    private static bool IsJson(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            return StringsAreText(document.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The framework finds half surrogates only when a string is asked for.</summary>
    private static bool StringsAreText(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => element.GetString() is not null,
                JsonValueKind.Array => element.EnumerateArray().All(StringsAreText),
                JsonValueKind.Object => element.EnumerateObject().All(property => StringsAreText(property.Value)),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Some CSV that has as much to do with a line of JSON as is needed to be of all kinds.</summary>
    private static string Csv(string line) => line
        .Replace("{\"event_id\":", "", StringComparison.Ordinal)
        .Replace("\"symbol\":", "", StringComparison.Ordinal)
        .Replace("\"price\":", "", StringComparison.Ordinal)
        .Replace("\"volume\":", "", StringComparison.Ordinal)
        .Replace("\"ts_event\":", "", StringComparison.Ordinal)
        .Replace("\"ts_ingest\":", "", StringComparison.Ordinal)
        .Replace("\"source\":", "", StringComparison.Ordinal)
        .Replace("}", "", StringComparison.Ordinal);
}
