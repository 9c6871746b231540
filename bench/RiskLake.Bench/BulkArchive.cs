using System.Globalization;
using System.IO.Compression;
using System.Text;
using RiskLake.Ingest.Sources;

namespace RiskLake.Bench;

/// <summary>
/// A bulk archive as Stooq's: one text of daily bars for each of 10,000 symbols, in sharded folders. A function of its size and the seed.
/// </summary>
internal sealed record BulkArchive(string Path, long Rows)
{
    public const int Symbols = 10_000;

    private const int Version = 1;
    private const int MostDays = 30 * 365;

    // What a row of such numbers takes in the archive, about.
    private const double BytesPerRow = 23.4;

    private static readonly DateOnly LastDay = new(2025, 12, 31);

    /// <summary>The archive of about so many bytes below <paramref name="folder"/>; generated when it is not there yet.</summary>
    public static BulkArchive Obtain(string folder, int megabytes, int seed)
    {
        Directory.CreateDirectory(folder);
        var path = System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"d_us_txt-{megabytes}mb-seed{seed}-v{Version}.zip"));
        var rows = (int)(megabytes * 1e6 / BytesPerRow / Symbols);
        if (!File.Exists(path))
        {
            Generate(path + ".new", rows, seed);
            File.Move(path + ".new", path);
        }

        return new BulkArchive(path, (long)rows * Symbols);
    }

    private static void Generate(string path, int rows, int seed)
    {
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        var days = Days(Math.Min(rows, MostDays * 5 / 7));
        for (var symbol = 0; symbol < Symbols; symbol++)
        {
            var entry = archive.CreateEntry(string.Create(CultureInfo.InvariantCulture, $"data/daily/us/nasdaq stocks/{symbol % 3}/s{symbol:00000}.us.txt"));
            entry.LastWriteTime = new DateTimeOffset(2026, 1, 2, 0, 0, 0, TimeSpan.Zero);
            using var text = new StreamWriter(entry.Open(), Encoding.ASCII, 1 << 16);
            var random = new SampleRandom(SampleRandom.Key(SampleRandom.Key(0, seed), symbol));
            Write(text, string.Create(CultureInfo.InvariantCulture, $"S{symbol:00000}.US"), days, random);
        }
    }

    private static List<string> Days(int count)
    {
        var days = new List<string>();
        for (var day = LastDay; days.Count < count; day = day.AddDays(-1))
        {
            if (day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
            {
                days.Add(day.ToString("yyyyMMdd", CultureInfo.InvariantCulture));
            }
        }

        days.Reverse();
        return days;
    }

    private static void Write(StreamWriter text, string ticker, List<string> days, SampleRandom random)
    {
        text.Write("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\r\n");
        long price = 100_000 + random.Below(2_000_000);
        foreach (var day in days)
        {
            var open = price + random.Below(4_001) - 2_000;
            price = Math.Max(1_000, open + random.Below(8_001) - 4_000);
            var high = Math.Max(open, price) + random.Below(2_000);
            var low = Math.Max(1, Math.Min(open, price) - random.Below(2_000));
            text.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{ticker},D,{day},000000,{open / 1e4},{high / 1e4},{low / 1e4},{price / 1e4},{10_000 + random.Below(50_000_000)},0\r\n"));
        }
    }
}
