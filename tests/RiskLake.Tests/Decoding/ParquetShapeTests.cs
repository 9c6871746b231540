using System.Text.Json;
using ParquetSharp;
using ParquetSharp.Schema;
using RiskLake.Lake.Columns;

namespace RiskLake.Tests.Decoding;

/// <summary>Parquet columns beyond plain ones: lists, structures and maps, and the old timestamps of 12 bytes.</summary>
public sealed class ParquetShapeTests
{
    private static readonly string[] Names = ["x", "tags", "legs", "fees"];

    [Fact]
    public void Nested_columns_that_the_contract_does_not_name_are_kept_as_json()
    {
        var decoded = Decoded.Of(Nested(), ContractSamples.One(ColumnType.Int64).Open(), "rows.parquet");
        Assert.Equal([1L, 2L, 3L, 4L], decoded.Records.Select(record => record["x"]));
        string[] expected =
        [
            """{"tags":["a","b"],"legs":[{"id":7,"w":0.5},{"id":8,"w":null}],"fees":{"t":{"amount":3}}}""",
            """{"tags":[],"legs":[],"fees":{"t":null}}""",
            """{"tags":null,"legs":[{"id":9,"w":1.5}],"fees":null}""",
            """{"tags":[null,"é"],"legs":null,"fees":{"t":{"amount":null}}}""",
        ];
        foreach (var (record, json) in decoded.Records.Zip(expected))
        {
            Assert.True(JsonElement.DeepEquals(JsonDocument.Parse((string)record["extra"]!).RootElement,
                JsonDocument.Parse(json).RootElement), (string)record["extra"]!);
        }
    }

    [Fact]
    public void Nested_columns_do_not_depend_on_how_rows_are_cut()
    {
        var contract = ContractSamples.One(ColumnType.Int64).Open();
        var whole = Decoded.Of(Nested(), contract, "rows.parquet");
        for (var rows = 1; rows < 5; rows++)
        {
            Assert.Equal(whole.Dump(), Decoded.Of(Nested(), contract, "rows.parquet", new() { Threads = 2, ChunkRows = rows }).Dump());
        }
    }

    [Fact]
    public void A_nested_column_is_no_value_of_a_field()
    {
        var contract = ContractSamples.Of(
            new() { Name = "x", Type = ColumnType.Int64 }, new() { Name = "tags", Type = ColumnType.String });
        Assert.All(Decoded.Of(Nested(), contract.Open(), "rows.parquet").Rejects, reject => Assert.Equal("type_mismatch", reject.Code));
        Assert.All(Decoded.Of(Nested(), ContractSamples.One(ColumnType.Int64), "rows.parquet").Rejects, reject => Assert.Equal("unknown_field", reject.Code));
    }

    [Theory]
    [InlineData("2025-03-01T15:30:00.000000Z", 0)]
    [InlineData("1971-03-01T15:30:00.123456Z", 0)]
    [InlineData("1600-02-29T00:00:00.000001Z", 0)]
    [InlineData("9999-12-31T23:59:59.999999Z", 0)]
    [InlineData("2025-03-01T15:30:00.000000Z", 7)]
    public void Timestamps_of_12_bytes_are_days_and_nanoseconds(string time, int nanos)
    {
        var at = DateTime.Parse(time, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AdjustToUniversal);
        var ticks = at.Ticks % TimeSpan.TicksPerDay;
        var day = (int)((at.Ticks - DateTime.UnixEpoch.Ticks - ticks) / TimeSpan.TicksPerDay) + 2_440_588;
        var target = new MemoryStream();
        using (var file = new ParquetFileWriter(
            target, new GroupNode("schema", Repetition.Required, [new PrimitiveNode("x", Repetition.Required, LogicalType.None(), PhysicalType.Int96)]),
            WriterProperties.GetDefaultWriterProperties(), leaveOpen: true))
        {
            using var rows = file.AppendRowGroup();
            using var column = (ColumnWriter<Int96>)rows.NextColumn();
            var value = (ulong)((ticks * 100) + nanos);
            column.WriteBatch([new Int96((int)value, (int)(value >> 32), day)]);
            file.Close();
        }

        var contract = ContractSamples.One(ColumnType.Timestamp, field => field with { DefaultZone = "UTC" });
        var decoded = Decoded.Of(target.ToArray(), contract, "rows.parquet");
        if (nanos == 0)
        {
            Assert.Equal((at.Ticks - DateTime.UnixEpoch.Ticks) / 10, decoded.Record["x"]);
        }
        else
        {
            Assert.Equal("precision_loss", decoded.Reject.Code);
        }
    }

