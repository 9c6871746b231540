using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Cli.Output;
using RiskLake.Cli.Query;
using RiskLake.Lake;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake quarantine</c>: what did not pass, why, since when, and the very bytes.</summary>
internal sealed class QuarantineCommands
{
    private readonly CommandContext _context;
    private readonly Option<string?> _runId = new("--run-id") { Description = "Only what this run set aside.", HelpName = "id" };
    private readonly Option<string?> _reason = new("--reason") { Description = "Only records with this reason among theirs.", HelpName = "code" };
    private readonly Option<string?> _dataset = new("--dataset") { Description = "Only this dataset.", HelpName = "name" };
    private readonly Option<int> _limit = new("--limit") { Description = "Most records; 0 is all.", HelpName = "n", DefaultValueFactory = _ => 50 };

    private QuarantineCommands(CommandContext context) => _context = context;

    public static Command Build(CommandContext context)
    {
        var commands = new QuarantineCommands(context);
        return CommandTree.Group("quarantine", "Look at what did not pass.", commands.List(), commands.Show());
    }

    private Command List()
    {
        var command = new Command("list", "Rejected records, each once, with its first reason and when it was seen.")
        {
            _runId, _reason, _dataset, _limit, _context.Options.OutputRoot, _context.Options.LakeVersion,
        };
        command.SetAction(parsed =>
        {
            var rows = _context.Rows(
                parsed, "dataset", "stage", "code", "column", "found", "source_file", "source_line", "seen", "first_seen", "last_seen", "status", "runs",
                "raw_sha256");
            var isTable = _context.Format(parsed) == OutputFormat.Table;
            var shown = 0L;
            foreach (var group in Grouped(parsed))
            {
                var first = group[0];
                var reason = new RecordView(JsonNode.Parse(first.Reasons) is JsonArray { Count: > 0 } reasons ? reasons[0] : null);
                rows.Write(
                [
                    first.Dataset, first.Stage, first.Code, reason["column"].Text, isTable ? Short(reason["found"].Text) : reason["found"].Text,
                    first.File, first.Line, group.Sum(record => record.Count),
                    group.Min(record => record.Seen), group.Max(record => record.Seen), group.Count > 1 ? "recurring" : "new",
                    string.Join(", ", group.Select(record => record.RunId)), isTable ? first.Digest[..12] : first.Digest,
                ]);
                shown++;
            }

            rows.Finish();
            if (isTable && shown > 0)
            {
                _context.Terminal.Say($"`{_context.Terminal.CommandName} quarantine show <raw_sha256>` prints all reasons and the raw record");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private Command Show()
    {
        var digest = new Argument<string?>("sha256")
        {
            Description = "Digest of the raw record, or its beginning, as the list shows it.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("show", "Every reason and the raw bytes of rejected records.")
        {
            digest, _runId, _reason, _dataset, _limit, _context.Options.OutputRoot, _context.Options.LakeVersion,
        };
        command.SetAction(parsed =>
        {
            var format = _context.Format(parsed);
            var rows = format == OutputFormat.Table ? null : _context.Rows(
                parsed, "dataset", "stage", "code", "reasons", "source_file", "source_line", "byte_offset", "raw", "raw_base64", "raw_bytes",
                "raw_sha256", "seen", "first_seen", "last_seen", "status", "runs");
            var any = false;
            foreach (var group in Grouped(parsed, parsed.GetValue(digest)))
            {
                any = true;
                if (rows is null)
                {
                    WriteRecord(group);
                    continue;
                }

                var first = group[0];
                var text = AsText(first.Raw);
                rows.Write(
                [
                    first.Dataset, first.Stage, first.Code, JsonNode.Parse(first.Reasons), first.File, first.Line, first.Offset,
                    text, text is null ? Convert.ToBase64String(first.Raw) : null, first.Length, first.Digest, group.Sum(record => record.Count),
                    group.Min(record => record.Seen), group.Max(record => record.Seen), group.Count > 1 ? "recurring" : "new",
                    new JsonArray([.. group.Select(record => (JsonNode?)record.RunId)]),
                ]);
            }

            rows?.Finish();
            if (!any)
            {
                _context.Terminal.Say("no rejected record matches");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private void WriteRecord(List<Rejected> group)
    {
        var (writer, ink, first) = (_context.Terminal.Out, _context.Terminal.OutInk, group[0]);
        var place = $"{ValueText.OneLine(first.File)}:{ValueText.Plain(first.Line)}";
        writer.WriteLine($"{ink.Bold(first.Code)}  {place}  {ink.Dim($"{first.Dataset}, refused by {first.Stage}")}");
        var grid = new Grid { Indent = 2 };
        foreach (var reason in (JsonNode.Parse(first.Reasons) as JsonArray ?? []).Select(node => new RecordView(node)))
        {
            grid.Add(
                new Cell(reason["code"].Text ?? "", Paint: ink.Red),
                ValueText.OneLine(reason["column"].Text ?? ""),
                $"found {ValueText.OneLine(reason["found"].Text)}",
                reason["expected"].Text is { } expected ? $"expected {ValueText.OneLine(expected)}" : "");
        }

        grid.WriteTo(writer);
        var kept = first.Raw.Length < first.Length ? FormattableString.Invariant($" (the first {first.Raw.Length:#,0} of {first.Length:#,0} bytes)") : "";
        writer.WriteLine($"  {ink.Dim($"raw{kept}")}  {ValueText.OneLine(first.Raw)}");
        writer.WriteLine($"  {ink.Dim("sha256")}  {first.Digest}");
        var (earliest, latest) = (group.Min(record => record.Seen) ?? "–", group.Max(record => record.Seen) ?? "–");
        var count = group.Sum(record => record.Count) is > 1 and var times ? FormattableString.Invariant($"{times:#,0} times") : "once";
        var span = string.Equals(earliest, latest, StringComparison.Ordinal) ? $"at {earliest}" : $"from {earliest} to {latest}";
        writer.WriteLine($"  {ink.Dim("seen")}  {count} {span} in {string.Join(", ", group.Select(record => record.RunId))}");
        writer.WriteLine();
    }

    /// <summary>Rejected records, those with the same bytes and reasons together, one entry per run.</summary>
    private IEnumerable<List<Rejected>> Grouped(ParseResult parsed, string? digest = null)
    {
        var lake = _context.ExistingLake(parsed);
        var snapshot = _context.SnapshotOf(parsed, lake);
        var only = parsed.GetValue(_runId) is { } id ? _context.Run(snapshot, id).RunId : null;
        var datasets = Datasets(snapshot, parsed.GetValue(_dataset));
        if (digest is not null && !digest.All(char.IsAsciiHexDigitLower))
        {
            throw new RiskLakeException(ErrorCode.CommandLineInvalid, "sha256", $"'{digest}'", "lower-case hex digits", "copy them from `quarantine list`");
        }

        if (datasets.Count == 0)
        {
            return [];
        }

        var statement = Statement(datasets, only, parsed.GetValue(_reason), digest, parsed.GetValue(_limit));
        var records = new List<Rejected>();
        var times = new Dictionary<string, string?>(StringComparer.Ordinal);
        using var query = LakeQuery.Open(lake, snapshot, statement, _context.Token);
        query.Select(statement, _ => { }, row => records.Add(Read(row, run => Seen(lake, snapshot, times, run))), _context.Token);
        return records.GroupBy(record => record.Group).Select(group => group.ToList()).ToList();
    }

    private static List<string> Datasets(LakeSnapshot snapshot, string? only) =>
        [.. snapshot.TableStates.Values
            .Where(table => table.Layer == Layer.Quarantine && (only is null || string.Equals(table.Dataset, only, StringComparison.Ordinal)))
            .Select(table => table.Dataset)];

    // One row per distinct record and run; a record is in the result when one of its runs matches, and then with all its runs.
    private static string Statement(List<string> datasets, string? runId, string? reason, string? digest, int limit)
    {
        var tables = datasets.Select(dataset => $"SELECT {LakeQuery.Quote(dataset)} AS dataset, * FROM quarantine.{LakeQuery.Name(dataset)}");
        var filter = new StringBuilder("true");
        if (runId is not null)
        {
            filter.Append(CultureInfo.InvariantCulture, $" AND bool_or(run_id = {LakeQuery.Quote(runId)})");
        }

        if (digest is not null)
        {
            filter.Append(CultureInfo.InvariantCulture, $" AND starts_with(raw_sha256, {LakeQuery.Quote(digest)})");
        }

        if (reason is not null)
        {
            filter.Append(CultureInfo.InvariantCulture, $" AND contains(reasons, {LakeQuery.Quote($"\"code\":{JsonSerializer.Serialize(reason)}")})");
        }

        var bounded = limit > 0 ? FormattableString.Invariant($"LIMIT {limit}") : "";
        return $"""
            WITH rejected AS ({string.Join(" UNION ALL BY NAME ", tables)}),
            chosen AS (
                SELECT dataset, stage, raw_sha256, reasons, min(source_file) AS source_file, min(source_line) AS source_line
                FROM rejected GROUP BY dataset, stage, raw_sha256, reasons HAVING {filter}
                ORDER BY dataset, source_file, source_line, raw_sha256, reasons {bounded})
            SELECT dataset, stage, raw_sha256, reasons, r.run_id, count(*) AS seen, min(r.code) AS code,
                arg_min(r.source_file, (r.source_file, r.source_line)) AS source_file, arg_min(r.source_line, (r.source_file, r.source_line)) AS source_line,
                arg_min(r.byte_offset, (r.source_file, r.source_line)) AS byte_offset, any_value(r.raw) AS raw, any_value(r.raw_bytes) AS raw_bytes
            FROM chosen JOIN rejected AS r USING (dataset, stage, raw_sha256, reasons)
            GROUP BY dataset, stage, raw_sha256, reasons, r.run_id
            ORDER BY dataset, source_file, source_line, raw_sha256, reasons, r.run_id
            """;
    }

    private static Rejected Read(object?[] row, Func<string, string?> seen) => new(
        (string)row[0]!, (string)row[1]!, (string)row[2]!, (string)row[3]!, (string)row[4]!, Convert.ToInt64(row[5], CultureInfo.InvariantCulture),
        (string)row[6]!, (string?)row[7], (long?)row[8], (long?)row[9], Bytes(row[10]), Convert.ToInt64(row[11], CultureInfo.InvariantCulture),
        seen((string)row[4]!));

    private static byte[] Bytes(object? value)
    {
        if (value is not Stream stream)
        {
            return (byte[]?)value ?? [];
        }

        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    // When a record was seen is when its run knew it: the run's as-of, never the clock of a machine.
    private static string? Seen(LakeStore lake, LakeSnapshot snapshot, Dictionary<string, string?> times, string runId)
    {
        if (!times.TryGetValue(runId, out var time) && snapshot.Runs.TryGetValue(runId, out var run))
        {
            time = new RecordView(lake.ReadEntry(run.Version)["record"])["as_of"].Text;
            times[runId] = time;
        }

        return time;
    }

    private static string? Short(string? text) => text is { Length: > 40 } ? text[..39] + "…" : text;

    private static string? AsText(byte[] raw)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(raw);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private sealed record Rejected(
        string Dataset, string Stage, string Digest, string Reasons, string RunId, long Count,
        string Code, string? File, long? Line, long? Offset, byte[] Raw, long Length, string? Seen)
    {
        public (string, string, string, string) Group => (Dataset, Stage, Digest, Reasons);
    }
}
