using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Cli.Commands;

namespace RiskLake.Cli.Output;

/// <summary>What a reader wants to know after a run: the verdict, where every record went, the checks, the risk, what to type next.</summary>
internal sealed class RunReport(TextWriter writer, Ink ink, JsonObject record, string program)
{
    private const int MostSymbols = 20;
    private const int MostReasons = 5;

    private static readonly string[] StageOrder = ["decode", "silver", "gold", "publish"];

    private readonly RecordView _record = new(record);

    /// <summary>What is to be said of the outcome beside the recorded status.</summary>
    public bool IsUnchanged { get; init; }

    public bool IsDryRun { get; init; }

    /// <summary>Where the lake is, as the reader named it; part of the commands to type next unless it is the default.</summary>
    public string OutputRoot { get; init; } = CommandDefaults.OutputRoot;

    /// <summary>Stages as this process went through them; the record itself is written before the last one is over.</summary>
    public IReadOnlyList<(string Stage, TimeSpan Duration)> Stages { get; init; } = [];

    /// <summary>Time from the start of this process; null when the record alone is shown.</summary>
    public TimeSpan? Total { get; init; }

    private string RunId => _record["run_id"].Text ?? "";

    private string Status => _record["status"].Text ?? "";

    private bool IsBlocked => string.Equals(Status, "blocked", StringComparison.Ordinal);

    public void Write()
    {
        WriteVerdict();
        if (string.Equals(Status, "withdrawn", StringComparison.Ordinal))
        {
            WriteWithdrawal();
            return;
        }

        WriteRecords();
        WriteChecks();
        WriteRisk();
        WriteOutputs();
        WriteTimes();
        WriteNext();
    }

    private void WriteVerdict()
    {
        var verdict = (Status, IsDryRun) switch
        {
            ("blocked", true) => ink.Alarm("would be blocked by the quality gate"),
            (_, true) => ink.Bold("dry run: would be published"),
            ("blocked", _) => ink.Alarm("BLOCKED by the quality gate"),
            ("published_with_breach", _) => ink.Yellow("published although the gate is breached"),
            ("withdrawn", _) => ink.Bold("withdrawn"),
            _ => ink.Green("published"),
        };
        var unchanged = IsUnchanged ? ink.Dim(" · unchanged: the lake holds it already") : "";
        writer.WriteLine();
        writer.WriteLine($"{ink.Bold($"Run {RunId}")}  {verdict}{unchanged}");
        var facts = new List<string> { $"{_record["dataset"].Text} {_record["contract_version"].Text}" };
        AddTime(facts, "as of", _record["as_of"].Text);
        AddTime(facts, "valued at", _record["valuation_time"].Text);
        if (_record["attempt"].Count is > 1 and var attempt)
        {
            facts.Add(Invariant($"attempt {attempt}"));
        }

        if (_record["reason"].Text is { Length: > 0 } reason)
        {
            facts.Add($"reason: {ValueText.OneLine(reason)}");
        }

        writer.WriteLine(ink.Dim(string.Join(" · ", facts)));
        if (IsBlocked)
        {
            foreach (var failure in _record["dq_failures"].Items)
            {
                writer.WriteLine($"  {ink.Red("✗")} {failure.Text}");
            }

            writer.WriteLine("  Raw facts, quarantine and quality metrics are kept; silver and risk numbers are withheld.");
        }
    }

    private void WriteRecords()
    {
        var counts = _record["conservation"];
        var grid = Begin("Records");
        var read = counts["read"].Count ?? _record["raw_events"].Count ?? 0;
        Line(grid, "read", read, Inputs());
        Line(grid, "quarantined", counts["quarantined"].Count ?? 0, Reasons(counts["quarantined"].Count ?? 0, read));
        Line(grid, "bronze", counts["bronze"].Count ?? 0, "");
        Line(grid, "duplicates", counts["duplicates"].Count ?? 0, "");
        Line(grid, "already published", counts["already_published"].Count ?? 0, Owners());
        if (counts["conflicts"].Count is > 0 and var conflicts)
        {
            Line(grid, "conflicts", conflicts, ConflictRemark());
        }

        if (Late() is { } late)
        {
            Line(grid, "late", late, "");
        }

        var silver = counts["own_silver"].Count ?? 0;
        Line(grid, "silver", IsBlocked ? 0 : silver, IsBlocked ? Invariant($"{silver:#,0} withheld") : "");
        grid.WriteTo(writer);
        WriteTouched();
    }

    private string ConflictRemark()
    {
        var with = string.Join(", ", _record["conflicts_with"].Fields.Select(owner => Invariant($"{owner.Name} {owner.Value.Count:#,0}")));
        return with.Length > 0 ? $"contradict events of {with}: quarantined" : "contradict an earlier record of the run: quarantined";
    }

    private static (string Field, string Words)[] Moves { get; } =
    [
        ("events_lost", "events leave its silver"), ("events_gained", "events come into its silver"), ("new_conflicts", "records become conflicts"),
        ("settled_conflicts", "conflicts are settled"),
    ];

