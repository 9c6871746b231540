using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Ingest.Silver;
using RiskLake.Quality;

namespace RiskLake.Runs;

/// <summary>Everything a run is made of before anybody decides whether it is published.</summary>
/// <param name="RunId">Id of the run.</param>
/// <param name="Request">Options.</param>
/// <param name="Contract">Contract of the records.</param>
/// <param name="Thresholds">Limits.</param>
/// <param name="Sessions">When the symbols' markets are open; null where that means nothing for the contract.</param>
internal sealed record RunSetting(string RunId, RunRequest Request, Contract Contract, Thresholds Thresholds, SessionRules? Sessions)
{
    /// <summary>Signals that the run's risk carries; null where it has none.</summary>
    public SignalList? Signals { get; init; }

    public long? LateMicros => Contract.Delivery == Delivery.Stream && !Request.IsSnapshot && Contract.Field(FieldRole.IngestTime) is not null
        ? (Request.LateSeconds ?? Thresholds.LateSeconds) * 1_000_000L
        : null;

    /// <summary>How many records of other runs the run may turn into conflicts.</summary>
    public DisplacementLimit Displacement => DisplacementLimit.Parse(Request.MaxDisplaced);

    public SilverOptions Silver => new()
    {
        LateMicros = LateMicros, WindowMicros = Request.WindowMinutes * 60_000_000L, Threads = Request.Threads, Flags = Sessions,
    };

    public GoldOptions Gold => new(Request.WindowMinutes * 60_000_000L, Request.VolatilityWindow, Thresholds.VolatilityWarn, Thresholds.VolatilityCritical);
}
