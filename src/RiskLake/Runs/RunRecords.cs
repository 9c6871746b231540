using RiskLake.Errors;
using RiskLake.Lake;

namespace RiskLake.Runs;

/// <summary>Finds runs in the lake.</summary>
internal static class RunRecords
{
    /// <summary>The run of an id, or an error that says what to do.</summary>
    public static RunState Require(LakeStore lake, string runId)
    {
        if (!lake.Exists)
        {
            throw new RiskLakeException(ErrorCode.LakeMissing, lake.Root, "no lake log", "a lake", "name the lake with --output-root, or make one with 'risklake run'");
        }

        return lake.Snapshot().Runs.TryGetValue(runId, out var state)
            ? state
            : throw new RiskLakeException(ErrorCode.RunUnknown, lake.Root, $"no run '{runId}'", "a run of this lake", "see 'risklake runs list'");
    }
}
