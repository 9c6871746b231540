using System.Globalization;
using System.Numerics;
using RiskLake.Contracts;
using RiskLake.Decoding;

namespace RiskLake.Quality;

/// <summary>Outcome of a check. Only <see cref="Passed"/> is green: a check that looked at nothing has not passed.</summary>
internal enum CheckStatus
{
    Passed,
    Warned,
    Failed,
    NoData,
    NotApplicable,
    NotExecuted,
}

/// <summary>One check of one run, with its number and its limit, also when it passed.</summary>
internal sealed record CheckResult
{
    public required string Rule { get; init; }

    public required string Dataset { get; init; }

    public string? Column { get; init; }

    /// <summary>The number that was observed; null when there was nothing to observe.</summary>
    public required double? Observed { get; init; }

    /// <summary>The limit it is held against; null for a check without one.</summary>
    public required double? Threshold { get; init; }

    /// <summary>How the number must stand to its limit, such as <c>&lt;= 0.02</c>; null for a check without one.</summary>
    public string? Expected { get; init; }

    public required long EvaluatedRows { get; init; }

    public required long FailedRows { get; init; }

    public required CheckStatus Status { get; init; }

    /// <summary>Whether the gate closes when the check fails or has no data.</summary>
    public required bool IsBlocking { get; init; }

    /// <summary>What the numbers do not say, for people; null where they say it all.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether this result closes the gate.</summary>
    public bool Blocks => IsBlocking && (Status is CheckStatus.Failed or CheckStatus.NoData);

    /// <summary>The status as records and tables spell it.</summary>
    public string StatusText => Status switch
    {
        CheckStatus.Passed => "passed",
        CheckStatus.Warned => "warned",
        CheckStatus.Failed => "failed",
        CheckStatus.NoData => "no_data",
        CheckStatus.NotApplicable => "not_applicable",
        _ => "not_executed",
    };
}

/// <summary>Counts of a run that its rates are made of.</summary>
/// <param name="Read">Records read from the input.</param>
/// <param name="Quarantined">Records that could not be decoded against the contract.</param>
/// <param name="Validated">Records in bronze.</param>
/// <param name="Deduplicated">Distinct keys among them.</param>
/// <param name="Late">Late ones among the deduplicated; null where lateness is not applicable.</param>
internal sealed record RunCounts(long Read, long Quarantined, long Validated, long Deduplicated, long? Late)
{
    /// <summary>Late / deduplicated.</summary>
    public double? LateRate => Late is { } late && Deduplicated > 0 ? (double)late / Deduplicated : null;

    /// <summary>1 - deduplicated / validated.</summary>
    public double? DuplicateRate => Validated > 0 ? 1.0 - ((double)Deduplicated / Validated) : null;

    /// <summary>Quarantined / read.</summary>
    public double? QuarantineRate => Read > 0 ? (double)Quarantined / Read : null;

    /// <summary>What became of the inputs' bytes; null where rows are no stretches of them.</summary>
    public ByteAccount? Bytes { get; init; }

    /// <summary>How many records the quarantined ones may hold, by their bytes.</summary>
    public long QuarantinedEstimate { get; init; }

    /// <summary>Bytes in rejects / bytes of the inputs.</summary>
    public double? QuarantineByteRate => Bytes is { Total: > 0 } bytes ? (double)bytes.Rejects / bytes.Total : null;
}

/// <summary>The gate: what was observed, what the limits are, and whether the run may be published.</summary>
internal sealed class Gate
{
    public const string LateRate = "max_late_rate";
    public const string DuplicateRate = "max_duplicate_rate";
    public const string QuarantineRate = "max_quarantine_rate";

    private Gate(IReadOnlyList<CheckResult> checks) => Checks = checks;

    public IReadOnlyList<CheckResult> Checks { get; }

    /// <summary>Whether no blocking check failed or lacked data.</summary>
    public bool Passed => !Checks.Any(check => check.Blocks);

