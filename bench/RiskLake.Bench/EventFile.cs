using System.Globalization;
using System.Text.Json;
using RiskLake.Sources;

namespace RiskLake.Bench;

/// <summary>
/// The benchmark's input: market events of one session as a feed delivers them, in the order of arrival, and beside it the same
/// file without its malformed lines. A function of the number of lines, the seed and the date alone.
/// </summary>
internal sealed record EventFile(string Path, string WellFormedPath, EventCounts Counts)
{
    private const int Version = 1;
    private const int Symbols = 200;
    private const long SessionMicros = 23_400L * 1_000_000;
    private const int BufferBytes = 1 << 20;

    // Per 100,000 lines.
    private const int Malformed = 100;
    private const int Repeated = 500;
    private const int Late = 1_000;

    private static readonly TimeOnly Open = new(14, 30);

    /// <summary>The date of the events where the date does not matter.</summary>
    public static DateOnly DefaultDate { get; } = new(2025, 1, 20);

    /// <summary>The file with so many lines below <paramref name="folder"/>; generated when it is not there yet.</summary>
    public static EventFile Obtain(string folder, long lines, int seed, DateOnly date)
    {
        Directory.CreateDirectory(folder);
        var name = string.Create(CultureInfo.InvariantCulture, $"events-{lines}-{date:yyyyMMdd}-seed{seed}-v{Version}");
        var path = System.IO.Path.Combine(folder, name + ".ndjson");
        var wellFormed = System.IO.Path.Combine(folder, name + ".well-formed.ndjson");
        var counts = System.IO.Path.Combine(folder, name + ".counts.json");

        // The counts are written last: where they are, both files are whole.
        if (!File.Exists(counts))
        {
            var written = Generate(path, wellFormed, lines, seed, date.ToDateTime(Open, DateTimeKind.Utc));
            File.WriteAllText(counts, JsonSerializer.Serialize(written));
        }

        return new EventFile(path, wellFormed, JsonSerializer.Deserialize<EventCounts>(File.ReadAllText(counts))!);
    }

    private static EventCounts Generate(string path, string wellFormedPath, long lines, int seed, DateTime open)
    {
        using var all = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        using var wellFormed = new FileStream(wellFormedPath, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        var buffer = new byte[BufferBytes];
        var good = new byte[BufferBytes];
        var (used, goodUsed) = (0, 0);
        var random = new SampleRandom(SampleRandom.Key(0, seed));
        var ids = SampleRandom.Key(SampleRandom.Key(0, "ids"), open.Ticks);
        var prices = new long[Symbols];
        for (var symbol = 0; symbol < Symbols; symbol++)
        {
            prices[symbol] = 2_000 + random.Below(48_000);
        }

        // What arrives later than the stream goes on, by arrival.
        var underWay = new PriorityQueue<Event, (long Arrives, long Number)>();
        var (distinct, late, repeats, malformed) = (0L, 0L, 0L, 0L);
        var perLine = SessionMicros / (double)lines;
        for (long line = 0, number = 0; line < lines; line++)
        {
            var now = (long)(line * perLine);
            if (underWay.TryPeek(out var arrived, out var due) && (due.Arrives <= now || lines - line <= underWay.Count))
            {
                underWay.Dequeue();
                Append(arrived, fault: -1);
                continue;
            }

            number++;
            var draw = random.Next();
            var symbol = Math.Min((int)(draw & 0xFFFF) * Symbols >> 16, (int)(draw >> 16 & 0xFFFF) * Symbols >> 16);
            var step = (int)(draw >> 32 & 7) + (int)(draw >> 35 & 7) - 7;
            prices[symbol] = Math.Max(1_000, prices[symbol] + (step / 3));
            var happened = now + (long)(draw >> 38 & 63);
            var fresh = new Event(
                SampleRandom.Key(ids, number),
                symbol,
                LowerCase: (draw >> 44 & 63) == 0,
                prices[symbol],
                Volume: 100 * (1 + (int)(draw >> 50 & 31)),
                happened,
                happened + 2_000 + random.Below(400_000));
            var fate = random.Below(100_000);
            if (fate < Malformed)
            {
                malformed++;
                Append(fresh, (int)(number % Event.Faults));
                continue;
            }

            // What is put aside near the end would arrive after the last line.
            var room = lines - line > underWay.Count + 2;
            distinct++;
            if (fate < Malformed + Late && room)
            {
                late++;
                var delay = (301 + random.Below(600)) * 1_000_000L;
                underWay.Enqueue(fresh with { Ingested = happened + delay }, (now + delay, number));
                line--;
                continue;
            }

            Append(fresh, fault: -1);
            if (fate >= 100_000 - Repeated && room)
            {
                repeats++;
                var delay = (1 + random.Below(120)) * 1_000_000L;
                var again = (fate & 1) == 0 ? fresh : fresh with { Ingested = fresh.Ingested + delay };
                underWay.Enqueue(again, (now + delay, number));
            }
        }

        all.Write(buffer, 0, used);
        wellFormed.Write(good, 0, goodUsed);
        return new EventCounts(lines, distinct + repeats, distinct, late, repeats, malformed);

        void Append(in Event e, int fault)
        {
            if (used > BufferBytes - 512)
            {
                all.Write(buffer, 0, used);
                used = 0;
            }

            var length = e.Format(buffer.AsSpan(used), open, fault);
            if (fault < 0)
            {
                if (goodUsed > BufferBytes - 512)
                {
                    wellFormed.Write(good, 0, goodUsed);
                    goodUsed = 0;
                }

                buffer.AsSpan(used, length).CopyTo(good.AsSpan(goodUsed));
                goodUsed += length;
            }

            used += length;
        }
    }
}

/// <summary>What a correct pipeline must find in an <see cref="EventFile"/>.</summary>
internal sealed record EventCounts(long Lines, long WellFormed, long Distinct, long Late, long Duplicates, long Malformed);
