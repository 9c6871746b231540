using System.Text.Json;

namespace RiskLake.Lake;

/// <summary>The part of a log entry that says how silver changed: place, counts, other runs touched, segments of key indexes.</summary>
internal static class SilverChangeFormat
{
    public static void Write(Utf8JsonWriter json, LogEntry entry)
    {
        json.WritePropertyName("place");
        WritePlace(json, entry.Place);
        LogEntryFormat.WriteNullable(json, "as_of", entry.AsOf);
        json.WriteString("configuration", entry.Configuration);
        json.WritePropertyName("counts");
        WriteCounts(json, entry.Counts);
        json.WriteStartArray("touched");
        foreach (var run in entry.Touched)
        {
            WriteTouched(json, run);
        }

        json.WriteEndArray();
        json.WriteStartArray("segments");
        foreach (var segment in entry.SegmentsAdded)
        {
            WriteSegment(json, segment);
        }

        json.WriteEndArray();
        LogEntryFormat.WriteReferences(json, "removed_segments", entry.SegmentsRemoved);
        LogEntryFormat.WriteReferences(json, "configurations", entry.Configurations);
        json.WriteBoolean("completes_mending", entry.CompletesMending);
    }

    public static LogEntry Read(JsonElement json, LogEntry entry, IStatisticsSource statistics)
    {
        var first = json.GetProperty("added").GetArrayLength();
        var touched = new List<TouchedRun>();
        foreach (var run in json.GetProperty("touched").EnumerateArray())
        {
            touched.Add(ReadTouched(run, entry.Version, first, statistics));
            first += run.GetProperty("added").GetArrayLength();
        }

        return entry with
        {
            Place = ReadPlace(json.GetProperty("place")),
            AsOf = LogEntryFormat.ReadNullable(json, "as_of"),
            Configuration = json.GetProperty("configuration").GetString(),
            Counts = ReadCounts(json.GetProperty("counts")),
            Touched = touched,
            SegmentsAdded = [.. json.GetProperty("segments").EnumerateArray().Select(ReadSegment)],
            SegmentsRemoved = LogEntryFormat.ReadReferences(json, "removed_segments"),
            Configurations = LogEntryFormat.ReadReferences(json, "configurations"),
            CompletesMending = json.GetProperty("completes_mending").GetBoolean(),
        };
    }

    /// <summary>Writes a place as <c>[[version, index, run id], …]</c>.</summary>
    public static void WritePlace(Utf8JsonWriter json, Place? place)
    {
        if (place is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (var step in place.Steps)
        {
            json.WriteStartArray();
            json.WriteNumberValue(step.Version);
            json.WriteNumberValue(step.Index);
            json.WriteStringValue(step.RunId);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    public static Place? ReadPlace(JsonElement json) => json.ValueKind is JsonValueKind.Null
        ? null
        : new Place([.. json.EnumerateArray().Select(step => new PlaceStep(step[0].GetInt64(), step[1].GetInt32(), step[2].GetString()!))]);

    /// <summary>Writes counts as <c>[own, duplicates, already published, conflicts]</c>.</summary>
    public static void WriteCounts(Utf8JsonWriter json, RecordCounts? counts)
    {
        if (counts is not { } known)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        json.WriteNumberValue(known.Own);
        json.WriteNumberValue(known.Duplicates);
        json.WriteNumberValue(known.AlreadyPublished);
        json.WriteNumberValue(known.Conflicts);
        json.WriteEndArray();
    }

    public static RecordCounts? ReadCounts(JsonElement json) => json.ValueKind is JsonValueKind.Null
        ? null
        : new RecordCounts(json[0].GetInt64(), json[1].GetInt64(), json[2].GetInt64(), json[3].GetInt64());

    public static void WriteSegment(Utf8JsonWriter json, KeySegment segment)
    {
        json.WriteStartObject();
        json.WriteString("dataset", segment.Dataset);
        json.WriteNumber("level", segment.Level);
        json.WriteNumber("from", segment.From);
        json.WriteNumber("to", segment.To);
        json.WritePropertyName("file");
        LogEntryFormat.WriteIndex(json, segment.File);
        json.WriteEndObject();
    }

    public static KeySegment ReadSegment(JsonElement json) => new(
        LogEntryFormat.Name(json.GetProperty("dataset").GetString()!, "dataset"),
        json.GetProperty("level").GetInt32(),
        json.GetProperty("from").GetInt64(),
        json.GetProperty("to").GetInt64(),
        LogEntryFormat.ReadIndex(json.GetProperty("file"))!);

    private static void WriteTouched(Utf8JsonWriter json, TouchedRun run)
    {
        json.WriteStartObject();
        json.WriteString("run_id", run.RunId);
        LogEntryFormat.WriteReferences(json, "removed", run.Removed);
        LogEntryFormat.WriteAdded(json, run.Added);
        json.WritePropertyName("counts");
        WriteCounts(json, run.Counts);
        json.WriteBoolean("moved", run.IsMoved);
        if (run.Mended is { } mended)
        {
            json.WriteStartObject("mended");
            json.WritePropertyName("place");
            WritePlace(json, mended.Place);
            LogEntryFormat.WriteNullable(json, "as_of", mended.AsOf);
            json.WriteString("configuration", mended.Configuration);
            json.WritePropertyName("index");
            LogEntryFormat.WriteIndex(json, mended.Index);
            LogEntryFormat.WriteReferences(json, "removed_index", mended.RemovedIndex is null ? [] : [mended.RemovedIndex]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static TouchedRun ReadTouched(JsonElement json, long version, int first, IStatisticsSource statistics)
    {
        var runId = LogEntryFormat.Name(json.GetProperty("run_id").GetString()!, "run id");
        return new TouchedRun
        {
            RunId = runId,
            Removed = LogEntryFormat.ReadReferences(json, "removed"),
            Added = LogEntryFormat.ReadAdded(json, runId, version, first, statistics),
            Counts = ReadCounts(json.GetProperty("counts")) ?? default,
            IsMoved = json.GetProperty("moved").GetBoolean(),
            Mended = json.TryGetProperty("mended", out var mended) ? ReadMended(mended) : null,
        };
    }

    private static Mended ReadMended(JsonElement json) => new(
        ReadPlace(json.GetProperty("place")),
        LogEntryFormat.ReadNullable(json, "as_of"),
        json.GetProperty("configuration").GetString(),
        LogEntryFormat.ReadIndex(json.GetProperty("index")),
        LogEntryFormat.ReadReferences(json, "removed_index") is [var removed] ? removed : null);
}
