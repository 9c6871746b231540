using System.Globalization;
using CsCheck;
using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Decoding;
using RiskLake.Errors;

namespace RiskLake.Tests.Decoding;

public sealed class CsvTests
{
    private const string Header = "event_id,symbol,price,volume,ts_event,ts_ingest,source\n";
    private const string Good = "evt-1,AAPL,101.25,100,2025-01-20T14:30:00.123456Z,2025-01-20T14:30:01.5Z,sim";

    private static readonly Contract Sourced = ContractSamples.Of(
        new ContractField { Name = "id", Type = ColumnType.String },
        new ContractField { Name = "n", Type = ColumnType.Double },
        new ContractField { Name = "s", Type = ColumnType.String });

    private static readonly Contract Dated = ContractSamples.Of(
        new ContractField { Name = "d", Type = ColumnType.Date },
        new ContractField { Name = "id", Type = ColumnType.String },
        new ContractField { Name = "n", Type = ColumnType.Double });

    private static readonly Contract Text = ContractSamples.Of(
        new ContractField { Name = "a", Type = ColumnType.String },
        new ContractField { Name = "b", Type = ColumnType.String },
        new ContractField { Name = "n", Type = ColumnType.Double });

    [Fact]
    public void A_row_is_decoded_like_the_same_event_in_json()
    {
        var csv = Csv(Header + Good + "\r\n").Record;
        var json = Decoded.Of(MarketEvents.Good).Record;
        json["source_line"] = 2L;
        Assert.Equal(json, csv);
    }

    [Theory]
    [InlineData("price", "\"101.25\"", null)]
    [InlineData("price", "1e400", "non_finite")]
    [InlineData("price", "NaN", "non_finite")]
    [InlineData("price", "inf", "non_finite")]
    [InlineData("price", " 101.25", "type_mismatch")]
    [InlineData("price", "+101.25", "type_mismatch")]
    [InlineData("price", "1,01", "column_count")]
    [InlineData("price", "\"1,01\"", "type_mismatch")]
    [InlineData("price", "abc", "type_mismatch")]
    [InlineData("price", "", "null_value")]
    [InlineData("price", "\"\"", "type_mismatch")]
    [InlineData("price", "-1", "out_of_range")]
    [InlineData("volume", "1.5", "not_integer")]
    [InlineData("volume", "1e2", null)]
    [InlineData("volume", "9223372036854775808", "type_overflow")]
    [InlineData("ts_event", "2025-01-20T14:30:00", "zone_missing")]
    [InlineData("ts_event", "2025-02-30T14:30:00Z", "invalid_timestamp")]
    [InlineData("ts_event", "2025-01-20T14:30:60Z", "leap_second")]
    [InlineData("symbol", "\"\"", null)]
    [InlineData("symbol", "", "null_value")]
    [InlineData("symbol", "A\"B", "malformed_csv")]
    [InlineData("symbol", "\"A\"B", "malformed_csv")]
    [InlineData("symbol", "\"A\" ", "malformed_csv")]
    [InlineData("symbol", "A\tB", "control_character")]
    [InlineData("symbol", "\"A\tB\"", null)]
    [InlineData("symbol", "\"A\u0001B\"", "control_character")]
    [InlineData("symbol", "a,b", "column_count")]
    public void A_bad_value_has_its_own_reason(string column, string cell, string? code)
    {
        var cells = Good.Split(',');
        cells[Array.IndexOf(Header.TrimEnd().Split(','), column)] = cell;
        var row = string.Join(",", cells);
        var decoded = Csv(Header + row + "\n" + Good + "\n");
        Assert.Equal(code, decoded.Rejects.SingleOrDefault()?.Code);
        Assert.Equal(code is null ? 2 : 1, decoded.Records.Count);
        if (code is not null)
        {
            Assert.Equal((row, 2L, Header.Length), (decoded.Rejects[0].Text, decoded.Rejects[0].Line, decoded.Rejects[0].Offset));
        }
    }

    [Fact]
    public void Quotes_hold_separators_quotes_and_line_ends()
    {
        var decoded = Csv("a,b,n\n\"x,\"\"y\"\"\r\nz\",\"\",1\n\n\"\"\"\",\"\n\n\",2\r\nplain,,3", Text);
        Assert.Equal(["x,\"y\"\r\nz", "\"", "plain"], decoded.Records.Select(record => record["a"]));
        Assert.Equal(["", "\n\n", null], decoded.Records.Select(record => record["b"]));
        Assert.Equal([2L, 5L, 8L], decoded.Records.Select(record => record["source_line"]));
    }

