using RiskLake.Desk.Limits;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;
using RiskLake.RiskRuns;
using RiskLake.Runs;
using RiskLake.Tests.RiskRuns;
using RiskLake.Tests.Runs;

namespace RiskLake.Trials.RiskRuns;

/// <summary>Two years of verdicts, published day by day into a lake: whatever the order and whatever was wrong first, the same episodes.</summary>
public sealed class LimitReplayTests
{
    private const int Days = 500;

    private static readonly DateOnly First = new(2023, 1, 2);

    private static readonly LimitScope[] Scopes = [new("symbol", "SPY"), new("portfolio", "technology"), new("node", "desk")];

    private static readonly LimitBook Book = new()
    {
        Sha256 = "",
        Limits =
        [
            .. Scopes.Select((scope, i) => new LimitDefinition
            {
                Id = $"limit-{i}",
                Owner = "desk",
                Measure = new("value_at_risk", "historical", Confidence.P99, 1, "fraction"),
                Scopes = [scope],
                CleanDays = i + 1,
                Thresholds =
                [
                    new(new(First, First.AddDays(250)), 1.0, 1.6),
                    new(new(First.AddDays(250), First.AddDays(480)), 1.2, 1.5),
                ],
            }),
        ],
    };

    /// <summary>What day <paramref name="day"/> brings when it is known right, or before.</summary>
    private static IReadOnlyList<LimitVerdict> Verdicts(int day, bool isRight)
    {
        var date = First.AddDays(day);
        return LimitEvaluator.Evaluate(Book, date, Scopes.Select((scope, i) =>
        {
            var value = Math.Abs(Philox.Normal(isRight ? 5UL : 6UL, (ulong)i, (ulong)day));
            var isThere = Philox.Normal(7, (ulong)i, (ulong)day) < 2.0;
            return new MeasuredValue(scope, Book.Limits[i].Measure, isThere ? value : null, isThere ? "ready" : "stale", isThere ? null : "Nothing new.");
        }));
    }

    private static void Publish(LakeStore lake, TestDesk desk, int day, bool isRight = true)
    {
        var verdicts = Verdicts(day, isRight);
        var asOf = (long)(First.DayNumber + day) * 86_400_000_000L;
        var run = new GoldRun
        {
            Fingerprint = $"{day} {isRight}",
            AsOf = asOf,
            ValuationTime = asOf - 1,
            Write = staging =>
            {
                using var batch = new RecordBatch(LimitTables.Evaluations.Schema);
                foreach (var verdict in verdicts)
                {
                    new LimitRows("risk/1", staging.RunId, asOf, asOf - 1).Append(batch, verdict, "");
                }

                return GoldRows.Write(staging, LimitTables.Evaluations, batch, asOf);
            },
            Facts = () => [],
        };
        var publisher = new GoldPublisher(lake, desk.Storage, TimeProvider.System, IdOf(day), GoldWork.Risk) { IsRecovered = true };
        GoldPublication.Execute(publisher, _ => run, CancellationToken.None);
    }

    private static string IdOf(int day) => FormattableString.Invariant($"risk-{First.AddDays(day):yyyy-MM-dd}");

    private static RunOutcome? Refresh(LakeStore lake, TestDesk desk) =>
        LimitEpisodes.Publish(lake, TimeProvider.System, desk.Storage, CancellationToken.None);

    private static string Acknowledge(LakeStore lake, TestDesk desk, string limit, DateOnly date, string reason = "hedge is on its way")
    {
        var request = new AcknowledgementRequest(limit, null, date, "anna", reason, null);
        var outcome = Acknowledgement.Publish(lake, request, TimeSpan.Zero, TimeProvider.System, desk.Storage, CancellationToken.None);
        return (string)outcome.Record["run_id"]!;
    }

    private static string Episodes(TestDesk desk) => string.Join(
        '\n', desk.Rows(Layer.Gold, "limit_breaches").Select(row => string.Join(' ', row.Select(pair => pair.Value ?? "-"))));

    private static string Digest(LakeStore lake) =>
        Assert.Single(lake.Snapshot().Files(Layer.Gold, "limit_breaches")).Sha256;

    [Fact]
    public void In_order_shuffled_and_restated_days_give_the_same_bytes()
    {
        using var inOrder = new TestDesk(inMemory: true);
        using var shuffled = new TestDesk(inMemory: true);
        using var restated = new TestDesk(inMemory: true);
        var lake = inOrder.Lake;
        for (var day = 0; day < Days; day++)
        {
            Publish(lake, inOrder, day);
            if (day % 25 == 24)
            {
                Refresh(lake, inOrder);
            }
        }

        var expected = LimitBreach.Of(Enumerable.Range(0, Days)
            .SelectMany(day => Verdicts(day, isRight: true))
            .Select(verdict => new PublishedVerdict("r", 0, null, verdict)));
        var published = inOrder.Rows(Layer.Gold, "limit_breaches");
        Assert.Equal(expected.Select(breach => breach.EventsJson()), published.Select(row => row["events"]));
        Assert.True(expected.Count > 60 && expected.Any(breach => breach.Episode.Peak == LimitLevel.Critical));

        lake = shuffled.Lake;
        foreach (var day in Enumerable.Range(0, Days).Select(i => i * 337 % Days))
        {
            Publish(lake, shuffled, day);
            if (day % 50 == 0)
            {
                Refresh(lake, shuffled);
            }
        }

        Refresh(lake, shuffled);
        lake = restated.Lake;
        string[] words = [];
        for (var day = 0; day < Days; day++)
        {
            Publish(lake, restated, day, isRight: day % 4 != 0);
            if (day % 50 == 49)
            {
                Refresh(lake, restated);
                words = words.Length > 0 ? words : AcknowledgeTwo(lake, restated, expected);
            }

            if (day >= 120 && (day - 120) % 4 == 0)
            {
                Publish(lake, restated, day - 120);
            }
        }

        foreach (var day in Enumerable.Range(0, Days).Where(day => day % 4 == 0).Reverse())
        {
            Publish(lake, restated, day);
        }

        Refresh(lake, restated);
        Assert.Equal(Episodes(inOrder), Episodes(shuffled));
        Assert.Equal(Episodes(inOrder), Episodes(restated));
        Assert.Equal(Digest(inOrder.Lake), Digest(shuffled.Lake));
        Assert.Equal(Digest(inOrder.Lake), Digest(restated.Lake));
        var said = LimitHistory.Acknowledgements(lake, lake.Snapshot()).ToDictionary(word => word.Id);
        Assert.Equal(words.Order(StringComparer.Ordinal), said.Keys.Order(StringComparer.Ordinal));
        Assert.NotNull(said[words[0]].Find(expected));
        Assert.Null(said[words[1]].Find(expected));
        Assert.True(restated.Lake.Snapshot().Runs[LimitEpisodes.RunId].Attempt > 1);
    }

