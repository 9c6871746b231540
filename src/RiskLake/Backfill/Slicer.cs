using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Silver;
using RiskLake.Ingest.Silver.Keys;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Backfill;

/// <summary>What decides to which day a record belongs, and where slices are put.</summary>
internal sealed record SliceSetting
{
    public required Contract Contract { get; init; }

    public required CalendarLibrary Library { get; init; }

    public required SymbolList Symbols { get; init; }

    public required ExchangeCalendar Calendar { get; init; }

    public required DateOnly From { get; init; }

    public required DateOnly Through { get; init; }

    /// <summary>An empty folder for working files.</summary>
    public required string Folder { get; init; }

    public required int Threads { get; init; }

    public required int MaxRecordBytes { get; init; }

    /// <summary>Where a file of the lake lies.</summary>
    public required Func<string, string> LakePath { get; init; }

    public DecodeOptions Decoding => new() { Threads = Threads, MaxRecordBytes = MaxRecordBytes, KeepsRaw = true };

    public bool IsInRange(int day) => day >= From.DayNumber && day <= Through.DayNumber;
}

/// <summary>
/// Cuts the inputs into days in one pass. Of the records nothing is kept in memory but some frames, and the key digest and the day of
/// each (12 bytes), by which keys that occur on two days are found afterwards.
/// </summary>
internal sealed class Slicer(SliceSetting setting, Action<long> progress) : IDisposable
{
    private const long BufferedBytesMax = 192L << 20;

    private readonly IReadOnlyList<ColumnSchema> _schema = new DecodePlan(setting.Contract, setting.MaxRecordBytes, null).RecordSchema;
    private readonly SortedDictionary<int, OpenSlice> _days = [];
    private readonly SortedDictionary<int, OpenSlice> _rejectsOfDays = [];
    private readonly NativeBuffer<ulong> _keys = new();
    private readonly NativeBuffer<int> _dayOfRow = new();
    private OpenSlice? _rejects;
    private long _outside;

    /// <param name="inputs">What to cut.</param>
    /// <param name="staleIndices">Given the slices, the key indices of the runs that will be made again, by day.</param>
    /// <param name="ct">Stops.</param>
    public SliceSet Slice(
        IReadOnlyList<InputFile> inputs, Func<IReadOnlyDictionary<DateOnly, Slice>, IReadOnlyDictionary<DateOnly, KeyIndex>> staleIndices, CancellationToken ct)
    {
        using var assigner = new ThreadLocal<DayAssigner>(() => new DayAssigner(setting.Contract, setting.Library, setting.Symbols, setting.Calendar));
        using var hasher = new ThreadLocal<EventHasher>(() => new EventHasher(setting.Contract));
        var read = Decoder.Decode(inputs, setting.Contract, setting.Decoding, Prepare, Consume, ct);
        var moves = new CrossDayKeys(setting, _schema, _keys, _dayOfRow).Find(inputs, read, ct);
        _outside += moves.OutsideRange;
        var slices = new SortedDictionary<DateOnly, Slice>();
        foreach (var (day, open) in _days)
        {
            open.File.Flush();
            var slice = moves.Touches(day) ? moves.Apply(day, open.Path, read, inputs) : open.Digest.Finish(open.Path, _schema, isRejected: false, read, inputs);
            if (slice.Records > 0)
            {
                slices.Add(DateOnly.FromDayNumber(day), slice);
            }
        }

        foreach (var (day, open) in _rejectsOfDays)
        {
            open.File.Flush();
            var date = DateOnly.FromDayNumber(day);
            slices[date] = Backfill.Slice.Join(slices.GetValueOrDefault(date), open.Digest.Finish(open.Path, _schema, isRejected: true, read, inputs), _schema)!;
        }

        _rejects?.File.Flush();
        return new SliceSet
        {
            Days = slices,
            Unassigned = _rejects?.Digest.Finish(_rejects.Path, _schema, isRejected: true, read, inputs),
            OutsideRange = _outside,
            Donors = Donors(staleIndices(slices), moves),
            Inputs = read,
        };

        void Prepare(DecodedChunk chunk)
        {
            var rows = new SlicedRows();
            hasher.Value!.Add(chunk.Records, rows.Digests);
            assigner.Value!.Assign(chunk.Records, rows.Days);
            rows.RejectDays.AddRange(chunk.RejectPlaces.Select(assigner.Value.DayOf));
            chunk.Derived = rows;
        }
    }

