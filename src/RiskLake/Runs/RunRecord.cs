using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Quality;

namespace RiskLake.Runs;

/// <summary>
/// The run record: the seed's fields and what an auditor asks for. Keys are sorted; everything outside <c>execution</c> is a function
/// of inputs, configuration and the lake version read.
/// </summary>
internal static class RunRecord
{
    public static JsonObject Build(RunSetting setting, RunAttempt attempt, EvaluatedAttempt evaluated, Publication publication, PublishedView view, JsonObject execution)
    {
        var isPublished = RunStatus.IsPublished(publication.Status);
        var record = new JsonObject
        {
            ["run_id"] = setting.RunId,
            ["status"] = publication.Status,
            ["kind"] = KindText(publication.Kind),
            ["attempt"] = view.Attempt,
            ["supersedes"] = view.Attempt > 1 ? view.Attempt - 1 : null,
            ["dataset"] = setting.Contract.Dataset,
            ["contract_version"] = setting.Contract.Version,
            ["fingerprint"] = publication.Fingerprint,
            ["lake_version"] = new JsonObject { ["read"] = publication.VersionRead, ["written"] = view.Version },
            ["as_of"] = Time(evaluated.AsOf),
            ["valuation_time"] = Time(evaluated.Gold.ValuationTime),
            ["reason"] = setting.Request.Reason,
            ["raw_events"] = evaluated.Counts.Read,
            ["curated_records"] = Curated(view.Files),
            ["records_written"] = Written(setting, view.Files),
            ["partitions"] = Strings(evaluated.Bronze.Select(file => file.File.Partition).Distinct().Order().Select(hour => hour.Path)),
            ["late_rate"] = evaluated.Counts.LateRate,
            ["duplicate_rate"] = evaluated.Counts.DuplicateRate,
            ["late_status"] = evaluated.Gate.SeedStatus(Gate.LateRate),
            ["duplicate_status"] = evaluated.Gate.SeedStatus(Gate.DuplicateRate),
            ["dq_passed"] = evaluated.Gate.Passed,
            ["dq_failures"] = Strings(evaluated.Gate.Failures),
            ["checks"] = new JsonArray([.. evaluated.Gate.Checks.Select(Check)]),
            ["conservation"] = Conservation(evaluated),
            ["quarantine_reasons"] = Counts(evaluated.QuarantineCodes),
            ["late_events"] = evaluated.Counts.Late,
            ["owners"] = Counts(evaluated.Silver.Owners),
            ["conflicts_with"] = Counts(evaluated.Silver.ConflictsWith),
            ["advice"] = Strings(evaluated.Silver.ConflictsWith.Select(owner => string.Create(
                CultureInfo.InvariantCulture,
                $"{owner.Value} records contradict events of run {owner.Key}: to get them in, restate {owner.Key} with the right inputs, or repeat this run with --corrects {owner.Key}"))),
            ["corrects"] = setting.Request.Corrects,
            ["place"] = isPublished ? evaluated.Place.ToString() : null,
            ["touched"] = Touched(evaluated),
            ["inputs"] = new JsonArray([.. attempt.Inputs.Select(Input)]),
            ["configuration"] = Configuration(setting),
            ["outputs"] = new JsonArray([.. view.Files.Select(Output)]),
            ["withheld"] = isPublished ? null : Withheld(evaluated),
            ["execution"] = execution,
        };
        if (attempt.SliceSha256 is { } slice)
        {
            record["slice_sha256"] = slice;
        }

        foreach (var (name, value) in Risk(evaluated.Gold.Risk))
        {
            record[name] = value;
        }

        return Sorted(record);
    }

    /// <summary>Record of a withdrawal: what left, why, and what other runs gained.</summary>
    public static JsonObject BuildWithdrawal(
        string reason, Publication publication, PublishedView view, IReadOnlyList<DataFile> removed, JsonObject execution) => Sorted(new JsonObject
        {
            ["run_id"] = publication.RunId,
            ["status"] = publication.Status,
            ["kind"] = KindText(publication.Kind),
            ["attempt"] = view.Attempt,
            ["supersedes"] = view.Attempt - 1,
            ["dataset"] = publication.Dataset,
            ["contract_version"] = publication.ContractVersion,
            ["fingerprint"] = publication.Fingerprint,
            ["lake_version"] = new JsonObject { ["read"] = publication.VersionRead, ["written"] = view.Version },
            ["reason"] = reason,
            ["removed"] = new JsonArray([.. removed.Select(Output)]),
            ["touched"] = new JsonObject(publication.Touched.Select(run => KeyValuePair.Create(run.RunId, (JsonNode?)new JsonObject
            {
                ["own_silver"] = run.Counts.Own,
                ["already_published"] = run.Counts.AlreadyPublished,
                ["duplicates"] = run.Counts.Duplicates,
                ["conflicts"] = run.Counts.Conflicts,
            }))),
            ["outputs"] = new JsonArray([.. view.Files.Select(Output)]),
            ["execution"] = execution,
        });

