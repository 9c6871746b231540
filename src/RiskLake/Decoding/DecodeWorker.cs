using RiskLake.Columns;

namespace RiskLake.Decoding;

/// <summary>What one parsing thread has for itself.</summary>
internal sealed class DecodeWorker : IDisposable
{
    private readonly List<JsonPiece> _found = [];
    private JsonPieces? _pieces;
    private CsvFragment? _fragment;
    private List<RejectPlace> _rejectPlaces = [];
    private long _recordBytes;

    public DecodeWorker(DecodePlan plan)
    {
        Plan = plan;
        Row = new RowBuilder(plan);
        Json = new JsonRecordParser(Row);
        Rejects = new RejectWriter(plan.MaxRecordBytes);
    }

    public DecodePlan Plan { get; }

    public RowBuilder Row { get; }

    public JsonRecordParser Json { get; }

    private RejectWriter Rejects { get; }

    public CsvRow CsvRow { get; } = new();

    public CsvFragment Fragment => _fragment ??= new CsvFragment(Plan);

    private JsonPieces Pieces => _pieces ??= new JsonPieces(Plan);

    public ParquetJson ParquetJson { get; } = new();

    /// <summary>Takes the raw bytes of the chunk's records, on request.</summary>
    public RawRecords? Raw { get; set; }

    /// <summary>Bytes of the records that were accepted since they were last asked for.</summary>
    public long TakeRecordBytes()
    {
        var bytes = _recordBytes;
        _recordBytes = 0;
        return bytes;
    }

    /// <summary>Where the records belong that were rejected since this was last asked for.</summary>
    public IReadOnlyList<RejectPlace> TakeRejectPlaces()
    {
        var places = _rejectPlaces;
        _rejectPlaces = places.Count == 0 ? places : [];
        return places;
    }

    /// <summary>Rejects a record of which only the beginning, the length and the digest are at hand.</summary>
    public void Reject(
        RecordBatch rejects, long line, long? offset, ReadOnlySpan<byte> head, long length, ReadOnlySpan<byte> sha256, Violation violation)
    {
        Rejects.Append(rejects, line, offset, head, length, sha256, [violation]);
        if (Plan.KeepsRaw)
        {
            _rejectPlaces.Add(default);
        }
    }

    /// <summary>
    /// Parses what should be one JSON record and appends it to where it belongs. Where the grammar breaks, the records that can be told
    /// inside are taken, and only what is left is rejected.
    /// </summary>
    /// <returns>How many records were found beyond the one.</returns>
    public unsafe long ParseJson(byte* start, byte* end, long line, long offset, RecordBatch records, RecordBatch rejects)
    {
        if (end - start > Plan.MaxRecordBytes)
        {
            return ParseLong(start, end, line, offset, records, rejects);
        }

        Row.Begin();
        Json.Parse(start, end);
        if (Row.Violations.Count > 0 && MayHideRecords(Row.Violations[0], start, end) && ReadPieces(start, end))
        {
            return ParsePieces(start, line, offset, records, rejects);
        }

        Finish(start, end, line, offset, records, rejects);
        return 0;
    }

    private unsafe long ParseLong(byte* start, byte* end, long line, long offset, RecordBatch records, RecordBatch rejects)
    {
        if (Pieces.IsLongValue(start, (int)(end - start)))
        {
            Row.Begin();
            Row.RejectTooLarge(end - start);
            Finish(start, end, line, offset, records, rejects);
            return 0;
        }

        ReadPieces(start, end);
        return ParsePieces(start, line, offset, records, rejects);
    }

    private static unsafe bool MayHideRecords(in Violation first, byte* start, byte* end) => first.Column is null
        && (first.Code == ReasonCode.MalformedJson || first.Code == ReasonCode.Truncated || first.Code == ReasonCode.TrailingGarbage
            || first.Code == ReasonCode.NestingTooDeep || first.Code == ReasonCode.InvalidUtf8 || first.Code == ReasonCode.NotAnObject)
        && new ReadOnlySpan<byte>(start, (int)(end - start)) is var text && text.LastIndexOf((byte)'{') is var brace && brace >= 0
        && (brace > 0 || text.IndexOf((byte)'}') >= 0);

    /// <summary>Takes a broken text apart.</summary>
    /// <returns>Whether a record can be told in it.</returns>
    private unsafe bool ReadPieces(byte* start, byte* end)
    {
        _found.Clear();
        var length = (int)(end - start);
        for (var at = 0; at < length;)
        {
            var piece = Pieces.Next(start + at, length - at, isFinal: true);
            if (piece.Kind != PieceKind.Nothing)
            {
                _found.Add(piece with { Start = at + piece.Start });
            }

            at += piece.Taken;
        }

        return _found.Exists(piece => piece.IsRecord);
    }

    private unsafe long ParsePieces(byte* start, long line, long offset, RecordBatch records, RecordBatch rejects)
    {
        foreach (var piece in _found)
        {
            var from = start + piece.Start;
            var to = from + piece.Length;
            Row.Begin();
            if (piece.Kind == PieceKind.Value)
            {
                Json.Parse(from, to);
            }
            else
            {
                var text = DecodePlan.Excerpt(new ReadOnlySpan<byte>(from, piece.Length));
                Row.RejectRecord(piece.RunsOut ? ReasonCode.Truncated : ReasonCode.MalformedJson, text, "a whole JSON object");
            }

            Finish(from, to, line, offset + piece.Start, records, rejects);
        }

        return _found.Count - 1;
    }

    /// <summary>Appends the record in <see cref="Row"/> to where it belongs.</summary>
    /// <param name="start">First byte of the record.</param>
    /// <param name="end">End of the record.</param>
    /// <param name="line">Line or index of the record, counted from 1.</param>
    /// <param name="offset">Where it begins in the content of the input, if that can be said.</param>
    /// <param name="records">Takes a record that satisfies the contract.</param>
    /// <param name="rejects">Takes one that does not.</param>
    public unsafe void Finish(byte* start, byte* end, long line, long? offset, RecordBatch records, RecordBatch rejects)
    {
        var length = checked((int)(end - start));
        if (Accept(new ReadOnlySpan<byte>(start, length), line, offset, records, rejects))
        {
            Raw?.Add(start, length);
        }
    }

    /// <summary>The same for a record that stands nowhere as it is told here.</summary>
    public void Finish(ReadOnlySpan<byte> raw, long line, RecordBatch records, RecordBatch rejects)
    {
        if (Accept(raw, line, null, records, rejects))
        {
            Raw?.AddCopy(raw);
        }
    }

    private bool Accept(ReadOnlySpan<byte> raw, long line, long? offset, RecordBatch records, RecordBatch rejects)
    {
        if (Row.Violations.Count > 0)
        {
            Rejects.Append(rejects, line, offset, raw, Row.Violations);
            if (Plan.KeepsRaw)
            {
                _rejectPlaces.Add(Row.Place());
            }

            return false;
        }

        Row.AppendTo(records, line);
        _recordBytes += raw.Length;
        return true;
    }

    public void Dispose()
    {
        Row.Dispose();
        CsvRow.Dispose();
        _pieces?.Dispose();
        _fragment?.Dispose();
        ParquetJson.Dispose();
        Rejects.Dispose();
    }
}
