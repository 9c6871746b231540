using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Ingest.Bronze;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Quarantine;
using RiskLake.Ingest.Silver;
using RiskLake.Ingest.Silver.Keys;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Quality;

namespace RiskLake.Runs;

/// <summary>
/// Works a run through its stages in the staging folder: bronze once, then silver and gold against a version of the lake, again if
/// the lake moves under the run's keys.
/// </summary>
internal sealed class RunAttempt(LakeStore lake, IStorage storage, RunSetting setting, string folder, IRunProgress progress, TimeProvider clock) : IDisposable
{
    private readonly StagingContext _staging = new(storage, folder, setting.RunId, setting.Contract);
    private readonly (byte[] Bytes, RowRules Rules) _configuration = RowConfiguration.Of(setting.Contract, setting.Silver, setting.Sessions);
    private BronzeKeys? _keys = new(new EventDigests(), new NativeBuffer<int>());
    private readonly SortedDictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private IReadOnlyList<BronzePartition> _bronze = [];
    private IReadOnlyDictionary<string, long> _decodeCodes = new Dictionary<string, long>();
    private StagedFile? _rejects;
    private long _rejected;
    private long _rows;
    private int _tries;
    private (string Input, long Line) _last = ("", 0);
    private bool _sharesLines;
    private SilverPlan? _plan;
    private KeyWitness _witness = new();
    private StagingContext? _evaluating;

    /// <summary>Inputs as they were decoded.</summary>
    public IReadOnlyList<DecodedInput> Inputs { get; private set; } = [];

    /// <summary>Tells of a run in the lake that it is known to share no key with this one; null knows of none.</summary>
    public Func<RunState, bool>? SharesNothing { get; init; }

    /// <summary>Where the run's work was planned; null takes the version that the first evaluation is made against.</summary>
    public (long Version, int Index)? Planned { get; set; }

    /// <summary>The place the run has, where it is not to be given one: for proofs.</summary>
    public Place? FixedPlace { get; set; }

