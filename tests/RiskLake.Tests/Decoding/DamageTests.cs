using System.Globalization;
using System.IO.Compression;
using System.Text;
using ParquetSharp;
using RiskLake.Contracts;
using RiskLake.Decoding;
using RiskLake.Errors;
using RiskLake.Quality;
using RiskLake.Sources;
using RiskLake.Tests.Sources;
using Encoding = System.Text.Encoding;

namespace RiskLake.Tests.Decoding;

/// <summary>
/// Containers damaged at random so that their grammar breaks. <c>RISKLAKE_DAMAGED_FILES</c> says how many are tried; the suite tries some.
/// </summary>
public sealed class DamageTests
{
    private const double Limit = 0.05;

    private static readonly Thresholds Thresholds = new()
    {
        MaxLateRate = 1, MaxDuplicateRate = 1, MaxQuarantineRate = Limit, VolatilityWarn = 1, VolatilityCritical = 1, Sha256 = "",
    };

    private static int Files { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("RISKLAKE_DAMAGED_FILES"), NumberStyles.None, CultureInfo.InvariantCulture,
            out var files) ? files : 800;

    [Fact]
    public void Damaged_text_costs_what_is_damaged_and_the_gate_sees_it()
    {
        var problems = new List<string>();
        Parallel.For(0, Files, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            var random = new Random(seed);
            var layout = DamagedText.Layouts[seed % DamagedText.Layouts.Count];
            var text = DamagedText.Of(layout, random.Next(20, 120), random);
            for (var left = random.Next(1, 5); left > 0; left--)
            {
                text.Damage(random);
            }

            text.Judge(layout.StartsWith("csv", StringComparison.Ordinal));
            if (Problem(text, layout, random) is { } problem)
            {
                lock (problems)
                {
                    problems.Add($"{seed} {layout}: {problem}");
                }
            }
        });
        Assert.True(problems.Count == 0, $"{problems.Count} of {Files}\n{string.Join('\n', problems.Order(StringComparer.Ordinal).Take(40))}");
    }

    [Fact]
    public void Sound_text_is_read_as_it_stands_whatever_the_blocks()
    {
        for (var seed = 0; seed < 80; seed++)
        {
            var random = new Random(seed);
            var layout = DamagedText.Layouts[seed % DamagedText.Layouts.Count];
            var text = DamagedText.Of(layout, random.Next(1, 60), random);
            var decoded = Decode(text.Bytes, layout, random.Next(20, 3000), random.Next(1, 4), 1 << 20);
            Assert.Empty(decoded.Rejects);
            Assert.Equal(Enumerable.Range(0, text.Records).Select(DamagedText.Key), decoded.Records.Select(record => (string)record["event_id"]!));
        }
    }

    [Theory]
    [InlineData("gz")]
    [InlineData("zst")]
    [InlineData("zip")]
    public void Damaged_containers_are_whole_or_refused(string container)
    {
        for (var seed = 0; seed < Files / 4; seed++)
        {
            var random = new Random(seed);
            var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(MarketEvents.Good + "\n", random.Next(1, 60))));
            var packed = container switch
            {
                "gz" => CompressionTests.Gzip(content),
                "zst" => CompressionTests.Zstd(content),
                _ => Zip(content),
            };
            var damaged = Damage(packed, random);
            var read = Unpack(damaged, container);
            Assert.True(read is null || read.AsSpan().SequenceEqual(content),
                FormattableString.Invariant($"{container} {seed}: {read?.Length} of {content.Length} bytes passed"));
        }
    }

    /// <summary>Pages carry checksums; what says where they are does not, but has to agree with itself.</summary>
    [Theory]
    [InlineData(Compression.Zstd, true)]
    [InlineData(Compression.Snappy, true)]
    [InlineData(Compression.Uncompressed, true)]
    public void Damaged_parquet_is_right_or_refused(Compression compression, bool hasChecksums)
    {
        for (var seed = 0; seed < Files / 4; seed++)
        {
            var random = new Random(seed);
            var rows = random.Next(1, 60);
            var whole = ParquetOf(rows, compression, hasChecksums, random.Next(5, 40));
            var expected = Decoded.Of(whole, name: "events.parquet").Records.Select(Line).ToArray();
            Assert.Equal(rows, expected.Length);
            var damaged = Damage(whole, random);
            string[] read;
            try
            {
                var decoded = Decoded.Of(damaged, name: "events.parquet");
                if (decoded.Rejects.Count > 0)
                {
                    continue;
                }

                read = [.. decoded.Records.Select(Line)];
            }
            catch (RiskLakeException refused) when (refused.Code is ErrorCode.InputFormatUnknown or ErrorCode.InputUnreadable)
            {
                continue;
            }

            Assert.True(read.SequenceEqual(expected), FormattableString.Invariant($"{compression} {seed}: {read.Length} of {rows} rows\n")
                + string.Join('\n', read.Zip(expected).Where(pair => pair.First != pair.Second).Take(3)));
        }

        static string Line(Dictionary<string, object?> record) => string.Join(' ', record.Where(pair => pair.Key != "source_line").Select(pair => pair.Value));
    }

    private static byte[] ParquetOf(int rows, Compression compression, bool hasChecksums, int groupRows)
    {
        var target = new MemoryStream();
        using var properties = Properties();
        ParquetSharp.Column[] columns =
        [
            new Column<string>("event_id"), new Column<string>("symbol"), new Column<double>("price"), new Column<long>("volume"),
            new Column<DateTime>("ts_event", LogicalType.Timestamp(true, TimeUnit.Micros)),
            new Column<DateTime>("ts_ingest", LogicalType.Timestamp(true, TimeUnit.Micros)), new Column<string>("source"),
        ];
        using (var file = new ParquetFileWriter(target, columns, LogicalTypeFactory.Default, properties, leaveOpen: true))
        {
            foreach (var part in Enumerable.Range(0, rows).Chunk(groupRows))
            {
                using var group = file.AppendRowGroup();
                Add(group, part, i => "evt-" + i.ToString("D5", CultureInfo.InvariantCulture));
                Add(group, part, i => i % 3 == 0 ? "AAPL" : "MSFT");
                Add(group, part, i => 100 + (i / 4.0));
                Add(group, part, i => (long)i * 7);
                Add(group, part, i => new DateTime(2025, 1, 20, 14, 30, 0, DateTimeKind.Utc).AddSeconds(i));
                Add(group, part, i => new DateTime(2025, 1, 20, 14, 30, 1, DateTimeKind.Utc).AddSeconds(i));
                Add(group, part, _ => "sim");
            }

            file.Close();
        }

        return target.ToArray();

        static void Add<T>(RowGroupWriter group, int[] part, Func<int, T> value)
        {
            using var column = group.NextColumn().LogicalWriter<T>();
            column.WriteBatch([.. part.Select(value)]);
        }

        WriterProperties Properties()
        {
            using var builder = new WriterPropertiesBuilder();
            builder.Compression(compression);
            return (hasChecksums ? builder.EnablePageChecksum() : builder).Build();
        }
    }

    private static string? Problem(DamagedText text, string layout, Random random)
    {
        Decoded decoded;
        Decoded again;
        var limit = random.Next(3) == 0 ? 700 : 1 << 20;
        try
        {
            decoded = Decode(text.Bytes, layout, 1 << 16, 1, limit);
            again = Decode(text.Bytes, layout, random.Next(20, 4000), random.Next(1, 3), limit);
        }
        catch (RiskLakeException refused) when (refused.Code is ErrorCode.InputFormatUnknown or ErrorCode.InputUnreadable)
        {
            return null;
        }

        if (decoded.Dump() != again.Dump())
        {
            return "depends on how it is cut into blocks";
        }

        var arrived = decoded.Records.Select(record => (string)record["event_id"]!).ToHashSet(StringComparer.Ordinal);
        var content = decoded.Input.Content!.Value;
        var counts = new RunCounts(
            decoded.Input.RecordsRead, decoded.Input.RecordsRejected, decoded.Input.RecordsDecoded, arrived.Count, 0)
        {
            Bytes = content,
            QuarantinedEstimate = ByteAccount.Estimate([decoded.Input]),
        };
        var isGreen = Gate.Ask(ContractSamples.MarketEvent, Thresholds, counts, DisplacementLimit.Default, []).Passed;
        var missing = text.Whole.Where(record => !arrived.Contains(DamagedText.Key(record))).ToArray();

        // What is left of a record may have become part of another that is accepted, under its own key or another one.
        var mixed = content.Records - text.Whole.Where(record => arrived.Contains(DamagedText.Key(record))).Sum(text.Length);
        var lost = text.Left.Where(record => !arrived.Contains(DamagedText.Key(record.Key))).Sum(record => record.Value) - mixed;
        var separators = 16L * decoded.Rejects.Count;
        return missing.Length > 0 && HasHeader(decoded, layout)
            ? $"{missing.Length} whole records did not arrive, first {DamagedText.Key(missing[0])}"
            : isGreen && lost > (Limit * content.Total) + separators ? $"green with {lost} of {content.Total} bytes lost"
            : lost > content.Rejects + separators ? $"{lost} bytes lost, {content.Rejects} told"
            : content.Between < 0 || content.Records + content.Rejects + content.Between != text.Bytes.Length ? "bytes do not add up"
            : null;
    }

    /// <summary>A damaged header gives every row another number of values, or another meaning.</summary>
    private static bool HasHeader(Decoded decoded, string layout) => !layout.StartsWith("csv", StringComparison.Ordinal) || decoded.Records.Count > 0;

    private static Decoded Decode(byte[] bytes, string layout, int chunk, int threads, int limit) => Decoded.Of(
        bytes,
        name: layout.StartsWith("csv", StringComparison.Ordinal) ? "events.csv" : layout == "ndjson" ? "events.ndjson" : "events.json",
        options: new DecodeOptions { Threads = threads, ChunkBytes = chunk, MaxRecordBytes = limit });

    private static byte[] Damage(byte[] bytes, Random random)
    {
        var damaged = bytes.ToList();
        for (var left = random.Next(1, 3); left > 0 && damaged.Count > 0; left--)
        {
            var at = random.Next(damaged.Count);
            var length = Math.Min(damaged.Count - at, random.Next(1, 40));
            switch (random.Next(5))
            {
                case 0:
                    damaged[at] ^= (byte)random.Next(1, 256);
                    break;
                case 1:
                    damaged.RemoveRange(at, length);
                    break;
                case 2:
                    damaged.InsertRange(at, damaged.GetRange(at, length));
                    break;
                case 3:
                    damaged.RemoveRange(at, damaged.Count - at);
                    break;
                default:
                    damaged.AddRange(Enumerable.Range(0, length).Select(_ => (byte)random.Next(1, 256)));
                    break;
            }
        }

        return [.. damaged];
    }

    /// <summary>What is read of a container, or null where it is refused.</summary>
    private static byte[]? Unpack(byte[] bytes, string container)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + "." + container);
        File.WriteAllBytes(path, bytes);
        try
        {
            using var packed = new PackedContent(path, "x." + container);
            packed.Verify(CancellationToken.None);
            using var target = new MemoryStream();
            if (packed.IsArchive)
            {
                foreach (var (_, content) in packed.Members(CancellationToken.None))
                {
                    content.CopyTo(target);
                }
            }
            else
            {
                using var content = packed.Open();
                content.CopyTo(target);
            }

            // What is no container any more is for the source to refuse.
            return target.Length > 0 && (packed.IsArchive || target.ToArray()[0] == '{') ? target.ToArray() : null;
        }
        catch (RiskLakeException refused)
        {
            Assert.Equal(ErrorCode.InputUnreadable, refused.Code);
            return null;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Zip(byte[] content)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var member = archive.CreateEntry("aapl.us.txt").Open();
            member.Write(content);
        }

        return bytes.ToArray();
    }
}
