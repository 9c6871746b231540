using System.Numerics;
using RiskLake.Contracts.Configuration;

namespace RiskLake.Contracts;

/// <summary>What a rule counts.</summary>
internal enum RuleMetric
{
    /// <summary>Rows where the column is null.</summary>
    NullValues,

    /// <summary>Rows where the column is null or one of <see cref="QualityRule.MissingValues"/>.</summary>
    MissingValues,

    /// <summary>Rows that are neither missing nor valid: outside <see cref="QualityRule.ValidValues"/> or without <see
    /// cref="QualityRule.Pattern"/>.</summary>
    InvalidValues,

    /// <summary>Groups of more than one row with equal <see cref="QualityRule.Columns"/>; nulls are a value.</summary>
    DuplicateValues,

    /// <summary>Rows of the dataset.</summary>
    RowCount,

    /// <summary>Something the contract says that no stage evaluates; <see cref="QualityRule.NotExecuted"/> says why.</summary>
    Other,
}

/// <summary>How the observed number must stand to the limit. Between includes both limits.</summary>
internal enum RuleOperator
{
    None,
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Between,
    NotBetween,
}

/// <summary>A rule about a dataset as a whole, from the contract's <c>quality</c> and what follows from its properties.</summary>
internal sealed record QualityRule
{
    /// <summary>The rule's <c>id</c>, or one made of its place, such as <c>schema.trades.price.unique</c>; unique in a contract.</summary>
    public required string Id { get; init; }

    public required RuleMetric Metric { get; init; }

    /// <summary>The columns the rule is about, in order; empty for rules about the dataset.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    public RuleOperator Operator { get; init; }

    /// <summary>The limit, or the lower one of between.</summary>
    public double Limit { get; init; }

    /// <summary>The upper limit of between.</summary>
    public double UpperLimit { get; init; }

    /// <summary>Whether the observed number is 100 * failed / evaluated instead of a count.</summary>
    public bool Percent { get; init; }

    /// <summary>Error: a breach fails the check. Warning and info never block.</summary>
    public Severity Severity { get; init; } = Severity.Error;

    /// <summary>Dimension of data quality, such as <c>completeness</c>; empty if the contract names none.</summary>
    public string Dimension { get; init; } = "";

    /// <summary>Texts that count as missing.</summary>
    public IReadOnlyList<string> MissingValues { get; init; } = [];

    /// <summary>Texts that are valid; empty means any.</summary>
    public IReadOnlyList<string> ValidValues { get; init; } = [];

    /// <summary>Regular expression a valid text contains; see <see cref="ContractField.Pattern"/>.</summary>
    public string? Pattern { get; init; }

    /// <summary>What stands in the contract where <see cref="Metric"/> does not say it all, in canonical form: a query, an
    /// implementation.</summary>
    public string? Definition { get; init; }

    /// <summary>Why no stage evaluates this rule; null if one does.</summary>
    public string? NotExecuted { get; init; }

    /// <summary>Whether a count, or for a rule in percent a share of the rows, satisfies the rule: exactly, not by a rounded quotient.</summary>
    /// <param name="counted">Rows, or groups of rows, that were counted.</param>
    /// <param name="rows">Rows that were looked at, above zero.</param>
    public bool Holds(long counted, long rows)
    {
        var (part, whole) = Percent ? (100 * (BigInteger)counted, (BigInteger)rows) : (counted, BigInteger.One);
        var lower = new DecimalLimit(Limit).Compare(part, whole);
        return Operator switch
        {
            RuleOperator.Equal => lower == 0,
            RuleOperator.NotEqual => lower != 0,
            RuleOperator.Greater => lower > 0,
            RuleOperator.GreaterOrEqual => lower >= 0,
            RuleOperator.Less => lower < 0,
            RuleOperator.LessOrEqual => lower <= 0,
            RuleOperator.Between => lower >= 0 && new DecimalLimit(UpperLimit).Compare(part, whole) <= 0,
            RuleOperator.NotBetween => lower < 0 || new DecimalLimit(UpperLimit).Compare(part, whole) > 0,
            _ => false,
        };
    }
}
