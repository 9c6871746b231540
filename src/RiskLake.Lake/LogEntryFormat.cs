using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Lake.Columns;

namespace RiskLake.Lake;

/// <summary>
/// Bytes of a <see cref="LogEntry"/>: one line of JSON, properties in a fixed order, the statistics and the run record last, so
/// that a snapshot reads only what stands before them.
/// </summary>
internal static class LogEntryFormat
{
    public static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Digest by which entries are chained.</summary>
    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static byte[] Write(LogEntry entry, JsonObject? record)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var json = new Utf8JsonWriter(buffer, WriterOptions))
        {
            json.WriteStartObject();
            WriteHeader(json, entry);
            json.WriteStartArray("statistics");
            foreach (var file in entry.AllAdded)
            {
                StatisticsFormat.Write(json, file.Statistics);
            }

            json.WriteEndArray();
            json.WritePropertyName("record");
            if (record is null)
            {
                json.WriteNullValue();
            }
            else
            {
                record.WriteTo(json);
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads all but statistics and record. Statistics of added files are fetched through <paramref name="statistics"/>.</summary>
    /// <exception cref="FormatException">The bytes are not an entry.</exception>
    /// <exception cref="NewerFormatException">The entry was written by a newer version.</exception>
    public static LogEntry Read(ReadOnlyMemory<byte> bytes, IStatisticsSource statistics)
    {
        CheckFormat(bytes.Span);
        var end = bytes.Span.IndexOf(",\"statistics\":"u8);
        if (end < 0)
        {
            throw new FormatException("no statistics");
        }

        var header = new byte[end + 1];
        bytes.Span[..end].CopyTo(header);
        header[end] = (byte)'}';
        try
        {
            // Not disposed: files are read from it when first asked for.
            return ReadHeader(JsonDocument.Parse(header).RootElement, statistics);
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    /// <summary>Whether an exception says that bytes are not what an entry is made of.</summary>
    public static bool IsUnreadable(Exception exception) => exception is JsonException or KeyNotFoundException or InvalidOperationException
        or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException or NullReferenceException;

    /// <summary>Statistics of the files an entry adds, in their order.</summary>
    public static IReadOnlyList<IReadOnlyList<ColumnStatistics>> ReadStatistics(byte[] entry)
    {
        ReadOnlySpan<byte> bytes = entry;
        var start = bytes.IndexOf(",\"statistics\":"u8) + ",\"statistics\":".Length;
        var length = bytes[start..].IndexOf(",\"record\":"u8);
        using var document = JsonDocument.Parse(bytes.Slice(start, length).ToArray());
        return [.. document.RootElement.EnumerateArray().Select(StatisticsFormat.Read)];
    }

    /// <summary>The run record of an entry; null for a vacuum.</summary>
    public static JsonNode? ReadRecord(byte[] entry)
    {
        ReadOnlySpan<byte> bytes = entry;
        // Statistics hold no objects, so the first such property behind them is the entry's own.
        var start = bytes.IndexOf(",\"statistics\":"u8);
        start += bytes[start..].IndexOf(",\"record\":"u8) + ",\"record\":".Length;
        return JsonNode.Parse(bytes[start..bytes.LastIndexOf((byte)'}')]);
    }

    private static void CheckFormat(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var reader = new Utf8JsonReader(bytes);
            if (!reader.Read() || !reader.Read() || !reader.ValueTextEquals("format_version"u8) || !reader.Read())
            {
                throw new FormatException("no format version");
            }

            if (reader.GetInt32() is var version && version > LogEntry.FormatVersion)
            {
                throw new NewerFormatException(version);
            }
        }
        catch (Exception exception) when (IsUnreadable(exception) && exception is not FormatException)
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    private static void WriteHeader(Utf8JsonWriter json, LogEntry entry)
    {
        json.WriteNumber("format_version", entry.Format);
        json.WriteNumber("version", entry.Version);
        json.WriteString("previous_sha256", entry.PreviousSha256);
        if (entry.CheckpointSha256 is { } checkpoint)
        {
            json.WriteString("checkpoint_sha256", checkpoint);
        }

        json.WriteString("kind", entry.Kind);
        json.WriteNumber("committed_ms", entry.CommittedMs);
        json.WriteString("run_id", entry.RunId);
        json.WriteNumber("attempt", entry.Attempt);
        json.WriteString("status", entry.Status);
        json.WriteString("fingerprint", entry.Fingerprint);
        json.WriteString("dataset", entry.Dataset);
        json.WriteString("contract_version", entry.ContractVersion);
        json.WriteNumber("version_read", entry.VersionRead);
        json.WriteNumber("superseded_attempt", entry.SupersededAttempt);
        json.WriteNumber("superseded_version", entry.SupersededVersion);
        WriteReferences(json, "removed", entry.Removed);
        WriteAdded(json, entry.Added);
        WriteReferences(json, "set_aside", entry.SetAside);
        WriteReferences(json, "removed_index", entry.RemovedIndex is null ? [] : [entry.RemovedIndex]);
        json.WritePropertyName("index");
        WriteIndex(json, entry.Index);
        WriteNullable(json, "event_time_min", entry.EventTimeMin);
        WriteNullable(json, "event_time_max", entry.EventTimeMax);
        json.WriteStartObject("delta");
        foreach (var (table, version) in entry.Delta.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteNumber(table, version);
        }

        json.WriteEndObject();
        json.WriteStartObject("schemas");
        foreach (var (table, schema) in entry.Schemas.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WritePropertyName(table);
            WriteSchema(json, schema.Id, schema.CreatedMs, schema.Columns);
        }

        json.WriteEndObject();
        json.WriteNumber("oldest_version", entry.OldestVersion);
        WriteReferences(json, "vacuumed", entry.Vacuumed);
        if (entry.Format >= 2)
        {
            SilverChangeFormat.Write(json, entry);
        }
    }

    public static void WriteAdded(Utf8JsonWriter json, IReadOnlyList<DataFile> files)
    {
        json.WriteStartArray("added");
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("path", file.DeltaPath);
            json.WriteString("sha256", file.Sha256);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteNumber("rows", file.Rows);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static LogEntry ReadHeader(JsonElement json, IStatisticsSource statistics)
    {
        var version = json.GetProperty("version").GetInt64();
        var kind = Text(json, "kind");
        var isRun = kind is not (LogEntry.VacuumKind or LogEntry.MendKind);
        var runId = isRun ? Name(Text(json, "run_id"), "run id") : string.Empty;
        var entry = new LogEntry
        {
            Format = json.GetProperty("format_version").GetInt32(),
            Version = version,
            PreviousSha256 = json.GetProperty("previous_sha256").GetString(),
            CheckpointSha256 = json.TryGetProperty("checkpoint_sha256", out var checkpoint) ? checkpoint.GetString() : null,
            Kind = kind,
            CommittedMs = json.GetProperty("committed_ms").GetInt64(),
            RunId = runId,
            Attempt = json.GetProperty("attempt").GetInt32(),
            Status = Text(json, "status"),
            Fingerprint = Text(json, "fingerprint"),
            Dataset = isRun ? Name(Text(json, "dataset"), "dataset") : string.Empty,
            ContractVersion = isRun ? Name(Text(json, "contract_version"), "contract version") : string.Empty,
            VersionRead = json.GetProperty("version_read").GetInt64(),
            SupersededAttempt = json.GetProperty("superseded_attempt").GetInt32(),
            SupersededVersion = json.GetProperty("superseded_version").GetInt64(),
            Removed = Later(version, () => ReadReferences(json, "removed")),
            Added = ReadAdded(json, runId, version, 0, statistics),
            SetAside = Later(version, () => ReadReferences(json, "set_aside")),
            RemovedIndex = ReadReferences(json, "removed_index") is [var removed] ? removed : null,
            Index = ReadIndex(json.GetProperty("index")),
            EventTimeMin = ReadNullable(json, "event_time_min"),
            EventTimeMax = ReadNullable(json, "event_time_max"),
            Delta = json.GetProperty("delta").EnumerateObject().ToDictionary(pair => Table(pair.Name), pair => pair.Value.GetInt64(), StringComparer.Ordinal),
            Schemas = json.GetProperty("schemas").EnumerateObject()
                .ToDictionary(pair => pair.Name, pair => ReadSchema(pair.Value), StringComparer.Ordinal),
            OldestVersion = json.GetProperty("oldest_version").GetInt64(),
            Vacuumed = ReadReferences(json, "vacuumed"),
        };
        return entry.Format >= 2 ? SilverChangeFormat.Read(json, entry, statistics) : entry;
    }

    /// <summary>Files added to a run, made when first asked for.</summary>
    /// <param name="json">The object that has them.</param>
    /// <param name="runId">The run.</param>
    /// <param name="version">Version of the entry.</param>
    /// <param name="first">Number of the first file among all that the entry adds.</param>
    /// <param name="statistics">Where their statistics are.</param>
    public static IReadOnlyList<DataFile> ReadAdded(JsonElement json, string runId, long version, int first, IStatisticsSource statistics) =>
        Later<DataFile>(
            version, () => [.. json.GetProperty("added").EnumerateArray().Select((file, index) => ReadFile(file, runId, version, first + index, statistics))]);

    /// <summary>A part of the entry that is read when first asked for; what is wrong with it is said then.</summary>
    private static Deferred<T> Later<T>(long version, Func<IReadOnlyList<T>> read) => new(() =>
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            throw LakeLog.Damaged(LakePaths.VersionName(version), exception.Message, "a log entry");
        }
    });

    private static DataFile ReadFile(JsonElement file, string runId, long version, int index, IStatisticsSource statistics)
    {
        var path = Text(file, "path");
        return DataFile.Parse(
                path,
                runId,
                Text(file, "sha256"),
                file.GetProperty("bytes").GetInt64(),
                file.GetProperty("rows").GetInt64(),
                version,
                new LoggedStatistics(statistics, version, index))
            ?? throw LakeLog.Damaged(LakePaths.VersionName(version), $"'{path}'", "the path of a data file");
    }

    public static void WriteReferences(Utf8JsonWriter json, string name, IReadOnlyList<FileReference> files)
    {
        json.WriteStartArray(name);
        foreach (var file in files)
        {
            json.WriteStartObject();
            json.WriteString("path", file.Path);
            json.WriteString("sha256", file.Sha256);
            json.WriteNumber("bytes", file.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static IReadOnlyList<FileReference> ReadReferences(JsonElement json, string name) =>
    [
        .. json.GetProperty(name).EnumerateArray().Select(
            file => new FileReference(Named(Text(file, "path")), file.GetProperty("bytes").GetInt64(), Text(file, "sha256"))),
    ];

    /// <summary>A path that stays inside the lake; whoever wrote the entry may not have meant well.</summary>
    private static string Named(string path) =>
        LakePaths.IsNamedFile(path) ? path : throw new FormatException($"the path '{path}', which is none of a file of the lake");

    public static string Name(string name, string what) =>
        LakePaths.IsName(name) ? name : throw new FormatException($"the {what} '{name}', which is no name");

    private static string Table(string name) =>
        name.Split('/') is [var layer, var dataset] && DataFile.ParseLayer(layer) is not null && LakePaths.IsName(dataset)
            ? name
            : throw new FormatException($"the table '{name}', which is no table of a lake");

    public static void WriteIndex(Utf8JsonWriter json, KeyIndex? index)
    {
        if (index is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("path", index.Path);
        json.WriteNumber("keys", index.Keys);
        json.WriteNumber("bytes", index.Bytes);
        json.WriteString("sha256", index.Sha256);
        if (index.HeadSha256.Length > 0)
        {
            json.WriteString("head_sha256", index.HeadSha256);
            json.WriteNumber("added_version", index.AddedVersion);
        }

        json.WriteEndObject();
    }

    public static KeyIndex? ReadIndex(JsonElement json) => json.ValueKind is JsonValueKind.Null
        ? null
        : new KeyIndex(
            Named(Text(json, "path")), json.GetProperty("keys").GetInt64(), json.GetProperty("bytes").GetInt64(), Text(json, "sha256"),
            json.TryGetProperty("head_sha256", out var head) ? head.GetString()! : string.Empty,
            json.TryGetProperty("added_version", out var added) ? added.GetInt64() : 0);

    public static void WriteSchema(Utf8JsonWriter json, Guid id, long createdMs, IReadOnlyList<ColumnSchema> columns)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteNumber("created_ms", createdMs);
        json.WriteStartArray("columns");
        foreach (var column in columns)
        {
            json.WriteStartArray();
            json.WriteStringValue(column.Name);
            json.WriteStringValue(column.Type.ToString());
            json.WriteNumberValue(column.Precision);
            json.WriteNumberValue(column.Scale);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static TableSchema ReadSchema(JsonElement json) => new(
        json.GetProperty("id").GetGuid(),
        json.GetProperty("created_ms").GetInt64(),
        [.. json.GetProperty("columns").EnumerateArray().Select(column => new ColumnSchema(
            column[0].GetString()!, Enum.Parse<ColumnType>(column[1].GetString()!), Nullable: true, column[2].GetInt32(), column[3].GetInt32()))]);

    public static void WriteNullable(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    public static long? ReadNullable(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetInt64() : null;

    private static string Text(JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"no {name}");
}
