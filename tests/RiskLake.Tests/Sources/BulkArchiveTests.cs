using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using RiskLake.Ingest.Sources;

namespace RiskLake.Tests.Sources;

public sealed class BulkArchiveTests(ITestOutputHelper output)
{
    private const string Header = "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\r\n";

    [Fact]
    public void Thousands_of_symbols_stream_through()
    {
        using var desk = new SourceDesk();
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var i = 0; i < 3000; i++)
            {
                using var member = archive.CreateEntry($"data/daily/us/{i % 7}/s{i:0000}.us.txt", CompressionLevel.Fastest).Open();
                member.Write(Encoding.ASCII.GetBytes($"{Header}S{i:0000}.US,D,20260102,000000,1,2,0.5,1.5,{i},0\r\nS{i:0000}.US,D,20260105,000000,1,2,0.5,1.6,{i},0\r\n"));
            }
        }

        var file = desk.Land(desk.Write("d_us_txt.zip", bytes.ToArray()), null, StooqTarget.Bars);
        Assert.Equal((3000, 6000), (desk.Tally.Bodies, desk.Tally.Rows));
        Assert.Equal(6000, SourceDesk.Records(file).Count);
    }

    /// <summary>An archive of any size, such as 500 MB with 10,000 symbols: memory does not grow with it.</summary>
    [Fact]
    public void An_archive_of_full_size_takes_bounded_memory()
    {
        if (Environment.GetEnvironmentVariable("RISKLAKE_BULK_ARCHIVE") is not { } path || !File.Exists(path))
        {
            Assert.Skip("needs RISKLAKE_BULK_ARCHIVE: the path of a bulk archive");
            return;
        }

        using var desk = new SourceDesk();
        var started = Stopwatch.GetTimestamp();
        desk.Land(new InputFile(path, "d_us_txt.zip"), null, StooqTarget.Bars);
        var peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal));
        output.WriteLine($"{new FileInfo(path).Length} bytes, {desk.Tally.Bodies} bodies, {desk.Tally.Rows} rows, {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s, {peak}");
        Assert.InRange(long.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], null), 1, 400_000);
    }
}