    [Theory]
    [InlineData("x,y\n", "column_count")]
    [InlineData("x,y,1,z\n", "column_count")]
    [InlineData("x,y,1,\n", "column_count")]
    [InlineData("x,\"y,1\n", "truncated")]
    public void Rows_have_as_many_values_as_the_header(string row, string code)
    {
        var reject = Csv("a,b,n\n" + row, Text).Reject;
        Assert.Equal((code, 2L, 6L), (reject.Code, reject.Line, reject.Offset));
    }

    [Fact]
    public void A_quote_inside_a_value_does_not_swallow_the_rows_after_it()
    {
        var decoded = Csv("a,b,n\n5\" tube,x,1\ny,z,2\n", Text);
        Assert.Equal("malformed_csv", Assert.Single(decoded.Rejects).Code);
        Assert.Equal("y", Assert.Single(decoded.Records)["a"]);
    }

    [Theory]
    [InlineData("x,\"y,1\n", "y,z,2\n", "x,\"y,1", "malformed_csv")]
    [InlineData("x,\"y\nz,1\n", "y,\"z\nz\",2\n", "x,\"y\nz,1", "malformed_csv")]
    [InlineData("x,\"y\nz\" ,1\n", "y,z,2\n", "x,\"y\nz\" ,1", "malformed_csv")]
    [InlineData("x,\"y\nz\",1,1\n", "y,\"z\",2\n", "x,\"y\nz\",1,1", "column_count")]
    public void A_quote_that_is_not_closed_costs_its_own_row(string broken, string good, string raw, string code)
    {
        foreach (var chunk in new[] { 8, 1 << 20 })
        {
            var rows = string.Concat(Enumerable.Repeat(good, 40));
            var options = new DecodeOptions { Threads = 1, MaxRecordBytes = 100, ChunkBytes = chunk };
            var decoded = Decoded.Of("a,b,n\n" + rows + broken + rows, Text, "x.csv", options);
            var reject = Assert.Single(decoded.Rejects);
            Assert.Equal((code, raw, 80), (reject.Code, reject.Text, decoded.Records.Count));
            Assert.Equal(2 + (40 * good.Count(c => c == '\n')), reject.Line);
            Assert.Equal(decoded.Records.Sum(_ => good.Length - 1L), decoded.Input.Content!.Value.Records);
        }
    }

    [Fact]
    public void Two_rows_that_each_lost_a_quote_do_not_take_those_between_them()
    {
        var rows = string.Concat(Enumerable.Range(0, 9).Select(i => Good.Replace("evt-1", "evt-" + i, StringComparison.Ordinal) + "\n"));
        var text = Header + Good.Replace(",sim", ",\"sim", StringComparison.Ordinal) + "\n" + rows + Good + "\"\n" + rows;
        var decoded = Csv(text);
        Assert.Equal((18, 2), (decoded.Records.Count, decoded.Rejects.Count));
    }