    /// <summary>Digest of the row configuration.</summary>
    public string Configuration => _configuration.Rules.Sha256;

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
        var bronze = files.Where(file => file.Layer == Layer.Bronze).OrderBy(file => file.Partition).ToArray();
        _bronze = bronze.Select((file, i) => new BronzePartition(new StagedFile(lake.Files.Checked(file), file, BronzeStage.Schema(Contract)), file.Partition, i)).ToArray();
        _keys = ReadKeys();
        _rows = _keys.Count;
        var rejects = files.FirstOrDefault(file => file is { Layer: Layer.Quarantine, Part.Length: 0 });
        _rejected = inputs.Sum(input => input.RecordsRejected);
        _rejects = rejects is null || _rejected == 0 ? null : new StagedFile(lake.Files.Checked(rejects), rejects, QuarantineTable.Schema);
        _decodeCodes = _rejects is null ? new Dictionary<string, long>() : QuarantineTable.CodesOf(_rejects.Path);
    });

    /// <summary>Computes silver, gold and the verdict against a version of the lake.</summary>
    public EvaluatedAttempt Evaluate(LakeSnapshot snapshot)
    {
        _plan?.Dispose();
        _witness = new KeyWitness();
        var staging = _evaluating = _staging with { Folder = Path.Combine(folder, $"try-{_tries++}") };
        storage.CreateDirectory("stage.folder", staging.Folder);
        Planned ??= (snapshot.Version, 0);
        var place = FixedPlace ?? PlaceIn(snapshot);
        var asOf = setting.Request.AsOfMicros ?? Range(Contract.PartitionTime)?.Max;
        var partition = asOf is { } micros ? PartitionHour.Of(micros) : default;
        var book = new RowRulesBook(lake, setting.Request.Threads, _configuration.Rules);
        SilverResult? silver = null;
        StagedFile? conflicts = null;
        IReadOnlyList<CheckResult> rules = [];
        Timed("silver", () =>
        {
            using var keys = TakeKeys();
            using var order = KeyOrder.Make(keys.Digests, setting.Request.Threads);
            var plan = _plan = new Ownership(_configuration.Rules, lake, snapshot, setting.RunId, place, book.Of).Decide(keys, order, Sources(), setting.Request.Threads);
            var losers = new Conflicts(staging, _witness);
            losers.Add(plan, keys, Sources());
            conflicts = losers.Finish(partition);
            rules = Contract.Rules.Count > 0 ? RuleChecks.Evaluate(Contract, Sources(), keys.PartitionOfRow, plan.Repeated) : [];
            var before = SymbolSpellings.Before(snapshot, Contract.Dataset, setting.RunId, place).Select(file => lake.Files.Checked(file));
            rules = [.. rules, .. SymbolSpellings.Check(Contract, Sources(), before)];
            var feed = new ForeignFeed(staging, lake, setting.Silver, book.Of, _witness).Write(plan);
            silver = new SilverStage(staging, setting.Silver).Write(keys, order, Sources(), plan, feed);
        });
        var conservation = Conserve(_plan!, silver!, conflicts);
        return Judge(snapshot, staging, silver!, rules, asOf) with
        {
            Place = place,
            Touches = _plan!.Touches,
            Conflicts = conflicts,
            QuarantineCodes = Codes(silver!.Counts.Conflicts),
            Conservation = conservation,
        };
    }

    /// <summary>Writes what the publication changes of other runs, and the run's row configuration; asked for when the gate is open.</summary>
    /// <param name="snapshot">The version of the last evaluation.</param>
    public (IReadOnlyList<StagedTouch> Touched, StagedConfiguration Configuration) Settle(LakeSnapshot snapshot)
    {
        var book = new RowRulesBook(lake, setting.Request.Threads, _configuration.Rules);
        IReadOnlyList<StagedTouch> touched = [];
        Timed("silver", () => touched = new TouchedRuns(_evaluating!, lake, snapshot, book.Of, _witness).Write(_plan!));
        return (touched, RowConfiguration.Stage(storage, _evaluating!.Folder, _configuration.Bytes, _configuration.Rules.Sha256));
    }

    /// <summary>Merges key indexes of other runs, where that is due.</summary>
    public IReadOnlyList<StagedSegment> MergeSegments(LakeSnapshot snapshot) => new KeySegments(lake, snapshot, Contract.Dataset).Merge(_evaluating!);

    /// <summary>
    /// Whether what happened since the attempt was evaluated touches it: other runs share events with it, or lost files that it removes,
    /// or the signals it carries changed.
    /// </summary>
    public bool IsDisturbed(EvaluatedAttempt evaluated, LakeSnapshot latest)
    {
        if (setting.Signals is { } list && new RunSignals(list, lake).MayDiffer(evaluated.Base, latest)
            && !evaluated.Gold.Signals.SequenceEqual(Signals(latest, evaluated.AsOf, evaluated.Gold.ValuationTime)))
        {
            return true;
        }

        return new Disturbance(lake, setting.RunId, Contract.Dataset, SharesNothing).Exists(evaluated.Silver.Index, evaluated.Touches.Keys, evaluated.Base, latest);
    }

    public void Dispose()
    {
        _keys?.Dispose();
        _plan?.Dispose();
    }

    /// <summary>A restatement keeps its place; a correction stands before the run it corrects; any other run behind those planned before.</summary>
    private Place PlaceIn(LakeSnapshot snapshot)
    {
        var step = new PlaceStep(Planned!.Value.Version, Planned.Value.Index, setting.RunId);
        var own = snapshot.Runs.GetValueOrDefault(setting.RunId) is { IsPublished: true } state ? state.Place : null;
        if (setting.Request.Corrects is not { } corrected)
        {
            return own ?? Place.At(step);
        }

        var place = RunCorrection.Require(snapshot, setting, corrected).Place!;
        return own?.Corrects(place) == true ? own : place.Before(step);
    }

    private IReadOnlyDictionary<string, long> Codes(long conflicts)
    {
        var codes = new SortedDictionary<string, long>(_decodeCodes.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
        if (conflicts > 0)
        {
            codes[QuarantineTable.ConflictCode] = conflicts;
        }

        return codes;
    }

    /// <summary>
    /// The digests of the bronze rows: as decoded, or for another evaluation read back from bronze. Bronze does not say in which order
    /// records of one line came where they went to several hours, so that its order is the one that counts.
    /// </summary>
    private BronzeKeys TakeKeys()
    {
        using var received = _sharesLines ? _keys : null;
        var keys = _sharesLines ? ReadKeys() : _keys ?? ReadKeys();
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
            Records = silver.Counts,
            DeduplicatedKnown = silver.DeduplicatedKnown,
            LateNew = silver.LateNew,
            LakeConflicts = _plan!.LakeConflicts,
            Displaced = _plan.Displaced(setting.Request.Corrects),
            Corrected = setting.Request.Corrects is { } corrected ? _plan.Touches.GetValueOrDefault(corrected)?.NewConflicts ?? 0 : null,
            NeighbouringKeys = _plan.NeighbouringKeys,
        };
        var partition = asOf is { } micros ? PartitionHour.Of(micros) : default;
        GoldResult? result = null;
        StagedFile? metrics = null;
        Gate? gate = null;
        Timed("gold", () =>
        {
            (result, var sessions) = WriteGold(staging, silver, asOf, partition, Signals(snapshot, asOf, silver.ValuationTime));
            gate = Gate.Ask(Contract, setting.Thresholds, counts, setting.Displacement, [.. rules, .. sessions]);
            metrics = QualityMetrics.Write(staging, asOf, silver.ValuationTime, counts, gate, setting.Thresholds);
        });
        return new EvaluatedAttempt
        {
            Base = snapshot,
            Bronze = _bronze.Select(file => file.File).ToArray(),
            Rejects = _rejects is null ? null : _rejects with { File = _rejects.File with { Partition = partition } },
            Conflicts = null,
            Place = null!,
            Touches = new Dictionary<string, Touch>(),
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
        string[] files = [.. silver.Files.Select(file => file.Path), .. silver.Feed is { } feed ? new[] { feed } : []];
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

    /// <summary>Proves that every record read is accounted for, per file.</summary>
    private List<FileConservation> Conserve(SilverPlan plan, SilverResult silver, StagedFile? conflicts)
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
        Require(silver.Files.Sum(file => file.File.Rows) == silver.Counts.Own && silver.Counts.Total == _rows, "silver");
        Require((_rejects?.File.Rows ?? 0) == _rejected && (conflicts?.File.Rows ?? 0) == silver.Counts.Conflicts, "quarantine");
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
            _keys!.Digests.Add(digests, 0, chunk.Records.RowCount);
            LookForSharedLines(chunk.Records[BronzeStage.SourceLine], chunk.Records.RowCount, name);
            bronze.Add(chunk, name);
            rejects.Add(chunk, name);
            progress.Advance(chunk.Records.RowCount + chunk.Rejects.RowCount);
        }
    }

    private void LookForSharedLines(Column lines, int rows, string input)
    {
        for (var row = 0; row < rows && !_sharesLines; row++)
        {
            var line = lines.Slot(row);
            _sharesLines = line == _last.Line && string.Equals(input, _last.Input, StringComparison.Ordinal);
            _last = (input, line);
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
