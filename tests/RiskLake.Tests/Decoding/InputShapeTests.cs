using System.Security.Cryptography;
using System.Text;
using RiskLake.Decoding;
using RiskLake.Errors;

namespace RiskLake.Tests.Decoding;

/// <summary>How records lie in files: lines, arrays, byte order marks, long records, locators.</summary>
public sealed class InputShapeTests
{
    private static readonly DecodeOptions Short = new() { Threads = 1, MaxRecordBytes = 300, ChunkBytes = 1 << 16 };

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Lines_end_with_line_feed_or_both_and_blank_ones_are_no_records(string feed)
    {
        var decoded = Decoded.Of($"{MarketEvents.Good}{feed}{feed} \t{feed}{MarketEvents.Good}{feed}oops!{feed}{MarketEvents.Good}");
        Assert.Equal([1L, 4L, 6L], decoded.Records.Select(record => record["source_line"]));
        var reject = Assert.Single(decoded.Rejects);
        Assert.Equal(("oops!", 5L, 5), (reject.Text, reject.Length, reject.Line));
        Assert.Equal((2 * MarketEvents.Good.Length) + 2 + (4 * feed.Length), reject.Offset);
        Assert.Equal("ndjson", decoded.Input.Format);
    }

    [Fact]
    public void A_byte_order_mark_is_no_content_but_counts_in_offsets()
    {
        byte[] mark = [0xEF, 0xBB, 0xBF];
        Assert.Single(Decoded.Of([.. mark, .. Encoding.UTF8.GetBytes(MarketEvents.Good)]).Records);
        Assert.Equal(3, Decoded.Of([.. mark, .. "{}"u8]).Reject.Offset);
        Assert.Single(Decoded.Of([.. mark, .. Encoding.UTF8.GetBytes($"[{MarketEvents.Good}]")]).Records);
        Assert.Single(Decoded.Of([.. mark, .. Encoding.UTF8.GetBytes("x\n1\n")], ContractSamples.One(Columns.ColumnType.Int64), "x.csv").Records);
        Assert.Equal(0, Decoded.Of(mark).Input.RecordsRead);
    }

    [Theory]
    [InlineData("", "events.ndjson", "ndjson")]
    [InlineData("", "events", "ndjson")]
    [InlineData("\n \r\n", "events.json", "json")]
    [InlineData("", "events.csv", "csv")]
    [InlineData("[]", "events.json", "json")]
    [InlineData(" [ \n ] \n", "events.json", "json")]
    [InlineData("event_id,symbol\n", "events.csv", "csv")]
    public void An_input_without_records_has_none(string text, string name, string format)
    {
        var decoded = Decoded.Of(text, name: name);
        Assert.Equal((0L, format), (decoded.Input.RecordsRead, decoded.Input.Format));
    }

    [Fact]
    public void The_format_follows_the_content_and_not_the_name()
    {
        Assert.Equal("json", Decoded.Of($"[{MarketEvents.Good}]", name: "events.csv").Input.Format);
        Assert.Equal("ndjson", Decoded.Of(MarketEvents.Good, name: "events.parquet.txt").Input.Format);
        Assert.Equal("csv", Decoded.Of("x\n1\n", ContractSamples.One(Columns.ColumnType.Int64), "events.json").Input.Format);
        Assert.Equal("ndjson", Decoded.Of($"cut off\"}}\n{MarketEvents.Good}", name: "events").Input.Format);
        Assert.Equal("ndjson", Decoded.Of($"[1,2]\n{MarketEvents.Good}", name: "events").Input.Format);
        Assert.Equal("not_an_object", Decoded.Of($"[1,2]\r\n{MarketEvents.Good}").Rejects[0].Code);
        var unknown = Assert.Throws<RiskLakeException>(() => Decoded.Of("lorem ipsum", name: "events"));
        Assert.Equal(ErrorCode.InputFormatUnknown, unknown.Code);
    }

    [Fact]
    public void Elements_of_an_array_are_records_with_an_index()
    {
        var text = $"[\n  {MarketEvents.Good},\n  {{\"a\": 1}} , 17, \"x\",[{{}}],\n{MarketEvents.Good}\n]\n";
        var decoded = Decoded.Of(text);
        Assert.Equal("json", decoded.Input.Format);
        Assert.Equal([1L, 6L], decoded.Records.Select(record => record["source_line"]));
        Assert.Equal("""{"a": 1} 17 "x" [{}]""", string.Join(' ', decoded.Rejects.Select(reject => reject.Text)));
        Assert.Equal([2L, 3L, 4L, 5L], decoded.Rejects.Select(reject => reject.Line));
        Assert.All(decoded.Rejects, reject => Assert.Equal(text.IndexOf(reject.Text, StringComparison.Ordinal), reject.Offset));
        Assert.All(decoded.Rejects.Skip(1), reject => Assert.Equal("not_an_object", reject.Code));
    }