    /// <summary>Four rows with a list of texts, a list of structures, and a map of structures; each with nothing, null and something.</summary>
    internal static byte[] Nested()
    {
        static PrimitiveNode Leaf(string name, Repetition repetition, LogicalType type, PhysicalType physical) => new(name, repetition, type, physical);
        var schema = new GroupNode("schema", Repetition.Required,
        [
            Leaf(Names[0], Repetition.Required, LogicalType.Int(64, true), PhysicalType.Int64),
            new GroupNode(Names[1], Repetition.Optional,
                [new GroupNode("list", Repetition.Repeated,
                    [Leaf("element", Repetition.Optional, LogicalType.String(), PhysicalType.ByteArray)])], LogicalType.List()),
            new GroupNode(Names[2], Repetition.Optional,
                [new GroupNode("list", Repetition.Repeated,
                    [new GroupNode("element", Repetition.Required,
                        [Leaf("id", Repetition.Required, LogicalType.Int(32, true), PhysicalType.Int32),
                            Leaf("w", Repetition.Optional, LogicalType.None(), PhysicalType.Double)])])],
                LogicalType.List()),
            new GroupNode(Names[3], Repetition.Optional,
                [new GroupNode("key_value", Repetition.Repeated,
                    [Leaf("key", Repetition.Required, LogicalType.String(), PhysicalType.ByteArray),
                     new GroupNode("value", Repetition.Optional, [Leaf("amount", Repetition.Optional, LogicalType.Int(64, true), PhysicalType.Int64)])])],
                LogicalType.Map()),
        ]);
        var target = new MemoryStream();
        using var buffer = new ByteBuffer(1024);
        using (var file = new ParquetFileWriter(target, schema, WriterProperties.GetDefaultWriterProperties(), leaveOpen: true))
        {
            using var rows = file.AppendRowGroup();
            Write<long>(rows, 4, [], [], [1, 2, 3, 4]);
            Write<ByteArray>(rows, 6, [3, 3, 1, 0, 2, 3], [0, 1, 0, 0, 0, 1], [Text("a"), Text("b"), Text("é")]);
            Write<int>(rows, 5, [2, 2, 1, 2, 0], [0, 1, 0, 0, 0], [7, 8, 9]);
            Write<double>(rows, 5, [3, 2, 1, 3, 0], [0, 1, 0, 0, 0], [0.5, 1.5]);
            Write<ByteArray>(rows, 4, [2, 2, 0, 2], [0, 0, 0, 0], [Text("t"), Text("t"), Text("t")]);
            Write<long>(rows, 4, [4, 2, 0, 3], [0, 0, 0, 0], [3]);
            file.Close();
        }

        return target.ToArray();

        ByteArray Text(string text)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(text);
            var place = buffer.Allocate(bytes.Length);
            System.Runtime.InteropServices.Marshal.Copy(bytes, 0, place.Pointer, bytes.Length);
            return place;
        }
    }

    private static void Write<T>(RowGroupWriter rows, int entries, short[] definitions, short[] repetitions, T[] values)
        where T : unmanaged
    {
        using var column = (ColumnWriter<T>)rows.NextColumn();
        column.WriteBatch(entries, definitions, repetitions, values);
    }
}
