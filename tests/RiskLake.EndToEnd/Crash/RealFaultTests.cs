using RiskLake.Lake;
using RiskLake.Lake.Storage;

namespace RiskLake.EndToEnd.Crash;

/// <summary>Disks that are really full, really read-only, or really two: the operating system says so, not a test double.</summary>
[Collection(Alone.Name)]
public sealed class RealFaultTests
{
    private const string Prerequisite = "needs mount-rights: a file system of its own to fill, to make read-only and to divide";

    [Fact]
    public void A_full_disk_ends_in_a_clear_error_and_a_whole_lake()
    {
        using var mounts = new Mounts();
        mounts.Tmpfs(mounts.Lake, "24m");
        var small = mounts.Events("small.ndjson", 0, 40);
        var large = mounts.Events("large.ndjson", 1_000, 60_000);
        mounts.Run(small, "before").Ends(0);
        var (full, fits) = (0, false);
        for (var room = 0; !fits; room += room < 64 ? 16 : 144)
        {
            Assert.True(room < 4_000, "the run never fits");
            mounts.Fill(room * 1024);
            var outcome = mounts.Run(large, "large");
            fits = outcome.ExitCode == 0;
            if (!fits)
            {
                Refused(outcome, "No space left on device");
                full++;
            }

            // What the failed run had staged is gone, so nothing is full that was not full before (its lineage tells of the failure);
            // but once it is decided, only its views are missing, and its files stay.
            var stands = fits || outcome.Error.Contains("was decided", StringComparison.Ordinal);
            Assert.True(stands || mounts.Free() >= (room - 12) * 1024, $"{mounts.Free()} bytes left of {room} KiB\n{outcome.Error}");
            mounts.Fill(null);
            mounts.Run(mounts.Events($"after-{room}.ndjson", 100_000 + room, 3), $"after-{room}").Ends(0);
            mounts.Whole();
        }

        Assert.InRange(full, 8, 100);
        mounts.Run(large, "large").Ends(0);
    }

    [Fact]
    public void A_read_only_lake_is_read_and_not_written()
    {
        using var mounts = new Mounts();
        var input = mounts.Events("input.ndjson", 0, 40);
        mounts.Run(input, "before").Ends(0);
        mounts.ReadOnly(mounts.Lake);
        foreach (var run in new[] { "before", "after" })
        {
            Refused(mounts.Run(mounts.Events(run + "-2.ndjson", 50, 40), run), "Read-only file system");
        }

        Refused(mounts.Command("runs", "withdraw", "before", "--reason", "test"), "Read-only file system");
        mounts.Command("data", "sql", "SELECT count(*) FROM silver.market_events").Ends(0);
        mounts.Command("runs", "list").Ends(0);
        mounts.Command("lake", "verify").Ends(0);
        mounts.Release();
        mounts.Whole();
        mounts.Run(input, "after").Ends(0);
        mounts.Whole();
    }

    [Fact]
    public void A_lake_on_two_disks_is_refused_and_stays_whole()
    {
        using var mounts = new Mounts();
        mounts.Run(mounts.Events("input.ndjson", 0, 40), "before").Ends(0);
        mounts.Tmpfs(Path.Combine(mounts.Lake, "_staging"), "4m");
        var next = mounts.Events("next.ndjson", 50, 40);
        Refused(mounts.Run(next, "after"), "Invalid cross-device link");
        mounts.Release();
        mounts.Run(next, "after").Ends(0);
        mounts.Whole();
    }

    private static void Refused(Outcome outcome, string text)
    {
        outcome.Ends(3);
        Assert.Empty(outcome.Out);
        var error = outcome.Error[outcome.Error.IndexOf("error RL", StringComparison.Ordinal)..];
        Assert.StartsWith("error RL5001: ", error, StringComparison.Ordinal);
        Assert.Contains(text, error, StringComparison.Ordinal);
        Assert.Contains("\n  next      ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>A workspace in which file systems are mounted and, whatever happens, unmounted.</summary>
    private sealed class Mounts : IDisposable
    {
        private readonly Workspace _workspace = new();
        private readonly Stack<string> _mounted = new();

        public string Lake => _workspace.Lake;

        public string Events(string name, int first, int count) => _workspace.Write(
            name, string.Concat(Enumerable.Range(first, count).Select(key => PlainModel.Line(key % 3_000_000, isLate: false))));

        public Outcome Run(string input, string runId) => Command("run", "--input", input, "--run-id", runId, "--quiet");

        public Outcome Command(params string[] arguments) => BuiltProgram.Run(_workspace.Folder, [.. arguments, "--output-root", Lake]);

        public void Tmpfs(string folder, string size)
        {
            Directory.CreateDirectory(folder);
            Mount(folder, "-t", "tmpfs", "-o", $"size={size}", "none", folder);
        }

        public void ReadOnly(string folder)
        {
            Mount(folder, "--bind", folder, folder);
            Cli.Start("mount", _workspace.Folder, ["-o", "remount,bind,ro", folder], null, null).Ends(0);
        }

        /// <summary>Leaves so many bytes of the disk; all of it, if null.</summary>
        public void Fill(long? room)
        {
            var ballast = Path.Combine(Lake, "ballast");
            File.Delete(ballast);
            if (room is { } bytes)
            {
                File.WriteAllBytes(ballast, new byte[Math.Max(0, Free() - bytes)]);
            }
        }

        public long Free() => new DriveInfo(Lake).AvailableFreeSpace;

        public void Whole()
        {
            var store = LakeStore.Open(Lake, new PosixStorage(), TimeProvider.System);
            Assert.Empty(new LakeVerifier(store).Verify(CancellationToken.None));
            Assert.Empty(store.Storage.List("test", store.Paths.Staging));
            Assert.Equal(["publish"], store.Storage.List("test", store.Paths.Locks));
        }

        public void Release()
        {
            while (_mounted.TryPop(out var folder))
            {
                Cli.Start("umount", "/", ["-l", folder], null, null);
            }
        }

        public void Dispose()
        {
            Release();
            _workspace.Dispose();
        }

        private void Mount(string folder, params string[] arguments)
        {
            if (!File.Exists("/usr/bin/mount") || Cli.Start("mount", _workspace.Folder, arguments, null, null).ExitCode != 0)
            {
                Assert.Skip(Prerequisite);
            }

            _mounted.Push(folder);
        }
    }
}
