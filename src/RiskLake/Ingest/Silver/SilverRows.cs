using RiskLake.Contracts;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>Turns bronze rows into silver rows, and counts the late ones.</summary>
internal sealed class SilverRows(Contract contract, SilverOptions options)
{
    private readonly ContractField _event = contract.EventTime;
    private readonly ContractField _ingest = contract.Field(FieldRole.IngestTime) ?? contract.EventTime;
    private readonly string _eventTime = contract.EventTime.Name;
    private readonly string? _ingestTime = contract.Field(FieldRole.IngestTime)?.Name;
    private byte[] _scratch = new byte[256];

    /// <summary>Late rows counted so far.</summary>
    public long Late { get; private set; }

    /// <summary>Those of them that are not already published.</summary>
    public long LateNew { get; private set; }

    /// <summary>The range, in microseconds, that covers a column's values too.</summary>
    public static (long Min, long Max)? Widen((long Min, long Max)? range, ContractField field, Column times)
    {
        foreach (var slot in times.Slots)
        {
            var time = field.Micros(slot);
            range = range is { } known ? (Math.Min(known.Min, time), Math.Max(known.Max, time)) : (time, time);
        }

        return range;
    }

    /// <summary>Counts late rows among those that are the first of their key; repetition is bit 4 of <paramref name="verdicts"/>.</summary>
    public void CountLate(RecordBatch bronze, ReadOnlySpan<byte> verdicts)
    {
        if (_ingestTime is null || options.LateMicros is not { } limit)
        {
            return;
        }

        var events = bronze[_eventTime].Slots;
        var ingests = bronze[_ingestTime].Slots;
        for (var row = 0; row < verdicts.Length; row++)
        {
            if (verdicts[row] >> 4 == 0 && _ingest.Micros(ingests[row]) - _event.Micros(events[row]) > limit)
            {
                Late++;
                LateNew += (Verdict)(verdicts[row] & 0x0F) == Verdict.AlreadyPublished ? 0 : 1;
            }
        }
    }

    /// <summary>Appends the chosen rows of <paramref name="source"/> (contract fields by name) to a silver batch.</summary>
    public void Append(RecordBatch source, ReadOnlySpan<int> rows, string bronzeRunId, RecordBatch silver)
    {
        foreach (var field in contract.Fields)
        {
            Append(field, source[field.Name], rows, silver[field.Name]);
        }

        var events = source[_eventTime];
        var ingests = _ingestTime is null ? null : source[_ingestTime];
        var windows = silver[SilverStage.WindowStart];
        var late = silver[SilverStage.IsLate];
        var flags = silver[SilverStage.Flags];
        foreach (var row in rows)
        {
            var time = _event.Micros(events.Slot(row));
            windows.Append(FloorTo(time, options.WindowMicros));
            AppendLateness(late, flags, time, ingests, row);
        }

        silver[SilverStage.BronzeRunId].AppendRepeated(bronzeRunId, rows.Length);
        options.Flags?.Mark(silver, windows.Count - rows.Length);
    }

    private static long FloorTo(long time, long width)
    {
        var rest = time % width;
        return time - (rest < 0 ? rest + width : rest);
    }

    private void AppendLateness(Column late, Column flags, long time, Column? ingests, int row)
    {
        if (ingests is null || ingests.IsNull(row) || options.LateMicros is not { } limit)
        {
            late.AppendNull();
            flags.Append(0L);
            return;
        }

        var lag = _ingest.Micros(ingests.Slot(row)) - time;
        late.Append(lag > limit ? 1L : 0L);
        flags.Append((long)((lag > limit ? QualityFlags.Late : QualityFlags.None) | (lag < 0 ? QualityFlags.IngestedBeforeEvent : QualityFlags.None)));
    }

    private void Append(ContractField field, Column source, ReadOnlySpan<int> rows, Column target)
    {
        if (field.Normalisation == Normalisation.None || !source.Schema.IsBytes)
        {
            target.AppendRows(source, rows);
            return;
        }

        target.Reserve(rows.Length);
        foreach (var row in rows)
        {
            if (!source.Schema.IsBytes || source.IsNull(row))
            {
                target.AppendFrom(source, row);
            }
            else
            {
                target.Append(Normaliser.Apply(field.Normalisation, source.Bytes(row), ref _scratch));
            }
        }
    }
}
