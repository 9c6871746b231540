using System.Globalization;
using RiskLake.Contracts;
using RiskLake.Lake.Errors;

namespace RiskLake.Quality;

/// <summary>How many records of other runs a run may turn into conflicts: a number of records, or a share of its own.</summary>
/// <param name="Text">As it was given, such as <c>100</c> or <c>1%</c>.</param>
/// <param name="Records">The number; null for a share.</param>
/// <param name="Percent">The share in percent; null for a number.</param>
internal sealed record DisplacementLimit(string Text, long? Records, double? Percent)
{
    /// <summary>1 % of the run's own records.</summary>
    public static DisplacementLimit Default { get; } = new("1%", null, 1);

    /// <exception cref="RiskLakeException">RL1001 for anything else than a number of records or a percentage.</exception>
    public static DisplacementLimit Parse(string? text)
    {
        if (text is null)
        {
            return Default;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var records))
        {
            return new DisplacementLimit(text, records, null);
        }

        return text.EndsWith('%')
            && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent <= 100
            ? new DisplacementLimit(text, null, percent)
            : throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, "--max-displaced", $"'{text}'", "a number of records such as 100, or a share of the run's own such as 1%",
                "correct the option");
    }

    /// <summary>Whether a number of records is more than the limit allows a run of some records.</summary>
    public bool IsExceeded(long displaced, long own) => Records is { } most
        ? displaced > most
        : own == 0 ? displaced > 0 : new DecimalLimit(Percent!.Value).Compare((System.Numerics.BigInteger)displaced * 100, own) > 0;
}

/// <summary>Checks on how a run's records meet those of other runs.</summary>
internal static class SilverChecks
{
    public static IEnumerable<CheckResult> Of(Contract contract, RunCounts counts, DisplacementLimit limit)
    {
        yield return new CheckResult
        {
            Rule = Gate.Displaced,
            Dataset = contract.Dataset,
            Observed = counts.Displaced,
            Threshold = limit.Records ?? limit.Percent! / 100 * counts.Validated,
            Expected = $"<= {limit.Text}",
            EvaluatedRows = counts.Validated,
            FailedRows = counts.Displaced,
            Status = limit.IsExceeded(counts.Displaced, counts.Validated) ? CheckStatus.Failed : counts.Displaced > 0 ? CheckStatus.Warned : CheckStatus.Passed,
            IsBlocking = true,
        };
        if (counts.Records.AlreadyPublished > 0)
        {
            yield return Told(
                contract, Gate.AlreadyPublished, (double)counts.Records.AlreadyPublished / counts.Validated, counts.Validated, CheckStatus.Passed);
        }

        if (counts.Corrected is { } corrected)
        {
            yield return Told(contract, Gate.CorrectedRecords, corrected, counts.Validated, CheckStatus.Passed);
        }

        if (counts.NeighbouringKeys > 0)
        {
            yield return Told(contract, Gate.KeysInNeighbouringScopes, counts.NeighbouringKeys, counts.Deduplicated, CheckStatus.Warned) with
            {
                FailedRows = counts.NeighbouringKeys,
                Expected = $"keys within one {contract.Scope.ToString().ToLowerInvariant()}",
            };
        }
    }

    private static CheckResult Told(Contract contract, string rule, double? observed, long evaluated, CheckStatus status) => new()
    {
        Rule = rule,
        Dataset = contract.Dataset,
        Observed = observed,
        Threshold = null,
        EvaluatedRows = evaluated,
        FailedRows = 0,
        Status = status,
        IsBlocking = false,
    };
}