    [Theory]
    [InlineData("[@,@", 2, "", "truncated")]
    [InlineData("[@,@,", 2, "", "truncated")]
    [InlineData("[@,@, {\"a\":1", 2, "{\"a\":1", "truncated")]
    [InlineData("[@,@, {\"a\":\"]}", 2, "{\"a\":\"]}", "truncated")]
    [InlineData("[@,@}@]", 3, "}", "malformed_array")]
    [InlineData("[@,@,{\"a\":[1},@]", 3, "{\"a\":[1}", "malformed_json")]
    [InlineData("[@,@,{\"event_id\":\"x,@]", 3, "{\"event_id\":\"x", "malformed_json")]
    [InlineData("[@,@,\"event_id\":1},@]", 3, "\"event_id\":1}", "malformed_array")]
    [InlineData("[@,@,{\"event_id\":\"x\"},\"note\":1},@]", 3, "{\"event_id\":\"x\"},\"note\":1}", "malformed_json")]
    [InlineData("[@,{\"event_id\":\"x\"}2\"}, @,@]", 3, "{\"event_id\":\"x\"}2\"}", "malformed_json")]
    [InlineData("[@\"sim\"},@]", 2, "\"sim\"}", "malformed_array")]
    [InlineData("[@,{\"event_id\":\"x\",\"price\":1}75},@]", 2, "{\"event_id\":\"x\",\"price\":1}75}", "malformed_json")]
    [InlineData("[@;@,@]", 3, ";", "malformed_array")]
    [InlineData("[@,@,@] lorem ipsum", 3, "lorem ipsum", "malformed_array")]
    public void Only_what_is_broken_is_rejected(string pattern, int records, string raw, string code)
    {
        var text = pattern.Replace("@", MarketEvents.Good, StringComparison.Ordinal);
        var decoded = Decoded.Of(text);
        Assert.Equal(records, decoded.Records.Count);
        var reject = Assert.Single(decoded.Rejects);
        Assert.Equal((code, raw), (reject.Code, reject.Text));
        var before = raw.Length == 0 ? pattern : pattern[..pattern.LastIndexOf(raw, StringComparison.Ordinal)];
        Assert.Equal(before.Replace("@", MarketEvents.Good, StringComparison.Ordinal).Length, reject.Offset);
        Assert.Equal(
            new ByteAccount(text.Length, records * MarketEvents.Good.Length, raw.Length), decoded.Input.Content);
    }

    [Theory]
    [InlineData("[@,@,]")]
    [InlineData("[@,,@]")]
    [InlineData("[@ @]")]
    [InlineData("[@@]")]
    [InlineData("[@,@]\n[]")]
    [InlineData("[@][@]\n")]
    [InlineData("[@],@]")]
    [InlineData("[@,[@]]")]
    [InlineData("[[@,@]]")]
    [InlineData("@@")]
    [InlineData("@,\n@,\n]")]
    [InlineData("@\n[@]\n")]
    [InlineData("\u001E@\n\u001E@\n")]
    [InlineData("\u001E@\u001E@")]
    public void Records_that_can_be_told_arrive_whatever_stands_between_them(string pattern)
    {
        var decoded = Decoded.Of(pattern.Replace("@", MarketEvents.Good, StringComparison.Ordinal));
        Assert.Equal((2, 0), (decoded.Records.Count, decoded.Rejects.Count));
    }

    [Fact]
    public void An_array_inside_another_object_holds_no_records_of_the_input()
    {
        var decoded = Decoded.Of("{\"data\":[" + MarketEvents.Good + "," + MarketEvents.Good + "]}\n" + MarketEvents.Good);
        Assert.Equal("unknown_field", Assert.Single(decoded.Rejects).Code);
        Assert.Single(decoded.Records);
    }

    [Fact]
    public void A_single_object_is_a_line_of_json() =>
        Assert.Equal("ndjson", Decoded.Of(MarketEvents.Good, name: "event.json").Input.Format);

    [Fact]
    public void Objects_spread_over_lines_are_read_one_after_the_other()
    {
        var pretty = MarketEvents.Good.Replace(",\"", ",\n  \"", StringComparison.Ordinal).Replace("{", "{\n", StringComparison.Ordinal);
        var decoded = Decoded.Of($"{pretty}\n{pretty}\n{{\n  \"a\": 1\n}}\n");
        Assert.Equal("json", decoded.Input.Format);
        Assert.Equal([1L, 2L], decoded.Records.Select(record => record["source_line"]));
        Assert.Equal(3, Assert.Single(decoded.Rejects).Line);
        Assert.Equal("truncated", Decoded.Of(pretty + "\n" + pretty[..^1]).Rejects[0].Code);
        var broken = Decoded.Of(pretty + "\n}" + pretty);
        Assert.Equal((2, "malformed_json", "}"), (broken.Records.Count, Assert.Single(broken.Rejects).Code, broken.Rejects[0].Text));
    }

