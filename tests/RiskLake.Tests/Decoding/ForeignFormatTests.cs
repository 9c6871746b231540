using System.IO.Compression;
using System.Text;
using RiskLake.Errors;

namespace RiskLake.Tests.Decoding;

/// <summary>Formats that are not read: the error names what was seen, whatever the file is called.</summary>
public sealed class ForeignFormatTests
{
    private const string Header = "event_id,symbol,price,volume,ts_event,ts_ingest,source";
    private const string Row = "evt-1,AAPL,101.25,100,2025-01-20T14:30:00Z,2025-01-20T14:30:01Z,sim";

    public static TheoryData<string, byte[], string> Samples => new()
    {
        { "events.csv", Encoding.UTF8.GetBytes($"{Header}\n{Row}\n".Replace(',', ';')), "values separated by ';'" },
        { "events.csv", Encoding.UTF8.GetBytes($"{Header}\n{Row}\n".Replace(',', '\t')), "values separated by tabs" },
        { "events.txt", Encoding.UTF8.GetBytes($"{Header}\n{Row}\n".Replace(',', '|')), "values separated by '|'" },
        { "events.csv", Encoding.UTF8.GetBytes($"{Header.ToUpperInvariant()}\n{Row}\n"), "EVENT_ID" },
        { "events.csv", Encoding.UTF8.GetBytes($"{Header}\r{Row}\r"), "carriage return" },
        { "events.csv", Encoding.UTF8.GetBytes($"sep=,\n{Header}\n{Row}\n"), "'sep=,' before the header row, which stands in line 2" },
        { "events", Encoding.UTF8.GetBytes($"Export\r\nof today\r\n\r\n{Header}\r\n{Row}\r\n"), "which stands in line 4" },
        { "events.csv", Encoding.UTF8.GetBytes($"# made by x\n{Header.Replace(',', ';')}\n"), "which stands in line 2" },
        { "events.csv", Encoding.UTF8.GetBytes($"{Row}\n{Row}\n"), "a first row without a field of the contract" },
        { "events.json", Encoding.UTF8.GetBytes($"{{\"status\":\"ok\",\"results\":[{MarketEvents.Good}]}}\n"), "holds the records in 'results'" },
        { "events", Encoding.UTF8.GetBytes($"{{\"data\":{{\"n\":[1],\"items\":[{MarketEvents.Good},{MarketEvents.Good}]}}}}"), "'data.items'" },
        { "events.csv", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes($"{Header}\n{Row}\n")], "UTF-16" },
        { "events.json", Encoding.Unicode.GetBytes($"[{MarketEvents.Good}]"), "UTF-16LE" },
        { "events.ndjson", Encoding.BigEndianUnicode.GetBytes(MarketEvents.Good), "UTF-16BE" },
        { "events.json", Zip("events.json"), "a zip archive" },
        { "events.csv", Zip("[Content_Types].xml"), "Excel" },
        { "events", Tar(), "a tar archive" },
        { "events.csv", [0xD0, 0xCF, 0x11, 0xE0, 1, 2, 3], "Excel" },
        { "events.json", Encoding.UTF8.GetBytes("<!DOCTYPE html><html></html>"), "a web page" },
        { "events.parquet", [.. "Obj\u0001"u8, 1, 2, 3], "an Avro file" },
        { "events", [.. "lorem"u8, 0, 1, 2], "no text" },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_was_seen_is_named(string name, byte[] content, string found)
    {
        var error = Assert.Throws<RiskLakeException>(() => Decoded.Of(content, name: name));
        Assert.Equal(ErrorCode.InputFormatUnknown, error.Code);
        Assert.Contains(found, error.Found, StringComparison.Ordinal);
        Assert.NotEmpty(error.Next);
    }

    [Theory]
    [InlineData("ce\":101.25,\"volume\":100,\"source\":\"sim\"}\n@\n@\n")]
    [InlineData("ce\":101.25,\"volume\":100,\"source\":\"sim\"},@,@]")]
    [InlineData("price\",\"volume\":100,\"source\":\"sim\"}\n@\n@\n")]
    public void A_file_that_begins_inside_a_record_loses_that_record_alone(string pattern)
    {
        foreach (var name in new[] { "events", "events.ndjson", "events.json" })
        {
            var decoded = Decoded.Of(pattern.Replace("@", MarketEvents.Good, StringComparison.Ordinal), name: name);
            Assert.Equal((2, 1), (decoded.Records.Count, decoded.Rejects.Count));
        }
    }

    [Theory]
    [InlineData("@\n{\"results\":[@]}\n", 1)]
    [InlineData("{\"source\":\"x\",\"results\":[@]}\n", 0)]
    [InlineData("{\"results\":[@]}\n@\n", 1)]
    [InlineData("{\"results\":[[@]]}\n@\n", 1)]
    public void Objects_beside_others_are_records_like_any(string pattern, int records) =>
        Assert.Equal(records, Decoded.Of(pattern.Replace("@", MarketEvents.Good, StringComparison.Ordinal), name: "events.ndjson").Records.Count);

    [Fact]
    public void A_guess_must_fit_the_beginning_of_the_file()
    {
        foreach (var text in new[] { "price list\nlorem, ipsum\n", "price\nlorem, ipsum, dolor\n1,2\n", "{lorem ipsum}\n", "[lorem]" })
        {
            Assert.Equal(ErrorCode.InputFormatUnknown, Assert.Throws<RiskLakeException>(() => Decoded.Of(text, name: "events.txt")).Code);
        }
    }

    private static byte[] Zip(string member)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var content = archive.CreateEntry(member).Open();
            content.Write(Encoding.UTF8.GetBytes($"[{MarketEvents.Good}]"));
        }

        return bytes.ToArray();
    }

    private static byte[] Tar()
    {
        using var bytes = new MemoryStream();
        using (var archive = new System.Formats.Tar.TarWriter(bytes, leaveOpen: true))
        {
            archive.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "event_id,price")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes($"{Header}\n{Row}\n")),
            });
        }

        return bytes.ToArray();
    }
}
