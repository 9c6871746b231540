using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Desk.Portfolios;
using RiskLake.Risk;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Writes scenarios: a row for the portfolio, then one for each series.</summary>
internal sealed class StressRows
{
    private static readonly string[] s_columns =
    [
        "scenario", "asked", "row", "name", "weight", "shock", "contribution", "portfolio_return", "loss", "mahalanobis_squared", "plausibility",
        "from", "to", "start_observation", "end_observation", "correlation", "correlation_share", "confidence", "standard_deviation",
        "base_standard_deviation", "value_at_risk", "base_value_at_risk", "expected_shortfall", "base_expected_shortfall", "covariance",
        "returns", "price_kind", "window", "horizon", "sign", "observations", "missing", "dates_left_out", "status", "reason",
    ];

    private static readonly string[] s_shown =
        ["scenario", "asked", "row", "name", "weight", "shock", "contribution", "plausibility", "from", "to", "returns", "price_kind", "window", "horizon",
            "sign", "status", "reason"];

    private static readonly string[] s_shownOfCorrelations =
    [
        "scenario", "asked", "confidence", "standard_deviation", "base_standard_deviation", "value_at_risk", "base_value_at_risk",
        "expected_shortfall", "base_expected_shortfall", "returns", "price_kind", "window", "horizon", "sign", "status", "reason",
    ];

    private readonly ReturnTable _table;
    private readonly double[] _weights;
    private readonly CovarianceMatrix _covariance;
    private readonly string _estimate;
    private readonly string _returns;
    private readonly RowWriter _writer;
    private readonly RowWriter _correlations;
    private readonly bool _isTable;
    private bool _anyScenario;
    private bool _anyCorrelation;

    public StressRows(
        CommandContext context, ParseResult parsed, ReturnTable table, double[] weights, CovarianceMatrix covariance, string estimate,
        string returns)
    {
        (_table, _weights, _covariance, _estimate, _returns) = (table, weights, covariance, estimate, returns);
        _isTable = context.Format(parsed) == OutputFormat.Table;
        _writer = context.AllRows(parsed, _isTable ? s_shown : s_columns);

        // For people, what has other numbers has a table of its own.
        _correlations = _isTable ? context.AllRows(parsed, s_shownOfCorrelations) : _writer;
    }

    /// <summary>A scenario: the total, then its parts if there are any.</summary>
    public void Write(StressResult result)
    {
        var scenario = result.Scenario;
        var needsCovariance = result.Rule is "hypothetical" or "predictive" or "reverse";
        Row(new()
        {
            ["scenario"] = result.Rule,
            ["asked"] = result.Name,
            ["row"] = "total",
            ["weight"] = _weights.Sum(),
            ["contribution"] = scenario.PortfolioReturn,
            ["portfolio_return"] = scenario.PortfolioReturn,
            ["loss"] = 0.0 - scenario.PortfolioReturn,
            ["mahalanobis_squared"] = scenario.MahalanobisSquared,
            ["plausibility"] = scenario.TailProbability,
            ["from"] = DateOf(result.Start),
            ["to"] = DateOf(result.End),
            ["start_observation"] = result.Start + 1,
            ["end_observation"] = result.End + 1,
            ["covariance"] = needsCovariance ? _estimate : null,
            ["returns"] = _returns,
            ["price_kind"] = _table.PriceKind,
            ["missing"] = _table.Rule.Code(),
            ["window"] = needsCovariance ? _covariance.Observations : _table.Count,
            ["horizon"] = HorizonOf(result),
            ["sign"] = Sign.Natural.Code(),
            ["observations"] = needsCovariance ? _covariance.Observations : _table.Count,
            ["dates_left_out"] = _table.LeftOut.Count,
            ["status"] = scenario.Status.Code(),
            ["reason"] = result.Reason,
        });
        for (var i = 0; i < scenario.Shocks.Count; i++)
        {
            Row(new()
            {
                ["scenario"] = result.Rule,
                ["asked"] = result.Name,
                ["row"] = "position",
                ["name"] = _table.Names[i],
                ["weight"] = _weights[i],
                ["shock"] = scenario.Shocks[i],
                ["contribution"] = scenario.Contributions[i],
                ["returns"] = _returns,
            ["price_kind"] = _table.PriceKind,
            ["missing"] = _table.Rule.Code(),
                ["window"] = needsCovariance ? _covariance.Observations : _table.Count,
                ["horizon"] = HorizonOf(result),
            ["sign"] = Sign.Natural.Code(),
                ["observations"] = needsCovariance ? _covariance.Observations : _table.Count,
                ["dates_left_out"] = _table.LeftOut.Count,
                ["status"] = scenario.Status.Code(),
            });
        }
    }

    /// <summary>The portfolio's risk with other correlations, beside that with the estimated ones.</summary>
    public void Write(string asked, Confidence level, CorrelationResult result)
    {
        var (before, after) = (result.Base, result.Stressed);
        Row(new()
        {
            ["scenario"] = "correlation",
            ["asked"] = asked,
            ["row"] = "total",
            ["weight"] = _weights.Sum(),
            ["correlation"] = result.Rho,
            ["correlation_share"] = result.Share,
            ["confidence"] = level.Level,
            ["standard_deviation"] = after.StandardDeviation,
            ["base_standard_deviation"] = before.StandardDeviation,
            ["value_at_risk"] = after.Total.ValueAtRisk.Value,
            ["base_value_at_risk"] = before.Total.ValueAtRisk.Value,
            ["expected_shortfall"] = after.Total.ExpectedShortfall.Value,
            ["base_expected_shortfall"] = before.Total.ExpectedShortfall.Value,
            ["covariance"] = _estimate,
            ["returns"] = _returns,
            ["price_kind"] = _table.PriceKind,
            ["missing"] = _table.Rule.Code(),
            ["window"] = _covariance.Observations,
            ["horizon"] = 1,
            ["sign"] = Sign.LossPositive.Code(),
            ["observations"] = _covariance.Observations,
            ["dates_left_out"] = _table.LeftOut.Count,
            ["status"] = after.Status.Code(),
            ["reason"] = after.Reason,
        });
    }

    public void Finish()
    {
        if (!_isTable || _anyScenario || !_anyCorrelation)
        {
            _writer.Finish();
        }

        if (_isTable && _anyCorrelation)
        {
            _correlations.Finish();
        }
    }

    private void Row(Dictionary<string, object?> cells)
    {
        var isCorrelation = cells.ContainsKey("correlation");
        (_anyCorrelation, _anyScenario) = (_anyCorrelation || isCorrelation, _anyScenario || !isCorrelation);
        var columns = !_isTable ? s_columns : isCorrelation ? s_shownOfCorrelations : s_shown;
        (isCorrelation ? _correlations : _writer).Write([.. columns.Select(name => cells.GetValueOrDefault(name) ?? Blank(name))]);
    }

    // In a table, what does not apply is blank; null is a number that is missing.
    private string? Blank(string name) => _isTable && name is ("name" or "reason" or "from" or "to") ? string.Empty : null;

    private static int HorizonOf(StressResult result) => result is { Start: { } from, End: { } to } ? to - from : 1;

    private string? DateOf(int? position) => position is { } at ? _table.Dates?[at] : null;
}
