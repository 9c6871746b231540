using System.Globalization;
using System.Numerics;
using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Lake;

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
    /// <summary>What became of the validated records.</summary>
    public RecordCounts Records { get; init; }

    /// <summary>Distinct keys that another run had published before.</summary>
    public long DeduplicatedKnown { get; init; }

    /// <summary>Late ones among the distinct keys that no other run had published.</summary>
    public long LateNew { get; init; }

    /// <summary>Records that contradict an event of another run.</summary>
    public long LakeConflicts { get; init; }

    /// <summary>Records of other runs that become conflicts with the publication; those of a corrected run apart.</summary>
    public long Displaced { get; init; }

    /// <summary>Records of the corrected run that become conflicts; null when none is corrected.</summary>
    public long? Corrected { get; init; }

    /// <summary>Distinct keys that occur in a neighbouring scope too.</summary>
    public long NeighbouringKeys { get; init; }

    /// <summary>Records that contradict an event of another run / validated.</summary>
    public double? ConflictRate => Validated > 0 ? (double)LakeConflicts / Validated : null;

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
    public const string ConflictRate = "max_conflict_rate";
    public const string Displaced = "max_displaced";
    public const string AlreadyPublished = "already_published";
    public const string CorrectedRecords = "corrected_records";
    public const string KeysInNeighbouringScopes = "keys_in_neighbouring_scopes";

    private Gate(IReadOnlyList<CheckResult> checks) => Checks = checks;

    public IReadOnlyList<CheckResult> Checks { get; }

    /// <summary>Whether no blocking check failed or lacked data.</summary>
    public bool Passed => !Checks.Any(check => check.Blocks);

    /// <summary>One sentence for each check that closes the gate.</summary>
    public IReadOnlyList<string> Failures => Checks.Where(check => check.Blocks).Select(Describe).ToArray();

    /// <param name="contract">Contract of the run.</param>
    /// <param name="thresholds">Limits.</param>
    /// <param name="counts">The run's counts.</param>
    /// <param name="displacement">How many records of other runs the run may turn into conflicts.</param>
    /// <param name="others">Results of checks that were evaluated elsewhere.</param>
    public static Gate Ask(Contract contract, Thresholds thresholds, RunCounts counts, DisplacementLimit displacement, IEnumerable<CheckResult> others) =>
        new(
        [
            Late(contract, thresholds, counts),
            Rate(contract, DuplicateRate, counts.DuplicateRate, thresholds.MaxDuplicateRate, counts.Validated, counts.Validated - counts.Deduplicated),
            Quarantine(contract, thresholds.MaxQuarantineRate, counts),
            Conflicts(contract, thresholds, counts),
            .. SilverChecks.Of(contract, counts, displacement),
            .. others,
        ]);

    /// <summary>What is known already is not late: the verdict is about the events that no other run had published.</summary>
    private static CheckResult Late(Contract contract, Thresholds thresholds, RunCounts counts)
    {
        var rows = counts.Deduplicated - counts.DeduplicatedKnown;
        if (counts.Late is not null && (rows > 0 || counts.Deduplicated == 0))
        {
            return Rate(contract, LateRate, rows > 0 ? (double)counts.LateNew / rows : null, thresholds.MaxLateRate, rows, counts.LateNew);
        }

        return Rate(contract, LateRate, null, thresholds.MaxLateRate, 0, 0) with { Status = CheckStatus.NotApplicable };
    }

    /// <summary>Contradictions with what other runs published, those that the run causes in them included; any at all is a warning.</summary>
    private static CheckResult Conflicts(Contract contract, Thresholds thresholds, RunCounts counts)
    {
        var failed = counts.LakeConflicts + counts.Displaced;
        var rate = counts.Validated > 0 ? (double?)failed / counts.Validated : null;
        var check = Rate(contract, ConflictRate, rate, thresholds.MaxConflictRate, counts.Validated, failed);
        return check.Status == CheckStatus.Passed && failed + counts.Records.Conflicts > 0 ? check with { Status = CheckStatus.Warned } : check;
    }

    /// <summary>Whether the gate would be open if the run had displaced nothing: what its records alone say.</summary>
    public bool PassedByItself(RunCounts counts, Thresholds thresholds) =>
        !Checks.Any(check => check.Blocks && check.Rule is not (ConflictRate or Displaced)) && ConflictStatus(counts, thresholds) != "critical";

    /// <summary>The status word of the run's own conflicts: <c>ok</c>, <c>critical</c> or <c>no_data</c>.</summary>
    public static string ConflictStatus(RunCounts counts, Thresholds thresholds) => counts.Validated == 0 ? "no_data"
        : new DecimalLimit(thresholds.MaxConflictRate).Compare(counts.LakeConflicts, counts.Validated) > 0 ? "critical" : "ok";

    /// <summary>The result of one rule.</summary>
    public CheckResult Check(string rule) => Checks.First(check => check.Rule == rule);

    /// <summary>The status word of the seed's tables: <c>ok</c> or <c>critical</c>, or why there is none.</summary>
    public string SeedStatus(string rule) => Check(rule).Status switch
    {
        CheckStatus.Passed or CheckStatus.Warned => "ok",
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
