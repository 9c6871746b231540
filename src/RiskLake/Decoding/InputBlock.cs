using RiskLake.Columns;
using RiskLake.Sources;

namespace RiskLake.Decoding;

/// <summary>Some whole records of one input, cut out by the reader, to be parsed on any thread.</summary>
internal abstract class InputBlock(int fileIndex, long records) : IDisposable
{
    public int FileIndex { get; } = fileIndex;

    /// <summary>Records (for lines of JSON: lines) the reader counted; the parser counts again, on its own.</summary>
    public long Records { get; } = records;

    /// <summary>Parses the records.</summary>
    /// <returns>How many lines turned out to be blank and are no records.</returns>
    public abstract long Parse(DecodeWorker worker, RecordBatch records, RecordBatch rejects);

    public abstract void Dispose();
}

/// <summary>Records that stand in bytes of the input.</summary>
/// <param name="fileIndex">Position among the inputs.</param>
/// <param name="records">What the reader counted.</param>
/// <param name="bytes">The bytes; one reference of theirs belongs to this object.</param>
/// <param name="length">How many of the bytes are records.</param>
/// <param name="offset">Where the first byte lies in the content of the input.</param>
/// <param name="firstLine">Line or index of the first record, counted from 1.</param>
internal abstract class ByteBlock(int fileIndex, long records, Block bytes, int length, long offset, long firstLine)
    : InputBlock(fileIndex, records)
{
    protected Block Bytes { get; } = bytes;

    protected int Length { get; } = length;

    protected long Offset { get; } = offset;

    protected long FirstLine { get; } = firstLine;

    public override void Dispose() => Bytes.Release();
}

/// <summary>What one parsing thread has for itself.</summary>
internal sealed class DecodeWorker : IDisposable
{
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

    public RejectWriter Rejects { get; }

    public CsvRow CsvRow { get; } = new();

    public ParquetJson ParquetJson { get; } = new();

    /// <summary>Takes the raw bytes of the chunk's records, on request.</summary>
    public RawRecords? Raw { get; set; }

    /// <summary>Parses one JSON record and appends it to where it belongs.</summary>
    public unsafe void ParseJson(byte* start, byte* end, long line, long offset, RecordBatch records, RecordBatch rejects)
    {
        Row.Begin();
        if (end - start > Plan.MaxRecordBytes)
        {
            Row.RejectTooLarge(end - start);
        }
        else
        {
            Json.Parse(start, end);
        }

        Finish(start, end, line, offset, records, rejects);
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
            return false;
        }

        Row.AppendTo(records, line);
        return true;
    }

    public void Dispose()
    {
        Row.Dispose();
        CsvRow.Dispose();
        ParquetJson.Dispose();
        Rejects.Dispose();
    }
}

/// <summary>One record that the reader could not hand on whole: too long, or what is left of a broken input.</summary>
internal sealed class JudgedBlock(int fileIndex, long line, long offset, byte[] head, long length, byte[] sha256, Violation violation)
    : InputBlock(fileIndex, 1)
{
    public static string Bytes(long count) => FormattableString.Invariant($"{count} bytes");

    public override long Parse(DecodeWorker worker, RecordBatch records, RecordBatch rejects)
    {
        worker.Rejects.Append(rejects, line, offset, head, length, sha256, [violation]);
        return 0;
    }

    public override void Dispose()
    {
    }
}
