using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ParquetSharp;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Storage;
using Encoding = System.Text.Encoding;
using ParquetColumn = ParquetSharp.Column;

namespace RiskLake.Tests.Lake;

/// <summary>A lake in a folder of its own, and small Parquet files to publish to it.</summary>
internal sealed class TestLake : IDisposable
{
    public static readonly IReadOnlyList<ColumnSchema> Schema =
    [
        new("event_id", ColumnType.String),
        new("price", ColumnType.Double, Nullable: true),
        new("volume", ColumnType.Int64),
        new("ts_event", ColumnType.Timestamp),
    ];

    /// <summary>A lake of many small files in memory, where the machine has such a file system, costs tests no time.</summary>
    public TestLake(IStorage? storage = null, bool inMemory = false)
    {
        var folder = inMemory && Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/{Path.GetRandomFileName()}").FullName
            : Directory.CreateTempSubdirectory("risklake-").FullName;
        Root = folder + "/lake";
        Storage = storage ?? new PosixStorage();
        Store = LakeStore.Open(Root, Storage, Clock);
    }

    public static TimeProvider Clock { get; } = new StoppedClock();

    public string Root { get; }

    public IStorage Storage { get; }

    public LakeStore Store { get; private set; }

    /// <summary>The same lake as another process would see it.</summary>
    public LakeStore Reopen() => LakeStore.Open(Root, new PosixStorage(), Clock);

    /// <summary>A copy in a folder of its own, hard links and all.</summary>
    public TestLake Copy(IStorage storage)
    {
        var copy = new TestLake(storage, inMemory: true);
        LakeCopy.Make(Root, copy.Root);
        return copy;
    }

    /// <summary>Forgets what the store knows, as after a restart.</summary>
    public void Restart() => Store = LakeStore.Open(Root, Storage, Clock);

    /// <summary>Publishes one attempt whose rows follow from the numbers given: (hour, value) pairs for silver and bronze.</summary>
    public LakeSnapshot Publish(string runId, PublicationKind kind, IReadOnlyList<(int Hour, int Value)> rows, string? status = null, bool index = true)
    {
        Store.Recover(CancellationToken.None);
        using var run = Store.LockRun(runId, TimeSpan.Zero, CancellationToken.None);
        return PublishLocked(Store, run, kind, rows, status, index);
    }

    public static LakeSnapshot PublishLocked(
        LakeStore store, RunLock run, PublicationKind kind, IReadOnlyList<(int Hour, int Value)> rows, string? status = null, bool index = true)
    {
        var staging = store.StagingFolder(run.RunId);
        var publication = Stage(staging, run.RunId, kind, rows, status, index);
        return store.Publish(new PublishContext(run), snapshot => publication with { VersionRead = snapshot.Version }, CancellationToken.None);
    }

    public static Publication Stage(
        string staging, string runId, PublicationKind kind, IReadOnlyList<(int Hour, int Value)> rows, string? status, bool index)
    {
        var files = new List<StagedFile>();
        foreach (var layer in new[] { Layer.Bronze, Layer.Silver })
        {
            if (kind is PublicationKind.Withdraw || (layer is Layer.Silver && kind is PublicationKind.Block))
            {
                continue;
            }

            files.AddRange(rows.GroupBy(row => row.Hour).Select(group => File(staging, layer, runId, group.Key, [.. group.Select(row => row.Value)])));
        }

        StagedIndex? keys = null;
        if (index && rows.Count > 0 && kind is not PublicationKind.Withdraw)
        {
            var path = Path.Combine(staging, "keys");
            System.IO.File.WriteAllText(path, string.Join('\n', rows.Select(row => row.Value)));
            keys = new StagedIndex(path, rows.Count, Digest(path), Digest(path));
        }

        return new Publication
        {
            RunId = runId,
            Kind = kind,
            Status = status ?? kind switch
            {
                PublicationKind.Block or PublicationKind.BlockRestatement => RunStatus.Blocked,
                PublicationKind.Withdraw => RunStatus.Withdrawn,
                PublicationKind.Release => RunStatus.PublishedWithBreach,
                _ => RunStatus.Published,
            },
            Fingerprint = Fingerprint(rows),
            Dataset = "market_events",
            ContractVersion = "v1",
            VersionRead = 0,
            Files = files,
            Index = keys,
            EventTimeMin = rows.Count == 0 ? null : rows.Min(row => row.Hour) * 3_600_000_000L,
            EventTimeMax = rows.Count == 0 ? null : rows.Max(row => row.Hour) * 3_600_000_000L,
            Record = view => new JsonObject
            {
                ["run_id"] = runId,
                ["version"] = view.Version,
                ["attempt"] = view.Attempt,
                ["status"] = kind.ToString(),
                ["files"] = new JsonArray([.. view.Files.Select(file => (JsonNode)file.DeltaPath)]),
            },
        };
    }