    /// <summary>One sentence for each check that closes the gate.</summary>
    public IReadOnlyList<string> Failures => Checks.Where(check => check.Blocks).Select(Describe).ToArray();

    /// <param name="contract">Contract of the run.</param>
    /// <param name="thresholds">Limits.</param>
    /// <param name="counts">The run's counts.</param>
    /// <param name="others">Results of checks that were evaluated elsewhere.</param>
    public static Gate Ask(Contract contract, Thresholds thresholds, RunCounts counts, IEnumerable<CheckResult> others)
    {
        var late = counts.Late is { } lateCount
            ? Rate(contract, LateRate, counts.LateRate, thresholds.MaxLateRate, counts.Deduplicated, lateCount)
            : new CheckResult
            {
                Rule = LateRate,
                Dataset = contract.Dataset,
                Observed = null,
                Threshold = thresholds.MaxLateRate,
                Expected = AtMost(thresholds.MaxLateRate),
                EvaluatedRows = 0,
                FailedRows = 0,
                Status = CheckStatus.NotApplicable,
                IsBlocking = true,
            };
        return new Gate(
        [
            late,
            Rate(contract, DuplicateRate, counts.DuplicateRate, thresholds.MaxDuplicateRate, counts.Validated, counts.Validated - counts.Deduplicated),
            Quarantine(contract, thresholds.MaxQuarantineRate, counts),
            .. others,
        ]);
    }

    /// <summary>The result of one rule.</summary>
    public CheckResult Check(string rule) => Checks.First(check => check.Rule == rule);

    /// <summary>The status word of the seed's tables: <c>ok</c> or <c>critical</c>, or why there is none.</summary>
    public string SeedStatus(string rule) => Check(rule).Status switch
    {
        CheckStatus.Passed => "ok",
        CheckStatus.Failed => "critical",
        CheckStatus.NoData => "no_data",
        _ => "not_applicable",
    };

    private static CheckResult Rate(Contract contract, string rule, double? rate, double maximum, long evaluated, long failed) => new()
    {
        Rule = rule,
        Dataset = contract.Dataset,
        Observed = rate,
        Threshold = maximum,
        Expected = AtMost(maximum),
        EvaluatedRows = evaluated,
        FailedRows = failed,
        Status = rate is null ? CheckStatus.NoData : new DecimalLimit(maximum).Compare(failed, evaluated) > 0 ? CheckStatus.Failed : CheckStatus.Passed,
        IsBlocking = true,
    };

    /// <summary>The worse of two shares, of records and of bytes: one reject may hide a thousand records.</summary>
    private static CheckResult Quarantine(Contract contract, double maximum, RunCounts counts)
    {
        var records = Rate(contract, QuarantineRate, counts.QuarantineRate, maximum, counts.Read, counts.Quarantined);
        if (counts.Bytes is not { Total: > 0 } bytes || counts.Read == 0
            || (BigInteger)bytes.Rejects * counts.Read <= (BigInteger)counts.Quarantined * bytes.Total)
        {
            return records;
        }

        var more = counts.QuarantinedEstimate > counts.Quarantined ? $", which may hold {counts.QuarantinedEstimate} records" : "";
        return records with
        {
            Observed = counts.QuarantineByteRate,
            Status = new DecimalLimit(maximum).Compare(bytes.Rejects, bytes.Total) > 0 ? CheckStatus.Failed : CheckStatus.Passed,
            Detail = string.Create(CultureInfo.InvariantCulture, $"{bytes.Rejects} of {bytes.Total} bytes{more}"),
        };
    }

    private static string AtMost(double maximum) => string.Create(CultureInfo.InvariantCulture, $"<= {maximum:R}");

    private static string Describe(CheckResult check)
    {
        var detail = check.Detail is null ? "" : "; " + check.Detail;
        return check.Status == CheckStatus.NoData
            ? $"{check.Rule}: no data to evaluate"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{check.Rule}: {check.Observed:R}, expected {check.Expected} ({check.FailedRows} of {check.EvaluatedRows} rows{detail})");
    }
}
