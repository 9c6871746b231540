using CsCheck;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Risk;

/// <summary>The parts of a change sum to it, and each names what it comes from.</summary>
public sealed class ChangeAttributionTests
{
    private static readonly DateOnly First = new(2024, 1, 1);

    private static readonly Func<AttributionState<Confidence>, AttributedValue> Historical = state =>
    {
        var risk = HistoricalSimulation.Estimate(state.WindowReturns(), state.Parameters);
        return new(risk.ValueAtRisk.Value, risk.ValueAtRisk.Reason, [.. risk.Tail.Select(item => item.Index + state.Start)]);
    };

    private static readonly Func<AttributionState<Confidence>, AttributedValue> Normal = state =>
    {
        var risk = ParametricTail.Normal(state.WindowReturns(), state.Parameters);
        return new(risk.ExpectedShortfall.Value, risk.ExpectedShortfall.Reason, []);
    };

    private static DatedReturns History(int count, int columns = 1, int stream = 0) => new(
        [.. Enumerable.Range(0, count).Select(First.AddDays)],
        [.. Enumerable.Range(0, columns).Select(i =>
        {
            var values = new double[count];
            Philox.Normals(91, (ulong)(stream + i), 0, values);
            return values.Select(value => 0.01 * value).ToArray();
        })]);

    private static DatedReturns With(DatedReturns history, params (int Day, double Return)[] changes)
    {
        var column = history.Columns[0].ToArray();
        foreach (var (day, value) in changes)
        {
            column[day] = value;
        }

        return history with { Columns = [column, .. history.Columns.Skip(1)] };
    }

    private static AttributionState<Confidence> State(DatedReturns history, int window, Confidence confidence, params double[] weights) =>
        new(history, window, weights.Length == 0 ? [1.0] : weights, confidence);

    [Fact]
    public void A_day_later_one_observation_leaves_and_one_enters()
    {
        var history = With(History(121), (0, -0.5), (120, -0.4));
        var result = ChangeAttribution.Explain(
            State(history.Through(First.AddDays(119)), 120, Confidence.P99), State(history, 120, Confidence.P99), Historical);
        Assert.Null(result.Reason);
        Assert.Equal(
            [AttributionStep.Restated, AttributionStep.Left, AttributionStep.Entered, AttributionStep.Weights, AttributionStep.Parameters],
            result.Parts.Select(part => Assert.Single(part.Steps)));
        Assert.Equal((0.0, 0.0, 0.0), (result.Parts[0].Change, result.Parts[3].Change, result.Parts[4].Change));
        Assert.True(result.Parts[1].Change < 0.0 && result.Parts[2].Change > 0.0);
        Assert.Equal(new AttributedObservation(First, -0.5, null, true), Assert.Single(result.Parts[1].Observations));
        Assert.Equal(new AttributedObservation(First.AddDays(120), null, -0.4, true), Assert.Single(result.Parts[2].Observations));
        Assert.Empty(result.Parts[0].Observations);
        Assert.Equal(Historical(State(history, 120, Confidence.P99)).Value, result.End);
    }

    [Fact]
    public void What_was_restated_is_told_apart_from_what_is_new()
    {
        var was = With(History(200), (100, -0.3));
        var now = With(History(200), (100, -0.003), (199, 0.002));
        var result = ChangeAttribution.Explain(
            State(was.Through(First.AddDays(198)), 150, Confidence.P99), State(now, 150, Confidence.P99), Historical);
        Assert.True(result.Parts[0].Change < 0.0);
        Assert.Equal(new AttributedObservation(First.AddDays(100), -0.3, -0.003, false), Assert.Single(result.Parts[0].Observations));
        Assert.Equal(First.AddDays(49), Assert.Single(result.Parts[1].Observations).Date);
        Assert.False(Assert.Single(result.Parts[2].Observations).InTail);
    }