    [Theory]
    [InlineData("Event_id,symbol,price,volume,ts_event,ts_ingest,source", "Event_id")]
    [InlineData("event_id, symbol, price,volume,ts_event,ts_ingest,source", " symbol")]
    public void A_name_that_is_meant_for_a_field_is_refused_rather_than_left_out(string header, string found)
    {
        var error = Assert.Throws<RiskLakeException>(() => Csv(header + "\n" + Good));
        Assert.Equal(ErrorCode.InputFormatUnknown, error.Code);
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void The_header_maps_by_name_in_any_order()
    {
        var decoded = Csv("n,\"a\",b\n1,x,y\n", Text);
        Assert.Equal(("x", "y", 1.0), (decoded.Record["a"], decoded.Record["b"], decoded.Record["n"]));
        Assert.Null(Csv("a\nx\n", Text).Record["b"]);
    }

    [Fact]
    public void What_is_wrong_with_the_header_is_wrong_with_every_row()
    {
        Assert.Equal("unknown_field", Csv("a,b,zz\nx,y,1\n", Text).Reject.Code);
        Assert.Equal(["duplicate_key"], Csv("a,b,a\nx,y,z\n", Text).Reject.Codes);
        Assert.Equal("missing_field", Csv("event_id\n1\n").Reject.Code);
        Assert.Equal("""{"z\"z":"1\n","y":null}""", Csv("a,\"z\"\"z\",y\nx,\"1\n\",\n", Text.Open()).Record["extra"]);
    }

    [Fact]
    public void Text_that_is_not_utf8_is_rejected() =>
        Assert.Equal("invalid_utf8", Decoded.Of([.. "a,b,n\nx"u8, 0xFF, .. ",y,1\n"u8], Text, "x.csv").Reject.Code);

    [Fact]
    public void A_row_beyond_the_limit_keeps_its_beginning_and_later_lines_keep_their_numbers()
    {
        foreach (var chunk in new[] { 8, 50, 1 << 20 })
        {
            var options = new DecodeOptions { Threads = 1, MaxRecordBytes = 60, ChunkBytes = chunk };
            var decoded = Decoded.Of("a,b,n\nx,\"" + new string('\n', 500) + "\",1\ny,z,2\nw,\"v\",3\n", Text, "x.csv", options);
            Assert.Equal("record_too_large", Assert.Single(decoded.Rejects).Code);
            Assert.Equal((506L, 2L, 60), (decoded.Rejects[0].Length, decoded.Rejects[0].Line, decoded.Rejects[0].Raw.Length));
            Assert.Equal([503L, 504L], decoded.Records.Select(record => record["source_line"]));
        }
    }

    /// <summary>
    /// A line end anywhere in a row between others: no value is shortened by it, whatever the blocks, and the rows around it arrive.
    /// </summary>
    [Fact]
    public void A_line_end_inside_a_row_shortens_no_value()
    {
        Gen.Select(Gen.Int[3, 12], Gen.Int[0, 11], Gen.Int[1, 80], Gen.Int[40, 400], Gen.Bool).Sample((count, at, place, chunk, isNumberLast) =>
        {
            at = 1 + (at % (count - 2));
            var rows = Enumerable.Range(0, count).Select(
                i => isNumberLast ? $"2025-01-{i + 1:D2},evt-{i:D5},{100 + i}.2{(i % 9) + 1}" : $"evt-{i:D5},{100 + i},vendor").ToArray();
            place = 1 + (place % (rows[at].Length - 1));
            var broken = rows.ToArray();
            broken[at] = rows[at].Insert(place, "\n");
            var contract = isNumberLast ? Dated : Sourced;
            var header = string.Join(',', contract.Fields.Select(field => field.Name)) + "\n";
            var decoded = Decoded.Of(header + string.Join('\n', broken) + "\n", contract, "rows.csv", new DecodeOptions { Threads = 2, ChunkBytes = chunk });
            var arrived = decoded.Records.Select(Row).ToHashSet(StringComparer.Ordinal);
            var around = rows.Where((_, i) => i != at).Select(row => row[row.IndexOf("evt", StringComparison.Ordinal)..]);
            Assert.Equal(around.ToHashSet(StringComparer.Ordinal), arrived);
            Assert.Equal(2, decoded.Rejects.Count);
        }, iter: 2000);

        static string Row(Dictionary<string, object?> record) => string.Join(',', record.Where(pair => pair.Key is "id" or "n" or "s")
            .Select(pair => Convert.ToString(pair.Value, CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("evt-1,1,sim\n(2 rows)\n", 1)]
    [InlineData("evt-1,1,sim\nsection\nevt-2,2,sim\n", 2)]
    [InlineData("evt-1,1,si\n\nm\nevt-2,2,sim\n", 2)]
    [InlineData("evt-1,1,\"si\"\nm\nevt-2,2,sim\n", 2)]
    [InlineData("evt-1,1,si\nm\nevt-2,2,sim\n", 1)]
    [InlineData("evt-1,1,si\r\nm\r\nevt-2,2,sim\r\n", 1)]
    [InlineData("evt-1,1,si\nm\nx\nevt-2,2,sim\n", 2)]
    public void A_line_of_one_value_takes_a_row_with_it_only_where_it_is_its_rest(string rows, int arrived) =>
        Assert.Equal(arrived, Decoded.Of("id,n,s\n" + rows, Sourced, "rows.csv").Records.Count);

    private static Decoded Csv(string text, Contract? contract = null) => Decoded.Of(text, contract, "events.csv");
}
