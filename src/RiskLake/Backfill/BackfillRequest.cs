using RiskLake.RiskRuns;
using RiskLake.Runs;

namespace RiskLake.Backfill;

/// <summary>What a backfill is asked to do.</summary>
internal sealed record BackfillRequest
{
    /// <summary>Lake, configuration, inputs and the options that every day's run shares; its run id is not used.</summary>
    public required RunRequest Run { get; init; }

    public required DateOnly StartDate { get; init; }

    /// <summary>Last date, itself included.</summary>
    public required DateOnly EndDate { get; init; }

    /// <summary>Says which dates are sessions, and in which zone records without a market of their own have their date; null leaves it open.</summary>
    public string? Calendar { get; init; }

    /// <summary>Restates the runs whose bronze touches the dates, instead of reading inputs.</summary>
    public bool FromBronze { get; init; }

    /// <summary>How many days are made at the same time.</summary>
    public int Parallel { get; init; } = Environment.ProcessorCount;

    /// <summary>Goes on with the recorded inputs and calendar where none are named.</summary>
    public bool Resume { get; init; }

    /// <summary>Computes every day, also those the lake holds; one that comes out the same is left alone.</summary>
    public bool Force { get; init; }

    /// <summary>Says what would be done, and does nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Begins no further day after one that failed or was blocked.</summary>
    public bool FailFast { get; init; }

    /// <summary>Computes, after the days, the risk of each from the history of the lake.</summary>
    public bool WithRisk { get; init; }

    /// <summary>Configuration of the runs of risk; their dates and ids are not used.</summary>
    public RiskRunRequest? Risk { get; init; }

    /// <summary>The calendar where neither the user nor an earlier backfill names one.</summary>
    public const string DefaultCalendar = "XNYS";

    /// <summary>Id of the backfill: of its manifest, its lock and its working folder.</summary>
    public string Id => RunId.OfBackfill(StartDate, EndDate);
}

/// <summary>What became of a backfill.</summary>
/// <param name="Manifest">The manifest, or the plan of a dry run.</param>
/// <param name="ExitCode">0 all done, 1 all blocked, 3 all failed, 4 partial, 5 all held by others.</param>
internal sealed record BackfillOutcome(BackfillManifest Manifest, int ExitCode);

/// <summary>Hears how far a backfill has come; days report from several threads.</summary>
internal interface IBackfillProgress
{
    /// <summary>Records have been assigned to their days.</summary>
    void Slicing(long records);

    /// <summary>All records are assigned; this is what will be done.</summary>
    void Planned(BackfillManifest manifest);

    /// <summary>A run is over.</summary>
    void Finished(BackfillItem item);
}
