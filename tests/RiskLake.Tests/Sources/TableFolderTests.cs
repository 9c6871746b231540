using System.Text.Json.Nodes;
using ParquetSharp;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Sources;

/// <summary>Folders of table formats, partition columns in paths, and addresses where a path belongs.</summary>
public sealed class TableFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("risklake-table-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_delta_table_is_read_by_its_log()
    {
        Data("a.parquet", "b%20c.parquet", "d.parquet", "loose.parquet");
        File.Move(Path.Combine(_folder, "b%20c.parquet"), Path.Combine(_folder, "b c.parquet"));
        Commit(0, Protocol(1), Metadata(), Add("a.parquet"), Add("b%20c.parquet"));
        Commit(1, """{"remove":{"path":"a.parquet","dataChange":true}}""", Add("d.parquet"));
        Assert.Equal(["b c.parquet", "d.parquet"], Resolve(_folder).Select(file => file.Name));
        Assert.Equal(["t/b c.parquet", "t/d.parquet"], Resolve(Nested()).Select(file => file.Name));
    }

    [Fact]
    public void A_lake_of_ones_own_is_read_like_any_delta_table()
    {
        using var desk = new Runs.TestDesk();
        desk.Run(desk.Request(desk.WriteEvents([Decoding.MarketEvents.Good])) with { RunId = "a" });
        desk.Run(desk.Request(desk.WriteEvents([Decoding.MarketEvents.With("price", "77.5")])) with { RunId = "a" });
        var table = Path.Combine(desk.LakeRoot, "_delta", "silver", "market_events");
        Assert.Equal(2, Directory.GetFiles(table, "*.parquet", SearchOption.AllDirectories).Length);
        var outcome = desk.Run(desk.Request(table) with { RunId = "copy", OutputRoot = "other", IsSnapshot = true });
        Assert.Equal((1L, "published"), ((long)outcome.Record["conservation"]!["read"]!, (string)outcome.Record["status"]!));
    }

    [Fact]
    public void A_checkpoint_stands_for_the_commits_before_it()
    {
        Data("a.parquet", "b.parquet");
        Directory.CreateDirectory(Path.Combine(_folder, "_delta_log"));
        using (var writer = new ParquetFileWriter(
            Path.Combine(_folder, "_delta_log", "00000000000000000010.checkpoint.parquet"), Checkpoint(), WriterProperties.GetDefaultWriterProperties()))
        {
            using var group = writer.AppendRowGroup();
            using (var column = (ColumnWriter<ByteArray>)group.NextColumn())
            {
                using var buffer = new ByteBuffer(64);
                column.WriteBatch(2, [2, 0], [], [Convert(buffer, "a.parquet")]);
            }

            using var version = (ColumnWriter<int>)group.NextColumn();
            version.WriteBatch(2, [0, 2], [], [1]);
        }

        Commit(11, Add("b.parquet"));
        Assert.Equal(["a.parquet", "b.parquet"], Resolve(_folder).Select(file => file.Name));
    }

    [Theory]
    [InlineData("""{"protocol":{"minReaderVersion":4,"minWriterVersion":7}}""", "version 4")]
    [InlineData("""{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["variantType"],"writerFeatures":[]}}""", "variantType")]
    [InlineData("""{"metaData":{"id":"x","partitionColumns":[],"configuration":{"delta.columnMapping.mode":"name"}}}""", "column mapping")]
    [InlineData("""{"add":{"path":"a.parquet","deletionVector":{"storageType":"u","pathOrInlineDv":"x"}}}""", "deletion vectors")]
    public void What_is_not_read_is_refused_by_its_name(string action, string found)
    {
        Data("a.parquet");
        Commit(0, Protocol(1), Metadata(), Add("a.parquet"), action);
        var error = Assert.Throws<RiskLakeException>(() => Resolve(_folder));
        Assert.Equal(ErrorCode.InputFormatUnknown, error.Code);
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_with_a_gap_or_broken_lines_is_damaged()
    {
        Data("a.parquet");
        Commit(0, Protocol(1), Metadata(), Add("a.parquet"));
        Commit(2, Add("a.parquet"));
        Assert.Equal(ErrorCode.InputUnreadable, Assert.Throws<RiskLakeException>(() => Resolve(_folder)).Code);
        Commit(1, "{\"add\":");
        Assert.Equal(ErrorCode.InputUnreadable, Assert.Throws<RiskLakeException>(() => Resolve(_folder)).Code);
    }

    [Theory]
    [InlineData("metadata/v1.metadata.json", "Iceberg")]
    [InlineData(".hoodie/hoodie.properties", "Hudi")]
    public void Other_table_formats_are_refused_by_name(string file, string name)
    {
        Data("a.parquet");
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, file))!);
        File.WriteAllText(Path.Combine(_folder, file), "{}");
        Assert.Contains(name, Assert.Throws<RiskLakeException>(() => Resolve(_folder)).Found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("symbol=AAPL/part.csv", "event_id,price,volume,ts_event,ts_ingest,source\n1,2,3,4,5,6\n")]
    [InlineData("year=2025/symbol=BRK%2FB/part.ndjson", "{\"event_id\":\"1\",\"price\":1}\n")]
    public void A_field_that_stands_in_the_path_alone_is_told(string name, string text)
    {
        using var desk = new Runs.TestDesk();
        desk.Write("in/" + name, text);
        var error = Assert.Throws<RiskLakeException>(() => desk.Run(desk.Request("in") with { RunId = "r" }));
        Assert.Equal(ErrorCode.InputFormatUnknown, error.Code);
        Assert.Contains("'symbol' in the path", error.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_named_for_a_field_that_the_file_has_too_is_no_matter()
    {
        using var desk = new Runs.TestDesk();
        desk.Write("in/symbol=AAPL/part.ndjson", Decoding.MarketEvents.Good + "\n");
        Assert.Equal("published", (string)desk.Run(desk.Request("in") with { RunId = "r" }).Record["status"]!);
    }

    [Theory]
    [InlineData("s3://bucket/x.csv")]
    [InlineData("abfss://c@a.dfs.core.windows.net/x")]
    [InlineData("https://example.org/x.csv")]
    public void An_address_is_no_path(string address)
    {
        Assert.Equal(ErrorCode.CommandLineInvalid, Assert.Throws<RiskLakeException>(() => Resolve(address)).Code);
        using var desk = new Runs.TestDesk();
        var request = desk.Request(desk.WriteEvents([Decoding.MarketEvents.Good])) with { OutputRoot = address };
        Assert.Equal(ErrorCode.CommandLineInvalid, Assert.Throws<RiskLakeException>(() => desk.Run(request)).Code);
        Assert.Empty(Directory.GetDirectories(desk.Folder, "*:"));
    }

    private static string Protocol(int reader) => $$$"""{"protocol":{"minReaderVersion":{{{reader}}},"minWriterVersion":2}}""";

    private static string Metadata() =>
        """{"metaData":{"id":"x","format":{"provider":"parquet"},"schemaString":"{}","partitionColumns":[],"configuration":{}}}""";

    private static string Add(string path) => new JsonObject
    {
        ["add"] = new JsonObject { ["path"] = path, ["size"] = 1, ["partitionValues"] = new JsonObject(), ["dataChange"] = true },
    }.ToJsonString();

    private static ParquetSharp.Schema.GroupNode Checkpoint() => new(
        "schema",
        Repetition.Required,
        [
            new ParquetSharp.Schema.GroupNode("add", Repetition.Optional,
                [new ParquetSharp.Schema.PrimitiveNode("path", Repetition.Optional, LogicalType.String(), PhysicalType.ByteArray)]),
            new ParquetSharp.Schema.GroupNode("protocol", Repetition.Optional,
                [new ParquetSharp.Schema.PrimitiveNode("minReaderVersion", Repetition.Optional, LogicalType.Int(32, true), PhysicalType.Int32)]),
        ]);

    private static ByteArray Convert(ByteBuffer buffer, string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        var place = buffer.Allocate(bytes.Length);
        System.Runtime.InteropServices.Marshal.Copy(bytes, 0, place.Pointer, bytes.Length);
        return place;
    }

    private void Data(params string[] names)
    {
        foreach (var name in names)
        {
            File.WriteAllText(Path.Combine(_folder, name), "PAR1");
        }
    }

    private void Commit(long version, params string[] actions)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "_delta_log"));
        File.WriteAllLines(Path.Combine(_folder, "_delta_log", $"{version:D20}.json"), actions);
    }

    private string Nested()
    {
        var outer = Path.Combine(_folder, "outer");
        Directory.CreateDirectory(Path.Combine(outer, "t"));
        foreach (var file in Directory.GetFiles(_folder))
        {
            File.Copy(file, Path.Combine(outer, "t", Path.GetFileName(file)));
        }

        Directory.CreateDirectory(Path.Combine(outer, "t", "_delta_log"));
        foreach (var file in Directory.GetFiles(Path.Combine(_folder, "_delta_log")))
        {
            File.Copy(file, Path.Combine(outer, "t", "_delta_log", Path.GetFileName(file)));
        }

        return outer;
    }

    private static IReadOnlyList<InputFile> Resolve(string argument) => InputResolver.Resolve([argument], Directory.GetCurrentDirectory(), null, null);
}
