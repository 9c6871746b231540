using System.Buffers;
using System.IO.Hashing;
using System.Text.Json;

namespace RiskLake.Lake;

/// <summary>
/// A snapshot as a file, <c>_log/&lt;20 digits&gt;.checkpoint</c>: a head line (tables, digest of the entry it ends with, hash of the
/// rest), then two lines for each run: its state, and its files, which stay unread until asked for.
/// </summary>
/// <remarks>
/// A cache: whatever it says follows from the entries. The entry after it names its digest; one that is damaged, or whose digest no
/// entry names, is passed over.
/// </remarks>
internal static class SnapshotCheckpoint
{
    /// <summary>A checkpoint stands at every version divisible by this.</summary>
    public const int Interval = 100;

    public static byte[] Write(LakeSnapshot snapshot)
    {
        var runs = new ArrayBufferWriter<byte>(1 << 16);
        using (var json = new Utf8JsonWriter(runs, LogEntryFormat.WriterOptions))
        {
            foreach (var run in snapshot.Runs.Values.OrderBy(run => run.RunId, StringComparer.Ordinal))
            {
                WriteRun(json, run);
                EndLine(json, runs);
                ((FileSet)run.Files).WriteTo(json);
                EndLine(json, runs);
            }
        }

        var all = new ArrayBufferWriter<byte>(runs.WrittenCount + 4096);
        using (var json = new Utf8JsonWriter(all, LogEntryFormat.WriterOptions))
        {
            WriteHead(json, snapshot, runs.WrittenSpan);
            EndLine(json, all);
        }

        all.Write(runs.WrittenSpan);
        return all.WrittenSpan.ToArray();
    }

    /// <summary>What the entry after a snapshot says of the snapshot's checkpoint; null where no checkpoint stands.</summary>
    public static string? DigestAfter(LakeSnapshot snapshot) =>
        snapshot.Version > 0 && snapshot.Version % Interval == 0 ? LogEntryFormat.Digest(Write(snapshot)) : null;

