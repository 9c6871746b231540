using System.Reflection;
using System.Security.Cryptography;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Runs;
using RiskLake.Tests.Lake;
using RiskLake.Tests.Runs;

namespace RiskLake.Trials.Runs;

/// <summary>Every operation of the storage fails once, before and after taking effect, in every kind of command, from input to gold.</summary>
public sealed class PipelineFaultTests
{
    private const string RunId = "r";

    private static readonly DateTime Day = new(2025, 1, 20, 14, 0, 0, DateTimeKind.Utc);

    private static readonly Dictionary<string, (Deed[] Before, Deed Deed)> Scenarios = new(StringComparer.Ordinal)
    {
        ["publish"] = ([], Deed.Publish),
        ["restate"] = ([Deed.Publish], Deed.Restate),
        ["block"] = ([], Deed.Block),
        ["block_restatement"] = ([Deed.Publish], Deed.Block),
        ["release"] = ([Deed.Block], Deed.Release),
        ["withdraw"] = ([Deed.Publish], Deed.Withdraw),
    };

    private enum Deed
    {
        Publish,
        Restate,
        Block,
        Release,
        Withdraw,
    }

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var scenario in Scenarios.Keys)
        {
            foreach (var fault in new[] { Fault.Before, Fault.After, Fault.Torn })
            {
                data.Add(scenario, fault.ToString());
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_failing_storage_ends_in_a_clear_error_and_a_whole_lake(string scenario, string faultName)
    {
        var fault = Enum.Parse<Fault>(faultName);
        var (before, deed) = Scenarios[scenario];
        using var desk = new Bench();
        foreach (var earlier in before)
        {
            desk.Act(earlier, "prepared", new UnsyncedStorage());
        }

        var good = new FaultyStorage(-1, fault) { Paused = false };
        desk.Act(deed, desk.Copy("undisturbed"), good);
        var expected = desk.Files("undisturbed");
        var verbs = good.Steps.Select(step => step[(step.LastIndexOf(' ') + 1)..]).ToArray();
        var (failed, decided) = (0, 0);
        for (var at = 0; at < verbs.Length; at++)
        {
            // Reading fails in one way only; one kind of command stands for all in it.
            var reads = verbs[at] is "read" or "open" or "exists" or "list" or "stat";
            if (fault is Fault.Torn ? verbs[at] is "write" : !reads || (fault is Fault.Before && deed is Deed.Restate))
            {
                var stood = desk.Fail(deed, at, fault, before.Length, expected);
                failed++;
                decided += stood ? 1 : 0;
            }
        }

        Assert.InRange(failed, 3, 600);
        Assert.InRange(decided, 1, failed - 1);
    }

    /// <summary>A desk whose lake is copied for every attempt.</summary>
    private sealed class Bench : IDisposable
    {
        private readonly TestDesk _desk = new(inMemory: true);
        private readonly string _first;
        private readonly string _second;
        private readonly string _late;
        private int _attempts;

        public Bench()
        {
            _first = _desk.WriteEvents(Events(0, 24, TimeSpan.FromSeconds(1)));
            _second = _desk.WriteEvents(Events(3, 26, TimeSpan.FromSeconds(1)));
            _late = _desk.WriteEvents(Events(3, 26, TimeSpan.FromMinutes(20)));
            Directory.CreateDirectory(PathOf("prepared"));
        }

        public void Act(Deed deed, string lake, IStorage storage)
        {
            var outcome = deed is Deed.Withdraw
                ? RunWithdrawal.Withdraw(PathOf(lake), RunId, "test", TimeSpan.Zero, TimeProvider.System, storage, CancellationToken.None)
                : RunPipeline.Execute(Request(deed) with { OutputRoot = lake }, TestDesk.Silent.Instance, TimeProvider.System, storage, CancellationToken.None);
            Assert.Equal(deed is Deed.Block ? 1 : 0, outcome.ExitCode);
        }

        public string Copy(string name)
        {
            LakeCopy.Make(PathOf("prepared"), PathOf(name));
            return name;
        }

        /// <summary>Digests of the data files in the tree, by path.</summary>
        public string Files(string lake) => string.Join('\n', new[] { "bronze", "quarantine", "silver", "gold" }
            .Select(layer => Path.Combine(PathOf(lake), layer))
            .Where(Directory.Exists)
            .SelectMany(layer => Directory.EnumerateFiles(layer, "*", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetRelativePath(PathOf(lake), file)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}"));

        /// <summary>Lets one operation fail, then does what the next commands would do. True when the command had been decided all the same.</summary>
        public bool Fail(Deed deed, int at, Fault fault, int versionBefore, string expected)
        {
            var lake = Copy(FormattableString.Invariant($"lake-{_attempts++}"));
            var storage = new FaultyStorage(at, fault) { Paused = false };
            RiskLakeException? failure = null;
            try
            {
                Act(deed, lake, storage);
            }
            catch (RiskLakeException exception)
            {
                failure = exception;
            }

            var context = FormattableString.Invariant($"{deed}, {fault} at {at}: {storage.FailedStep} ({failure?.Message ?? "absorbed"})");
            CheckError(failure, context);
            var store = LakeStore.Open(PathOf(lake), new UnsyncedStorage(), TimeProvider.System);
            store.Recover(CancellationToken.None);
            CheckWhole(store, context);
            var decided = store.Snapshot().Version == versionBefore + 1;
            Assert.True(decided || (failure is not null && store.Snapshot().Version == versionBefore), context);
            Act(deed, lake, new UnsyncedStorage());
            CheckWhole(store, context + ", repeated");
            Assert.True(store.Snapshot().Version == versionBefore + 1, context);
            Assert.True(expected == Files(lake), $"{context}: other files\n{expected}\n--\n{Files(lake)}");
            Directory.Delete(PathOf(lake), recursive: true);
            return decided;
        }

        public void Dispose() => _desk.Dispose();

        private string PathOf(string lake) => Path.Combine(_desk.Folder, lake);

        private RunRequest Request(Deed deed) => _desk.Request(deed switch
        {
            Deed.Publish => _first,
            Deed.Restate => _second,
            _ => _late,
        }) with
        { RunId = RunId, AllowBreach = deed is Deed.Release, Threads = 1 };

        private static IEnumerable<string> Events(int first, int count, TimeSpan lag) => Enumerable.Range(first, count)
            .Select(i => new TestEvent($"e{i}", $"S{i % 3}", 100 + i, 10, Day.AddHours(i % 2).AddSeconds(i), lag).Json)
            .Append("{\"event_id\":1}");

        private static void CheckError(RiskLakeException? failure, string context)
        {
            if (failure is not null)
            {
                Assert.True(failure.Code is ErrorCode.StorageFailed, context);
                Assert.Equal(3, typeof(ErrorCode).GetField(failure.Code.ToString())!.GetCustomAttribute<ErrorAttribute>()!.ExitCode);
                Assert.All([failure.Place, failure.Found, failure.Expected, failure.Next], part => Assert.False(string.IsNullOrWhiteSpace(part), context));
                Assert.Contains("errno", failure.Found, StringComparison.Ordinal);
            }
        }

        private static void CheckWhole(LakeStore store, string context)
        {
            var findings = new LakeVerifier(store) { WithStatistics = false }.Verify(CancellationToken.None);
            Assert.True(findings.Count == 0, $"{context}: {string.Join("; ", findings)}");
            foreach (var folder in new[] { store.Paths.Staging, store.Paths.Locks })
            {
                var left = store.Storage.List("test", folder).Where(name => name is not "publish").ToList();
                Assert.True(left.Count == 0, $"{context}: left in {folder}: {string.Join(", ", left)}");
            }
        }
    }
}
