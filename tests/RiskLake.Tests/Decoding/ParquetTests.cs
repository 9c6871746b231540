using System.Security.Cryptography;
using ParquetSharp;
using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Decoding;

public sealed class ParquetTests
{
    private static readonly DateTime At = new(2025, 1, 20, 14, 30, 0, DateTimeKind.Utc);

    [Fact]
    public void An_event_is_decoded_like_the_same_event_in_json()
    {
        var json = Decoded.Of(MarketEvents.Good).Record;
        var bytes = Write(
            Cells<string>(new("event_id"), ["evt-1"]),
            Cells<double>(new("price"), [101.25]),
            Cells<string>(new("symbol"), ["AAPL"]),
            Cells<int>(new("volume"), [100]),
            Cells<DateTime>(new("ts_event", LogicalType.Timestamp(true, TimeUnit.Micros)), [At.AddTicks(1_234_560)]),
            Cells<DateTime>(new("ts_ingest", LogicalType.Timestamp(true, TimeUnit.Millis)), [At.AddSeconds(1.5)]),
            Cells<string>(new("source"), ["sim"]));
        var decoded = Decoded.Of(bytes, name: "events");
        Assert.Equal(json, decoded.Record);
        Assert.Equal("parquet", decoded.Input.Format);
    }

    [Fact]
    public void Numbers_count_by_their_value()
    {
        AssertValues<int>(ColumnType.Int64, new Column<int>("x"), [-5, int.MaxValue], -5L, (long)int.MaxValue);
        AssertValues<uint>(ColumnType.Int64, new Column<uint>("x"), [uint.MaxValue], (long)uint.MaxValue);
        AssertValues<ulong>(ColumnType.Int64, new Column<ulong>("x"), [5, ulong.MaxValue], 5L, "type_overflow");
        AssertValues<byte>(ColumnType.Int64, new Column<byte>("x"), [255], 255L);
        AssertValues<double>(ColumnType.Int64, new Column<double>("x"), [10, 10.5, double.NaN, 1e19, -9.2233720368547758e18], 10L, "not_integer", "non_finite",
            "type_overflow", long.MinValue);
        AssertValues<decimal>(
            ColumnType.Int64, new Column<decimal>("x", LogicalType.Decimal(29, 3)),
            [12m, 12.001m, 99_999_999_999_999_999_999m], 12L, "not_integer", "type_overflow");
        AssertValues<float>(ColumnType.Double, new Column<float>("x"), [0.1f, float.NaN, float.PositiveInfinity], (double)0.1f, "non_finite", "non_finite");
        AssertValues<long>(
            ColumnType.Double, new Column<long>("x"), [1L << 53, (1L << 53) + 1, long.MaxValue], (double)(1L << 53), "precision_loss", "precision_loss");
        AssertValues<decimal>(ColumnType.Double, new Column<decimal>("x", LogicalType.Decimal(29, 2)), [101.10m, -0.01m], 101.10, -0.01);
        AssertValues<decimal>(
            ColumnType.Decimal, new Column<decimal>("x", LogicalType.Decimal(29, 6)),
            [1.25m, 1.00001m, 123_456_789_012_345m], 12_500L, "precision_loss", "type_overflow");
        AssertValues<int>(ColumnType.Decimal, new Column<int>("x"), [7], 70_000L);
        AssertValues<double>(ColumnType.Decimal, new Column<double>("x"), [0.5], "type_mismatch");
    }

    [Fact]
    public void Everything_else_is_of_the_very_type()
    {
        AssertValues<bool>(ColumnType.Boolean, new Column<bool>("x"), [true, false], true, false);
        AssertValues<int>(ColumnType.Boolean, new Column<int>("x"), [1], "type_mismatch");
        AssertValues<string>(ColumnType.String, new Column<string>("x"), ["", "é😀"], "", "é😀");
        AssertValues<int>(ColumnType.String, new Column<int>("x"), [1], "type_mismatch");
        AssertValues<byte[]>(ColumnType.String, new Column<byte[]>("x"), [[65]], "type_mismatch");
        AssertValues<string>(ColumnType.Double, new Column<string>("x"), ["1.5"], "type_mismatch");
        AssertValues<bool>(ColumnType.Int64, new Column<bool>("x"), [true], "type_mismatch");
        AssertValues<Date>(ColumnType.Date, new Column<Date>("x"), [new Date(2024, 2, 29), new Date(3_000_000)], 19_782L, "timestamp_out_of_range");
        AssertValues<DateTime>(ColumnType.Date, new Column<DateTime>("x", LogicalType.Timestamp(true, TimeUnit.Micros)), [At], "type_mismatch");
        AssertValues<long>(ColumnType.Timestamp, new Column<long>("x"), [1_737_383_400_000_000], "type_mismatch");
        AssertValues<string>(ColumnType.Timestamp, new Column<string>("x"), ["2025-01-20T14:30:00Z"], "type_mismatch");
        AssertValues<TimeSpan>(
            ColumnType.Timestamp, new Column<TimeSpan>("x", LogicalType.Time(true, TimeUnit.Micros)), [TimeSpan.FromHours(1)], "type_mismatch");
        AssertValues<Guid>(ColumnType.String, new Column<Guid>("x"), [Guid.Empty], "type_mismatch");
        AssertValues<double[]>(ColumnType.Double, new Column<double[]>("x"), [[1.0, 2.0]], "type_mismatch");
    }