    /// <summary>One of a breach that will stand, one of a breach that only wrong inputs make.</summary>
    private static string[] AcknowledgeTwo(LakeStore lake, TestDesk desk, IReadOnlyList<LimitBreach> right)
    {
        var known = LimitBreach.Of(LimitHistory.Verdicts(lake, lake.Snapshot()));
        bool Stands(LimitBreach breach) => right.Any(one => one.Limit == breach.Limit && one.Contains(breach.Episode.Opened));
        var (real, mistaken) = (known.First(Stands), known.First(breach => !Stands(breach)));
        return [Acknowledge(lake, desk, real.Limit, real.Episode.Opened), Acknowledge(lake, desk, mistaken.Limit, mistaken.Episode.Opened)];
    }

    [Fact]
    public void Nothing_changes_where_nothing_changed()
    {
        using var desk = new TestDesk(inMemory: true);
        var lake = desk.Lake;
        Publish(lake, desk, 0);
        Assert.False(Refresh(lake, desk)!.IsUnchanged);
        Assert.True(Refresh(lake, desk)!.IsUnchanged);
        Publish(lake, desk, 0);
        Assert.True(Refresh(lake, desk)!.IsUnchanged);
        Assert.Equal(2, lake.Snapshot().Version);
    }

    [Fact]
    public void A_lake_without_limits_gets_no_run_of_them()
    {
        using var desk = new TestDesk(inMemory: true);
        Assert.Null(Refresh(desk.Lake, desk));
        Assert.Equal(0, desk.Lake.Snapshot().Version);
    }

    [Fact]
    public void An_acknowledgement_survives_restatement_and_withdrawal()
    {
        using var desk = new TestDesk(inMemory: true);
        var lake = desk.Lake;
        Enumerable.Range(0, 60).ToList().ForEach(day => Publish(lake, desk, day));
        Refresh(lake, desk);
        var breach = LimitBreach.Of(LimitHistory.Verdicts(lake, lake.Snapshot())).First(one => one.Episode.DaysOutside == 1);
        var day = breach.Episode.Opened;
        var word = Acknowledge(lake, desk, breach.Limit, day);
        var before = lake.Snapshot().Version;
        Assert.Equal(word, Acknowledge(lake, desk, breach.Limit, day));
        Assert.Equal(before, lake.Snapshot().Version);
        var other = Acknowledge(lake, desk, breach.Limit, day, "accepted for a week");
        Assert.NotEqual(word, other);

        IReadOnlyList<LimitAcknowledgement> Said() => LimitHistory.Acknowledgements(lake, lake.Snapshot());
        LimitBreach? Found() => Said()[0].Find(LimitBreach.Of(LimitHistory.Verdicts(lake, lake.Snapshot())));
        Assert.Equal([word, other], Said().Select(said => said.Id).OrderBy(id => id == other));
        Assert.Equal(day, Found()!.Episode.Opened);

        var run = IdOf(day.DayNumber - First.DayNumber);
        GoldPublication.Withdraw(
            new GoldPublisher(lake, desk.Storage, TimeProvider.System, run, GoldWork.Risk), "wrong prices", CancellationToken.None);
        Refresh(lake, desk);
        Assert.DoesNotContain(desk.Rows(Layer.Gold, "limit_breaches"), row => row["limit_id"] == breach.Limit && row["opened"] == Days70(day));
        Assert.Null(Found());
        Assert.Equal(2, Said().Count);
        Publish(lake, desk, day.DayNumber - First.DayNumber);
        Refresh(lake, desk);
        Assert.Equal(day, Found()!.Episode.Opened);
    }

    [Fact]
    public void There_is_nothing_to_say_where_there_is_no_breach()
    {
        using var desk = new TestDesk(inMemory: true);
        var lake = desk.Lake;
        Publish(lake, desk, 0);
        foreach (var (limit, date) in new[] { ("limit-9", First), ("limit-0", First.AddDays(-5)) })
        {
            Assert.Equal(ErrorCode.BreachUnknown, Assert.Throws<RiskLakeException>(() => Acknowledge(lake, desk, limit, date)).Code);
        }

        Assert.Equal(ErrorCode.CommandLineInvalid, Assert.Throws<RiskLakeException>(() => Acknowledge(lake, desk, "limit-0", First, " ")).Code);
    }

    private static string Days70(DateOnly date) => FormattableString.Invariant($"{date.DayNumber - new DateOnly(1970, 1, 1).DayNumber}");
}