    [Fact]
    public void The_same_date_known_later_is_a_restatement_alone()
    {
        var history = History(120);
        var late = history with
        {
            Dates = [.. history.Dates.Where((_, day) => day != 60)],
            Columns = [[.. history.Columns[0].Where((_, day) => day != 60)]],
        };
        var result = ChangeAttribution.Explain(State(late, 110, Confidence.P95), State(history, 110, Confidence.P95), Normal);
        Assert.Equal(result.Total, result.Parts[0].Change);
        Assert.Equal([First.AddDays(9), First.AddDays(60)], result.Parts[0].Observations.Select(item => item.Date));
        Assert.All(result.Parts.Skip(1), part => Assert.Equal(0.0, part.Change));
    }

    [Fact]
    public void Windows_that_share_nothing_move_in_one_step()
    {
        var history = History(400);
        var result = ChangeAttribution.Explain(
            State(history.Through(First.AddDays(149)), 150, Confidence.P99), State(history, 150, Confidence.P99), Historical);
        Assert.Equal([AttributionStep.Left, AttributionStep.Entered], result.Parts[1].Steps);
        Assert.Equal(300, result.Parts[1].Observations.Count);
        Assert.Equal(result.Total, result.Parts[1].Change);
    }

    [Fact]
    public void No_parts_without_both_ends()
    {
        var history = History(120);
        var shortOne = ChangeAttribution.Explain(
            State(history.Through(First.AddDays(50)), 100, Confidence.P99), State(history, 100, Confidence.P99), Historical);
        Assert.Null(shortOne.Start);
        Assert.NotNull(shortOne.End);
        Assert.StartsWith("No value at the start: ", shortOne.Reason, StringComparison.Ordinal);
        Assert.Empty(shortOne.Parts);
        Assert.Null(shortOne.Residual);
        Assert.Throws<ArgumentException>(() => ChangeAttribution.Explain(
            State(history, 100, Confidence.P99), State(history.Through(First.AddDays(110)), 100, Confidence.P99), Historical));
    }

    /// <summary>Whatever changes at once: the parts sum to the total, and each is the difference of two measurements made by hand.</summary>
    [Fact]
    public void Parts_sum_to_the_total_and_are_what_they_say() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[110, 140], Gen.Int[110, 140], Gen.Double[-2.0, 2.0].Array[4], Gen.Int[0, 200].Array[0, 5], Gen.Bool)
            .Sample((days, oldWindow, newWindow, weights, restated, isNormal) =>
            {
                var measure = isNormal ? Normal : Historical;
                var now = History(200 + days, 2);
                var was = With(now.Through(First.AddDays(199)), [.. restated.Where(day => day < 200).Select(day => (day, -0.02))]);
                var earlier = State(was, oldWindow, Confidence.P99, weights[0], weights[1]);
                var later = State(now, newWindow, Confidence.P95, weights[2], weights[3]);
                var result = ChangeAttribution.Explain(earlier, later, measure);
                if (result.Reason is not null)
                {
                    return;
                }

                var tolerance = 1e-12 * Math.Max(Math.Abs(result.Start!.Value), Math.Abs(result.End!.Value));
                Assert.InRange(result.Residual!.Value, -tolerance, tolerance);
                Assert.InRange(result.Start!.Value + result.Parts.Sum(part => part.Change) - result.End!.Value, -tolerance, tolerance);
                var known = measure(earlier with { History = now.Through(First.AddDays(199)) }).Value!.Value;
                var moved = measure(earlier with { History = now }).Value!.Value;
                var weighted = measure(earlier with { History = now, Weights = later.Weights }).Value!.Value;
                Assert.Equal(known - result.Start!.Value, result.Parts[0].Change);
                Assert.Equal(weighted - moved, result.Parts[^2].Change);
                Assert.Equal(result.End!.Value - weighted, result.Parts[^1].Change);
                Assert.Equal(moved - known, result.Parts.Skip(1).SkipLast(2).Sum(part => part.Change), 1e-15);
            });
}