    [Theory]
    [InlineData("{0}\n{1}\n{0}\n", "events.ndjson")]
    [InlineData("[{0},{1},{0}]", "events.json")]
    public void A_record_beyond_the_limit_keeps_its_beginning_length_and_digest(string pattern, string name)
    {
        foreach (var length in new[] { 300, 301, 302, 303, 1000, 100_000 })
        {
            var big = "{\"a\":\"" + new string('x', length - 8) + "\"}";
            var text = pattern.Replace("{0}", MarketEvents.Good, StringComparison.Ordinal).Replace("{1}", big, StringComparison.Ordinal);
            foreach (var chunk in new[] { 16, 100, 1 << 20 })
            {
                var decoded = Decoded.Of(text, name: name, options: Short with { ChunkBytes = chunk });
                Assert.Equal([1L, 3L], decoded.Records.Select(record => record["source_line"]));
                var reject = Assert.Single(decoded.Rejects);
                Assert.Equal(length > 300 ? "record_too_large" : "unknown_field", reject.Code);
                Assert.Equal(length, reject.Length);
                Assert.Equal(big[..300], reject.Text);
                Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(big))), reject.Sha256);
                Assert.Equal(text.IndexOf("{\"a\"", StringComparison.Ordinal), reject.Offset);
            }
        }
    }

    [Fact]
    public void Lines_split_over_several_files_are_the_same_records_in_the_same_order()
    {
        var random = new Random(5);
        var folder = Directory.CreateTempSubdirectory("risklake-").FullName;
        var lines = Enumerable.Range(0, 500).Select(i => i % 9 == 0 ? "broken" : MarketEvents.With("volume", i.ToString("D"))).ToList();
        var inputs = new List<RiskLake.Sources.InputFile>();
        for (var at = 0; at < lines.Count;)
        {
            var count = random.Next(0, 60);
            var path = Path.Combine(folder, inputs.Count.ToString("D3"));
            File.WriteAllLines(path, lines.Skip(at).Take(count));
            inputs.Add(new(path, Path.GetFileName(path)));
            at += count;
        }

        var volumes = new List<long>();
        var rejected = 0;
        var last = 0;
        var results = RiskLake.Decoding.Decoder.Decode(
            inputs,
            ContractSamples.MarketEvent,
            new DecodeOptions { Threads = 4, ChunkBytes = 700 },
            chunk => chunk.Derived = chunk.Records.RowCount,
            chunk =>
            {
                using (chunk)
                {
                    Assert.True(chunk.FileIndex >= last);
                    Assert.Equal(chunk.Records.RowCount, chunk.Derived);
                    last = chunk.FileIndex;
                    volumes.AddRange(chunk.Records["volume"].Slots);
                    rejected += chunk.Rejects.RowCount;
                }
            },
            CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 500).Where(i => i % 9 != 0).Select(i => (long)i), volumes);
        Assert.Equal((500L, (long)rejected), (results.Sum(input => input.RecordsRead), results.Sum(input => input.RecordsRejected)));
        Assert.Equal(string.Join(' ', inputs.Select(input => input.Name)), string.Join(' ', results.Select(input => input.Name)));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Errors_of_later_stages_come_out_and_nothing_hangs()
    {
        var lines = string.Concat(Enumerable.Repeat(MarketEvents.Good + "\n", 2000));
        var path = Path.GetTempFileName();
        File.WriteAllText(path, lines);
        var options = new DecodeOptions { Threads = 3, ChunkBytes = 1000 };
        var calls = 0;
        void Decode(Action<DecodedChunk>? onWorker, Action<DecodedChunk> consume, CancellationToken ct) =>
            RiskLake.Decoding.Decoder.Decode([new(path, "x")], ContractSamples.MarketEvent, options, onWorker, consume, ct);

        Assert.Throws<InvalidOperationException>(() => Decode(_ => throw new InvalidOperationException(), chunk => chunk.Dispose(), default));
        Assert.Throws<InvalidOperationException>(() => Decode(null, _ => throw new InvalidOperationException(), default));
        using var cancelled = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Decode(
            null,
            chunk =>
            {
                chunk.Dispose();
                if (++calls == 3)
                {
                    cancelled.Cancel();
                }
            },
            cancelled.Token));
        File.Delete(path);
    }
}
