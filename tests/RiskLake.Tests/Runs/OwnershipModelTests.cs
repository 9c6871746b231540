using CsCheck;
using RiskLake.Lake;

namespace RiskLake.Tests.Runs;

/// <summary>Deduplication over the lake against a plain model: any order of runs, overlaps, conflicts, restatements, blocks and withdrawals.</summary>
public sealed class OwnershipModelTests
{
    private static readonly DateTime Day = new(2025, 1, 20, 14, 0, 0, DateTimeKind.Utc);

    private enum Act
    {
        Run,
        Block,
        Withdraw,
    }

    private sealed record Step(Act Act, int Run, int Version, (int Key, int Content, int Hour)[] Events);

    private static Gen<Step> GenStep { get; } = Gen.Select(
        Gen.Frequency((6, Gen.Const(Act.Run)), (1, Gen.Const(Act.Block)), (2, Gen.Const(Act.Withdraw))),
        Gen.Int[0, 3],
        Gen.Int[1, 2],
        Gen.Select(Gen.Int[0, 7], Gen.Frequency((5, Gen.Const(0)), (1, Gen.Const(1))), Gen.Int[0, 2]).Array[1, 8],
        (act, run, version, events) => new Step(act, run, version, events));

    [Fact]
    public void Silver_holds_each_key_of_every_published_run_exactly_once() =>
        GenStep.Array[2, 9].Sample(Check, iter: 40, threads: 1, print: steps => string.Join('\n', steps.Select(step =>
            $"{step.Act} r{step.Run} v{step.Version} [{string.Join(' ', step.Events.Select(e => $"k{e.Key}c{e.Content}h{e.Hour}"))}]")));

    private static void Check(Step[] steps)
    {
        using var desk = Desk();
        var model = new Model();
        foreach (var step in steps)
        {
            Apply(desk, model, step);
            var expected = model.Silver.OrderBy(row => row.Key).Select(row => $"k{row.Key}c{row.Value.Content} owner r{row.Value.Owner} from r{row.Value.Bronze}");
            var actual = desk.Rows(Layer.Silver, "market_events").OrderBy(row => row["event_id"], StringComparer.Ordinal)
                .Select(row => $"{row["event_id"]}c{(row["price"] == "100" ? 0 : 1)} owner {row["_run_id"]} from {row["bronze_run_id"]}");
            Assert.Equal(expected, actual);
        }
    }

    private static void Apply(TestDesk desk, Model model, Step step)
    {
        var id = $"r{step.Run}";
        if (step.Act == Act.Withdraw)
        {
            if (model.IsInForce(step.Run))
            {
                desk.Withdraw(id, $"config/registry-v{step.Version}.yaml");
                model.Withdraw(step.Run);
            }

            return;
        }

        var events = step.Events.Select(e => new TestEvent($"k{e.Key}", "AAPL", 100 + e.Content, 10, Day.AddHours(e.Key % 3).AddSeconds(e.Key), TimeSpan.FromSeconds(1 + (e.Hour * 3600))));
        var request = desk.Request(desk.WriteEvents(events.Select(e => e.Json))) with
        {
            RunId = id,
            ContractsPath = $"config/registry-v{step.Version}.yaml",
            ThresholdsPath = step.Act == Act.Block ? "config/closed.yaml" : "config/open.yaml",
            LateSeconds = step.Act == Act.Block ? 0 : 300,
        };
        var outcome = desk.Run(request);
        Assert.Equal(step.Act == Act.Block ? 1 : 0, outcome.ExitCode);
        if (step.Act == Act.Run)
        {
            var counts = model.Publish(step.Run, step.Events.Select(e => (e.Key, e.Content)).ToArray(), outcome.IsUnchanged);
            if (!outcome.IsUnchanged)
            {
                var conservation = outcome.Record["conservation"]!;
                Assert.Equal(counts, ((long)conservation["own_silver"]!, (long)conservation["duplicates"]!, (long)conservation["already_published"]!, (long)conservation["conflicts"]!, (long)conservation["adopted"]!));
            }
        }
    }

    private static string Thresholds(string rate) => $"""
        data_quality:
          max_late_rate: {rate}
          max_duplicate_rate: {rate}
          max_quarantine_rate: {rate}
        volatility:
          warn: 0.03
          critical: 0.07
        """;

    private static TestDesk Desk()
    {
        var desk = new TestDesk();
        desk.Write("config/open.yaml", Thresholds("1.0"));
        desk.Write("config/closed.yaml", Thresholds("0.0"));
        foreach (var version in new[] { 1, 2 })
        {
            var extra = version == 2 ? "      venue: string\n" : "";
            desk.Write($"config/registry-v{version}.yaml", $"""
                contracts:
                  market_event:
                    dataset: market_events
                    version: v{version}
                    compatibility: backward
                    required_fields: [event_id, symbol, price, volume, ts_event, ts_ingest, source]
                    schema:
                      event_id: string
                      symbol: string
                      price: float
                      volume: integer
                      ts_event: timestamp
                      ts_ingest: timestamp
                      source: string
                {extra}
                """);
        }

        return desk;
    }

    /// <summary>The rules of design section 5, over dictionaries.</summary>
    private sealed class Model
    {
        private readonly Dictionary<int, (int Key, int Content)[]> _bronze = [];
        private readonly Dictionary<int, int> _order = [];
        private readonly HashSet<int> _published = [];
        private int _clock;

        public SortedDictionary<int, (int Content, int Owner, int Bronze)> Silver { get; } = [];

        public bool IsInForce(int run) => _published.Contains(run);

        public (long Own, long Duplicates, long Published, long Conflicts, long Adopted) Publish(int run, (int Key, int Content)[] events, bool isUnchanged)
        {
            if (isUnchanged)
            {
                return default;
            }

            _clock++;
            var freed = Free(run);
            long own = 0, duplicates = 0, published = 0, conflicts = 0;
            var seen = new HashSet<(int, int)>();
            foreach (var (key, content) in events)
            {
                if (!Silver.TryGetValue(key, out var held))
                {
                    Silver.Add(key, (content, run, run));
                    own++;
                }
                else if (held.Content != content)
                {
                    conflicts++;
                }
                else if (held.Owner == run || !seen.Add((key, content)))
                {
                    duplicates++;
                }
                else
                {
                    published++;
                }
            }

            _bronze[run] = events;
            if (_published.Add(run))
            {
                _order[run] = _clock;
            }

            return (own, duplicates, published, conflicts, Adopt(run, freed));
        }

        public void Withdraw(int run)
        {
            var freed = Free(run);
            _published.Remove(run);
            _bronze.Remove(run);
            Adopt(run, freed);
        }

        private int[] Free(int run)
        {
            var freed = Silver.Where(row => row.Value.Owner == run).Select(row => row.Key).ToArray();
            foreach (var key in freed)
            {
                Silver.Remove(key);
            }

            return freed;
        }

        private long Adopt(int run, int[] freed)
        {
            var adopted = 0L;
            foreach (var key in freed.Where(key => !Silver.ContainsKey(key)))
            {
                var lender = _published.Where(other => other != run && _bronze[other].Any(e => e.Key == key)).OrderBy(other => _order[other]).Cast<int?>().FirstOrDefault();
                if (lender is { } from)
                {
                    Silver.Add(key, (_bronze[from].First(e => e.Key == key).Content, run, from));
                    adopted++;
                }
            }

            return adopted;
        }
    }
}
