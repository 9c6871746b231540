using System.Text.Json.Nodes;
using RiskLake.Ingest.Decoding;
using RiskLake.Lake;
using RiskLake.Lake.Errors;

namespace RiskLake.Runs;

/// <summary>Finds runs in the lake.</summary>
internal static class RunRecords
{
    /// <summary>The inputs of a run, as its record has them.</summary>
    public static IReadOnlyList<DecodedInput> Inputs(JsonNode record)
    {
        var files = record["conservation"]!["files"]!.AsArray();
        return record["inputs"]!.AsArray().Select((input, i) => new DecodedInput(
            (string)input!["name"]!, (string)input["sha256"]!, (long)input["bytes"]!, (string)input["format"]!, (string)input["compression"]!,
            (long)files[i]!["read"]!, (long)files[i]!["bronze"]!, (long)files[i]!["quarantined"]!)
        {
            Content = input["content"] is { } content
                ? new ByteAccount((long)content["total"]!, (long)content["records"]!, (long)content["rejects"]!)
                : null,
        }).ToArray();
    }

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

    /// <summary>Works on the version a run read, and tells files that were vacuumed since from files that are lost.</summary>
    public static T AsRead<T>(LakeStore lake, string runId, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (RiskLakeException missing) when (missing.Code is ErrorCode.LakeDamaged or ErrorCode.LakeVersionUnknown && lake.WasVacuumed(missing.Place))
        {
            throw new RiskLakeException(
                ErrorCode.LakeVersionUnknown,
                $"run {runId}",
                $"{Path.GetRelativePath(lake.Root, missing.Place)} vacuumed since",
                "the files of the lake version it read",
                $"what it was made from cannot be read again; 'risklake runs verify {runId} --now' verifies what stands",
                missing);
        }
    }
}
