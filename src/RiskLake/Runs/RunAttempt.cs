using RiskLake.Bronze;
using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Decoding;
using RiskLake.Errors;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Storage;
using RiskLake.Quality;
using RiskLake.Quarantine;
using RiskLake.Silver;
using RiskLake.Sources;

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

    public SilverOptions Silver => new() { LateMicros = LateMicros, WindowMicros = Request.WindowMinutes * 60_000_000L, Threads = Request.Threads, Flags = Sessions };

    public GoldOptions Gold => new(Request.WindowMinutes * 60_000_000L, Request.VolatilityWindow, Thresholds.VolatilityWarn, Thresholds.VolatilityCritical);
}

/// <summary>An attempt that has been computed against one version of the lake.</summary>
internal sealed record EvaluatedAttempt
{
    public required LakeSnapshot Base { get; init; }

    public required IReadOnlyList<StagedFile> Bronze { get; init; }

    public required StagedFile? Quarantine { get; init; }

    public required SilverResult Silver { get; init; }

    public required GoldResult Gold { get; init; }

    public required StagedFile QualityMetrics { get; init; }

    public required RunCounts Counts { get; init; }

    public required Gate Gate { get; init; }

    public required long? AsOf { get; init; }

    public required IReadOnlyDictionary<string, long> QuarantineCodes { get; init; }

    public required IReadOnlyList<FileConservation> Conservation { get; init; }

    /// <summary>All files, when the gate lets them pass.</summary>
    public IReadOnlyList<StagedFile> Published => [.. Withheld, .. Evidence];

    /// <summary>What is published even when the gate is closed: raw facts and evidence.</summary>
    public IReadOnlyList<StagedFile> Evidence => [.. Bronze, .. Quarantine is null ? [] : new[] { Quarantine }, QualityMetrics];

    /// <summary>What a closed gate holds back.</summary>
    public IReadOnlyList<StagedFile> Withheld => [.. Silver.Files, .. Gold.Files];
}

/// <summary>What became of the records of one input file.</summary>
internal sealed record FileConservation(string Name, long Read, long Bronze, long Quarantined, long Own, long Duplicates, long AlreadyPublished, long Conflicts);

/// <summary>
/// Works a run through its stages in the staging folder: bronze once, then silver and gold against a version of the lake, again if
/// the lake moves under the run's keys.
/// </summary>
internal sealed class RunAttempt(LakeStore lake, IStorage storage, RunSetting setting, string folder, IRunProgress progress, TimeProvider clock) : IDisposable
{
    private readonly StagingContext _staging = new(storage, folder, setting.RunId, setting.Contract);
    private BronzeKeys? _keys = new(new EventDigests(), new NativeBuffer<int>());
    private readonly SortedDictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private IReadOnlyList<BronzePartition> _bronze = [];
    private IReadOnlyDictionary<string, long> _decodeCodes = new Dictionary<string, long>();
    private StagedFile? _rejects;
    private long _rejected;
    private long _rows;
    private bool _isLoaded;
    private int _tries;

    /// <summary>Inputs as they were decoded.</summary>
    public IReadOnlyList<DecodedInput> Inputs { get; private set; } = [];

    /// <summary>Tells of a run in the lake that it is known to share no key with this one; null knows of none.</summary>
    public Func<RunState, bool>? SharesNothing { get; init; }

    /// <summary>Digests that the fingerprint is made of.</summary>
    public IReadOnlyList<string> Digests => SliceSha256 is { } slice ? [slice] : Inputs.Select(input => input.Sha256).ToArray();

    /// <summary>Digest of the slice the run is made of; null for a run over whole files.</summary>
    public string? SliceSha256 { get; private set; }

    /// <summary>Seconds per stage.</summary>
    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    private Contract Contract => setting.Contract;

