using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;

namespace RiskLake.Quality;

/// <summary>
/// Evaluates a contract's own quality rules over the run's deduplicated bronze: of each key the first record, with its values as
/// received. So a rule judges what the provider delivered, repeats and normalisation apart; repeats have a rate of their own.
/// </summary>
internal static class RuleChecks
{
    /// <param name="contract">Contract with the rules.</param>
    /// <param name="bronze">The run's bronze files, each in the order of the input.</param>
    /// <param name="partitionOfRow">Partition of each bronze row, in the order of the input.</param>
    /// <param name="repeated">1 for rows that repeat a key of an earlier one, in the order of the input.</param>
    /// <returns>One result for each rule, in the order of the contract.</returns>
    public static IReadOnlyList<CheckResult> Evaluate(
        Contract contract, IReadOnlyList<BronzeSource> bronze, NativeBuffer<int> partitionOfRow, NativeBuffer<byte> repeated)
    {
        var tallies = contract.Rules.Where(rule => rule.NotExecuted is null).Select(rule => RuleTally.For(rule, contract)).OfType<RuleTally>().ToArray();
        long rows = 0;
        try
        {
            if (tallies.Length > 0)
            {
                rows = Count(contract, bronze, partitionOfRow, repeated, tallies);
            }

            return contract.Rules.Select(rule => Result(contract, rule, Array.Find(tallies, tally => tally.Rule == rule), rows)).ToArray();
        }
        finally
        {
            Array.ForEach(tallies, tally => tally.Dispose());
        }
    }

    private static long Count(
        Contract contract, IReadOnlyList<BronzeSource> bronze, NativeBuffer<int> partitionOfRow, NativeBuffer<byte> repeated, RuleTally[] tallies)
    {
        var needed = tallies.SelectMany(tally => tally.Rule.Columns).ToHashSet(StringComparer.Ordinal);
        var columns = contract.Fields.Where(field => needed.Contains(field.Name)).Select(field => field.Column).ToArray();
        var flags = FlagsByPartition(bronze, partitionOfRow, repeated);
        using var batch = new RecordBatch(columns);
        long rows = 0;
        foreach (var source in bronze)
        {
            using var reader = new ParquetTableReader(source.Path);
            using var own = flags[source.Ordinal];
            long offset = 0;
            for (var group = 0; group < reader.RowGroups; group++)
            {
                batch.Clear();
                var read = reader.Read(group, batch);
                var first = First(own.Span(offset, read));
                foreach (var tally in tallies)
                {
                    tally.Add(batch, first);
                }

                rows += first.Length;
                offset += read;
            }
        }

        return rows;
    }

    private static Dictionary<int, NativeBuffer<byte>> FlagsByPartition(
        IReadOnlyList<BronzeSource> bronze, NativeBuffer<int> partitionOfRow, NativeBuffer<byte> repeated)
    {
        var flags = bronze.ToDictionary(source => source.Ordinal, _ => new NativeBuffer<byte>());
        for (long row = 0; row < partitionOfRow.Count; row++)
        {
            flags[partitionOfRow[row]].Add(repeated[row]);
        }

        return flags;
    }

    private static int[] First(ReadOnlySpan<byte> repeated)
    {
        var rows = new int[repeated.Length];
        var count = 0;
        for (var i = 0; i < repeated.Length; i++)
        {
            rows[count] = i;
            count += repeated[i] == 0 ? 1 : 0;
        }

        return rows[..count];
    }

    private static CheckResult Result(Contract contract, QualityRule rule, RuleTally? tally, long rows)
    {
        var failed = tally?.Failed ?? 0;
        double? observed = tally is null || rows == 0 ? null
            : rule.Metric == RuleMetric.RowCount ? rows
            : rule.Percent ? 100.0 * failed / rows
            : failed;
        return new CheckResult
        {
            Rule = rule.Id,
            Dataset = contract.Dataset,
            Column = rule.Columns.Count > 0 ? string.Join(',', rule.Columns) : null,
            Observed = observed,
            Threshold = rule.Operator == RuleOperator.None ? null : rule.Limit,
            Expected = Expected(rule),
            EvaluatedRows = tally is null ? 0 : rows,
            FailedRows = failed,
            Status = Status(rule, tally, rows),
            IsBlocking = tally is not null && rule.Severity == Severity.Error,
        };
    }

    private static CheckStatus Status(QualityRule rule, RuleTally? tally, long rows) => tally switch
    {
        null => CheckStatus.NotExecuted,
        _ when rows == 0 => CheckStatus.NoData,
        _ when rule.Holds(rule.Metric == RuleMetric.RowCount ? rows : tally.Failed, rows) => CheckStatus.Passed,
        _ => rule.Severity == Severity.Error ? CheckStatus.Failed : CheckStatus.Warned,
    };

    private static string? Expected(QualityRule rule)
    {
        var unit = rule.Percent ? " %" : "";
        return rule.Operator switch
        {
            RuleOperator.Equal => FormattableString.Invariant($"= {rule.Limit:R}{unit}"),
            RuleOperator.NotEqual => FormattableString.Invariant($"not {rule.Limit:R}{unit}"),
            RuleOperator.Greater => FormattableString.Invariant($"> {rule.Limit:R}{unit}"),
            RuleOperator.GreaterOrEqual => FormattableString.Invariant($">= {rule.Limit:R}{unit}"),
            RuleOperator.Less => FormattableString.Invariant($"< {rule.Limit:R}{unit}"),
            RuleOperator.LessOrEqual => FormattableString.Invariant($"<= {rule.Limit:R}{unit}"),
            RuleOperator.Between => FormattableString.Invariant($"{rule.Limit:R} to {rule.UpperLimit:R}{unit}"),
            RuleOperator.NotBetween => FormattableString.Invariant($"not {rule.Limit:R} to {rule.UpperLimit:R}{unit}"),
            _ => null,
        };
    }
}
