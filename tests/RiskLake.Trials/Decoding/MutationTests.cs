using System.Globalization;
using System.Text;
using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Tests.Decoding;
using RiskLake.Tests.Sources;

namespace RiskLake.Trials.Decoding;

/// <summary>
/// Records and files with bytes changed at random: each is decoded, rejected or refused with a code of its own, and nothing else happens.
/// <c>RISKLAKE_MUTATIONS</c> says how many are tried; the suite tries some.
/// </summary>
public sealed class MutationTests
{
    private const string Interesting = "\"\"\\{}[]:,;'\n\r\t\0\u001e -+.eE0919Nn/<>&=%|~\u007f";

    private static readonly string[] Texts =
    [
        MarketEvents.Good + "\n" + MarketEvents.Good + "\n",
        "[" + MarketEvents.Good + ",\n" + MarketEvents.Good + "]",
        "{\n  \"event_id\": \"e\",\n  \"price\": 1e3,\n  \"x\": {\"y\": [1, {\"z\": null}]}\n}\n" + MarketEvents.Good,
        "event_id,symbol,price,volume,ts_event,ts_ingest,source\ne1,\"A\"\"B\",1.5,2,2025-01-20T14:30:00Z,2025-01-20T14:30:01Z,\"a\nb\"\ne2,C,,,,,\n",
    ];

    private static readonly string[] Bodies =
    [
        "Date,Open,High,Low,Close,Volume\n2020-12-24,13.0,13.1,12.9,13.0,9810874.2806568\n2020-12-28,13.1,13.2,12.9,13.1\n",
        "<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>\n"
            + "AAPL.US,5,20260329,023000,1,2,1,2,14820,0\nAAPL.US,D,19840907,000000,1,1,1,1,9,0\n",
    ];

    private static int Mutations { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("RISKLAKE_MUTATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var many) ? many : 1500;

    [Fact]
    public void Mutated_records_are_decoded_rejected_or_refused() => ForEach(Mutations, (seed, random) =>
    {
        var contract = seed % 3 == 0 ? Every : seed % 3 == 1 ? ContractSamples.MarketEvent : ContractSamples.MarketEvent.Open();
        var bytes = Mutate(Encoding.UTF8.GetBytes(Texts[seed % Texts.Length]), random);
        var name = new[] { "x", "x.json", "x.ndjson", "x.csv", "x.csv.gz", "x.parquet" }[random.Next(6)];
        Decoded.Of(bytes, contract, name, new DecodeOptions { Threads = 1, ChunkBytes = random.Next(16, 2000), MaxRecordBytes = random.Next(64, 4096) });
    });

    [Fact]
    public void Mutated_files_of_parquet_and_packed_ones_are_decoded_rejected_or_refused()
    {
        byte[][] files =
        [
            ParquetShapeTests.Nested(), CompressionTests.Gzip(Encoding.UTF8.GetBytes(Texts[0])), CompressionTests.Zstd(Encoding.UTF8.GetBytes(Texts[3])),
        ];
        ForEach(Mutations / 2, (seed, random) => Decoded.Of(
            Mutate(files[seed % files.Length], random), ContractSamples.One(ColumnType.Int64).Open(), "x", new DecodeOptions { Threads = 1, ChunkRows = 3 }));
    }

    [Fact]
    public void Mutated_bodies_of_stooq_are_read_or_refused() => ForEach(Mutations / 4, (seed, random) =>
    {
        using var desk = new SourceDesk();
        var bytes = Mutate(Encoding.UTF8.GetBytes(Bodies[seed % Bodies.Length]), random);
        desk.Bars(random.Next(4) == 0 ? desk.Write("aapl_us_d.csv.gz", CompressionTests.Gzip(bytes)) : desk.Write("aapl_us_d.csv", bytes));
        desk.Events(desk.Write("msft_us_d.csv", bytes));
    });

    /// <summary>A contract with a field of every type.</summary>
    private static Contract Every { get; } = ContractSamples.Of(
        new() { Name = "event_id", Type = ColumnType.String },
        new() { Name = "price", Type = ColumnType.Decimal, Precision = 18, Scale = 4 },
        new() { Name = "volume", Type = ColumnType.Double },
        new() { Name = "ts_event", Type = ColumnType.Timestamp, DefaultZone = "Europe/Warsaw", Role = FieldRole.EventTime },
        new() { Name = "ts_ingest", Type = ColumnType.Date },
        new() { Name = "source", Type = ColumnType.Binary },
        new() { Name = "symbol", Type = ColumnType.Boolean, Coerce = true });

    private static void ForEach(int count, Action<int, Random> act)
    {
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed =>
        {
            try
            {
                act(seed, new Random(seed));
            }
            catch (RiskLakeException refused) when ((int)refused.Code < 9000)
            {
                Assert.NotEmpty(refused.Next);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(FormattableString.Invariant($"seed {seed}: {e.Message}"), e);
            }
        });
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var mutated = bytes.ToList();
        for (var left = random.Next(1, 8); left > 0 && mutated.Count > 1; left--)
        {
            var at = random.Next(mutated.Count);
            var value = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)Interesting[random.Next(Interesting.Length)];
            switch (random.Next(5))
            {
                case 0:
                    mutated.Insert(at, value);
                    break;
                case 1:
                    mutated.RemoveRange(at, Math.Min(random.Next(1, 30), mutated.Count - at));
                    break;
                case 2:
                    mutated.InsertRange(at, mutated.GetRange(at, Math.Min(random.Next(1, 60), mutated.Count - at)));
                    break;
                default:
                    mutated[at] = value;
                    break;
            }
        }

        return [.. mutated];
    }
}