    /// <summary>Decodes the inputs into bronze and quarantine.</summary>
    public void Decode(IReadOnlyList<InputFile> inputs, CancellationToken ct) => Timed("decode", () =>
    {
        var keys = _keys!;
        using var bronze = new BronzeStage(_staging, keys.PartitionOfRow);
        using var rejects = new QuarantineTable(_staging, "rejects");
        var hasher = new ThreadLocal<EventHasher>(() => new EventHasher(Contract));
        var options = new DecodeOptions
        {
            Threads = setting.Request.Threads,
            MaxRecordBytes = setting.Request.MaxRecordBytes,
            AsOfMicros = setting.Request.AsOfMicros,
        };
        Inputs = Decoder.Decode(inputs, Contract, options, Digest, Consume, ct);
        _bronze = bronze.Finish(setting.Request.Threads);
        _decodeCodes = rejects.Codes;
        _rejects = rejects.Finish(default);
        _rejected = _rejects?.File.Rows ?? 0;
        _rows = keys.Count;

        void Digest(DecodedChunk chunk)
        {
            var digests = new EventDigests();
            hasher.Value!.Add(chunk.Records, digests);
            chunk.Derived = digests;
        }

        void Consume(DecodedChunk chunk) => Keep(chunk, inputs[chunk.FileIndex].Name, bronze, rejects);
    });

    /// <summary>Takes the records of a slice, decoded before, into bronze and quarantine.</summary>
    public void Receive(ISlicedRecords slice, CancellationToken ct) => Timed("slice", () =>
    {
        var keys = _keys!;
        using var bronze = new BronzeStage(_staging, keys.PartitionOfRow);
        using var rejects = new QuarantineTable(_staging, "rejects");
        foreach (var chunk in slice.Read(ct))
        {
            Keep(chunk, slice.Inputs[chunk.FileIndex].Name, bronze, rejects);
        }

        _rows = keys.Count;
        Inputs = slice.Inputs;
        SliceSha256 = slice.Sha256;
        _bronze = bronze.Finish(setting.Request.Threads);
        _decodeCodes = rejects.Codes;
        _rejects = rejects.Finish(default);
        _rejected = _rejects?.File.Rows ?? 0;
    });

    /// <summary>Takes the bronze of a published attempt instead of decoding its inputs.</summary>
    /// <param name="files">The attempt's files.</param>
    /// <param name="inputs">Its inputs, as recorded.</param>
    /// <param name="slice">Digest of its slice, if it was made of one.</param>
    public void Load(IReadOnlyList<DataFile> files, IReadOnlyList<DecodedInput> inputs, string? slice = null) => Timed("bronze", () =>
    {
        Inputs = inputs;
        SliceSha256 = slice;
        _isLoaded = true;
        var bronze = files.Where(file => file.Layer == Layer.Bronze).OrderBy(file => file.Partition).ToArray();
        _bronze = bronze.Select((file, i) => new BronzePartition(new StagedFile(Path.Combine(lake.Root, file.DeltaPath), file, BronzeStage.Schema(Contract)), file.Partition, i)).ToArray();
        _keys = ReadKeys();
        _rows = _keys.Count;
        var rejects = files.FirstOrDefault(file => file.Layer == Layer.Quarantine);
        _rejected = inputs.Sum(input => input.RecordsRejected);
        _rejects = rejects is null || _rejected == 0 ? null : new StagedFile(Path.Combine(lake.Root, rejects.DeltaPath), rejects, QuarantineTable.Schema);
    });

    /// <summary>Computes silver, gold and the verdict against a version of the lake.</summary>
    public EvaluatedAttempt Evaluate(LakeSnapshot snapshot)
    {
        var staging = _staging with { Folder = Path.Combine(folder, $"try-{_tries++}") };
        storage.CreateDirectory("stage.folder", staging.Folder);
        EvaluatedAttempt? evaluated = null;
        var asOf = setting.Request.AsOfMicros ?? Range(Contract.PartitionTime)?.Max;
        SilverPlan? plan = null;
        SilverResult? silver = null;
        StagedFile? quarantine = null;
        var codes = _decodeCodes;
        IReadOnlyList<CheckResult> rules = [];
        Timed("silver", () =>
        {
            using var keys = TakeKeys();
            var ownership = new Ownership(Contract, lake, snapshot, setting.RunId, SharesNothing);
            plan = ownership.Decide(keys, Sources(), EventTimes(), setting.Request.Threads);
            (quarantine, codes) = WriteQuarantine(staging, plan, ownership, keys, asOf is { } micros ? PartitionHour.Of(micros) : default);
            rules = Contract.Rules.Count > 0 ? RuleChecks.Evaluate(Contract, Sources(), keys.PartitionOfRow, plan.Repeated) : [];
            rules = [.. rules, .. SymbolSpellings.Check(Contract, Sources())];
            using var adopted = new Adoption(Contract, lake, snapshot, setting.RunId).Find(keys.Digests.Keys);
            silver = new SilverStage(staging, setting.Silver).Write(keys, Sources(), plan, adopted);
        });
        using (plan)
        {
            var conservation = Conserve(plan!, silver!, quarantine);
            evaluated = Judge(snapshot, staging, silver!, rules, asOf) with { Quarantine = quarantine, QuarantineCodes = codes, Conservation = conservation };
        }

        return evaluated;
    }