    [Fact]
    public void Timestamps_keep_their_instant_or_are_rejected()
    {
        var nanos = LogicalType.Timestamp(true, TimeUnit.Nanos);
        AssertValues<DateTimeNanos>(
            ColumnType.Timestamp,
            new Column<DateTimeNanos>("x", nanos),
            [new(1_737_383_400_123_456_000), new(1_737_383_400_123_456_789), new(-1)],
            1_737_383_400_123_456L,
            "precision_loss",
            "precision_loss");
        var local = new Column<DateTime>("x", LogicalType.Timestamp(false, TimeUnit.Millis));
        AssertValues(ColumnType.Timestamp, local, [At], "zone_missing");
        var contract = ContractSamples.One(ColumnType.Timestamp, field => field with { DefaultZone = "America/New_York", TruncatePrecision = true });
        Assert.Equal(1_737_401_400_000_000L, Decoded.Of(Write((local, new[] { At })), contract).Record["x"]);
        Assert.Equal("local_time_skipped", Decoded.Of(Write((local, new[] { new DateTime(2025, 3, 9, 2, 30, 0) })), contract).Reject.Code);
        Assert.Equal(-1L, Decoded.Of(Write((new Column<DateTimeNanos>("x", nanos), new DateTimeNanos[] { new(-1) })), contract).Record["x"]);
    }

    [Fact]
    public void Nulls_and_missing_columns_are_told_apart()
    {
        var contract = ContractSamples.Of(new() { Name = "x", Type = ColumnType.Double, Required = true }, new() { Name = "y", Type = ColumnType.String });
        var decoded = Decoded.Of(Write((new Column<double?>("x"), new double?[] { 1, null, 3 })), contract);
        Assert.Equal([1L, 3L], decoded.Records.Select(record => record["source_line"]));
        Assert.Equal(("null_value", 2L), (decoded.Rejects[0].Code, decoded.Rejects[0].Line));
        Assert.Null(decoded.Rejects[0].Offset);
        Assert.Equal("missing_field", Decoded.Of(Write((new Column<string>("y"), new[] { "a" })), contract).Reject.Code);
        Assert.Equal("unknown_field", Decoded.Of(Write((new Column<double>("x"), new[] { 1.0 }), (new Column<int>("z"), new[] { 1 })), contract).Reject.Code);
    }

