using CsCheck;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Risk;

/// <summary>Alarms fire on models that are wrong and stay quiet on models that are right; limits do not depend on the order of days.</summary>
public sealed class MonitoringTests
{
    private const int Paths = 400;
    private static readonly DateOnly s_first = new(2024, 1, 2);

    [Theory]
    [InlineData(1.0, 0.0, 0.05)]
    [InlineData(1.5, 0.95, 1.0)]
    public void An_e_process_alarms_within_two_years_as_often_as_it_should(double trueSigma, double least, double most)
    {
        var forecast = ParametricTail.NormalForecast(0.0, 1.0, Confidence.P975, 1);
        var (var, es) = (forecast.ValueAtRisk.Value!.Value, forecast.ExpectedShortfall.Value!.Value);
        var alarms = 0;
        for (var path = 0; path < Paths; path++)
        {
            var state = EProcess.Start;
            for (var day = 0; day < 500 && state.Wealth < 20.0; day++)
            {
                var loss = trueSigma * Philox.Normal(31, (ulong)path, (ulong)day);
                state = state.Next(EProcess.OfShortfall(loss, var, es, Confidence.P975), 0.025);
            }

            alarms += state.Wealth >= 20.0 ? 1 : 0;
        }

        Assert.InRange(alarms / (double)Paths, least, most);
    }

    [Theory]
    [InlineData(1.0, 0.07, 0.15, 0.0, 0.01)]
    [InlineData(1.5, 0.98, 1.0, 0.85, 1.0)]
    public void A_traffic_light_turns_as_often_as_it_should(double trueSigma, double least, double most, double leastRed, double mostRed)
    {
        var var = ParametricTail.NormalForecast(0.0, 1.0, Confidence.P99, 1).ValueAtRisk.Value!.Value;
        var (raised, red) = (0, 0);
        for (var path = 0; path < Paths; path++)
        {
            var returns = new double[250];
            Philox.Normals(32, (ulong)path, 0, returns);
            var hits = Exceedances.Of([.. returns.Select(value => value * trueSigma)], [.. returns.Select(_ => var)], Confidence.P99);
            var light = TrafficLight.OfLast(hits)!;
            raised += light.Zone == Zone.Green ? 0 : 1;
            red += light.Zone == Zone.Red ? 1 : 0;
        }

        Assert.InRange(raised / (double)Paths, least, most);
        Assert.InRange(red / (double)Paths, leastRed, mostRed);
    }

    [Fact]
    public void An_episode_opens_escalates_eases_and_resolves()
    {
        double?[] values = [1.0, 2.5, 3.5, null, 2.1, 2.0, 2.2, 1.0, 1.0, 9.0];
        var episodes = LimitMonitor.Episodes(values.Select(Day), cleanDays: 2);
        Assert.Equal(2, episodes.Count);
        Assert.Equal(
            [EpisodeStep.Opened, EpisodeStep.Escalated, EpisodeStep.Eased, EpisodeStep.Resolved], episodes[0].Events.Select(item => item.Step));
        Assert.Equal(s_first.AddDays(1), episodes[0].Opened);
        Assert.Equal(s_first.AddDays(8), episodes[0].Resolved);
        Assert.Equal((LimitLevel.Critical, 3.5, 1), (episodes[0].Peak, episodes[0].PeakValue, episodes[0].DaysWithoutValue));
        Assert.Equal((null, 9.0), (episodes[1].Resolved, episodes[1].PeakValue));
        Assert.Equal(LimitLevel.Within, LimitMonitor.Evaluate([Day(2.0, 0)])[0].Level);
    }

    [Fact]
    public void Episodes_do_not_depend_on_the_order_of_days() =>
        Gen.Select(Gen.Double[0.0, 4.0].Array[1, 60], Gen.Int[1, 3]).Sample((values, clean) =>
        {
            LimitObservation[] days = [.. values.Select((value, i) => Day(value > 3.9 ? null : value, i))];
            var inOrder = LimitMonitor.Episodes(days, clean);
            var shuffled = LimitMonitor.Episodes(days.OrderBy(day => day.Value ?? 0.0), clean);
            Assert.Equal(string.Join('\n', inOrder.Select(Text)), string.Join('\n', shuffled.Select(Text)));
            Assert.All(inOrder.SkipLast(1), episode => Assert.NotNull(episode.Resolved));
        });

    private static string Text(LimitEpisode episode) =>
        FormattableString.Invariant($"{episode.Opened} {episode.Resolved} {episode.Peak} {episode.PeakValue} {string.Join(' ', episode.Events)}");

    private static LimitObservation Day(double? value, int index) => new(s_first.AddDays(index), value, 2.0, 3.0);
}