    /// <summary>Microseconds since the epoch as RFC 3339.</summary>
    public static string? Time(long? micros) => micros is { } value
        ? DateTime.UnixEpoch.AddTicks(value * 10).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture)
        : null;

    /// <summary>A copy with keys in ordinal order at every level.</summary>
    public static JsonObject Sorted(JsonObject node)
    {
        var sorted = new JsonObject();
        foreach (var (name, value) in node.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            sorted[name] = value switch
            {
                JsonObject child => Sorted(child),
                JsonArray array => new JsonArray([.. array.Select(item => item is JsonObject child ? Sorted(child) : item?.DeepClone())]),
                _ => value?.DeepClone(),
            };
        }

        return sorted;
    }

    public static string KindText(PublicationKind kind) => kind switch
    {
        PublicationKind.Publish => "publish",
        PublicationKind.Restate => "restate",
        PublicationKind.Release => "release",
        PublicationKind.Block => "block",
        PublicationKind.BlockRestatement => "block_restatement",
        PublicationKind.Refresh => "refresh",
        _ => "withdraw",
    };

    /// <summary>Rows of the two gold tables that every system of this kind has.</summary>
    private static long Curated(IReadOnlyList<DataFile> files) => files
        .Where(file => file.Layer == Layer.Gold && file.Dataset is GoldStage.RiskSummary or QualityMetrics.Dataset)
        .Sum(file => file.Rows);

    private static JsonObject Written(RunSetting setting, IReadOnlyList<DataFile> files)
    {
        var contract = setting.Contract;
        var written = new JsonObject
        {
            [$"bronze_{contract.Dataset}"] = 0L,
            [$"quarantine_{contract.Dataset}"] = 0L,
            [$"silver_{contract.Dataset}"] = 0L,
            [$"gold_{QualityMetrics.Dataset}"] = 0L,
        };
        if (GoldStage.Applies(contract))
        {
            foreach (var dataset in new[] { GoldStage.MarketBars, GoldStage.Returns, GoldStage.RiskSummary })
            {
                written[$"gold_{dataset}"] = 0L;
            }
        }

        if (SignalVintages.AreOf(contract))
        {
            written[$"gold_{SignalSummary.Dataset}"] = 0L;
        }

        if (setting.Sessions is not null)
        {
            written[$"gold_{SessionCompleteness.Dataset}"] = 0L;
        }

        foreach (var table in files.GroupBy(file => $"{DataFile.LayerName(file.Layer)}_{file.Dataset}"))
        {
            written[table.Key] = table.Sum(file => file.Rows);
        }

        return written;
    }

    /// <summary>What the publication moves in other runs.</summary>
    private static JsonObject Touched(EvaluatedAttempt evaluated) => new(evaluated.Touches.OrderBy(touch => touch.Key, StringComparer.Ordinal).Select(
        touch => KeyValuePair.Create(touch.Key, (JsonNode?)new JsonObject
        {
            ["events_lost"] = touch.Value.Lost.Values.Sum(events => (long)events.Count),
            ["events_gained"] = touch.Value.Gained.Values.Sum(events => (long)events.Count),
            ["new_conflicts"] = touch.Value.NewConflicts,
            ["settled_conflicts"] = touch.Value.SettledConflicts,
            ["stale"] = touch.Value.IsMoved,
        })));

    private static JsonObject Check(CheckResult check) => new()
    {
        ["rule"] = check.Rule,
        ["dataset"] = check.Dataset,
        ["column"] = check.Column,
        ["observed"] = check.Observed,
        ["threshold"] = check.Threshold,
        ["expected"] = check.Expected,
        ["evaluated_rows"] = check.EvaluatedRows,
        ["failed_rows"] = check.FailedRows,
        ["status"] = check.StatusText,
        ["blocking"] = check.IsBlocking,
        ["detail"] = check.Detail,
    };

    private static JsonObject Conservation(EvaluatedAttempt evaluated) => new()
    {
        ["balanced"] = true,
        ["read"] = evaluated.Counts.Read,
        ["bronze"] = evaluated.Counts.Validated,
        ["quarantined"] = evaluated.Counts.Quarantined,
        ["quarantined_estimate"] = evaluated.Counts.QuarantinedEstimate,
        ["bytes"] = Bytes(evaluated.Counts.Bytes),
        ["own_silver"] = evaluated.Silver.Counts.Own,
        ["duplicates"] = evaluated.Silver.Counts.Duplicates,
        ["already_published"] = evaluated.Silver.Counts.AlreadyPublished,
        ["conflicts"] = evaluated.Silver.Counts.Conflicts,
        ["files"] = new JsonArray([.. evaluated.Conservation.Select(file => new JsonObject
        {
            ["name"] = file.Name,
            ["read"] = file.Read,
            ["bronze"] = file.Bronze,
            ["quarantined"] = file.Quarantined,
            ["own_silver"] = file.Own,
            ["duplicates"] = file.Duplicates,
            ["already_published"] = file.AlreadyPublished,
            ["conflicts"] = file.Conflicts,
        })]),
    };

    private static JsonObject Input(Ingest.Decoding.DecodedInput input) => new()
    {
        ["name"] = input.Name,
        ["sha256"] = input.Sha256,
        ["bytes"] = input.Bytes,
        ["format"] = input.Format,
        ["compression"] = input.Compression,
        ["records"] = input.RecordsRead,
        ["content"] = Bytes(input.Content),
    };

    private static JsonObject? Bytes(Ingest.Decoding.ByteAccount? account) => account is { } bytes
        ? new()
        {
            ["total"] = bytes.Total,
            ["records"] = bytes.Records,
            ["rejects"] = bytes.Rejects,
            ["between"] = bytes.Between,
        }
        : null;

    private static JsonObject Configuration(RunSetting setting) => new()
    {
        ["contract"] = setting.Contract.Name,
        ["contract_id"] = setting.Contract.Id,
        ["contract_sha256"] = setting.Contract.Sha256,
        ["thresholds_sha256"] = setting.Thresholds.Sha256,
        ["sessions_sha256"] = setting.Sessions?.Sha256,
        ["signals_sha256"] = setting.Signals?.Sha256,
        ["time_zones"] = setting.Sessions is null ? null : Calendars.ExchangeCalendar.TimeZoneVersion,
        ["late_seconds"] = setting.Request.LateSeconds ?? setting.Thresholds.LateSeconds,
        ["window_minutes"] = setting.Request.WindowMinutes,
        ["vol_window"] = setting.Request.VolatilityWindow,
        ["max_record_bytes"] = setting.Request.MaxRecordBytes,
        ["snapshot"] = setting.Request.IsSnapshot,
        ["as_of"] = Time(setting.Request.AsOfMicros),
        ["allow_dq_breach"] = setting.Request.AllowBreach,
        ["output_versions"] = new JsonObject(RunFingerprint.OutputVersions.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
    };

    public static JsonObject Output(DataFile file) => new()
    {
        ["layer"] = DataFile.LayerName(file.Layer),
        ["dataset"] = file.Dataset,
        ["path"] = file.TreePath,
        ["rows"] = file.Rows,
        ["bytes"] = file.Bytes,
        ["sha256"] = file.Sha256,
    };

    private static JsonObject Withheld(EvaluatedAttempt evaluated)
    {
        var withheld = new JsonObject
        {
            ["records"] = Counts(new SortedDictionary<string, long>(
                evaluated.Withheld.GroupBy(file => $"{DataFile.LayerName(file.File.Layer)}_{file.File.Dataset}").ToDictionary(table => table.Key, table => table.Sum(file => file.File.Rows)),
                StringComparer.Ordinal)),
        };
        foreach (var (name, value) in Risk(evaluated.Gold.Risk))
        {
            withheld[name] = value;
        }

        return withheld;
    }

    private static IEnumerable<(string Name, JsonObject Values)> Risk(IReadOnlyList<SymbolRisk> risk)
    {
        yield return ("volatility_latest", BySymbol(row => row.Volatility));
        yield return ("value_at_risk", BySymbol(row => row.ValueAtRisk));
        yield return ("volatility_status", BySymbol(row => row.Status));

        JsonObject BySymbol(Func<SymbolRisk, JsonNode?> value) => new(risk.Select(row => KeyValuePair.Create(row.Symbol, value(row))));
    }

    private static JsonObject Counts(IReadOnlyDictionary<string, long> counts) =>
        new(counts.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode?)value)]);
}