    /// <summary>What the publication moved in other runs, and how events that did not get in do.</summary>
    private void WriteTouched()
    {
        foreach (var (name, touch) in _record["touched"].Fields)
        {
            var moves = new List<string>();
            foreach (var (field, words) in Moves)
            {
                if (touch[field].Count is > 0 and var count)
                {
                    moves.Add(Invariant($"{count:#,0} {words}"));
                }
            }

            if (moves.Count > 0 || touch["stale"].Flag == true)
            {
                var stale = touch["stale"].Flag == true ? "; its gold is stale, see `runs refresh`" : "";
                writer.WriteLine($"  {ink.Yellow("run")} {name}: {string.Join(", ", moves.DefaultIfEmpty("silver of its events changes"))}{stale}");
            }
        }

        foreach (var advice in _record["advice"].Items)
        {
            writer.WriteLine($"  {ink.Yellow(advice.Text ?? "")}");
        }
    }

    private void WriteChecks()
    {
        var grid = Begin("Checks");
        foreach (var check in _record["checks"].Items)
        {
            var status = check["status"].Text ?? "";
            var mark = status switch
            {
                "passed" => new Cell("✓", Paint: ink.Green),
                "failed" => new Cell("✗", Paint: ink.Alarm),
                _ => new Cell("–", Paint: ink.Yellow),
            };
            var expected = (check["expected"].Text ?? "").Replace("<=", "≤", StringComparison.Ordinal).Replace(">=", "≥", StringComparison.Ordinal);
            grid.Add(
                mark,
                check["rule"].Text + (check["column"].Text is { } column ? $" {column}" : ""),
                new Cell(Number(check["observed"].Value), IsRight: true),
                new Cell(expected, Paint: ink.Dim),
                new Cell(status, Paint: ink.Status),
                new Cell(Share(check), Paint: ink.Dim));
        }

        grid.WriteTo(writer);
    }

    private void WriteRisk()
    {
        var source = IsBlocked ? _record["withheld"] : _record;
        var symbols = source["volatility_status"].Fields.ToList();
        if (symbols.Count == 0)
        {
            return;
        }

        var grid = Begin(IsBlocked ? "Risk (withheld)" : "Risk");
        grid.Add(
            new Cell("symbol", Paint: ink.Dim), new Cell("volatility", true, ink.Dim), new Cell("5 % quantile", true, ink.Dim),
            new Cell("status", Paint: ink.Dim));
        foreach (var (symbol, status) in symbols.Take(MostSymbols))
        {
            grid.Add(
                ValueText.OneLine(symbol),
                new Cell(Number(source["volatility_latest"][symbol].Value), IsRight: true),
                new Cell(Number(source["value_at_risk"][symbol].Value), IsRight: true),
                new Cell(status.Text ?? "", Paint: ink.Status));
        }

        grid.WriteTo(writer);
        var window = _record["configuration"]["vol_window"].Count;
        writer.WriteLine(ink.Dim(Invariant(
            $"  simple returns from event to event: standard deviation of the last {window}, and quantile with its sign")));
        if (symbols.Count > MostSymbols)
        {
            writer.WriteLine(ink.Dim(Invariant($"  and {symbols.Count - MostSymbols:#,0} more symbols in gold.risk_summary")));
        }
    }

    private void WriteOutputs()
    {
        var grid = Begin(IsDryRun ? "Would write" : "Written");
        foreach (var table in _record["outputs"].Items.GroupBy(file => $"{file["layer"].Text}/{file["dataset"].Text}", StringComparer.Ordinal))
        {
            var files = table.ToList();
            var rows = files.Sum(file => file["rows"].Count ?? 0);
            grid.Add(
                table.Key,
                new Cell(Invariant($"{rows:#,0} {(rows == 1 ? "row" : "rows")}"), IsRight: true),
                new Cell(Invariant($"{files.Count:#,0} {(files.Count == 1 ? "file" : "files")}"), IsRight: true),
                new Cell(Size(files.Sum(file => file["bytes"].Count ?? 0)), IsRight: true));
        }

        grid.WriteTo(writer);
        if (!IsDryRun)
        {
            writer.WriteLine(ink.Dim(Invariant($"  lake {_record["execution"]["output_root"].Text} · version {_record["lake_version"]["written"].Count}")));
            writer.WriteLine(ink.Dim($"  record {_record["execution"]["run_metadata_path"].Text}"));
        }
    }

    private void WriteTimes()
    {
        if (IsUnchanged || (Total?.TotalSeconds ?? _record["execution"]["duration_seconds"].Value) is not { } total)
        {
            return;
        }

        Begin("Time");
        var stages = Stages.Count > 0
            ? Stages.Select(stage => (Name: stage.Stage, Seconds: stage.Duration.TotalSeconds))
            : _record["execution"]["stages"].Fields
                .OrderBy(stage => Array.IndexOf(StageOrder, stage.Name))
                .Select(stage => (stage.Name, Seconds: stage.Value.Value ?? 0));
        var parts = stages.Select(stage => Invariant($"{stage.Name} {stage.Seconds:0.00} s"));
        writer.WriteLine($"  {Invariant($"{total:0.00} s")}  {ink.Dim(string.Join(" · ", parts))}");
    }

