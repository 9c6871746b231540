using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using DuckDB.NET.Native;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Quality;

namespace RiskLake.Cli.Query;

/// <summary>
/// The published lake as SQL: one view per table, over exactly the files the lake log names, in an engine that can read those
/// files and nothing else, and write nothing.
/// </summary>
internal sealed class LakeQuery : IDisposable
{
    private const string ContractVersion =
        "regexp_extract(filename, 'contract_version=([^/]*)/year=[0-9]+/month=[0-9]+/day=[0-9]+/hour=[0-9]+/run_id=[^/]*$', 1)";

    private const string RunId = @"regexp_extract(filename, 'run_id=([^/]*?)(\.silver)?\.a[0-9]+(\.r[0-9]+)?\.parquet$', 1)";

    private readonly DuckDBConnection _connection = new("DataSource=:memory:");
    private readonly LakeStore _lake;
    private readonly LakeSnapshot _snapshot;

    private LakeQuery(LakeStore lake, LakeSnapshot snapshot)
    {
        _lake = lake;
        _snapshot = snapshot;
    }

    /// <summary>Opens the lake for one statement; only tables whose names stand in it become views.</summary>
    /// <remarks>Their files are compared with the log first: the engine checks nothing and would read damaged pages as other numbers.</remarks>
    public static LakeQuery Open(LakeStore lake, LakeSnapshot snapshot, string statement, CancellationToken ct)
    {
        var query = new LakeQuery(lake, snapshot);
        try
        {
            query.Prepare(statement, ct);
            return query;
        }
        catch
        {
            query.Dispose();
            throw;
        }
    }

    /// <summary>Columns by which gold rows of different runs speak of the same thing; of the rest, each run's rows stand alone.</summary>
    public static IReadOnlyList<string> GoldKey(string dataset, IReadOnlyList<ColumnSchema> columns) => dataset switch
    {
        GoldStage.RiskSummary => [GoldColumns.Dataset, "symbol"],
        GoldStage.MarketBars => [GoldColumns.Dataset, "symbol", "window_start", "window_minutes"],

        // A return belongs to its event, and the columns of a contract's key stand before it.
        GoldStage.Returns => [GoldColumns.Dataset, .. columns.Select(column => column.Name).TakeWhile(name => name is not ("price" or "simple_return" or GoldColumns.RunId))],
        SignalSummary.Dataset => [GoldColumns.Dataset, "name", "source"],
        SessionCompleteness.Dataset => ["symbol", "market", "session"],
        _ when RiskTables.Find(dataset) is { } table => table.Key,
        _ => [GoldColumns.RunId],
    };

