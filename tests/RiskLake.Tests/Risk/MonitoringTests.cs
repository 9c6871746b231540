using System.Globalization;
using System.Runtime.CompilerServices;
using CsCheck;
using RiskLake.Risk;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Risk;

/// <summary>Alarms fire on models that are wrong and stay quiet on models that are right; limits do not depend on the order of days.</summary>
public sealed class MonitoringTests
{
    private const int Paths = 4000;
    private static readonly DateOnly s_first = new(2024, 1, 2);

    // The e-process is bounded by its theorem, the light by the binomial law of exceedances; how often they fire on a wrong model is what
    // the page tells its readers.
    [Theory]
    [InlineData(1.0, 0.0, 0.05, 0.10, 0.13)]
    [InlineData(1.2, 0.8, 0.95, 0.7, 0.85)]
    [InlineData(1.5, 0.99, 1.0, 0.99, 1.0)]
    public void Alarms_fire_as_often_as_the_page_says(double trueSigma, double least, double most, double leastRaised, double mostRaised)
    {
        var (alarms, medianDay) = EProcessAlarms(trueSigma);
        var (raised, red) = TrafficLights(trueSigma);
        Assert.InRange(alarms, least, most);
        Assert.InRange(raised, leastRaised, mostRaised);
        var day = trueSigma == 1.0 ? "-" : medianDay.ToString("D", CultureInfo.InvariantCulture);
        var row = FormattableString.Invariant(
            $"{trueSigma:0.0} | {alarms * 100.0:0.00} % | {day} | {raised * 100.0:0.00} % | {red * 100.0:0.00} % |");
        Assert.Contains(trueSigma == 1.0 ? row.Replace("1.0 |", "1.0 (the model is right) |", StringComparison.Ordinal) : row, Page());
    }

    private static string Page([CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "risk.md"));

    private static (double Alarms, int MedianDay) EProcessAlarms(double trueSigma)
    {
        var forecast = ParametricTail.NormalForecast(0.0, 1.0, Confidence.P975, 1);
        var (var, es) = (forecast.ValueAtRisk.Value!.Value, forecast.ExpectedShortfall.Value!.Value);
        List<int> days = [];
        for (var path = 0; path < Paths; path++)
        {
            var state = EProcess.Start;
            while (state.Days < 500 && state.Wealth < 20.0)
            {
                var value = trueSigma * Philox.Normal(31, (ulong)path, (ulong)state.Days);
                state = state.Next(EProcess.OfShortfall(value, var, es, Confidence.P975), 0.025);
            }

            if (state.Wealth >= 20.0)
            {
                days.Add(state.Days);
            }
        }

        days.Sort();
        return (days.Count / (double)Paths, days[days.Count / 2]);
    }

    private static (double Raised, double Red) TrafficLights(double trueSigma)
    {
        var var = ParametricTail.NormalForecast(0.0, 1.0, Confidence.P99, 1).ValueAtRisk.Value!.Value;
        var (raised, red) = (0, 0);
        double[] forecasts = [.. Enumerable.Repeat(var, 250)];
        var returns = new double[250];
        for (var path = 0; path < Paths; path++)
        {
            for (var t = 0; t < returns.Length; t++)
            {
                returns[t] = trueSigma * Philox.Normal(32, (ulong)path, (ulong)t);
            }

            var light = TrafficLight.OfLast(Exceedances.Of(returns, forecasts, Confidence.P99))!;
            raised += light.Zone == Zone.Green ? 0 : 1;
            red += light.Zone == Zone.Red ? 1 : 0;
        }

        return (raised / (double)Paths, red / (double)Paths);
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
