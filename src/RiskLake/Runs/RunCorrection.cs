using RiskLake.Lake;
using RiskLake.Lake.Errors;

namespace RiskLake.Runs;

/// <summary>Finds the run that a run corrects.</summary>
internal static class RunCorrection
{
    /// <summary>The corrected run, which must be published and of the same dataset.</summary>
    public static RunState Require(LakeSnapshot snapshot, RunSetting setting, string corrected)
    {
        if (!snapshot.Runs.TryGetValue(corrected, out var run))
        {
            throw Refuse(ErrorCode.RunUnknown, $"no run '{corrected}'");
        }

        if (string.Equals(run.RunId, setting.RunId, StringComparison.OrdinalIgnoreCase))
        {
            throw Refuse(ErrorCode.CommandLineInvalid, $"'{corrected}', the run itself");
        }

        return run is { IsPublished: true, Place: not null } && run.Dataset == setting.Contract.Dataset
            ? run
            : throw Refuse(ErrorCode.CommandLineInvalid, $"'{corrected}', a run of {run.Dataset} that is {run.Status}");
    }

    private static RiskLakeException Refuse(ErrorCode code, string found) =>
        new(code, "--corrects", found, "another run with records of the same dataset that is published", "see 'risklake runs list'");
}