    [Fact]
    public void A_rejected_row_is_kept_as_canonical_json()
    {
        var contract = ContractSamples.One(ColumnType.Int64);
        var reject = Decoded.Of(
            Write(
                Cells<double>(new("x"), [0.1]),
                Cells<string>(new("s"), ["a\"é\n"]),
                Cells<bool?>(new("b"), [null]),
                Cells<decimal>(new("d", LogicalType.Decimal(29, 2)), [1.5m]),
                Cells<DateTime>(new("t", LogicalType.Timestamp(true, TimeUnit.Millis)), [At]),
                Cells<Date>(new("day"), [new Date(2024, 2, 29)]),
                Cells<byte[]>(new("raw"), [[0, 255]]),
                Cells<float>(new("f"), [float.NaN])),
            contract).Reject;
        Assert.Equal("""{"x":0.1,"s":"a\"é\n","b":null,"d":150e-2,"t":"2025-01-20T14:30:00.000000Z","day":"2024-02-29","raw":"AP8=","f":"NaN"}""", reject.Text);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(reject.Raw)), reject.Sha256);
        Assert.Equal(("not_integer", 7), (reject.Code, reject.Codes.Count(code => code == "unknown_field")));
        var open = Decoded.Of(Write(Cells<int>(new("x"), [1]), Cells<string>(new("s"), ["é"]), Cells<int?>(new("n"), [null])), contract.Open());
        Assert.Equal("""{"s":"é","n":null}""", open.Record["extra"]);
    }

    [Fact]
    public void Row_groups_threads_and_chunks_change_nothing()
    {
        var path = Path.GetTempFileName();
        using (var file = new ParquetFileWriter(path, [new Column<long?>("x"), new Column<string>("s")]))
        {
            for (var group = 0; group < 5; group++)
            {
                using var rows = file.AppendRowGroup();
                var values = Enumerable.Range(0, 1000 + group).Select(i => i % 7 == 0 ? (long?)null : (group * 10_000) + i).ToArray();
                using (var column = rows.NextColumn().LogicalWriter<long?>())
                {
                    column.WriteBatch(values);
                }

                using (var column = rows.NextColumn().LogicalWriter<string>())
                {
                    column.WriteBatch([.. values.Select(value => value is null ? null! : "v" + (value.Value % 10).ToString("D"))]);
                }
            }

            file.Close();
        }

        var contract = ContractSamples.Of(new() { Name = "x", Type = ColumnType.Int64, Required = true }, new() { Name = "s", Type = ColumnType.String });
        var whole = Decoded.OfFile(path, contract, "x.parquet");
        Assert.Equal(5010, whole.Input.RecordsRead);
        var lines = whole.Records.Select(record => (long)record["source_line"]!).Concat(whole.Rejects.Select(reject => reject.Line));
        Assert.Equal(Enumerable.Range(1, 5010), lines.Order().Select(line => (int)line));
        Assert.All(whole.Records, record => Assert.Equal("v" + ((long)record["x"]! % 10).ToString("D"), record["s"]));
        var parts = Decoded.OfFile(path, contract, "x.parquet", new DecodeOptions { Threads = 3, ChunkRows = 37 });
        Assert.Equal(whole.Dump(), parts.Dump());
        File.Delete(path);
    }

    [Fact]
    public void A_compressed_file_is_unpacked_first()
    {
        using var compressor = new ZstdSharp.Compressor();
        var decoded = Decoded.Of(compressor.Wrap(Write((new Column<int>("x"), new[] { 1, 2 }))).ToArray(), ContractSamples.One(ColumnType.Int64));
        Assert.Equal(("parquet", "zstd", 2L), (decoded.Input.Format, decoded.Input.Compression, decoded.Input.RecordsRead));
    }

    [Fact]
    public void A_damaged_file_is_an_error_of_the_input()
    {
        var bytes = Write((new Column<int>("x"), Enumerable.Range(0, 100).ToArray()));
        foreach (var damaged in new[]
        {
            bytes[..^1], bytes[..^8], bytes[..(bytes.Length / 2)], System.Text.Encoding.UTF8.GetBytes("PAR1"),
            [.. bytes[..^6], 0xFF, 0xFF, .. bytes[^4..]], [.. "PAR2"u8, .. bytes[4..^1]],
        })
        {
            var error = Assert.Throws<RiskLakeException>(() => { Decoded.Of(damaged, ContractSamples.One(ColumnType.Int64), "x.parquet"); });
            Assert.Equal(ErrorCode.InputUnreadable, error.Code);
        }
    }

    [Fact]
    public void Random_damage_never_crashes()
    {
        var bytes = Write(
            (new Column<int>("x"), Enumerable.Range(0, 100).ToArray()),
            (new Column<string>("s"), Enumerable.Range(0, 100).Select(i => "text " + i.ToString("D")).ToArray()));
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= 0x41;
            try
            {
                _ = Decoded.Of(damaged, ContractSamples.One(ColumnType.Int64).Open(), "x.parquet");
            }
            catch (RiskLakeException e)
            {
                Assert.Equal(ErrorCode.InputUnreadable, e.Code);
            }
        }
    }

    /// <summary>Decodes a column of values; each expectation is a value, or the code of a reason.</summary>
    private static void AssertValues<T>(ColumnType type, Column<T> column, T[] values, params object[] expected)
    {
        var contract = ContractSamples.One(type);
        var decoded = Decoded.Of(Write((column, values)), contract);
        var found = new object?[values.Length];
        foreach (var record in decoded.Records)
        {
            found[(long)record["source_line"]! - 1] = record["x"];
        }

        foreach (var reject in decoded.Rejects)
        {
            found[reject.Line - 1] = Assert.Single(reject.Codes);
        }

        Assert.Equal(expected, found);
    }

    private static (ParquetSharp.Column Column, Array Values) Cells<T>(Column<T> column, T[] values) => (column, values);

    private static byte[] Write(params (ParquetSharp.Column Column, Array Values)[] columns)
    {
        var target = new MemoryStream();
        using (var file = new ParquetFileWriter(target, [.. columns.Select(column => column.Column)], leaveOpen: true))
        {
            using (var rows = file.AppendRowGroup())
            {
                foreach (var (_, values) in columns)
                {
                    using var column = rows.NextColumn();
                    column.LogicalWriter().Apply(new Writer(values));
                }
            }

            file.Close();
        }

        return target.ToArray();
    }

    private sealed class Writer(Array values) : ILogicalColumnWriterVisitor<bool>
    {
        public bool OnLogicalColumnWriter<TValue>(LogicalColumnWriter<TValue> columnWriter)
        {
            columnWriter.WriteBatch((TValue[])values);
            columnWriter.Dispose();
            return true;
        }
    }
}
