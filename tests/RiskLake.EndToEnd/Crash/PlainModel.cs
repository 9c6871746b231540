using System.Globalization;
using System.Text;

namespace RiskLake.EndToEnd.Crash;

/// <summary>What can be done to a run.</summary>
internal enum Deed
{
    Publish,
    Restate,
    Block,
    BlockRestatement,
    Release,
    Withdraw,
}

/// <summary>A run as the plain model has it.</summary>
/// <param name="Keys">Keys of the input in force.</param>
/// <param name="Status">As in the log.</param>
/// <param name="Input">File the keys came from.</param>
internal sealed record PlainRun(int[] Keys, string Status, string Input)
{
    public bool IsPublished => Status is "published" or "published_with_breach";

    public bool HasBronze => Status is not "withdrawn";
}

/// <summary>One command, and what it makes of its run.</summary>
internal sealed record Order(Deed Deed, string RunId, PlainRun After, int ExitCode, string[] Arguments);

/// <summary>A lake without files: which run holds which keys. Knows nothing of attempts, versions or storage.</summary>
internal sealed class PlainModel(string folder, string lake, Random random)
{
    private const int SharedKeys = 60;

    private static readonly DateTime Day = new(2025, 1, 20, 14, 0, 0, DateTimeKind.Utc);

    private int _inputs;
    private int _ids;

    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private int _nextPlace;

    public SortedDictionary<string, PlainRun> Runs { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys in silver, and the run whose file holds each.</summary>
    public SortedDictionary<int, string> Silver { get; } = [];

    public static string Symbol(int key) => $"S{key % 4}";

    /// <summary>Something that can be done to a run other than <paramref name="but"/>.</summary>
    public Order Choose(string? but)
    {
        while (true)
        {
            var deed = (Deed)random.Next(6);
            var live = Runs.Values.Count(run => run.HasBronze);
            var candidates = Runs.Where(pair => pair.Key != but && Suits(deed, pair.Value)).Select(pair => pair.Key).ToList();
            if (deed is Deed.Publish or Deed.Block && (candidates.Count == 0 || random.Next(2) == 0) && live < 12)
            {
                return Make(deed, FormattableString.Invariant($"r{_ids++:000}"));
            }

            if (candidates.Count > 0 && (deed is not Deed.Publish || live < 12) && (deed is not Deed.Withdraw || live > 4))
            {
                return Make(deed, candidates[random.Next(candidates.Count)]);
            }
        }
    }

    /// <summary>An event is in the silver of the run that was published before every other run that holds it; a restatement keeps its place.</summary>
    public void Apply(Order order)
    {
        var isPublishedNow = order.After.IsPublished;
        Runs[order.RunId] = order.After;
        if (!isPublishedNow)
        {
            _places.Remove(order.RunId);
        }
        else if (!_places.ContainsKey(order.RunId))
        {
            _places.Add(order.RunId, _nextPlace++);
        }

        Silver.Clear();
        foreach (var run in _places.OrderBy(place => place.Value).Select(place => place.Key))
        {
            foreach (var key in Runs[run].Keys)
            {
                Silver.TryAdd(key, run);
            }
        }
    }

    private static bool Suits(Deed deed, PlainRun run) => deed switch
    {
        Deed.Publish => run.Status is "withdrawn",
        Deed.Restate or Deed.BlockRestatement => run.IsPublished,
        Deed.Release => run.Status is "blocked",
        Deed.Withdraw => run.HasBronze,
        _ => false,
    };

    private Order Make(Deed deed, string runId)
    {
        var before = Runs.GetValueOrDefault(runId);
        if (deed is Deed.Withdraw)
        {
            return new Order(deed, runId, before! with { Status = "withdrawn" }, 0, ["runs", "withdraw", runId, "--reason", "test", "--output-root", lake]);
        }

        var isLate = deed is Deed.Block or Deed.BlockRestatement;
        var (keys, input) = deed is Deed.Release ? (before!.Keys, before.Input) : NewInput(isLate);
        string[] arguments = ["run", "--input", input, "--run-id", runId, "--output-root", lake, "--threads", "2"];
        var after = deed switch
        {
            Deed.Block => new PlainRun(keys, "blocked", input),
            Deed.BlockRestatement => before!,
            Deed.Release => before! with { Status = "published_with_breach" },
            _ => new PlainRun(keys, "published", input),
        };
        return new Order(deed, runId, after, isLate ? 1 : 0, deed is Deed.Release ? [.. arguments, "--allow-dq-breach"] : arguments);
    }

    /// <summary>Some keys that other runs may also hold, and one of its own, so that no two inputs are equal.</summary>
    private (int[] Keys, string Input) NewInput(bool isLate)
    {
        var own = SharedKeys + _inputs++;
        int[] keys = [.. Enumerable.Range(0, SharedKeys).OrderBy(_ => random.Next()).Take(random.Next(2, 8)), own];
        var path = Path.Combine(folder, FormattableString.Invariant($"input-{own}.ndjson"));
        File.WriteAllText(path, string.Concat(keys.Select(key => Line(key, isLate))), new UTF8Encoding(false));
        return (keys, path);
    }

    /// <summary>An event: the same for every run that holds its key, but for the time of its delivery.</summary>
    public static string Line(int key, bool isLate)
    {
        var happened = Day.AddHours(key % 3).AddSeconds(key);
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"event_id":"k{{key}}","symbol":"{{Symbol(key)}}","price":{{100 + (key % 17 * 0.25)}},"volume":{{key}},"ts_event":"{{happened:yyyy-MM-ddTHH:mm:ss}}Z","ts_ingest":"{{happened.AddSeconds(isLate ? 900 : 1):yyyy-MM-ddTHH:mm:ss}}Z","source":"test"}

            """);
    }
}
