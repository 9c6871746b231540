namespace RiskLake.Ingest.Sources;

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
        using var packed = new PackedContent(landed.Path, name);
        packed.Verify(ct);
        using var records = new CanonicalRecords(output);
        var writer = new StooqRecords(
            options with { IsArrivalKnown = !landed.IsNew }, ledger.SeriesFolder, landed.Sha256, ingestMicros, target, records, Tally, marketOf);
        if (packed.IsArchive)
        {
            foreach (var (member, content) in packed.Members(ct))
            {
                ReadBody(content, member.Name, member.FullName, writer, isAlone: false, ct);
            }
        }
        else
        {
            using var content = packed.Open();
            ReadBody(content, packed.BareName, name, writer, isAlone: true, ct);
        }

        writer.Complete();
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
internal sealed class HeadThenRest(ReadOnlyMemory<byte> head, Stream rest) : ReadStream
{
    private int _taken;

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
}
