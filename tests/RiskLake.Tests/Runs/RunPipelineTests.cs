using System.Text.Json.Nodes;
using RiskLake.Lake.Errors;
using RiskLake.Lake;
using RiskLake.Runs;

namespace RiskLake.Tests.Runs;

/// <summary>The pipeline as a whole, in process, on a real file system.</summary>
public sealed class RunPipelineTests
{
    private static readonly DateTime Open = new(2025, 1, 20, 14, 30, 0, DateTimeKind.Utc);

    [Fact]
    public void Renamed_columns_give_the_same_silver_and_gold()
    {
        using var desk = new TestDesk();
        var names = new Dictionary<string, string>
        {
            ["event_id"] = "id", ["symbol"] = "ticker", ["price"] = "px", ["volume"] = "qty", ["ts_event"] = "happened", ["ts_ingest"] = "arrived", ["source"] = "feed",
        };
        var lines = Events(60).Select(e => e.Json).ToArray();
        var renamed = lines.Select(line => new JsonObject(JsonNode.Parse(line)!.AsObject().Select(field => KeyValuePair.Create(names[field.Key], field.Value?.DeepClone()))).ToJsonString());
        var contract = Path.Combine(desk.Folder, "config", "contracts", "market_event.v1.odcs.yaml");
        var text = File.ReadAllText(contract);
        desk.Run(desk.Request(desk.WriteEvents(lines)) with { RunId = "plain", AllowBreach = true });
        File.WriteAllText(contract, names.Aggregate(text, (yaml, name) => yaml.Replace($"- name: {name.Key}\n", $"- name: {name.Value}\n", StringComparison.Ordinal)));
        desk.Run(desk.Request(desk.WriteEvents(renamed)) with { RunId = "renamed", AllowBreach = true, OutputRoot = "other_lake" });

        var back = names.ToDictionary(name => name.Value, name => name.Key);
        var other = new TestDesk { Storage = desk.Storage };
        Directory.Move(Path.Combine(desk.Folder, "other_lake"), other.LakeRoot);
        using (other)
        {
            foreach (var (layer, dataset) in new[] { (Layer.Silver, "market_events"), (Layer.Gold, "market_bars"), (Layer.Gold, "returns"), (Layer.Gold, "risk_summary"), (Layer.Gold, "data_quality_metrics") })
            {
                var expected = desk.Rows(layer, dataset).Select(row => Values(row, []));
                var actual = other.Rows(layer, dataset).Select(row => Values(row, back));
                Assert.Equal(expected, actual);
                Assert.NotEmpty(actual);
            }
        }

        static string Values(Dictionary<string, string?> row, Dictionary<string, string> back) => string.Join(' ', row
            .Where(value => value.Key is not ("run_id" or "_run_id" or "bronze_run_id" or "bytes_read"))
            .Select(value => (Name: back.GetValueOrDefault(value.Key, value.Key), value.Value))
            .OrderBy(value => value.Name, StringComparer.Ordinal)
            .Select(value => $"{value.Name}={value.Value}"));
    }