    /// <summary>Looks up all keys among those that the runs to be made again hold.</summary>
    private HashSet<DateOnly> Donors(IReadOnlyDictionary<DateOnly, KeyIndex> indices, DayMoves moves)
    {
        var donors = new HashSet<DateOnly>();
        if (indices.Count == 0)
        {
            return donors;
        }

        using var held = new KeyTable(indices.Count * (_keys.Count / Math.Max(1, _days.Count)));
        using var index = new NativeBuffer<ulong>();
        foreach (var (day, known) in indices)
        {
            index.Clear();
            RunKeys.ReadEvents(setting.LakePath(known.Path), known, index);
            foreach (var key in index.AsSpan())
            {
                held.FindOrAdd(key, day.DayNumber);
            }
        }

        for (var row = 0; row < _keys.Count; row++)
        {
            if (held.Find(_keys[row]) is var day and >= 0 && day != moves.DayOf(row))
            {
                donors.Add(DateOnly.FromDayNumber(day));
            }
        }

        return donors;
    }

    public void Dispose()
    {
        foreach (var open in _days.Values.Concat(_rejectsOfDays.Values))
        {
            open.Dispose();
        }

        _rejects?.Dispose();
        _keys.Dispose();
        _dayOfRow.Dispose();
    }

    private void Consume(DecodedChunk chunk)
    {
        using (chunk)
        {
            var rows = (SlicedRows)chunk.Derived!;
            for (var row = 0; row < chunk.Records.RowCount; row++)
            {
                _keys.Add(new EventId(rows.Digests.Scopes[row], rows.Digests.Keys[row]).Digest);
            }

            _dayOfRow.AddRange(rows.Days.AsSpan());
            for (var start = 0; start < chunk.Records.RowCount;)
            {
                var day = rows.Days[start];
                var end = start + 1;
                while (end < chunk.Records.RowCount && rows.Days[end] == day)
                {
                    end++;
                }

                Add(day, chunk, rows.Digests, start, end - start);
                start = end;
            }

            AddRejects(chunk, rows.RejectDays);
            progress(chunk.Records.RowCount + chunk.Rejects.RowCount);
        }

        while (_days.Values.Sum(open => open.File.BufferedBytes) > BufferedBytesMax)
        {
            _days.Values.MaxBy(open => open.File.BufferedBytes)!.File.Flush();
        }
    }

    private void Add(int day, DecodedChunk chunk, EventDigests digests, int start, int count)
    {
        if (!setting.IsInRange(day))
        {
            _outside += count;
            return;
        }

        if (!_days.TryGetValue(day, out var open))
        {
            _days[day] = open = new OpenSlice(Path.Combine(setting.Folder, FormattableString.Invariant($"day-{day}")), _schema);
        }

        open.File.Add(chunk.FileIndex, chunk.Records, digests, start, count);
        open.Digest.Add(chunk.FileIndex, chunk.Raw!, start, count);
    }

    /// <summary>Rejects whose day can be told go to it: a day of which nothing could be decoded is no day without data.</summary>
    private void AddRejects(DecodedChunk chunk, List<int?> days)
    {
        var rejects = chunk.Rejects;
        using var none = new EventDigests();
        for (var row = 0; row < rejects.RowCount; row++)
        {
            var open = RejectsOf(days[row]);
            open.File.Add(chunk.FileIndex, rejects, none, row, 1);
            open.Digest.Add(chunk.FileIndex, rejects[RejectSchema.RawSha256].Bytes(row), rejects[RejectSchema.RawBytes].Slot(row));
        }
    }

    private OpenSlice RejectsOf(int? place)
    {
        if (place is not { } day || !setting.IsInRange(day))
        {
            return _rejects ??= new OpenSlice(Path.Combine(setting.Folder, "rejects"), RejectSchema.Columns);
        }

        if (!_rejectsOfDays.TryGetValue(day, out var open))
        {
            _rejectsOfDays[day] = open = new OpenSlice(Path.Combine(setting.Folder, FormattableString.Invariant($"rejects-{day}")), RejectSchema.Columns);
        }

        return open;
    }

    /// <summary>What the decoding threads find out about a chunk.</summary>
    private sealed class SlicedRows : IDisposable
    {
        public EventDigests Digests { get; } = new();

        public NativeBuffer<int> Days { get; } = new();

        public List<int?> RejectDays { get; } = [];

        public void Dispose()
        {
            Digests.Dispose();
            Days.Dispose();
        }
    }

    private sealed class OpenSlice(string path, IReadOnlyList<ColumnSchema> schema) : IDisposable
    {
        public string Path { get; } = path;

        public SliceFile File { get; } = new(path, schema);

        public SliceDigest Digest { get; } = new();

        public void Dispose()
        {
            File.Dispose();
            Digest.Dispose();
        }
    }
}