    /// <summary>Whether bytes begin as a checkpoint of an older format does: its entries made another state of it than they would now.</summary>
    public static bool IsOlder(ReadOnlySpan<byte> bytes) =>
        !bytes.StartsWith(System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant($"{{\"format_version\":{LogEntry.FormatVersion},")));

    /// <summary>Reads a checkpoint; null when it is damaged or of another format.</summary>
    public static LakeSnapshot? Read(ReadOnlyMemory<byte> bytes, IStatisticsSource statistics)
    {
        try
        {
            var headEnd = bytes.Span.IndexOf((byte)'\n');
            using var head = JsonDocument.Parse(bytes[..headEnd]);
            var rest = bytes[(headEnd + 1)..];
            if (head.RootElement.GetProperty("format_version").GetInt32() != LogEntry.FormatVersion
                || !string.Equals(head.RootElement.GetProperty("xxh128").GetString(), Hash(rest.Span), StringComparison.Ordinal))
            {
                return null;
            }

            return new LakeSnapshot
            {
                Version = head.RootElement.GetProperty("version").GetInt64(),
                Digest = head.RootElement.GetProperty("sha256").GetString()!,
                OldestVersion = head.RootElement.GetProperty("oldest_version").GetInt64(),
                TableStates = ReadTables(head.RootElement.GetProperty("tables")),
                Segments = [.. head.RootElement.GetProperty("segments").EnumerateArray().Select(SilverChangeFormat.ReadSegment)],
                FollowsPlaces = head.RootElement.GetProperty("follows_places").GetBoolean(),
                Runs = ReadRuns(rest, head.RootElement.GetProperty("runs").GetInt32(), statistics),
            };
        }
        catch (Exception exception) when (
            exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static void WriteHead(Utf8JsonWriter json, LakeSnapshot snapshot, ReadOnlySpan<byte> runs)
    {
        json.WriteStartObject();
        json.WriteNumber("format_version", LogEntry.FormatVersion);
        json.WriteNumber("version", snapshot.Version);
        json.WriteString("sha256", snapshot.Digest);
        json.WriteNumber("oldest_version", snapshot.OldestVersion);
        json.WriteNumber("runs", snapshot.Runs.Count);
        json.WriteBoolean("follows_places", snapshot.FollowsPlaces);
        json.WriteStartArray("segments");
        foreach (var segment in snapshot.Segments)
        {
            SilverChangeFormat.WriteSegment(json, segment);
        }

        json.WriteEndArray();
        json.WriteString("xxh128", Hash(runs));
        json.WriteStartObject("tables");
        foreach (var (name, table) in snapshot.TableStates)
        {
            json.WriteStartObject(name);
            json.WriteNumber("delta_version", table.DeltaVersion);
            json.WritePropertyName("schema");
            LogEntryFormat.WriteSchema(json, table.Id, table.CreatedMs, table.Columns);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static SortedDictionary<string, TableState> ReadTables(JsonElement json)
    {
        var tables = new SortedDictionary<string, TableState>(StringComparer.Ordinal);
        foreach (var table in json.EnumerateObject())
        {
            var parts = table.Name.Split('/', 2);
            var schema = LogEntryFormat.ReadSchema(table.Value.GetProperty("schema"));
            tables.Add(table.Name, new TableState
            {
                Layer = DataFile.ParseLayer(parts[0]) ?? throw new FormatException($"'{table.Name}' is not a table"),
                Dataset = parts[1],
                DeltaVersion = table.Value.GetProperty("delta_version").GetInt64(),
                Id = schema.Id,
                CreatedMs = schema.CreatedMs,
                Columns = schema.Columns,
            });
        }

        return tables;
    }

    private static Dictionary<string, RunState> ReadRuns(ReadOnlyMemory<byte> lines, int count, IStatisticsSource statistics)
    {
        var runs = new Dictionary<string, RunState>(count, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < count; i++)
        {
            var state = Line(ref lines);
            var run = ReadRun(state, Line(ref lines), statistics);
            runs.Add(run.RunId, run);
        }

        return runs;
    }

    /// <summary>Writes a run's state as an array, whose places <see cref="ReadRun"/> knows: names would be most of a checkpoint.</summary>
    private static void WriteRun(Utf8JsonWriter json, RunState run)
    {
        json.WriteStartArray();
        json.WriteStringValue(run.RunId);
        json.WriteNumberValue(run.Attempt);
        WriteNullable(json, run.PublishedAttempt);
        json.WriteStringValue(run.Status);
        json.WriteStringValue(run.LastStatus);
        json.WriteNumberValue(run.Version);
        json.WriteNumberValue(run.LastVersion);
        json.WriteStringValue(run.Fingerprint);
        json.WriteStringValue(run.LastFingerprint);
        json.WriteStringValue(run.Dataset);
        json.WriteStringValue(run.ContractVersion);
        WriteNullable(json, run.EventTimeMin);
        WriteNullable(json, run.EventTimeMax);
        json.WriteNumberValue(run.PublishedOrder);
        json.WriteNumberValue(run.SilverVersion);
        WriteNullable(json, run.AsOf);
        json.WriteStringValue(run.Configuration);
        SilverChangeFormat.WriteCounts(json, run.Counts);
        SilverChangeFormat.WritePlace(json, run.Place);
        if (run.KeyIndex is { } index)
        {
            json.WriteStringValue(index.Path);
            json.WriteNumberValue(index.Keys);
            json.WriteNumberValue(index.Bytes);
            json.WriteStringValue(index.Sha256);
            json.WriteStringValue(index.HeadSha256);
            json.WriteNumberValue(index.AddedVersion);
        }

        json.WriteEndArray();
    }

    private static RunState ReadRun(ReadOnlyMemory<byte> state, ReadOnlyMemory<byte> files, IStatisticsSource statistics)
    {
        var json = new Utf8JsonReader(state.Span);
        json.Read();
        var runId = Text(ref json);
        return new RunState
        {
            RunId = runId,
            Attempt = (int)Number(ref json)!.Value,
            PublishedAttempt = (int?)Number(ref json),
            Status = Text(ref json),
            LastStatus = Text(ref json),
            Version = Number(ref json)!.Value,
            LastVersion = Number(ref json)!.Value,
            Fingerprint = Text(ref json),
            LastFingerprint = Text(ref json),
            Dataset = Text(ref json),
            ContractVersion = Text(ref json),
            Files = new FileSet(files, runId, statistics),
            EventTimeMin = Number(ref json),
            EventTimeMax = Number(ref json),
            PublishedOrder = Number(ref json)!.Value,
            SilverVersion = Number(ref json)!.Value,
            AsOf = Number(ref json),
            Configuration = json.Read() ? json.GetString() : null,
            Counts = Counts(ref json),
            Place = PlaceOf(ref json),
            KeyIndex = json.Read() && json.TokenType is JsonTokenType.String
                ? new KeyIndex(
                    json.GetString()!, Number(ref json)!.Value, Number(ref json)!.Value, Text(ref json), Text(ref json), Number(ref json)!.Value)
                : null,
        };
    }

    private static RecordCounts? Counts(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType is JsonTokenType.Null)
        {
            return null;
        }

        var counts = new RecordCounts(Number(ref json)!.Value, Number(ref json)!.Value, Number(ref json)!.Value, Number(ref json)!.Value);
        json.Read();
        return counts;
    }

    private static Place? PlaceOf(ref Utf8JsonReader json)
    {
        json.Read();
        if (json.TokenType is JsonTokenType.Null)
        {
            return null;
        }

        var steps = new List<PlaceStep>();
        while (json.Read() && json.TokenType is JsonTokenType.StartArray)
        {
            steps.Add(new PlaceStep(Number(ref json)!.Value, (int)Number(ref json)!.Value, Text(ref json)));
            json.Read();
        }

        return new Place(steps);
    }

    private static void WriteNullable(Utf8JsonWriter json, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static string Text(ref Utf8JsonReader json)
    {
        json.Read();
        return json.GetString() ?? throw new FormatException("a text is missing");
    }

    private static long? Number(ref Utf8JsonReader json)
    {
        json.Read();
        return json.TokenType is JsonTokenType.Null ? null : json.GetInt64();
    }

    private static ReadOnlyMemory<byte> Line(ref ReadOnlyMemory<byte> lines)
    {
        var end = lines.Span.IndexOf((byte)'\n');
        if (end < 0)
        {
            throw new FormatException("a line is missing");
        }

        var line = lines[..end];
        lines = lines[(end + 1)..];
        return line;
    }

    private static void EndLine(Utf8JsonWriter json, ArrayBufferWriter<byte> buffer)
    {
        json.Flush();
        json.Reset();
        buffer.Write("\n"u8);
    }

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(XxHash128.Hash(bytes));
}
