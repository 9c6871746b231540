using CsCheck;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Tests.Lake;

/// <summary>Bytes decide nothing before they are known to be those the log names.</summary>
public sealed class LakeFilesTests
{
    private static readonly string Digest = new('a', 64);

    [Fact]
    public void A_changed_bit_or_length_is_refused_and_the_right_bytes_are_not() => Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 8]).Sample((at, bit) =>
    {
        using var lake = new TestLake(new Runs.UnsyncedStorage(), inMemory: true);
        lake.Publish("demo", PublicationKind.Publish, [(10, 1), (10, 2)]);
        var file = lake.Store.Snapshot().Files(Layer.Silver, "market_events").Single();
        var path = $"{lake.Root}/{file.DeltaPath}";
        var right = File.ReadAllBytes(path);
        Assert.Equal(path, lake.Store.Files.Checked(file));
        var wrong = right.ToArray();
        if (bit < 8)
        {
            wrong[at % wrong.Length] ^= (byte)(1 << bit);
        }
        else
        {
            wrong = wrong[..(at % wrong.Length)];
        }

        File.SetAttributes(path, FileAttributes.Normal);
        File.WriteAllBytes(path, wrong);
        Assert.Equal(ErrorCode.LakeDamaged, Assert.Throws<RiskLakeException>(() => lake.Store.Files.Checked(file)).Code);
        File.WriteAllBytes(path, right);
        Assert.Equal(path, lake.Store.Files.Checked(file));
    }, iter: 40);

    [Fact]
    public void A_storage_that_is_trusted_is_not_read()
    {
        var storage = new PosixStorage();
        using var lake = new TestLake(storage, inMemory: true);
        lake.Publish("demo", PublicationKind.Publish, [(10, 1), (10, 2)]);
        var file = lake.Store.Snapshot().Files(Layer.Silver, "market_events").Single();
        var path = $"{lake.Root}/{file.DeltaPath}";
        File.SetAttributes(path, FileAttributes.Normal);
        var bytes = File.ReadAllBytes(path);
        bytes[^20] ^= 1;
        File.WriteAllBytes(path, bytes);
        storage.Trust = FileTrust.Always;
        Assert.Equal(path, lake.Store.Files.Checked(file));
        storage.Trust = FileTrust.Never;
        Assert.Throws<RiskLakeException>(() => lake.Store.Files.Checked(file));
    }

    [Fact]
    public void What_is_remembered_survives_the_process_and_ends_with_any_change() => Gen.Int[0, 4].Sample(change =>
    {
        using var folder = new TestLake(inMemory: true);
        var path = $"{System.IO.Path.GetDirectoryName(folder.Root)}/memory/digests";
        var identity = new FileIdentity(1, 2, 3, IsDirectory: false) { ModifiedNanos = 4, ChangedNanos = 5 };
        new DigestMemory(path, TimeProvider.System).Note(identity, Digest);
        var changed = change switch
        {
            0 => identity with { Device = 9 },
            1 => identity with { Inode = 9 },
            2 => identity with { Bytes = 9 },
            3 => identity with { ModifiedNanos = 9 },
            _ => identity with { ChangedNanos = 9 },
        };
        var memory = new DigestMemory(path, TimeProvider.System);
        Assert.Equal(Digest, memory.Recall(identity));
        Assert.Null(memory.Recall(changed));
    }, iter: 20);

    [Fact]
    public void A_stamp_too_young_to_be_told_from_the_next_change_is_not_relied_on()
    {
        var now = DateTimeOffset.UnixEpoch.AddDays(20_000);
        var memory = new DigestMemory(null, new Clock(now));
        var young = new FileIdentity(1, 2, 3, IsDirectory: false) { ChangedNanos = now.ToUnixTimeMilliseconds() * 1_000_000 };
        memory.Note(young, Digest);
        Assert.Null(memory.Recall(young));
        var old = young with { ChangedNanos = young.ChangedNanos - 3_000_000_000 };
        memory.Note(old, Digest);
        Assert.Equal(Digest, memory.Recall(old));
    }

    [Theory]
    [InlineData("/proc/nowhere/digests")]
    [InlineData("/dev/null/digests")]
    [InlineData(null)]
    public void Without_a_place_to_write_to_nothing_fails(string? path)
    {
        var memory = new DigestMemory(path, TimeProvider.System);
        var identity = new FileIdentity(1, 2, 3, IsDirectory: false);
        memory.Note(identity, Digest);
        Assert.Equal(Digest, memory.Recall(identity));
    }

    [Fact]
    public void Lines_that_are_none_are_passed_over() => Gen.String[0, 60].Array[0, 5].Sample(lines =>
    {
        using var folder = new TestLake(inMemory: true);
        var path = $"{System.IO.Path.GetDirectoryName(folder.Root)}/digests";
        var identity = new FileIdentity(1, 2, 3, IsDirectory: false);
        new DigestMemory(path, TimeProvider.System).Note(identity, Digest);
        File.AppendAllLines(path, lines);
        Assert.Equal(Digest, new DigestMemory(path, TimeProvider.System).Recall(identity));
    }, iter: 30);

    [Fact]
    public void A_damaged_marker_or_newest_entry_is_noticed_or_without_effect() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 1_000_000], Gen.Int[0, 7]).Sample((marker, at, bit) =>
        {
            using var lake = new TestLake(new Runs.UnsyncedStorage(), inMemory: true);
            lake.Publish("a", PublicationKind.Publish, [(10, 1)]);
            lake.Publish("b", PublicationKind.Publish, [(10, 2)]);
            var path = marker ? $"{lake.Root}/_log/_views" : $"{lake.Root}/_log/{LakePaths.VersionName(2)}.json";
            var bytes = File.ReadAllBytes(path);
            bytes[at % bytes.Length] ^= (byte)(1 << bit);
            File.WriteAllBytes(path, bytes);
            try
            {
                var snapshot = lake.Reopen().Snapshot();
                Assert.True(marker);
                Assert.Equal(2, snapshot.Version);
                Assert.Equal(lake.Store.Snapshot().Digest, snapshot.Digest);
            }
            catch (RiskLakeException exception)
            {
                Assert.True(exception.Code is ErrorCode.LakeDamaged or ErrorCode.LakeTooNew, exception.Message);
            }
        }, iter: 100);

    private sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
