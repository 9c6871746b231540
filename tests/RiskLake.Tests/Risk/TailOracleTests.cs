using RiskLake.Risk.Oracles;

namespace RiskLake.Tests.Risk;

public sealed class TailOracleTests
{
    [Fact]
    public void Historical_value_at_risk_of_every_quantile_type_agrees() => Oracle.Agrees(TailChecks.HistoricalValueAtRisk);

    [Fact]
    public void Normal_and_cornish_fisher_agree() => Oracle.Agrees(TailChecks.NormalAndCornishFisher);

    [Fact]
    public void Student_t_by_maximum_likelihood_agrees() => Oracle.Agrees(TailChecks.StudentTByMaximumLikelihood);

    [Fact]
    public void Weighted_moments_decay_as_each_start_prescribes() => Oracle.Agrees(TailChecks.WeightedMoments);

    [Fact]
    public void Conditional_forecasts_agree() => Oracle.Agrees(TailChecks.ConditionalForecasts);

    [Fact]
    public void Horizons_follow_their_stated_rule() => Oracle.Agrees(TailChecks.Horizons);

    [Fact]
    public void Order_statistic_intervals_agree() => Oracle.Agrees(TailChecks.OrderStatisticIntervals);

    [Fact]
    public void Rolling_numbers_agree_day_by_day() => Oracle.Agrees(TailChecks.RollingNumbers);
}