    /// <summary>Runs one SELECT and hands over its columns, then each row.</summary>
    public void Select(string statement, Action<IReadOnlyList<string>> begin, Action<object?[]> row, CancellationToken ct)
    {
        RequireSelect(statement);
        Translate(() =>
        {
            using var command = _connection.CreateCommand();
            command.CommandText = statement;
            command.UseStreamingMode = true;
            using var stop = ct.Register(command.Cancel);
            using var reader = command.ExecuteReader();
            var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName).ToArray();
            var maps = Enumerable.Range(0, names.Length).Select(i => MapValues.Reader(reader.GetFieldType(i))).ToArray();
            begin(names);
            var values = new object?[names.Length];
            while (reader.Read())
            {
                ct.ThrowIfCancellationRequested();
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = reader.IsDBNull(i) ? null : maps[i]?.Invoke(reader, i) ?? reader.GetValue(i);
                }

                row(values);
            }

        }, ct);
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>SQL text of a string.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>SQL text of a name.</summary>
    public static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private void Prepare(string statement, CancellationToken ct)
    {
        _connection.Open();
        var tables = _snapshot.TableStates.Values.Where(table => IsMentioned(statement, table.Dataset)).ToList();

        _lake.Files.Check(tables.SelectMany(table => _snapshot.Files(table.Layer, table.Dataset)), ct);

        // The engine asks both for the pattern and for the file it stands for.
        var files = tables.SelectMany(table => _snapshot.Files(table.Layer, table.Dataset)).Select(Path)
            .SelectMany(path => EscapeGlob(path) is var pattern && pattern == path ? [path] : new[] { path, pattern }).ToList();
        var sql = new StringBuilder("SET TimeZone='UTC'; SET temp_directory=''; SET autoinstall_known_extensions=false; SET autoload_known_extensions=false;");
        sql.Append(CultureInfo.InvariantCulture, $"SET allowed_paths=[{string.Join(',', files.Select(Quote))}]; SET enable_external_access=false;");
        foreach (var layer in Enum.GetValues<Layer>())
        {
            sql.Append(CultureInfo.InvariantCulture, $"CREATE SCHEMA {DataFile.LayerName(layer)};");
        }

        AppendRuns(sql);
        foreach (var table in tables)
        {
            AppendViews(sql, table);
        }

        sql.Append("SET lock_configuration=true;");
        Translate(() =>
        {
            using var command = _connection.CreateCommand();
            command.CommandText = sql.ToString();
            command.ExecuteNonQuery();
        }, CancellationToken.None);
    }

    private static bool IsMentioned(string statement, string dataset) =>
        statement.Contains(dataset, StringComparison.OrdinalIgnoreCase)
        || statement.Contains("information_schema", StringComparison.OrdinalIgnoreCase)
        || statement.Contains("duckdb_", StringComparison.OrdinalIgnoreCase)
        || statement.Contains("pg_catalog", StringComparison.OrdinalIgnoreCase)
        || statement.Contains("show", StringComparison.OrdinalIgnoreCase);

    private void AppendRuns(StringBuilder sql)
    {
        sql.Append("CREATE SCHEMA lake; CREATE TABLE lake.runs(");
        sql.Append("run_id VARCHAR, status VARCHAR, attempt INTEGER, dataset VARCHAR, contract_version VARCHAR, lake_version BIGINT, ");
        sql.Append("own_records BIGINT, duplicates BIGINT, already_published BIGINT, conflicts BIGINT, stale BOOLEAN);");
        var rows = _snapshot.Runs.Values.OrderBy(run => run.Version).Select(run => string.Create(
            CultureInfo.InvariantCulture,
            $"({Quote(run.RunId)},{Quote(run.Status)},{run.Attempt},{Quote(run.Dataset)},{Quote(run.ContractVersion)},{run.Version},{Counts(run)})")).ToList();
        if (rows.Count > 0)
        {
            sql.Append(CultureInfo.InvariantCulture, $"INSERT INTO lake.runs VALUES {string.Join(',', rows)};");
        }
    }

    private static string Counts(RunState run) => run.Counts is { } counts
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{(run.IsPublished ? counts.Own : 0)},{counts.Duplicates},{counts.AlreadyPublished},{counts.Conflicts},{(run.IsStale ? "true" : "false")}")
        : $"NULL,NULL,NULL,NULL,{(run.IsStale ? "true" : "false")}";

    private void AppendViews(StringBuilder sql, TableState table)
    {
        var layer = DataFile.LayerName(table.Layer);
        var rows = Rows(table);
        var name = Name(table.Dataset);
        if (table.Layer != Layer.Gold)
        {
            sql.Append(CultureInfo.InvariantCulture, $"CREATE VIEW {layer}.{name} AS {rows};");
            return;
        }

        var key = string.Join(", ", GoldKey(table.Dataset, table.Columns).Select(column => $"all_runs.{Name(column)}"));
        sql.Append(CultureInfo.InvariantCulture, $"CREATE VIEW {layer}.{Name(table.Dataset + "_runs")} AS {rows};");
        sql.Append(CultureInfo.InvariantCulture, $"""
            CREATE VIEW {layer}.{name} AS SELECT all_runs.* FROM {layer}.{Name(table.Dataset + "_runs")} AS all_runs JOIN lake.runs AS published USING (run_id)
            QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY all_runs.as_of DESC NULLS LAST, published.lake_version DESC) = 1;
            """);
    }

    private string Rows(TableState table)
    {
        var live = _snapshot.Files(table.Layer, table.Dataset).ToList();
        if (live.Count == 0)
        {
            var columns = table.Columns.Select(column => $"NULL::{SqlType(column)} AS {Name(column.Name)}");
            return $"SELECT {string.Join(", ", columns.Append("NULL::VARCHAR AS run_id"))} WHERE false";
        }

        // What a path says is read from its end, the part that stands in the log, never from the folders above the lake. Gold files
        // hold the run id, and some the contract version.
        using var newest = _lake.Files.Open(live[^1]);
        var names = new[]
        {
            newest.Has("contract_version") ? $"* REPLACE ({ContractVersion} AS contract_version)" : $"*, {ContractVersion} AS contract_version",
        }.Concat(table.Layer == Layer.Gold ? [] : [$"{RunId} AS run_id"]);
        return $"""
            SELECT {string.Join(", ", names)}
            FROM read_parquet([{string.Join(',', live.Select(file => Quote(EscapeGlob(Path(file)))))}], union_by_name=true, hive_partitioning=false)
            """;
    }

    private string Path(DataFile file) => _lake.Paths.Absolute(file.DeltaPath);

    // A list element is a pattern to the engine, and the lake's folder may hold any character.
    private static string EscapeGlob(string path) => path.AsSpan().ContainsAny("*?[")
        ? path.Replace("[", "[[]", StringComparison.Ordinal).Replace("*", "[*]", StringComparison.Ordinal).Replace("?", "[?]", StringComparison.Ordinal)
        : path;

    private static string SqlType(ColumnSchema column) => column.Type switch
    {
        ColumnType.String => "VARCHAR",
        ColumnType.Binary => "BLOB",
        ColumnType.Int64 => "BIGINT",
        ColumnType.Double => "DOUBLE",
        ColumnType.Decimal => FormattableString.Invariant($"DECIMAL({column.Precision},{column.Scale})"),
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Date => "DATE",
        ColumnType.Map => "MAP(VARCHAR, DOUBLE)",
        _ => "TIMESTAMPTZ",
    };

    private void RequireSelect(string statement)
    {
        var count = NativeMethods.ExtractStatements.DuckDBExtractStatements(_connection.NativeConnection, statement, out var statements);
        using (statements)
        {
            if (count <= 0)
            {
                var error = NativeMethods.ExtractStatements.DuckDBExtractStatementsError(statements);
                throw Refused(string.IsNullOrEmpty(error) ? "no statement" : error);
            }

            if (count > 1)
            {
                throw Refused(FormattableString.Invariant($"{count} statements"));
            }

            var state = NativeMethods.ExtractStatements.DuckDBPrepareExtractedStatement(
                _connection.NativeConnection, statements, 0, out var prepared);
            using (prepared)
            {
                if (state != DuckDBState.Success)
                {
                    throw Refused(NativeMethods.PreparedStatements.DuckDBPrepareError(prepared) ?? "a statement that cannot be prepared");
                }

                if (StatementType.Of(prepared) != DuckDBStatementType.Select)
                {
                    throw Refused("a statement that is not a SELECT");
                }
            }
        }
    }

    private void Translate(Action act, CancellationToken ct)
    {
        try
        {
            act();
        }
        catch (DuckDBException exception) when (ct.IsCancellationRequested)
        {
            throw new OperationCanceledException(exception.Message, exception, ct);
        }
        catch (DuckDBException exception) when (IsEngines(exception.ErrorType))
        {
            throw new RiskLakeException(
                ErrorCode.EngineFailed, _lake.Root, exception.Message, "an engine that can read the lake's files",
                "`lake verify` tells whether the files are whole", exception);
        }
        catch (Exception exception) when (exception
            is DuckDBException or OverflowException or ArgumentException or InvalidCastException or InvalidOperationException)
        {
            throw Refused(exception.Message, exception);
        }
    }

    private static bool IsEngines(DuckDBErrorType type) =>
        type is DuckDBErrorType.Io or DuckDBErrorType.OutOfMemory or DuckDBErrorType.Fatal or DuckDBErrorType.Internal;

    private RiskLakeException Refused(string found, Exception? cause = null)
    {
        var tables = _snapshot.TableStates.Values.Select(table => $"{DataFile.LayerName(table.Layer)}.{table.Dataset}").ToList();
        return new RiskLakeException(
            ErrorCode.QueryInvalid,
            "sql",
            found.AsSpan().IndexOfAny('\r', '\n') is > 0 and var end ? found[..end] : found,
            "one SELECT over the published lake",
            tables.Count == 0 ? "the lake holds no table yet" : $"tables: {string.Join(", ", tables)}, and lake.runs",
            cause);
    }
}
