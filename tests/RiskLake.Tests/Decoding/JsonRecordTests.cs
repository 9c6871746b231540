using System.Text;
using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Lake.Columns;

namespace RiskLake.Tests.Decoding;

public sealed class JsonRecordTests
{
    [Fact]
    public void A_good_event_is_decoded_to_its_values()
    {
        var record = Decoded.Of(MarketEvents.Good).Record;
        Assert.Equal("evt-1", record["event_id"]);
        Assert.Equal(101.25, record["price"]);
        Assert.Equal(100L, record["volume"]);
        Assert.Equal(1_737_383_400_123_456L, record["ts_event"]);
        Assert.Equal(1_737_383_401_500_000L, record["ts_ingest"]);
        Assert.Equal(1L, record["source_line"]);
        Assert.Null(record["extra"]);
    }

    [Theory]
    [InlineData("price", "\"101.25\"", "type_mismatch")]
    [InlineData("price", "1e400", "non_finite")]
    [InlineData("price", "-1e400", "non_finite")]
    [InlineData("price", "NaN", "non_finite")]
    [InlineData("price", "Infinity", "non_finite")]
    [InlineData("price", "-Infinity", "non_finite")]
    [InlineData("price", "true", "type_mismatch")]
    [InlineData("price", "{\"a\":[1,2]}", "type_mismatch")]
    [InlineData("price", "null", "null_value")]
    [InlineData("price", "0", "out_of_range")]
    [InlineData("price", "-0.0", "out_of_range")]
    [InlineData("price", "1e-400", "out_of_range")]
    [InlineData("volume", "1.5", "not_integer")]
    [InlineData("volume", "1e-1", "not_integer")]
    [InlineData("volume", "9223372036854775808", "type_overflow")]
    [InlineData("volume", "1e19", "type_overflow")]
    [InlineData("volume", "1e999999999999", "type_overflow")]
    [InlineData("volume", "-1", "out_of_range")]
    [InlineData("volume", "\"100\"", "type_mismatch")]
    [InlineData("volume", "[]", "type_mismatch")]
    [InlineData("volume", "NaN", "non_finite")]
    [InlineData("symbol", "5", "type_mismatch")]
    [InlineData("symbol", "NaN", "type_mismatch")]
    [InlineData("symbol", "null", "null_value")]
    [InlineData("symbol", "\"\\ud800\"", "invalid_utf8")]
    [InlineData("symbol", "\"\\udc00\\ud800\"", "invalid_utf8")]
    [InlineData("symbol", "\"\\ud800\\u0041\"", "invalid_utf8")]
    [InlineData("symbol", "\"A\tB\"", "control_character")]
    [InlineData("symbol", "\"A\u0000B\"", "control_character")]
    [InlineData("symbol", "\"\\x\"", "malformed_json")]
    [InlineData("symbol", "\"\\u12\"", "malformed_json")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00\"", "zone_missing")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00.5\"", "zone_missing")]
    [InlineData("ts_event", "\"2025-01-20 14:30:00Z\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-02-30T14:30:00Z\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2023-02-29T14:30:00Z\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-13-01T14:30:00Z\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20T24:00:00Z\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20T14:60:00Z\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00.Z\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00,5Z\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00+0100\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00+24:00\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00ZZ\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00Z \"", "invalid_timestamp")]
    [InlineData("ts_event", "\"\"", "invalid_timestamp")]
    [InlineData("ts_event", "\"2025-01-20T14:30:60Z\"", "leap_second")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00.1234567Z\"", "precision_loss")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00.123456789Z\"", "precision_loss")]
    [InlineData("ts_event", "\"0000-01-20T14:30:00Z\"", "timestamp_out_of_range")]
    [InlineData("ts_event", "\"0001-01-01T00:30:00+01:00\"", "timestamp_out_of_range")]
    [InlineData("ts_event", "\"9999-12-31T23:30:00-01:00\"", "timestamp_out_of_range")]
    [InlineData("ts_event", "1737383400", "type_mismatch")]
    [InlineData("ts_event", "\"2010-01-20T14:30:00Z\"", "ingest_lag_exceeded")]
    [InlineData("ts_event", "\"2025-02-20T14:30:00Z\"", "ingest_lead_exceeded")]
    public void A_bad_value_has_its_own_reason(string field, string json, string code)
    {
        var reject = Decoded.Of(MarketEvents.With(field, json)).Reject;
        Assert.Equal([code], reject.Codes);
        Assert.Equal(code, reject.Code);
        Assert.Equal(1, reject.Line);
        Assert.Equal(0, reject.Offset);
        Assert.Equal(MarketEvents.With(field, json), reject.Text);
    }

    [Theory]
    [InlineData("volume", "10.0", 10L)]
    [InlineData("volume", "1e2", 100L)]
    [InlineData("volume", "1.5E1", 15L)]
    [InlineData("volume", "1200e-2", 12L)]
    [InlineData("volume", "0e99999999999", 0L)]
    [InlineData("volume", "-0", 0L)]
    [InlineData("volume", "9223372036854775807", long.MaxValue)]
    [InlineData("volume", "9223372036854775807.000000000000000000000", long.MaxValue)]
    [InlineData("volume", "922337203685477580700e-2", long.MaxValue)]
    [InlineData("price", "1.7976931348623157e308", double.MaxValue)]
    [InlineData("price", "5e-324", double.Epsilon)]
    [InlineData("price", "0.1", 0.1)]
    [InlineData("price", "100", 100.0)]
    [InlineData("price", "9007199254740993", 9007199254740992.0)]
    [InlineData("price", "9007199254740993.00000000000000000000000000001", 9007199254740994.0)]
    [InlineData("symbol", "\"\"", "")]
    [InlineData("symbol", "\"\\u0041\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/\"", "Aé😀\n\"\\/")]
    [InlineData("symbol", "\"\\u0000\"", "\0")]
    [InlineData("symbol", "\"Zürich 東京 😀\"", "Zürich 東京 😀")]
    [InlineData("ts_event", "\"2025-01-20T14:30:00Z\"", 1_737_383_400_000_000L)]
    [InlineData("ts_event", "\"2025-01-20t14:30:00z\"", 1_737_383_400_000_000L)]
    [InlineData("ts_event", "\"2025-01-20T14:30:00.1Z\"", 1_737_383_400_100_000L)]
    [InlineData("ts_event", "\"2025-01-20T14:30:00.123456000Z\"", 1_737_383_400_123_456L)]
    [InlineData("ts_event", "\"2025-01-20T15:30:00+01:00\"", 1_737_383_400_000_000L)]
    [InlineData("ts_event", "\"2025-01-20T09:00:00-05:30\"", 1_737_383_400_000_000L)]
    [InlineData("ts_event", "\"2025-01-20T14:30:00-00:00\"", 1_737_383_400_000_000L)]
    [InlineData("ts_event", "\"2025-01-20T14:30:00\\u005a\"", 1_737_383_400_000_000L)]
    public void An_unusual_value_is_decoded_exactly(string field, string json, object expected) =>
        Assert.Equal(expected, Decoded.Of(MarketEvents.With(field, json)).Record[field]);

    [Theory]
    [InlineData("01")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1e")]
    [InlineData("-")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("nul")]
    [InlineData("True")]
    [InlineData("'1'")]
    [InlineData("1 2")]
    public void What_is_not_json_is_malformed(string json) =>
        Assert.Equal("malformed_json", Decoded.Of(MarketEvents.With("price", json)).Reject.Code);

    [Theory]
    [InlineData("[1,2]x", "trailing_garbage")]
    [InlineData("\"text\"", "not_an_object")]
    [InlineData("17", "not_an_object")]
    [InlineData("null", "not_an_object")]
    [InlineData("{} {}", "trailing_garbage")]
    [InlineData("{}}", "trailing_garbage")]
    [InlineData("{\"a\":1,}", "malformed_json")]
    [InlineData("{\"a\" 1}", "malformed_json")]
    [InlineData("{a:1}", "malformed_json")]
    [InlineData("{,}", "malformed_json")]
    [InlineData("garbage", "truncated")]
    [InlineData("gar bage", "malformed_json")]
    [InlineData("{", "truncated")]
    [InlineData("{\"a\"", "truncated")]
    [InlineData("{\"a\":", "truncated")]
    [InlineData("{\"a\":1", "truncated")]
    [InlineData("{\"a\":tru", "truncated")]
    [InlineData("{\"a\":\"x", "truncated")]
    [InlineData("{\"a\":\"x\\", "truncated")]
    [InlineData("{\"a\":[1,", "truncated")]
    [InlineData("{\"a\":{\"b\":[", "truncated")]
    public void A_broken_record_has_its_own_reason(string line, string code)
    {
        var decoded = Decoded.Of(MarketEvents.Good + "\n" + line + "\n" + MarketEvents.Good + "\n", ContractSamples.MarketEvent.Open());
        Assert.Equal(2, decoded.Records.Count);
        var reject = Assert.Single(decoded.Rejects);
        Assert.Equal(code, reject.Code);
        Assert.Equal(2, reject.Line);
        Assert.Equal(MarketEvents.Good.Length + 1, reject.Offset);
        Assert.Equal(line, reject.Text);
    }

    [Fact]
    public void Every_cut_of_a_record_is_truncated_and_never_decoded()
    {
        for (var length = 1; length < MarketEvents.Good.Length; length++)
        {
            Assert.Equal("truncated", Decoded.Of(MarketEvents.Good[..length]).Reject.Code);
        }
    }

    [Fact]
    public void All_violations_of_a_record_are_reported_at_once()
    {
        var reject = Decoded.Of("""{"price":-1,"volume":1.5,"ts_event":"yesterday","nonsense":1,"symbol":null,"price":2}""").Reject;
        Assert.Equal(
            [
                "out_of_range", "not_integer", "invalid_timestamp", "unknown_field", "null_value", "duplicate_key", "missing_field", "missing_field",
                "missing_field",
            ],
            reject.Codes);
        Assert.Equal(["price", "volume", "ts_event", "nonsense", "symbol", "price", "event_id", "ts_ingest", "source"], reject.Columns);
    }

    [Fact]
    public void Missing_and_null_are_different_reasons()
    {
        Assert.Equal("missing_field", Decoded.Of(MarketEvents.Without("symbol")).Reject.Code);
        Assert.Equal("missing_field", Decoded.Of(MarketEvents.Without("source")).Reject.Code);
        Assert.Equal("null_value", Decoded.Of(MarketEvents.With("symbol", "null")).Reject.Code);
    }

    [Fact]
    public void Optional_fields_may_be_missing_or_null()
    {
        var contract = ContractSamples.One(ColumnType.Double);
        Assert.Null(Decoded.Of("{}", contract).Record["x"]);
        Assert.Null(Decoded.Of("""{"x":null}""", contract).Record["x"]);
    }

    [Theory]
    [InlineData("""{"event_id":"a","event_id":"a"}""")]
    [InlineData("""{"event_id":"a","event\u005fid":"a"}""")]
    [InlineData("""{"z":1,"z":2}""")]
    [InlineData("""{"z":1,"\u007a":2}""")]
    [InlineData("""{"z":{"a":1,"a":2}}""")]
    public void A_name_may_occur_once_however_it_is_spelt(string line) =>
        Assert.Contains(Decoded.Of(line, ContractSamples.MarketEvent.Open()).Reject.Codes, code => code == "duplicate_key");

    [Fact]
    public void Unknown_fields_are_kept_verbatim_when_the_contract_is_open()
    {
        var line = MarketEvents.Good[..^1] + """, "b" : {"x": [1, 2.50, "é"]} ,"a\u0062":"\u00e9\n"}""";
        Assert.Equal("""{"b":{"x": [1, 2.50, "é"]},"a\u0062":"\u00e9\n"}""", Decoded.Of(line, ContractSamples.MarketEvent.Open()).Record["extra"]);
        var reject = Decoded.Of(line).Reject;
        Assert.Equal(["unknown_field", "unknown_field"], reject.Codes);
        Assert.Equal(["b", "ab"], reject.Columns);
    }

    [Theory]
    [InlineData(62, null)]
    [InlineData(63, null)]
    [InlineData(64, "nesting_too_deep")]
    [InlineData(100_000, "nesting_too_deep")]
    public void Nesting_has_a_limit(int depth, string? code)
    {
        var line = MarketEvents.Good[..^1] + ",\"z\":" + new string('[', depth) + new string(']', depth) + "}";
        var decoded = Decoded.Of(line, ContractSamples.MarketEvent.Open());
        Assert.Equal(code, decoded.Rejects.SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData("symbol")]
    [InlineData("event_id")]
    public void Text_that_is_not_utf8_is_rejected(string field)
    {
        foreach (var bad in new byte[][] { [0x80], [0xC0, 0x80], [0xC3], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF] })
        {
            var parts = MarketEvents.With(field, "\"A\u0001B\"").Split('\u0001');
            var reject = Decoded.Of([.. Encoding.UTF8.GetBytes(parts[0]), .. bad, .. Encoding.UTF8.GetBytes(parts[1])]).Reject;
            Assert.Equal(["invalid_utf8"], reject.Codes);
            Assert.Equal([field], reject.Columns);
        }
    }

    [Fact]
    public void Bytes_that_are_not_utf8_outside_of_strings_are_rejected()
    {
        Assert.Equal("invalid_utf8", Decoded.Of([(byte)'{', 0xFF, (byte)'}']).Reject.Code);
        Assert.Equal("invalid_utf8", Decoded.Of([.. Encoding.UTF8.GetBytes("{\"a"), 0xFF, .. Encoding.UTF8.GetBytes("\":1}")]).Reject.Codes[0]);
    }

    [Fact]
    public void White_space_and_order_do_not_matter()
    {
        var line = "\t { \"source\" :\"sim\" , \"volume\": 100 ,\r \"price\":101.25,\"symbol\":\"AAPL\","
            + "\"ts_ingest\":\"2025-01-20T14:30:01.5Z\",\"ts_event\":\"2025-01-20T14:30:00.123456Z\",\"event_id\":\"evt-1\" } ";
        Assert.Equal(Decoded.Of(MarketEvents.Good).Record, Decoded.Of(line).Record);
    }

    [Fact]
    public void Coercion_is_the_contracts_choice()
    {
        var line = """{"x":"100"}""";
        Assert.Equal("type_mismatch", Decoded.Of(line, ContractSamples.One(ColumnType.Int64)).Reject.Code);
        Assert.Equal(100L, Decoded.Of(line, ContractSamples.One(ColumnType.Int64, field => field with { Coerce = true })).Record["x"]);
        Assert.Equal(100.0, Decoded.Of(line, ContractSamples.One(ColumnType.Double, field => field with { Coerce = true })).Record["x"]);
        Assert.Equal(true, Decoded.Of("""{"x":"true"}""", ContractSamples.One(ColumnType.Boolean, field => field with { Coerce = true })).Record["x"]);
        foreach (var bad in new[] { "1 ", "", "+1", "1,000", "0x1", "abc" })
        {
            var coerced = ContractSamples.One(ColumnType.Double, field => field with { Coerce = true });
            Assert.Equal("type_mismatch", Decoded.Of($$"""{"x":"{{bad}}"}""", coerced).Reject.Code);
        }

        Assert.Equal("non_finite", Decoded.Of("""{"x":"NaN"}""", ContractSamples.One(ColumnType.Double, field => field with { Coerce = true })).Reject.Code);
    }

    [Theory]
    [InlineData("12.3400", 123400L, null)]
    [InlineData("1e3", 10_000_000L, null)]
    [InlineData("-0.0001", -1L, null)]
    [InlineData("12.34567", null, "precision_loss")]
    [InlineData("99999999999999.9999", 999_999_999_999_999_999L, null)]
    [InlineData("100000000000000", null, "type_overflow")]
    [InlineData("1e400", null, "type_overflow")]
    [InlineData("\"1\"", null, "type_mismatch")]
    public void Decimals_are_exact_or_rejected(string json, long? unscaled, string? code)
    {
        var decoded = Decoded.Of($$"""{"x":{{json}}}""", ContractSamples.One(ColumnType.Decimal));
        Assert.Equal(unscaled, decoded.Records.SingleOrDefault()?["x"]);
        Assert.Equal(code, decoded.Rejects.SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData("\"2024-02-29\"", 19_782L, null)]
    [InlineData("\"0001-01-01\"", -719_162L, null)]
    [InlineData("\"9999-12-31\"", 2_932_896L, null)]
    [InlineData("\"2023-02-29\"", null, "invalid_date")]
    [InlineData("\"2023-2-09\"", null, "invalid_date")]
    [InlineData("\"2023-02-09T00:00:00Z\"", null, "invalid_date")]
    [InlineData("\"0000-01-01\"", null, "timestamp_out_of_range")]
    [InlineData("20230209", null, "type_mismatch")]
    public void Dates_exist_or_are_rejected(string json, long? days, string? code)
    {
        var decoded = Decoded.Of($$"""{"x":{{json}}}""", ContractSamples.One(ColumnType.Date));
        Assert.Equal(days, decoded.Records.SingleOrDefault()?["x"]);
        Assert.Equal(code, decoded.Rejects.SingleOrDefault()?.Code);
    }

    [Theory]
    [InlineData("2025-01-20T09:30:00", 1_737_383_400_000_000L, null)]
    [InlineData("2025-07-20T09:30:00.25", 1_753_018_200_250_000L, null)]
    [InlineData("2025-01-20T09:30:00Z", 1_737_365_400_000_000L, null)]
    [InlineData("2025-03-09T02:30:00", null, "local_time_skipped")]
    [InlineData("2025-11-02T01:30:00", null, "local_time_ambiguous")]
    public void A_default_zone_places_local_times(string text, long? micros, string? code)
    {
        var contract = ContractSamples.One(ColumnType.Timestamp, field => field with { DefaultZone = "America/New_York" });
        var decoded = Decoded.Of($$"""{"x":"{{text}}"}""", contract);
        Assert.Equal(micros, decoded.Records.SingleOrDefault()?["x"]);
        Assert.Equal(code, decoded.Rejects.SingleOrDefault()?.Code);
    }

    [Fact]
    public void Digits_beyond_microseconds_are_cut_where_the_contract_says_so()
    {
        var contract = ContractSamples.One(ColumnType.Timestamp, field => field with { TruncatePrecision = true });
        Assert.Equal(1_737_383_400_123_456L, Decoded.Of("""{"x":"2025-01-20T14:30:00.123456999Z"}""", contract).Record["x"]);
    }

    [Fact]
    public void Limits_of_text_count_code_points()
    {
        var contract = ContractSamples.One(
            ColumnType.String,
            field => field with { MinLength = 2, MaxLength = 3, Pattern = "^[^x]*$", AllowedValues = ["😀é", "ab", "abcd"] });
        Assert.Equal("😀é", Decoded.Of("""{"x":"😀é"}""", contract).Record["x"]);
        Assert.Equal(["too_short", "value_not_allowed"], Decoded.Of("""{"x":"😀"}""", contract).Reject.Codes);
        Assert.Equal(["too_long"], Decoded.Of("""{"x":"abcd"}""", contract).Reject.Codes);
        Assert.Equal(["too_long", "pattern_mismatch", "value_not_allowed"], Decoded.Of("""{"x":"axbx"}""", contract).Reject.Codes);
    }

    [Fact]
    public void Allowed_numbers_are_compared_by_value()
    {
        var contract = ContractSamples.One(ColumnType.Decimal, field => field with { AllowedValues = ["1.50", "2"] });
        Assert.Equal(15_000L, Decoded.Of("""{"x":1.5}""", contract).Record["x"]);
        Assert.Equal("value_not_allowed", Decoded.Of("""{"x":3}""", contract).Reject.Code);
    }

    [Fact]
    public void Bytes_are_base64()
    {
        var contract = ContractSamples.One(ColumnType.Binary);
        Assert.Equal([0, 255, 1], (byte[])Decoded.Of("""{"x":"AP8B"}""", contract).Record["x"]!);
        Assert.Equal("invalid_base64", Decoded.Of("""{"x":"AP8"}""", contract).Reject.Code);
    }

    [Fact]
    public void A_record_with_more_reasons_than_anybody_reads_stays_small()
    {
        var names = string.Join(",", Enumerable.Range(0, 50_000).Select(i => "\"n" + i.ToString("D") + "\":1"));
        Assert.Equal(1000, Decoded.Of("{" + names + "}").Reject.Codes.Count);
    }

    [Fact]
    public void Reason_codes_are_unique_and_described()
    {
        Assert.Equal(ReasonCode.All.Count, ReasonCode.All.Select(code => code.Name).Distinct(StringComparer.Ordinal).Count());
        var declared = typeof(ReasonCode).GetFields().Where(field => field.FieldType == typeof(ReasonCode)).Select(field => field.GetValue(null));
        Assert.Equal(declared.ToHashSet(), ReasonCode.All.ToHashSet<object?>());
    }
}
