using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Silver;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Backfill;

/// <summary>
/// Keys that occur on two days. A key belongs to the day of its first record in the order of the inputs, wherever that day lies; later
/// records of the key go to that day too, where they are duplicates or conflicts like any others. So each event is in one day, a day's
/// slice does not depend on the range that was asked for, and no run of a day meets a key of another.
/// </summary>
/// <remarks>
/// Equal events happen at the same time, so only faulty keys ever move; they, and the digests of the days they leave or come to, are
/// fetched by a second reading of the inputs.
/// </remarks>
internal sealed class CrossDayKeys(SliceSetting setting, IReadOnlyList<ColumnSchema> schema, NativeBuffer<ulong> keys, NativeBuffer<int> dayOfRow)
{
    /// <param name="inputs">The inputs.</param>
    /// <param name="read">What the first reading found in them.</param>
    /// <param name="ct">Stops.</param>
    public DayMoves Find(IReadOnlyList<InputFile> inputs, IReadOnlyList<DecodedInput> read, CancellationToken ct)
    {
        var targets = new SortedDictionary<int, int>();
        foreach (var repeat in RepeatedKeys.Find(keys, setting.Threads))
        {
            if (dayOfRow[repeat.Row] != dayOfRow[repeat.First])
            {
                targets.Add(repeat.Row, dayOfRow[repeat.First]);
            }
        }

        var moves = new DayMoves(setting, schema, dayOfRow, targets);
        if (moves.TouchesRange)
        {
            Fetch(inputs, read, moves, targets, ct);
        }

        return moves;
    }

    private void Fetch(IReadOnlyList<InputFile> inputs, IReadOnlyList<DecodedInput> read, DayMoves moves, SortedDictionary<int, int> targets, CancellationToken ct)
    {
        using var hasher = new ThreadLocal<EventHasher>(() => new EventHasher(setting.Contract));
        var rows = targets.Keys.ToArray();
        var (next, first) = (0, 0);
        var again = Decoder.Decode(inputs, setting.Contract, setting.Decoding, null, Consume, ct);
        for (var i = 0; i < read.Count; i++)
        {
            if (again[i].Sha256 != read[i].Sha256)
            {
                throw new RiskLakeException(
                    ErrorCode.InputChanged, read[i].Name, "other bytes at the second reading", "inputs that hold still", "run again when nobody writes to the inputs");
            }
        }

        void Consume(DecodedChunk chunk)
        {
            using (chunk)
            {
                var last = first + chunk.Records.RowCount;
                moves.Digest(first, chunk);
                if (next < rows.Length && rows[next] < last)
                {
                    using var digests = new EventDigests();
                    hasher.Value!.Add(chunk.Records, digests);
                    for (; next < rows.Length && rows[next] < last; next++)
                    {
                        moves.Keep(rows[next], chunk, digests, rows[next] - first);
                    }
                }

                first = last;
            }
        }
    }
}

/// <summary>Records that go to another day than their own.</summary>
internal sealed class DayMoves
{
    private readonly SliceSetting _setting;
    private readonly IReadOnlyList<ColumnSchema> _schema;
    private readonly NativeBuffer<int> _dayOfRow;
    private readonly SortedDictionary<int, int> _targets;
    private readonly Dictionary<int, SortedDictionary<int, MovedRecord>> _arrivals = [];
    private readonly SortedDictionary<int, SliceDigest> _touched = [];

    public DayMoves(SliceSetting setting, IReadOnlyList<ColumnSchema> schema, NativeBuffer<int> dayOfRow, SortedDictionary<int, int> targets)
    {
        (_setting, _schema, _dayOfRow, _targets) = (setting, schema, dayOfRow, targets);
        foreach (var (row, target) in targets)
        {
            var (leaves, arrives) = (setting.IsInRange(dayOfRow[row]), setting.IsInRange(target));
            OutsideRange += (leaves, arrives) switch { (true, false) => 1, (false, true) => -1, _ => 0 };
            Touch(dayOfRow[row]);
            Touch(target);
        }
    }

    /// <summary>Whether days that are asked for give up or get records.</summary>
    public bool TouchesRange => _touched.Count > 0;

    /// <summary>By how much the number of records outside the range changes.</summary>
    public long OutsideRange { get; }

    /// <summary>The day a record belongs to.</summary>
    public int DayOf(int row) => _targets.Count > 0 && _targets.TryGetValue(row, out var day) ? day : _dayOfRow[row];

    public bool Touches(int day) => _touched.ContainsKey(day);

    /// <summary>Adds records to the digests of the days they belong to now, as far as those change.</summary>
    public void Digest(int first, DecodedChunk chunk)
    {
        for (var (start, end) = (0, 0); start < chunk.Records.RowCount; start = end)
        {
            var day = DayOf(first + start);
            do
            {
                end++;
            }
            while (end < chunk.Records.RowCount && DayOf(first + end) == day);

            if (_touched.TryGetValue(day, out var digest))
            {
                digest.Add(chunk.FileIndex, chunk.Raw!, start, end - start);
            }
        }
    }

    /// <summary>Keeps a record for the day it goes to.</summary>
    public void Keep(int row, DecodedChunk chunk, EventDigests digests, int local)
    {
        var day = _targets[row];
        if (!_setting.IsInRange(day))
        {
            return;
        }

        if (!_arrivals.TryGetValue(day, out var arrivals))
        {
            _arrivals[day] = arrivals = [];
        }

        var record = new RecordBatch(_schema);
        record.AppendFrom(chunk.Records, local);
        var digest = new EventDigests();
        digest.Add(digests, local, 1);
        arrivals.Add(row, new MovedRecord(chunk.FileIndex, record, digest));
    }

    /// <summary>Writes a day's slice again, without the records that leave it and with those that arrive, in the order of the inputs.</summary>
    public Slice Apply(int day, string path, IReadOnlyList<DecodedInput> inputs, IReadOnlyList<InputFile> files)
    {
        var arrivals = new Queue<KeyValuePair<int, MovedRecord>>(_arrivals.GetValueOrDefault(day) ?? []);
        var target = path + ".moved";
        using var file = new SliceFile(target, _schema);
        var row = -1;
        foreach (var (number, records, digests) in SliceFile.Read(path, _schema))
        {
            using (records)
            using (digests)
            {
                for (var local = 0; local < records.RowCount; local++)
                {
                    row = NextRowOf(day, row);
                    Arrive(row);
                    if (!_targets.ContainsKey(row))
                    {
                        file.Add(number, records, digests, local, 1);
                    }
                }
            }
        }

        Arrive(int.MaxValue);
        file.Flush();
        File.Delete(path);
        using var digest = _touched[day];
        return digest.Finish(target, _schema, isRejected: false, inputs, files);

        void Arrive(int before)
        {
            while (arrivals.TryPeek(out var arrival) && arrival.Key < before)
            {
                var (from, record, digests) = arrivals.Dequeue().Value;
                file.Add(from, record, digests, 0, 1);
                record.Dispose();
                digests.Dispose();
            }
        }
    }

    private void Touch(int day)
    {
        if (_setting.IsInRange(day) && !_touched.ContainsKey(day))
        {
            _touched.Add(day, new SliceDigest());
        }
    }

    private int NextRowOf(int day, int row)
    {
        do
        {
            row++;
        }
        while (_dayOfRow[row] != day);
        return row;
    }

    private sealed record MovedRecord(int File, RecordBatch Record, EventDigests Digests);
}