    [Fact]
    public void A_second_dataset_runs_to_silver_by_configuration_alone()
    {
        using var desk = new TestDesk();
        desk.Write("config/two.yaml", """
            contracts:
              holding:
                dataset: holdings
                version: v1
                compatibility: none
                contract: contracts/holding.odcs.yaml
            """);
        desk.Write("config/contracts/holding.odcs.yaml", """
            apiVersion: v3.1.0
            kind: DataContract
            id: urn:test:holding
            version: 1.0.0
            status: active
            schema:
              - name: holdings
                customProperties:
                  - {property: delivery, value: snapshot}
                properties:
                  - {name: book, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
                  - {name: lot, logicalType: integer, required: true, primaryKey: true, primaryKeyPosition: 2}
                  - {name: held_on, logicalType: date, required: true}
                  - {name: units, logicalType: number, physicalType: 'DECIMAL(12,3)', required: true}
                  - {name: note, logicalType: string}
            """);
        var input = desk.Write("holdings.csv", "book,lot,held_on,units,note\nA,1,2025-01-20,10.125,x\nA,2,2025-01-20,7,\nB,1,2025-01-21,-3.5,\"two\nlines\"\nA,1,2025-01-20,10.125,x\nB,1,2025-01-21,9,\n");
        var outcome = desk.Run(desk.Request(input) with { Dataset = "holding", ContractsPath = "config/two.yaml", RunId = "h1", AllowBreach = true });

        Assert.Equal("published_with_breach", (string?)outcome.Record["status"]);
        Assert.Equal(3L, (long)outcome.Record["conservation"]!["own_silver"]!);
        Assert.Equal(1L, (long)outcome.Record["conservation"]!["duplicates"]!);
        Assert.Equal(1L, (long)outcome.Record["conservation"]!["conflicts"]!);
        Assert.Equal("not_applicable", (string?)outcome.Record["late_status"]);
        var rows = desk.Rows(Layer.Silver, "holdings");
        Assert.Equal(["A1 20108 10125 x", "A2 20108 7000 ", "B1 20109 -3500 two\nlines"], rows.Select(row => $"{row["book"]}{row["lot"]} {row["held_on"]} {row["units"]} {row["note"]}"));
        Assert.Equal(2, desk.Lake.Snapshot().Files(Layer.Silver, "holdings").Count());
        var conflict = Assert.Single(desk.Rows(Layer.Quarantine, "holdings"));
        Assert.Contains("\"code\":\"key_conflict\"", conflict["reasons"], StringComparison.Ordinal);
        Assert.Contains("9", conflict["raw"], StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_do_not_change_a_byte()
    {
        using var desk = new TestDesk();
        var input = desk.WriteEvents(Events(3000).Select(e => e.Json));
        var digests = new List<string>();
        foreach (var threads in new[] { 1, 2, 5 })
        {
            desk.Run(desk.Request(input) with { RunId = "same", Threads = threads, OutputRoot = $"lake-{threads}", AllowBreach = true });
            var lake = LakeStore.Open(Path.Combine(desk.Folder, $"lake-{threads}"), desk.Storage, TimeProvider.System);
            digests.Add(string.Join('\n', lake.Snapshot().Runs["same"].Files.Select(file => $"{file.TreePath} {file.Sha256}")));
        }

        Assert.Single(digests.Distinct());
    }

    [Fact]
    public void Lines_split_over_files_give_the_same_rows_locators_aside()
    {
        using var desk = new TestDesk();
        var lines = Events(500).Select(e => e.Json).ToArray();
        desk.Run(desk.Request(desk.WriteEvents(lines)) with { RunId = "x", AllowBreach = true });
        var whole = desk.Rows(Layer.Silver, "market_events").Select(Row).ToArray();
        var wholeBronze = desk.Rows(Layer.Bronze, "market_events").Select(Row).ToArray();
        for (var part = 0; part < 5; part++)
        {
            desk.Write($"parts/{part}.ndjson", string.Concat(lines.Skip(part * 100).Take(100).Select(line => line + "\n")));
        }

        using var other = new TestDesk();
        other.Run(other.Request(Path.Combine(desk.Folder, "parts")) with { RunId = "x", AllowBreach = true });
        Assert.Equal(whole, other.Rows(Layer.Silver, "market_events").Select(Row));
        Assert.Equal(wholeBronze, other.Rows(Layer.Bronze, "market_events").Select(Row));

        static string Row(Dictionary<string, string?> row) => string.Join(' ', row.Where(value => value.Key is not ("source_file" or "source_line")).Select(value => $"{value.Key}={value.Value}"));
    }

    [Fact]
    public void A_rerun_is_unchanged_and_a_verification_equal_with_and_without_inputs()
    {
        using var desk = new TestDesk();
        var input = desk.WriteEvents(Events(200).Select(e => e.Json).Append("{broken"));
        var request = desk.Request(input) with { RunId = "v", AllowBreach = true };
        desk.Run(request);
        var version = desk.Lake.Snapshot().Version;

        var again = desk.Run(request with { AllowBreach = false });
        Assert.True(again.IsUnchanged);
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(version, desk.Lake.Snapshot().Version);

        var verified = Verify(desk, request);
        Assert.Equal("inputs", verified.Basis);
        Assert.All(verified.Files, file => Assert.Equal("equal", file.Status));

        File.Delete(input);
        var fromBronze = Verify(desk, request);
        Assert.Equal(("bronze", "inputs_missing"), (fromBronze.Basis, Assert.Single(fromBronze.Notes)));
        Assert.All(fromBronze.Files, file => Assert.Equal(file.Path.StartsWith("bronze", StringComparison.Ordinal) || file.Path.StartsWith("quarantine", StringComparison.Ordinal) ? "not_recomputed" : "equal", file.Status));
        Assert.Contains(fromBronze.Files, file => file.Status == "equal");
    }

    [Fact]
    public void A_run_whose_version_was_vacuumed_is_not_called_damaged()
    {
        using var desk = new TestDesk();
        var events = Events(60).Select(e => e.Json).ToArray();
        var input = desk.WriteEvents(events[..40]);
        var second = desk.Request(desk.WriteEvents(events[20..])) with { RunId = "b", AllowBreach = true };
        desk.Run(desk.Request(input) with { RunId = "a", AllowBreach = true });
        desk.Run(second);
        File.AppendAllText(input, events[50] + "\n");
        desk.Run(desk.Request(input) with { RunId = "a", AllowBreach = true });
        Assert.NotEmpty(new LakeVacuum(desk.Lake, TimeSpan.Zero).Run(keep: 1, CancellationToken.None));
        var refused = Assert.Throws<RiskLakeException>(() => Verify(desk, second));
        Assert.Equal((ErrorCode.LakeVersionUnknown, "run b"), (refused.Code, refused.Place));
        Assert.Contains("--now", refused.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_run_over_the_same_file_shows_the_same_risk_and_writes_no_silver()
    {
        using var desk = new TestDesk();
        var input = desk.WriteEvents(Events(200).Select(e => e.Json));
        var first = desk.Run(desk.Request(input) with { RunId = "first", AllowBreach = true });
        var second = desk.Run(desk.Request(input) with { RunId = "second", AllowBreach = true });
        Assert.Equal(0L, (long)second.Record["records_written"]!["silver_market_events"]!);
        Assert.Equal(200L, (long)second.Record["owners"]!["first"]!);
        foreach (var field in new[] { "value_at_risk", "volatility_latest", "volatility_status", "late_rate", "duplicate_rate", "valuation_time" })
        {
            Assert.Equal(first.Record[field]?.ToJsonString(), second.Record[field]?.ToJsonString());
        }

        Assert.Equal(0L, (long)second.Record["conservation"]!["duplicates"]!);
        Assert.Equal(desk.Rows(Layer.Gold, "returns").Count(row => row["run_id"] == "first"), desk.Rows(Layer.Gold, "returns").Count(row => row["run_id"] == "second"));
    }

    [Fact]
    public void A_conflict_keeps_the_first_version_and_gold_shows_what_silver_holds()
    {
        using var desk = new TestDesk();
        var events = Events(40).ToArray();
        desk.Run(desk.Request(desk.WriteEvents(events.Select(e => e.Json))) with { RunId = "a", AllowBreach = true });
        var changed = events.Select(e => e with { Price = e.Price + 50 }).ToArray();
        var outcome = desk.Run(desk.Request(desk.WriteEvents(changed.Select(e => e.Json))) with { RunId = "b", AllowBreach = true });
        Assert.Equal(40L, (long)outcome.Record["conservation"]!["conflicts"]!);
        var risk = desk.Rows(Layer.Gold, "risk_summary").GroupBy(row => row["run_id"]).ToDictionary(run => run.Key!, run => string.Join(' ', run.Select(row => $"{row["symbol"]} {row["value_at_risk_95"]} {row["volatility_5m"]}")));
        Assert.Equal(risk["a"], risk["b"]);
        Assert.All(desk.Rows(Layer.Quarantine, "market_events"), row => Assert.Equal(("silver", "key_conflict"), (row["stage"], row["code"])));
        Assert.Equal(40L, (long)outcome.Record["conflicts_with"]!["a"]!);
        Assert.Contains("--corrects a", (string?)outcome.Record["advice"]![0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_in_another_month_is_another_event()
    {
        using var desk = new TestDesk();
        var early = Events(5).ToArray();
        desk.Run(desk.Request(desk.WriteEvents(early.Select(e => e.Json))) with { RunId = "early", AllowBreach = true });
        foreach (var (days, conflicts) in new[] { (1, 5L), (31, 0L) })
        {
            var late = early.Select(e => e with { Happened = e.Happened.AddDays(days) });
            var outcome = desk.Run(desk.Request(desk.WriteEvents(late.Select(e => e.Json))) with { RunId = $"late{days}", AllowBreach = true });
            Assert.Equal(conflicts, (long)outcome.Record["conservation"]!["conflicts"]!);
        }
    }

    [Fact]
    public async Task Runs_that_publish_at_once_never_own_a_key_twice()
    {
        using var desk = new TestDesk();
        var lists = Enumerable.Range(0, 8).Select(run => Events(30).Skip(run * 2).Take(16).ToArray()).ToArray();
        var inputs = lists.Select(events => desk.WriteEvents(events.Select(e => e.Json))).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(run => Task.Run(() => desk.Run(desk.Request(inputs[run]) with { RunId = $"r{run}", AllowBreach = true, Threads = 1 }), TestContext.Current.CancellationToken)));
        var keys = desk.Rows(Layer.Silver, "market_events").Select(row => row["event_id"]).ToArray();
        Assert.Equal(lists.SelectMany(events => events).Select(e => e.Id).Distinct().Order(StringComparer.Ordinal), keys.Order(StringComparer.Ordinal));
        Assert.Equal(8, desk.Lake.Snapshot().Version);
    }

    [Fact]
    public void Records_that_arrived_after_as_of_are_quarantined()
    {
        using var desk = new TestDesk();
        var asOf = Open.AddMinutes(10).AddSeconds(2);
        var outcome = desk.Run(desk.Request(desk.WriteEvents(Events(30).Select(e => e.Json))) with { RunId = "k", AllowBreach = true, AsOfMicros = (asOf.Ticks - DateTime.UnixEpoch.Ticks) / 10 });
        Assert.Equal(10L, (long)outcome.Record["conservation"]!["bronze"]!);
        Assert.Equal(20L, (long)outcome.Record["quarantine_reasons"]!["after_as_of"]!);
        Assert.Equal("2025-01-20T14:40:02Z", (string?)outcome.Record["as_of"]);
    }

    [Theory]
    [InlineData("9999-12-31T23:59:59.999999Z")]
    [InlineData("9999-12-31T23:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z")]
    public void The_ends_of_time_are_published_like_any_other(string time)
    {
        using var desk = new TestDesk();
        var line = $$"""{"event_id":"b","symbol":"A","price":1,"volume":1,"ts_event":"{{time}}","ts_ingest":"{{time}}","source":"s"}""";
        var outcome = desk.Run(desk.Request(desk.WriteEvents([line])) with { RunId = "z", AllowBreach = true });
        Assert.Equal(1L, (long)outcome.Record["conservation"]!["own_silver"]!);
        Assert.Null(outcome.LineageProblem);
        Assert.True(File.Exists(Path.Combine(desk.LakeRoot, "_runs", "z.json")));
    }

    [Fact]
    public void A_csv_without_a_header_of_the_contract_is_refused()
    {
        using var desk = new TestDesk();
        foreach (var text in new[] { "1,A,2,3\n", "event_id,symbol\r1,A\r", "a;b\n1;2\n" })
        {
            var error = Assert.Throws<RiskLake.Lake.Errors.RiskLakeException>(() => desk.Run(desk.Request(desk.Write("x.csv", text)) with { RunId = "c" }));
            Assert.Equal(RiskLake.Lake.Errors.ErrorCode.InputFormatUnknown, error.Code);
        }
    }

    [Fact]
    public void A_symbol_of_blanks_is_too_short()
    {
        using var desk = new TestDesk();
        var line = new TestEvent("e", "   ", 1, 1, Open, TimeSpan.FromSeconds(1)).Json;
        var outcome = desk.Run(desk.Request(desk.WriteEvents([line])) with { RunId = "s", AllowBreach = true });
        Assert.Equal(1L, (long)outcome.Record["quarantine_reasons"]!["too_short"]!);
    }

    [Fact]
    public void An_empty_input_is_no_data_and_blocks()
    {
        using var desk = new TestDesk();
        var input = desk.Write("empty.ndjson", "");
        var blocked = desk.Run(desk.Request(input) with { RunId = "e" });
        Assert.Equal(1, blocked.ExitCode);
        Assert.Equal("no_data", (string?)blocked.Record["late_status"]);
        Assert.Null(blocked.Record["as_of"]);
        Assert.Equal(0, desk.Run(desk.Request(input) with { RunId = "e", AllowBreach = true }).ExitCode);
        Assert.Contains("/year=1970/month=01/day=01/hour=00/", desk.Lake.Snapshot().Runs["e"].Files.Single().TreePath, StringComparison.Ordinal);
    }

    private static Verification Verify(TestDesk desk, RunRequest request) =>
        RunVerifier.Verify(request, request.RunId!, TestDesk.Silent.Instance, TimeProvider.System, desk.Storage, CancellationToken.None);

    private static IEnumerable<TestEvent> Events(int count) => Enumerable.Range(0, count).Select(i => new TestEvent(
        $"e{i:D5}", i % 3 == 0 ? " aapl " : "Msft", 100 + (i * 7 % 13), 1 + (i % 5), Open.AddMinutes(i), TimeSpan.FromSeconds(1 + (i % 40 == 7 ? 400 : 0))));
}
