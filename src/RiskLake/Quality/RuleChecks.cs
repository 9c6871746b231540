using RiskLake.Contracts;

namespace RiskLake.Quality;

/// <summary>Results of a contract's own quality rules.</summary>
internal static class RuleChecks
{
    /// <summary>Rules that nobody evaluated, said so.</summary>
    public static IEnumerable<CheckResult> NotExecuted(Contract contract) => contract.Rules.Select(rule => new CheckResult
    {
        Rule = rule.Id,
        Dataset = contract.Dataset,
        Column = rule.Columns.Count > 0 ? string.Join(',', rule.Columns) : null,
        Observed = null,
        Threshold = rule.NotExecuted is null ? rule.Limit : null,
        EvaluatedRows = 0,
        FailedRows = 0,
        Status = CheckStatus.NotExecuted,
        IsBlocking = false,
    });
}
