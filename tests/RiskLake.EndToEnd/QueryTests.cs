using System.Globalization;
using System.Text.Json.Nodes;

namespace RiskLake.EndToEnd;

/// <summary>A lake that is asked: right rows, any version, every format, and no way to write or to read anything else.</summary>
public sealed class QueryTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public QueryTests()
    {
        _workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "first").Ends(0);
        _workspace.Run("run", "--input", Cli.Fixture("five_events.json"), "--run-id", "second", "--allow-dq-breach").Ends(0);
    }

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Json_is_an_array_of_objects_in_full_precision()
    {
        var rows = Sql("select symbol, value_at_risk_95, volatility_5m, ts_run from gold.risk_summary where run_id = 'second' order by symbol").AsArray();
        Assert.Equal(2, rows.Count);
        Assert.Equal("""{"symbol":"AAPL","value_at_risk_95":0.01200000000000001,"volatility_5m":null,"ts_run":"2025-01-20T10:10:00Z"}""", rows[0]!.ToJsonString());
        Assert.Equal(0.0020790020790020236, (double)rows[1]!["value_at_risk_95"]!);
    }

    [Fact]
    public void Every_format_holds_the_same_rows()
    {
        const string Select = "select symbol, price, null as nothing, 'a,\"b' as quoted, '' as empty from silver.market_events order by event_id limit 3";
        var json = Sql(Select).AsArray();
        var lines = _workspace.Run("data", "sql", Select, "-o", "ndjson").Ends(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(json.Select(row => row!.ToJsonString()), lines.Select(line => JsonNode.Parse(line)!.ToJsonString()));
        var csv = _workspace.Run("data", "sql", Select, "-o", "csv").Ends(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("symbol,price,nothing,quoted,empty", csv[0]);
        Assert.Equal(json.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row!["symbol"]},{(double)row["price"]!:R},,\"a,\"\"b\",\"\"")), csv.Skip(1));
        Assert.Equal("[]\n", _workspace.Run("data", "sql", "select 1 where false", "-o", "json").Ends(0).Out);
    }

    [Fact]
    public void Maps_are_objects_whose_values_may_be_null()
    {
        const string Select = "select signals, map {'a': 1, 'b': null} as other, signals['DGS10'] as one from gold.risk_summary limit 1";
        Assert.Equal("""{"signals":{},"other":{"a":1,"b":null},"one":null}""", Sql(Select).AsArray()[0]!.ToJsonString());
        Assert.Contains("{},\"{\"\"a\"\":1,\"\"b\"\":null}\",", _workspace.Run("data", "sql", Select, "-o", "csv").Ends(0).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Gold_shows_the_latest_run_per_key_and_beside_it_all_runs()
    {
        _workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "third", "--vol-window", "3").Ends(0);
        Assert.Equal(["third"], Sql("select distinct run_id as run_id from gold.risk_summary where symbol = 'IBM'").AsArray().Select(row => (string?)row!["run_id"]));
        Assert.Equal(2, Sql("select run_id from gold.risk_summary_runs where symbol = 'IBM'").AsArray().Count);
        Assert.Equal(5, (long)Sql("select count(*) as n from gold.risk_summary").AsArray()[0]!["n"]!);
    }

    [Fact]
    public void Gold_of_two_datasets_is_never_taken_for_one()
    {
        _workspace.Write("two.yaml", """
            contracts:
              other_event:
                dataset: other_events
                version: v1
                compatibility: backward
                required_fields: [event_id, symbol, price, volume, ts_event, ts_ingest, source]
                schema: {event_id: string, symbol: string, price: float, volume: integer, ts_event: timestamp, ts_ingest: timestamp, source: string}
            """);
        _workspace.Run("run", "--input", Cli.Fixture("five_events.json"), "--run-id", "other", "--dataset", "other_event", "--contracts", "two.yaml", "--allow-dq-breach").Ends(0);
        foreach (var dataset in new[] { "risk_summary", "market_bars", "returns" })
        {
            var owners = Sql($"select distinct dataset || ' ' || run_id as owner from gold.{dataset} where symbol = 'AAPL' and run_id in ('second', 'other') order by owner");
            Assert.Equal(["market_events second", "other_events other"], owners.AsArray().Select(row => (string?)row!["owner"]));
        }
    }

    [Fact]
    public void A_version_whose_files_were_vacuumed_is_refused_by_its_name()
    {
        _workspace.Run("runs", "withdraw", "first", "--reason", "test").Ends(0);
        _workspace.Run("lake", "vacuum", "--keep", "1", "--grace", "0").Ends(0);
        var outcome = _workspace.Run("data", "sql", "select count(*) from silver.market_events", "--lake-version", "1").Ends(2);
        Assert.Contains("RL1004", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_version_is_what_it_was()
    {
        Assert.Equal(16, Count(null));
        Assert.Equal(12, Count("1"));
        Assert.Equal(2, _workspace.Run("data", "ls", "--lake-version", "99").ExitCode);

        long Count(string? version) => (long)_workspace
            .Run(["data", "sql", "select count(*) as n from silver.market_events", "-o", "json", .. version is null ? Array.Empty<string>() : ["--lake-version", version]])
            .Ends(0).Json[0]!["n"]!;
    }

    [Fact]
    public void A_withdrawn_run_is_gone_from_every_view_and_stays_in_history()
    {
        _workspace.Run("runs", "withdraw", "second", "--reason", "a wrong file").Ends(0);
        Assert.Equal(12, (long)Sql("select count(*) as n from silver.market_events").AsArray()[0]!["n"]!);
        Assert.Equal(0, (long)Sql("select count(*) as n from gold.risk_summary_runs where run_id = 'second'").AsArray()[0]!["n"]!);
        var shown = _workspace.Run("runs", "show", "second", "-o", "json").Ends(0).Json[0]!;
        Assert.Equal("withdrawn", (string?)shown["status"]);
        Assert.Equal("a wrong file", (string?)shown["reason"]);
        _workspace.Run("lake", "verify").Ends(0);
    }

    [Fact]
    public void A_read_only_copy_can_be_asked()
    {
        var copy = Path.Combine(_workspace.Folder, "copy");
        Cli.Start("/bin/cp", _workspace.Folder, ["-a", "data_lake", copy], null, null).Ends(0);
        Cli.Start("/bin/chmod", _workspace.Folder, ["-R", "a-w", copy], null, null).Ends(0);
        var before = Listing(copy);
        foreach (var command in new[]
        {
            "data ls", "data head silver.market_events", "runs list", "runs show first", "runs diff first second", "quarantine list", "lake verify", "runs verify second",
        })
        {
            _workspace.Run([.. command.Split(' '), "--output-root", copy]).Ends(0);
        }

        Assert.Equal(
            Sql("select * from gold.market_bars order by all").ToJsonString(),
            _workspace.Run("data", "sql", "select * from gold.market_bars order by all", "-o", "json", "--output-root", copy).Ends(0).Json.ToJsonString());
        Assert.Equal(before, Listing(copy));
    }

    [Fact]
    public void A_lake_moves_with_its_folder()
    {
        var moved = Path.Combine(_workspace.Folder, "it's [a] lake *");
        Directory.Move(_workspace.Lake, moved);
        var rows = _workspace.Run("data", "sql", "select count(*) as n from silver.market_events", "-o", "json", "--output-root", moved).Ends(0).Json;
        Assert.Equal(16, (long)rows[0]!["n"]!);
    }

    [Fact]
    public void Quarantine_tells_each_record_once_with_its_reasons_and_bytes()
    {
        const string Bad = """{"event_id":"q1","symbol":"X","price":"12","volume":1.5,"ts_event":"2025-01-20T10:00:00","ts_ingest":"2025-01-20T10:00:01Z","source":"s"}""";
        _workspace.Write("bad.ndjson", string.Concat(Enumerable.Repeat(Bad + "\n", 2)));
        _workspace.Run("run", "--input", "bad.ndjson", "--run-id", "bad").Ends(1);
        var listed = _workspace.Run("quarantine", "list", "--run-id", "bad", "-o", "json").Ends(0).Json.AsArray();
        Assert.Equal(2, (long)Assert.Single(listed)!["seen"]!);
        var shown = _workspace.Run("quarantine", "show", (string)listed[0]!["raw_sha256"]!, "-o", "json").Ends(0).Json.AsArray();
        Assert.Equal(Bad, (string?)Assert.Single(shown)!["raw"]);
        Assert.Equal(
            ["type_mismatch", "not_integer", "zone_missing"], shown[0]!["reasons"]!.AsArray().Select(reason => (string?)reason!["code"]));
        Assert.Empty(_workspace.Run("quarantine", "list", "--reason", "truncated", "-o", "json").Ends(0).Json.AsArray());
        Assert.Single(_workspace.Run("quarantine", "list", "--reason", "zone_missing", "-o", "json").Ends(0).Json.AsArray());
    }

    private JsonNode Sql(string statement) => _workspace.Run("data", "sql", statement, "-o", "json").Ends(0).Json;

    private static List<string> Listing(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(path => $"{path} {File.GetLastWriteTimeUtc(path).Ticks}")];
}