    /// <summary>
    /// Whether runs that changed since the attempt was evaluated share keys with it, or changed the signals it carries, so that it must
    /// be evaluated again.
    /// </summary>
    public bool IsDisturbed(EvaluatedAttempt evaluated, LakeSnapshot latest)
    {
        if (setting.Signals is { } list && new RunSignals(list, lake).MayDiffer(evaluated.Base, latest)
            && !evaluated.Gold.Signals.SequenceEqual(Signals(latest, evaluated.AsOf, evaluated.Gold.ValuationTime)))
        {
            return true;
        }

        using var keys = new NativeBuffer<ulong>();
        if (evaluated.Silver.Index is { } index)
        {
            KeyIndexFile.Read(index.Path, keys, keys);
        }

        return new Disturbance(Contract, lake, setting.RunId, SharesNothing).Exists(keys, EventTimes(), evaluated.Base, latest, setting.Request.Threads);
    }

    public void Dispose() => _keys?.Dispose();

    /// <summary>The digests of the bronze rows: as decoded, or for another evaluation read back from bronze.</summary>
    private BronzeKeys TakeKeys()
    {
        var keys = _keys ?? ReadKeys();
        _keys = null;
        return keys;
    }

    private BronzeKeys ReadKeys()
    {
        var keys = new BronzeKeys(new EventDigests(), new NativeBuffer<int>());
        BronzeOrder.Read(Contract, Sources(), Inputs.Select(input => input.Name).ToArray(), keys);
        return keys;
    }

    private EvaluatedAttempt Judge(LakeSnapshot snapshot, StagingContext staging, SilverResult silver, IReadOnlyList<CheckResult> rules, long? asOf)
    {
        var counts = new RunCounts(
            Inputs.Sum(input => input.RecordsRead), Inputs.Sum(input => input.RecordsRejected), _rows, silver.Deduplicated,
            setting.LateMicros is null ? null : silver.Late)
        {
            Bytes = ByteAccount.Sum(Inputs),
            QuarantinedEstimate = ByteAccount.Estimate(Inputs),
        };
        var partition = asOf is { } micros ? PartitionHour.Of(micros) : default;
        GoldResult? result = null;
        StagedFile? metrics = null;
        Gate? gate = null;
        Timed("gold", () =>
        {
            (result, var sessions) = WriteGold(staging, silver, asOf, partition, Signals(snapshot, asOf, silver.ValuationTime));
            gate = Gate.Ask(Contract, setting.Thresholds, counts, [.. rules, .. sessions]);
            metrics = QualityMetrics.Write(staging, asOf, silver.ValuationTime, counts, gate);
        });
        return new EvaluatedAttempt
        {
            Base = snapshot,
            Bronze = _bronze.Select(file => file.File).ToArray(),
            Quarantine = null,
            Silver = silver,
            Gold = result!,
            QualityMetrics = metrics!,
            Counts = counts,
            Gate = gate!,
            AsOf = asOf,
            QuarantineCodes = _decodeCodes,
            Conservation = [],
        };
    }

    /// <summary>Gold, and the checks that are answered on the way.</summary>
    private (GoldResult Gold, IReadOnlyList<CheckResult> Checks) WriteGold(
        StagingContext staging, SilverResult silver, long? asOf, PartitionHour partition, IReadOnlyList<KeyValuePair<string, double?>> signals)
    {
        var gold = new GoldStage(staging, setting.Gold, asOf) { Signals = signals };
        string[] files = [.. silver.Files.Select(file => file.Path), .. silver.Feeds];
        if (setting.Sessions is null)
        {
            return (gold.Write(files, silver.ValuationTime), []);
        }

        if (asOf is not { } known || silver.ValuationTime is not { } valuation)
        {
            return (gold.Write(files, silver.ValuationTime), SessionCompleteness.NoEvents(Contract.Dataset));
        }

        using var sessions = new SessionCompleteness(staging, setting.Sessions, known, valuation);
        var result = gold.Write(files, silver.ValuationTime, sessions.Add);
        return (sessions.Seal(partition) is { } file ? result with { Files = [.. result.Files, file] } : result, sessions.Checks());
    }

