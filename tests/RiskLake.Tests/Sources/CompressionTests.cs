using System.IO.Compression;
using System.Text;
using RiskLake.Lake.Errors;
using RiskLake.Tests.Decoding;

namespace RiskLake.Tests.Sources;

public sealed class CompressionTests
{
    private static readonly byte[] Lines = Encoding.UTF8.GetBytes(
        string.Concat(Enumerable.Range(0, 20).Select(i => MarketEvents.With("volume", i.ToString("D")) + "\n")));

    [Fact]
    public void Compressed_inputs_are_read_like_plain_ones()
    {
        var plain = Decoded.Of(Lines).Records;
        foreach (var (bytes, compression) in new[] { (Gzip(Lines), "gzip"), (Zstd(Lines), "zstd") })
        {
            var decoded = Decoded.Of(bytes, name: "events");
            Assert.Equal(plain, decoded.Records);
            Assert.Equal(compression, decoded.Input.Compression);
        }
    }

    [Fact]
    public void Members_and_frames_may_follow_one_another()
    {
        var (first, second) = (Lines[..1000], Lines[1000..]);
        Assert.Equal(20, Decoded.Of([.. Gzip(first), .. Gzip([]), .. Gzip(second)]).Records.Count);
        Assert.Equal(20, Decoded.Of([.. Gzip(first), .. Gzip(second), .. new byte[512]]).Records.Count);
        Assert.Equal(20, Decoded.Of([.. Zstd(first), .. Zstd(second)]).Records.Count);
        Assert.Equal(0, Decoded.Of(Gzip([])).Input.RecordsRead);
        Assert.Equal(0, Decoded.Of(Zstd([])).Input.RecordsRead);
    }

    [Fact]
    public void A_large_archive_with_many_members_is_whole()
    {
        var random = new Random(7);
        var archive = new MemoryStream();
        var content = new MemoryStream();
        for (var i = 0; i < 200; i++)
        {
            var part = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(80)).Select(n => MarketEvents.With("volume", random.Next().ToString("D")) + "\n")));
            content.Write(part);
            archive.Write(Gzip(part));
        }

        Assert.Equal(Decoded.Of(content.ToArray()).Records, Decoded.Of(archive.ToArray()).Records);
    }

    [Theory]
    [InlineData("events.ndjson.gz")]
    [InlineData("events.ndjson.zst")]
    public void No_damage_is_silent(string name)
    {
        var archive = name.EndsWith("gz", StringComparison.Ordinal) ? Gzip(Lines) : Zstd(Lines);
        var expected = Decoded.Of(archive, name: name).Dump();
        for (var at = 0; at < archive.Length; at++)
        {
            AssertDamaged(archive[..at], name);
            AssertNotSilent([.. archive[..at], (byte)(archive[at] ^ 0x55), .. archive[(at + 1)..]], name, expected);
        }

        AssertDamaged([.. archive, 1], name);
        AssertDamaged([.. archive, .. "more"u8], name);
    }

    [Fact]
    public void A_name_that_promises_an_archive_is_not_taken_for_text()
    {
        AssertDamaged([1, 2, 3], "events.gz");
        AssertDamaged([], "events.zst");
        Assert.Single(Decoded.Of(MarketEvents.Good, name: "events.ndjson.gz").Records);
    }

    private static void AssertDamaged(byte[] bytes, string name) =>
        Assert.Equal(ErrorCode.InputUnreadable, Assert.Throws<RiskLakeException>(() => Decoded.Of(bytes, name: name)).Code);

    /// <summary>Some bits of a header (time, system, flags of no effect) may change without any effect; otherwise it is an error.</summary>
    private static void AssertNotSilent(byte[] bytes, string name, string expected)
    {
        try
        {
            Assert.Equal(Comparable(expected), Comparable(Decoded.Of(bytes, name: name).Dump()));
        }
        catch (RiskLakeException e)
        {
            Assert.Equal(ErrorCode.InputUnreadable, e.Code);
        }

        static string Comparable(string dump) => dump[..dump.LastIndexOf("DecodedInput", StringComparison.Ordinal)];
    }

    internal static byte[] Gzip(byte[] content)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
        }

        // The framework writes nothing at all for no content; an archive of an empty file has a header and a trailer.
        return target.Length > 0 ? target.ToArray() : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }

    internal static byte[] Zstd(byte[] content)
    {
        using var compressor = new ZstdSharp.Compressor();
        compressor.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return compressor.Wrap(content).ToArray();
    }
}