    private void WriteNext()
    {
        Begin("Next");
        var root = string.Equals(OutputRoot, CommandDefaults.OutputRoot, StringComparison.Ordinal) ? "" : $" --output-root {Shell(OutputRoot)}";
        if (IsBlocked)
        {
            if (_record["conservation"]["quarantined"].Count > 0)
            {
                writer.WriteLine($"  {program} quarantine list --run-id {RunId}{root}");
            }

            if (_record["conservation"]["bronze"].Count > 0 && !IsDryRun)
            {
                writer.WriteLine($"  {program} data sql \"select * from bronze.{_record["dataset"].Text} where run_id = '{RunId}' limit 20\"{root}");
            }

            writer.WriteLine(ink.Dim("  to publish anyway, repeat the command with --allow-dq-breach (and say why with --reason)"));
            return;
        }

        if (IsDryRun)
        {
            writer.WriteLine(ink.Dim("  repeat the command without --dry-run to publish"));
            return;
        }

        if (_record["volatility_status"].Fields.Any())
        {
            writer.WriteLine($"  {program} data sql \"select symbol, volatility_5m, value_at_risk_95 from gold.risk_summary\"{root}");
        }
        else
        {
            writer.WriteLine($"  {program} data head silver.{_record["dataset"].Text}{root}");
        }

        if (_record["conservation"]["quarantined"].Count > 0)
        {
            writer.WriteLine($"  {program} quarantine list --run-id {RunId}{root}");
        }

        writer.WriteLine($"  {program} runs verify {RunId}{root}");
    }

    private void WriteWithdrawal()
    {
        var removed = _record["removed"].Items.ToList();
        var rows = removed.Sum(file => file["rows"].Count ?? 0);
        writer.WriteLine(Invariant($"  {removed.Count:#,0} files with {rows:#,0} rows left the lake; older versions still show them."));
        foreach (var (name, run) in _record["touched"].Fields)
        {
            writer.WriteLine(Invariant($"  {run["own_silver"].Count:#,0} events now stand in silver from the bronze of {name}."));
        }
    }

    private Grid Begin(string title)
    {
        writer.WriteLine();
        writer.WriteLine(ink.Bold(title));
        return new Grid { Indent = 2 };
    }

    private void Line(Grid grid, string name, long count, string remark) =>
        grid.Add(name, new Cell(Invariant($"{count:#,0}"), IsRight: true), new Cell(remark, Paint: ink.Dim));

    private string Inputs()
    {
        var inputs = _record["inputs"].Items.ToList();
        return inputs switch
        {
            [] => "",
            [var one] => $"{ValueText.OneLine(one["name"].Text)}, {Form(one)}, {Size(one["bytes"].Count ?? 0)}",
            _ => Invariant($"{inputs.Count:#,0} inputs, {Size(inputs.Sum(input => input["bytes"].Count ?? 0))}"),
        };
    }

    private static string Form(RecordView input) =>
        $"{input["format"].Text}{(input["compression"].Text is { } packed and not "none" ? $", {packed}" : "")}";

    private static string Share(RecordView check) =>
        (check["evaluated_rows"].Count is > 0 and var rows ? Invariant($"{check["failed_rows"].Count:#,0} of {rows:#,0} rows") : "")
        + (check["detail"].Text is { } detail ? $"; {detail}" : "");

    private string Reasons(long quarantined, long read)
    {
        if (quarantined == 0)
        {
            return "";
        }

        var reasons = Ranked(_record["quarantine_reasons"]);
        var named = string.Join(", ", reasons.Take(MostReasons).Select(reason => Invariant($"{reason.Name} {reason.Value.Count:#,0}")));
        return Invariant($"{100.0 * quarantined / Math.Max(1, read):0.##} %: {named}{(reasons.Count > MostReasons ? ", …" : "")}");
    }

    private string Owners()
    {
        var owners = Ranked(_record["owners"]);
        var named = string.Join(", ", owners.Take(MostReasons).Select(owner => Invariant($"{owner.Name} {owner.Value.Count:#,0}")));
        return named.Length == 0 ? "" : $"owned by {named}{(owners.Count > MostReasons ? ", …" : "")}";
    }

    private static List<(string Name, RecordView Value)> Ranked(RecordView counts) =>
        [.. counts.Fields.OrderByDescending(entry => entry.Value.Count ?? 0).ThenBy(entry => entry.Name, StringComparer.Ordinal)];

    private long? Late() => _record["late_events"].Count;

    private static void AddTime(List<string> facts, string what, string? time)
    {
        if (time is not null)
        {
            facts.Add($"{what} {time.Replace('T', ' ')}");
        }
    }

    private static string Number(double? value) => value is { } number ? number.ToString("0.########", CultureInfo.InvariantCulture) : "–";

    private static string Size(long bytes) => bytes switch
    {
        < 1_000 => Invariant($"{bytes} B"),
        < 1_000_000 => Invariant($"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => Invariant($"{bytes / 1e6:0.0} MB"),
        _ => Invariant($"{bytes / 1e9:0.00} GB"),
    };

    private static string Shell(string path) => path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '~')
        ? path
        : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