    private IReadOnlyList<KeyValuePair<string, double?>> Signals(LakeSnapshot snapshot, long? asOf, long? valuationTime) =>
        setting.Signals is { } list && asOf is { } known && valuationTime is { } valuation ? new RunSignals(list, lake).At(snapshot, known, valuation) : [];

    private BronzeSource[] Sources() => _bronze.Select(file => new BronzeSource(file.File.Path, file.Partition, file.Ordinal)).ToArray();

    private (long Min, long Max)? EventTimes() => Range(Contract.EventTime);

    private (long Min, long Max)? Range(ContractField field)
    {
        var ranges = _bronze.Select(file => file.File.File.Statistics.First(s => s.Column == field.Name)).Where(s => s.HasRange).ToArray();
        return ranges.Length == 0 ? null : (ranges.Min(s => field.Micros(s.MinSlot)), ranges.Max(s => field.Micros(s.MaxSlot)));
    }

    /// <summary>The rejects alone are the quarantine, unless conflicts join them.</summary>
    private (StagedFile? File, IReadOnlyDictionary<string, long> Codes) WriteQuarantine(
        StagingContext staging, SilverPlan plan, Ownership ownership, BronzeKeys keys, PartitionHour partition)
    {
        if (plan.Conflicts.Count == 0 && !_isLoaded)
        {
            return (_rejects is null ? null : _rejects with { File = _rejects.File with { Partition = partition } }, _decodeCodes);
        }

        using var quarantine = new QuarantineTable(staging, "records");
        if (_rejects is not null)
        {
            quarantine.AddDecoded(_rejects.Path);
        }

        Conflicts.AddTo(quarantine, Contract, plan, ownership.Candidates, setting.RunId, keys, Sources());
        return (quarantine.Finish(partition), quarantine.Codes);
    }

    /// <summary>Proves that every record read is accounted for, per file.</summary>
    private List<FileConservation> Conserve(SilverPlan plan, SilverResult silver, StagedFile? quarantine)
    {
        var result = new List<FileConservation>();
        long row = 0;
        foreach (var input in Inputs)
        {
            var verdicts = new long[4];
            for (var end = row + input.RecordsDecoded; row < end; row++)
            {
                verdicts[plan.Verdicts[row]]++;
            }

            var file = new FileConservation(
                input.Name, input.RecordsRead, input.RecordsDecoded, input.RecordsRejected,
                verdicts[(int)Verdict.Own], verdicts[(int)Verdict.Duplicate], verdicts[(int)Verdict.AlreadyPublished], verdicts[(int)Verdict.Conflict]);
            result.Add(file);
            Require(file.Read == file.Bronze + file.Quarantined && file.Bronze == verdicts.Sum(), input.Name);
        }

        var bronzeRows = _bronze.Sum(file => file.File.File.Rows);
        Require(row == _rows && bronzeRows == _rows && _rejected == Inputs.Sum(input => input.RecordsRejected), "bronze");
        Require(silver.Files.Sum(file => file.File.Rows) == silver.Own + silver.Adopted.Values.Sum(), "silver");
        Require((quarantine?.File.Rows ?? 0) == _rejected + silver.Conflicts || _isLoaded, "quarantine");
        return result;

        static void Require(bool balanced, string place)
        {
            if (!balanced)
            {
                throw new RiskLakeException(ErrorCode.ConservationBroken, place, "records that are neither in bronze, quarantine nor silver", "read = bronze + quarantine, bronze = silver + duplicates + already published + conflicts", "report this with the input: nothing was published");
            }
        }
    }

    private void Keep(DecodedChunk chunk, string name, BronzeStage bronze, QuarantineTable rejects)
    {
        using (chunk)
        {
            var digests = (EventDigests)chunk.Derived!;
            _keys!.Digests.Keys.AddRange(digests.Keys.AsSpan());
            _keys!.Digests.Contents.AddRange(digests.Contents.AsSpan());
            bronze.Add(chunk, name);
            rejects.Add(chunk, name);
            progress.Advance(chunk.Records.RowCount + chunk.Rejects.RowCount);
        }
    }

    private void Timed(string stage, Action work)
    {
        progress.Begin(stage);
        var start = clock.GetTimestamp();
        work();
        var duration = clock.GetElapsedTime(start);
        _seconds[stage] = _seconds.GetValueOrDefault(stage) + duration.TotalSeconds;
        progress.End(stage, duration);
    }
}
