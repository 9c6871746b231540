using RiskLake.Gold;
using RiskLake.Lake.Columns;
using RiskLake.Risk;
using RiskLake.Risk.Measures;

namespace RiskLake.Desk.Portfolios;

/// <summary>Turns portfolio risk into rows of gold.</summary>
/// <param name="Date">Valuation date.</param>
/// <param name="InputSha256">Digest of the prices.</param>
/// <param name="ParametersSha256">Digest of settings and portfolios.</param>
/// <param name="Code">Version of the computation.</param>
/// <param name="RunId">The run.</param>
/// <param name="AsOf">What was known.</param>
/// <param name="ValuationTime">What it is about.</param>
internal sealed record PortfolioRows(
    DateOnly Date, string InputSha256, string ParametersSha256, string Code, string RunId, long? AsOf, long? ValuationTime)
{
    public void Append(RecordBatch batch, PortfolioRiskRow row)
    {
        batch[RiskTables.ValuationDate].Append(Date);
        batch["level"].Append(row.Level);
        batch["path"].Append(row.Path);
        batch["portfolio"].AppendOrNull(row.Portfolio);
        batch["symbol"].AppendOrNull(row.Symbol);
        batch["method"].Append(row.Method);
        batch["confidence"].Append(row.Confidence.ToString());
        batch["confidence_level"].Append(row.Confidence.Level);
        batch["horizon"].Append(1L);
        batch["returns"].Append(ReturnKind.Simple.Code());
        batch["sign"].Append(Sign.LossPositive.Code());
        batch["window"].Append((long)row.Window);
        batch["price_kind"].AppendOrNull(row.PriceKind);
        batch["adjustment"].AppendOrNull(row.Adjustment);
        batch["exposure_prices"].AppendOrNull(row.ExposurePrices);
        batch["unit"].Append(row.Unit);
        batch["net_exposure"].AppendOrNull(row.NetExposure);
        batch["gross_exposure"].AppendOrNull(row.GrossExposure);
        batch["capital"].AppendOrNull(row.Capital);
        batch["value_at_risk"].AppendOrNull(row.ValueAtRisk);
        batch["expected_shortfall"].AppendOrNull(row.ExpectedShortfall);
        batch["volatility"].AppendOrNull(row.Volatility);
        batch["component_of"].Append(row.ComponentOf);
        batch["component_value_at_risk"].AppendOrNull(row.ComponentValueAtRisk);
        batch["component_shortfall"].AppendOrNull(row.ComponentShortfall);
        batch["kernel_component_value_at_risk"].AppendOrNull(row.KernelComponentValueAtRisk);
        batch["marginal_value_at_risk"].AppendOrNull(row.MarginalValueAtRisk);
        batch["marginal_shortfall"].AppendOrNull(row.MarginalShortfall);
        batch["incremental_value_at_risk"].AppendOrNull(row.IncrementalValueAtRisk);
        batch["diversification_benefit"].AppendOrNull(row.DiversificationBenefit);
        batch["observations"].Append((long)row.Observations);
        batch["excluded_sessions"].Append((long)row.ExcludedSessions);
        batch["first_session"].AppendOrNull(row.FirstSession);
        batch["last_session"].AppendOrNull(row.LastSession);
        batch["status"].Append(row.Status);
        batch["reason"].AppendOrNull(row.Reason);
        batch["input_sha256"].Append(InputSha256);
        batch["parameters_sha256"].Append(ParametersSha256);
        RunColumns.Append(batch, Code, RunId, AsOf, ValuationTime);
    }
}
