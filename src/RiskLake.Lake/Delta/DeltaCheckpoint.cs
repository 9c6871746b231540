using System.Buffers;
using System.Text.Json;
using DuckDB.NET.Data;
using RiskLake.Lake.Storage;

namespace RiskLake.Lake.Delta;

/// <summary>
/// A classic Parquet checkpoint of a Delta log, and <c>_last_checkpoint</c>, which points to it: foreign readers start there.
/// </summary>
/// <remarks>Tombstones are left out: they matter only to a foreign vacuum, which the writer feature keeps away.</remarks>
internal static class DeltaCheckpoint
{
    /// <summary>A checkpoint stands at every Delta version divisible by this.</summary>
    public const int Interval = 100;

    private const string Columns = """
        protocol: 'STRUCT("minReaderVersion" INTEGER, "minWriterVersion" INTEGER, "writerFeatures" VARCHAR[])',
        metaData: 'STRUCT(
            "id" VARCHAR, "name" VARCHAR, "format" STRUCT("provider" VARCHAR, "options" MAP(VARCHAR, VARCHAR)), "schemaString" VARCHAR,
            "partitionColumns" VARCHAR[], "configuration" MAP(VARCHAR, VARCHAR), "createdTime" BIGINT)',
        txn: 'STRUCT("appId" VARCHAR, "version" BIGINT, "lastUpdated" BIGINT)',
        "add": 'STRUCT(
            "path" VARCHAR, "partitionValues" MAP(VARCHAR, VARCHAR), "size" BIGINT, "modificationTime" BIGINT, "dataChange" BOOLEAN,
            "stats" VARCHAR, "tags" MAP(VARCHAR, VARCHAR))'
        """;

    public static string Name(long deltaVersion) => LakePaths.VersionName(deltaVersion) + ".checkpoint.parquet";

    /// <summary>Whether a checkpoint and a hint at it, or at a later one, are there.</summary>
    public static bool Stands(IStorage storage, string folder, long deltaVersion)
    {
        if (!storage.Exists("views.delta_checkpoint", Path.Combine(folder, Name(deltaVersion)))
            || storage.ReadFile("views.delta_checkpoint", Path.Combine(folder, "_last_checkpoint")) is not { } hint)
        {
            return false;
        }

        try
        {
            using var json = JsonDocument.Parse(hint);
            return json.RootElement.GetProperty("version").GetInt64() >= deltaVersion;
        }
        catch (Exception exception) when (LogEntryFormat.IsUnreadable(exception))
        {
            return false;
        }
    }

    /// <summary>Writes the checkpoint of a table as it stands in a snapshot.</summary>
    /// <param name="storage">Where effects go.</param>
    /// <param name="snapshot">The lake at the version whose commit is the table's newest.</param>
    /// <param name="table">The table in that snapshot.</param>
    /// <param name="folder">Its <c>_delta_log</c>.</param>
    /// <param name="scratch">Folder for unfinished files.</param>
    /// <param name="committedMs">Time of the commit.</param>
    public static void Write(IStorage storage, LakeSnapshot snapshot, TableState table, string folder, string scratch, long committedMs)
    {
        var files = snapshot.Files(table.Layer, table.Dataset).OrderBy(file => file.AddedVersion).ToList();
        var lines = new DeltaLines();
        lines.Add(DeltaCommit.WriteProtocol);
        lines.Add(json => DeltaCommit.WriteMetaData(json, table));
        lines.Add(json => DeltaCommit.WriteTransaction(json, snapshot.Version, committedMs));
        foreach (var file in files)
        {
            lines.Add(json => DeltaCommit.WriteAdd(json, table, file, committedMs));
        }

        var source = Path.Combine(scratch, "checkpoint.ndjson");
        var target = Path.Combine(scratch, "checkpoint.parquet");
        storage.WriteFile("views.delta_checkpoint", source, lines.ToArray());
        Convert(source, target);
        storage.SyncFile("views.delta_checkpoint", target);
        var bytes = storage.Identify("views.delta_checkpoint", target)!.Value.Bytes;
        storage.Rename("views.delta_checkpoint", target, Path.Combine(folder, Name(table.DeltaVersion)));
        storage.SyncDirectory("views.delta_checkpoint", folder);

        // Only now: a hint that leads nowhere makes the table unreadable.
        var hint = Path.Combine(scratch, "last_checkpoint");
        storage.WriteFile("views.delta_checkpoint", hint, Hint(table.DeltaVersion, lines.Count, bytes, files.Count));
        storage.Rename("views.delta_checkpoint", hint, Path.Combine(folder, "_last_checkpoint"));
        storage.SyncDirectory("views.delta_checkpoint", folder);
    }

    private static void Convert(string source, string target)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $$"""
            SET threads = 1;
            COPY (SELECT protocol, metaData, txn, "add"
                  FROM read_json({{Quote(source)}}, format = 'newline_delimited', maximum_object_size = 67108864, columns = { {{Columns}} }))
            TO {{Quote(target)}} (FORMAT parquet, COMPRESSION snappy)
            """;
        try
        {
            command.ExecuteNonQuery();
        }
        catch (DuckDBException exception)
        {
            throw new StorageException("write", target, Posix.EIO, exception.Message.ReplaceLineEndings(" "));
        }
    }

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static byte[] Hint(long version, int actions, long bytes, int adds)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", version);
            json.WriteNumber("size", actions);
            json.WriteNumber("sizeInBytes", bytes);
            json.WriteNumber("numOfAddFiles", adds);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
