using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Lineage;

/// <summary>
/// Tells what an attempt reads and writes as OpenLineage events, in <c>_runs/&lt;run_id&gt;.openlineage.ndjson</c>: START when it
/// begins to work, then one of COMPLETE, FAIL and ABORT. The holder of the run's lock calls it.
/// </summary>
/// <remarks>Lineage is told, not decided: when it cannot be written the run goes on, and <see cref="Problem"/> says why.</remarks>
internal sealed class RunLineage(LakeStore lake, LineageStart start, TimeProvider clock)
{
    private const string Step = "lineage";

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly LineageDatasets _datasets = new(lake.Root, start);
    private LineageResult? _result;
    private Guid _runId;

    /// <summary>Where a run's events are, below the lake root.</summary>
    public static string PathOf(string runId) => $"_runs/{runId}.openlineage.ndjson";

    /// <summary>Namespace of the jobs.</summary>
    public static string JobNamespace =>
        Environment.GetEnvironmentVariable("OPENLINEAGE_NAMESPACE") is { Length: > 0 } given ? given : "risklake";

    /// <summary>Why an event could not be written; null when all were.</summary>
    public string? Problem { get; private set; }

    /// <summary>Writes START, does the work, and writes how it ended.</summary>
    public T Around<T>(Func<T> work)
    {
        Write(earlier => Begin(earlier));
        T done;
        try
        {
            done = work();
        }
        catch (Exception e) when (HasNoted(e))
        {
            throw; // Never reached: the filter only looks.
        }

        Write(_ => End(null));
        return done;
    }

    /// <summary>Takes what the attempt came to, as soon as its place in the lake is known.</summary>
    public void Came(LineageResult result) => _result = result;

    private JsonObject Begin(string earlier)
    {
        var tries = 0;
        while (earlier.Contains(LineageIds.Run(JobNamespace, start.RunId, start.Attempt, tries).ToString(), StringComparison.Ordinal))
        {
            tries++;
        }

        _runId = LineageIds.Run(JobNamespace, start.RunId, start.Attempt, tries);
        return Event("START", new JsonObject(), _datasets.Inputs(null), null);
    }

    /// <summary>A failure after the decision leaves a publication that stands, so the log is asked which it was.</summary>
    private bool HasNoted(Exception failure)
    {
        Write(_ => End(IsDecided() ? null : failure));
        return false;
    }

    private bool IsDecided() => _result is not null && lake.Snapshot().Runs.GetValueOrDefault(start.RunId)?.Attempt >= start.Attempt;

    private JsonObject End(Exception? failure)
    {
        if (failure is not null || _result is not { } result)
        {
            var type = failure is OperationCanceledException ? "ABORT" : "FAIL";
            return Event(type, new JsonObject { ["errorMessage"] = Facets.ErrorMessage(Message(failure)) }, _datasets.Inputs(null), null);
        }

        var facets = new JsonObject();
        if (result.Partitions.Count > 0)
        {
            facets["nominalTime"] = Facets.NominalTime(result.Partitions.Min().Start, EndOf(result.Partitions.Max()));
        }

        var isBlocked = !RunStatus.IsPublished(result.Status);
        if (isBlocked)
        {
            var message = $"{Number(ErrorCode.GateBlocked)}: the quality gate blocked the run: {string.Join("; ", result.Failures)}";
            facets["errorMessage"] = Facets.ErrorMessage(message);
        }

        return Event(isBlocked ? "FAIL" : "COMPLETE", facets, _datasets.Inputs(result), _datasets.Outputs(result));
    }

    /// <summary>The last hour of the year 9999 has no end that can be written.</summary>
    private static DateTime EndOf(PartitionHour hour) => hour.Start > DateTime.MaxValue.AddHours(-1) ? DateTime.MaxValue : hour.Start.AddHours(1);

    private JsonObject Event(string type, JsonObject runFacets, JsonArray inputs, JsonArray? outputs)
    {
        runFacets["processing_engine"] = Facets.ProcessingEngine();
        runFacets["risklake_run"] = Facets.Run(Facts(outputs is null ? null : _result));
        var told = new JsonObject
        {
            ["eventType"] = type,
            ["eventTime"] = Facets.Instant(clock.GetUtcNow().UtcDateTime),
            ["producer"] = Facets.Producer,
            ["schemaURL"] = Facets.EventSchema,
            ["run"] = new JsonObject { ["runId"] = _runId.ToString(), ["facets"] = runFacets },
            ["job"] = new JsonObject
            {
                ["namespace"] = JobNamespace,
                ["name"] = start.Job,
                ["facets"] = new JsonObject { ["jobType"] = Facets.JobType() },
            },
            ["inputs"] = inputs,
        };
        if (outputs is not null)
        {
            told["outputs"] = outputs;
        }

        return told;
    }

    private JsonObject Facts(LineageResult? result)
    {
        var facts = new JsonObject
        {
            ["run_id"] = start.RunId,
            ["attempt"] = start.Attempt,
            ["dataset"] = start.Contract.Dataset,
            ["contract_version"] = start.Contract.Version,
            ["contract_sha256"] = start.Contract.Sha256,
        };
        if (result is not null)
        {
            facts["status"] = result.Status;
            facts["fingerprint"] = result.Fingerprint;
            facts["lake_version_read"] = result.VersionRead;
            facts["lake_version_written"] = result.VersionWritten;
            facts["as_of"] = Time(result.AsOf);
            facts["valuation_time"] = Time(result.ValuationTime);
        }

        return facts;
    }

    private static string? Time(long? micros) =>
        micros is { } value ? Facets.Instant(DateTime.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond)) : null;

    private static string Message(Exception? failure) => failure switch
    {
        RiskLakeException known => $"{Number(known.Code)}: {known.Message}",
        StorageException storage => $"{Number(ErrorCode.StorageFailed)}: {storage.Message}",
        OperationCanceledException => "interrupted",
        null => $"{Number(ErrorCode.Internal)}: the run ended without a result",
        _ => $"{Number(ErrorCode.Internal)}: {failure.GetType().Name}: {failure.Message}",
    };

    private static string Number(ErrorCode code) => FormattableString.Invariant($"RL{(int)code}");

    /// <summary>Puts a longer file in the place of the one before, so that readers only ever see whole lines.</summary>
    private void Write(Func<string, JsonObject> tell)
    {
        var storage = lake.Storage;
        var target = lake.Paths.Absolute(PathOf(start.RunId));
        var folder = lake.Paths.StagingOf(start.RunId);
        var staged = Path.Combine(folder, "_lineage");
        try
        {
            var earlier = storage.ReadFile(Step, target) is { } bytes ? Encoding.UTF8.GetString(bytes) : "";
            var text = $"{earlier}{tell(earlier).ToJsonString(OneLine)}\n";
            storage.CreateDirectory(Step, folder);
            storage.CreateDirectory(Step, lake.Paths.Runs);
            storage.WriteFile(Step, staged, Encoding.UTF8.GetBytes(text));
            storage.Rename(Step, staged, target);
            storage.DeleteEmptyDirectory(Step, folder);
        }
        catch (Exception e) // Whatever lineage comes to, the run stands.
        {
            Problem = e.Message;
        }
    }
}
