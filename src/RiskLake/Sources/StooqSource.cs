using System.IO.Compression;
using RiskLake.Calendars;
using RiskLake.Errors;

namespace RiskLake.Sources;

/// <summary>Which dataset the records of a Stooq file are made for.</summary>
internal enum StooqTarget
{
    /// <summary>Every vintage of every bar.</summary>
    Bars,

    /// <summary>The first vintage of daily bars with a whole volume, as events at the session's close.</summary>
    Events,
}

/// <summary>
/// Turns landed Stooq files (histories, bulk texts, bulk archives) into canonical records. One pass; memory holds one series.
/// </summary>
internal sealed class StooqSource(StooqOptions options, LandingLedger ledger, Func<string, string?> marketOf)
{
    public const string Name = "stooq";

    private static ReadOnlySpan<byte> ZipMagic => "PK\x03\x04"u8;

    private static ReadOnlySpan<byte> EmptyZipMagic => "PK\x05\x06"u8;

    private static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B];

    public SourceTally Tally { get; } = new();

    /// <summary>Writes the records of one landed file.</summary>
    /// <param name="landed">The file.</param>
    /// <param name="name">What it is called now: the ticker of a history is read from it.</param>
    /// <param name="ingestMicros">When its bytes count as received.</param>
    /// <param name="target">The dataset.</param>
    /// <param name="output">Where canonical NDJSON goes.</param>
    /// <param name="ct">Stops it.</param>
    public void Convert(LandedBytes landed, string name, long ingestMicros, StooqTarget target, Stream output, CancellationToken ct)
    {
        using var held = ledger.Lock();
        using var records = new CanonicalRecords(output);
        using var writer = new StooqRecords(
            options with { IsArrivalKnown = !landed.IsNew }, ledger.SeriesFolder, landed.Sha256, ingestMicros, target, records, Tally, marketOf);
        using var file = new FileStream(landed.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        var magic = new byte[4];
        var read = file.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        file.Position = 0;
        if (magic.AsSpan(0, read).SequenceEqual(ZipMagic) || magic.AsSpan(0, read).SequenceEqual(EmptyZipMagic))
        {
            ReadArchive(file, name, writer, ct);
        }
        else if (magic.AsSpan(0, read).StartsWith(GzipMagic))
        {
            ReadPacked(file, name, writer, ct);
        }
        else
        {
            ReadBody(file, name, name, writer, isAlone: true, ct);
        }
    }

    private void ReadPacked(FileStream file, string name, StooqRecords writer, CancellationToken ct)
    {
        try
        {
            using var content = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            ReadBody(content, name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? name[..^3] : name, name, writer, isAlone: true, ct);
        }
        catch (InvalidDataException cause)
        {
            throw new RiskLakeException(
                ErrorCode.InputUnreadable, name, $"damaged gzip ({cause.Message})", "a whole gzip file", "download it again", cause);
        }
    }

    private void ReadArchive(FileStream file, string name, StooqRecords writer, CancellationToken ct)
    {
        try
        {
            using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            foreach (var member in archive.Entries.Where(entry => entry.Name.Length > 0).OrderBy(entry => entry.FullName, StringComparer.Ordinal))
            {
                using var content = member.Open();
                ReadBody(content, member.Name, member.FullName, writer, isAlone: false, ct);
            }
        }
        catch (Exception cause) when (cause is InvalidDataException or EndOfStreamException)
        {
            throw new RiskLakeException(
                ErrorCode.InputUnreadable, name, $"a damaged archive ({cause.Message})", "a whole zip archive", "download it again", cause);
        }
    }

    private void ReadBody(Stream stream, string fileName, string place, StooqRecords writer, bool isAlone, CancellationToken ct)
    {
        Tally.Bodies++;
        var head = new byte[StooqAnswers.HeadBytes];
        var length = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        var answer = StooqAnswers.Classify(head.AsSpan(0, length));
        if (isAlone && StooqAnswers.Refusal(answer, place) is { } refusal)
        {
            throw refusal;
        }

        var isTolerated = answer == StooqAnswer.ServerWarning && options.TolerateWarnings;
        if (answer == StooqAnswer.Empty)
        {
            Tally.Empty++;
        }
        else if (answer is StooqAnswer.History or StooqAnswer.Bulk || isTolerated)
        {
            using var whole = new HeadThenRest(head.AsMemory(0, length), stream);
            writer.Read(new SourceLines(whole), fileName, place, ct);
        }
        else
        {
            Tally.Refused++;
            writer.Reject(head.AsSpan(0, Math.Min(length, StooqAnswers.ExcerptBytes)));
        }
    }
}

/// <summary>A stream whose beginning has been read already.</summary>
internal sealed class HeadThenRest(ReadOnlyMemory<byte> head, Stream rest) : Stream
{
    private int _taken;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var left = Math.Min(buffer.Length, head.Length - _taken);
        if (left == 0)
        {
            return rest.Read(buffer);
        }

        head.Span.Slice(_taken, left).CopyTo(buffer);
        _taken += left;
        return left;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