    public static string Fingerprint(IReadOnlyList<(int Hour, int Value)> rows) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(';', rows))))[..16];

    /// <summary>A finished file of the schema above; the rows follow from the values.</summary>
    public static StagedFile File(string staging, Layer layer, string runId, int hour, int[] values)
    {
        var path = Path.Combine(staging, string.Create(CultureInfo.InvariantCulture, $"{layer}-{hour}.parquet"));
        System.IO.File.Delete(path);
        var ids = values.Select(value => string.Create(CultureInfo.InvariantCulture, $"event-{value:D6}")).ToArray();
        var prices = values.Select(value => value % 7 == 0 ? (double?)null : value / 8.0).ToArray();
        var volumes = values.Select(value => (long)value).ToArray();
        var times = values.Select(value => (hour * 3_600_000_000L) + (value * 1_001L)).ToArray();
        Write(path, ids, prices, volumes, times);
        System.IO.File.SetAttributes(path, FileAttributes.ReadOnly);
        var priced = prices.OfType<double>().ToList();
        var file = new DataFile
        {
            Layer = layer,
            Dataset = "market_events",
            ContractVersion = "v1",
            Partition = new PartitionHour(hour),
            RunId = runId,
            Attempt = 0,
            Rows = values.Length,
            Bytes = new FileInfo(path).Length,
            Sha256 = Digest(path),
            Statistics =
            [
                new("event_id", ColumnType.String, 0, true, 0, 0, Encoding.UTF8.GetBytes(ids.Min(StringComparer.Ordinal)!),
                    Encoding.UTF8.GetBytes(ids.Max(StringComparer.Ordinal)!)),
                new("price", ColumnType.Double, prices.Count(price => price is null), priced.Count > 0, Bits(priced, min: true),
                    Bits(priced, min: false), null, null),
                new("volume", ColumnType.Int64, 0, true, volumes.Min(), volumes.Max(), null, null),
                new("ts_event", ColumnType.Timestamp, 0, true, times.Min(), times.Max(), null, null),
            ],
        };
        return new StagedFile(path, file, Schema);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Root)!, recursive: true);

    private static long Bits(List<double> values, bool min) =>
        values.Count == 0 ? 0 : BitConverter.DoubleToInt64Bits(min ? values.Min() : values.Max());

    private static string Digest(string path) => Convert.ToHexStringLower(SHA256.HashData(System.IO.File.ReadAllBytes(path)));

    private static void Write(string path, string[] ids, double?[] prices, long[] volumes, long[] times)
    {
        ParquetColumn[] columns =
        [
            new Column<string>("event_id"),
            new Column<double?>("price"),
            new Column<long>("volume"),
            new Column<DateTime>("ts_event", LogicalType.Timestamp(isAdjustedToUtc: true, TimeUnit.Micros)),
        ];
        using var properties = new WriterPropertiesBuilder().Compression(Compression.Zstd).Build();
        using var writer = new ParquetFileWriter(path, columns, properties);
        using var group = writer.AppendRowGroup();
        using (var column = group.NextColumn().LogicalWriter<string>())
        {
            column.WriteBatch(ids);
        }

        using (var column = group.NextColumn().LogicalWriter<double?>())
        {
            column.WriteBatch(prices);
        }

        using (var column = group.NextColumn().LogicalWriter<long>())
        {
            column.WriteBatch(volumes);
        }

        using (var column = group.NextColumn().LogicalWriter<DateTime>())
        {
            column.WriteBatch([.. times.Select(time => DateTime.UnixEpoch.AddMicroseconds(time))]);
        }

        writer.Close();
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2025, 1, 20, 12, 0, 0, TimeSpan.Zero);
    }
}
