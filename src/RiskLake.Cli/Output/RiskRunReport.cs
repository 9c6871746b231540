using System.Text.Json.Nodes;
using static System.FormattableString;

namespace RiskLake.Cli.Output;

/// <summary>What a reader wants to know after a run that only writes gold: of what, as known when, the numbers, where they are.</summary>
internal sealed class RiskRunReport(TextWriter writer, Ink ink, JsonObject record, string program)
{
    private const int MostSymbols = 20;

    private readonly RecordView _record = new(record);

    public bool IsUnchanged { get; init; }

    public void Write()
    {
        writer.WriteLine();
        var unchanged = IsUnchanged ? ink.Dim(" · unchanged: the lake holds it already") : "";
        writer.WriteLine($"{ink.Bold($"Run {_record["run_id"].Text}")}  {ink.Green("published")}{unchanged}");
        var facts = new List<string> { _record["dataset"].Text ?? "" };
        Add(facts, "date", _record["valuation_date"].Text);
        Add(facts, "as of", _record["as_of"].Text);
        Add(facts, "valued at", _record["valuation_time"].Text);
        if (_record["attempt"].Count is > 1 and var attempt)
        {
            facts.Add(Invariant($"attempt {attempt}"));
        }

        writer.WriteLine(ink.Dim(string.Join(" · ", facts)));
        WriteHeadline();
        WriteLimits();
        WriteTables();
    }

    private void WriteHeadline()
    {
        var symbols = _record["headline"].Fields.ToList();
        if (symbols.Count == 0)
        {
            return;
        }

        writer.WriteLine();
        var first = symbols[0].Value;
        var grid = new Grid { Indent = 2 };
        grid.Add("symbol", Right($"VaR {first["confidence"].Text}"), Right("ES"), Right("volatility"), Right("returns"), "status");
        foreach (var (symbol, row) in symbols.Take(MostSymbols))
        {
            grid.Add(
                symbol, Number(row["value_at_risk"].Value), Number(row["expected_shortfall"].Value), Number(row["volatility"].Value),
                Right(Invariant($"{row["observations"].Count ?? 0:#,0}")),
                row["reason"].Text is { } reason ? $"{row["status"].Text}: {reason}" : row["status"].Text ?? "");
        }

        grid.WriteTo(writer);
        if (symbols.Count > MostSymbols)
        {
            writer.WriteLine(ink.Dim(Invariant($"  and {symbols.Count - MostSymbols} more")));
        }

        writer.WriteLine(ink.Dim(Invariant(
            $"  {first["method"].Text}: {first["returns"].Text} returns of at most {first["window"].Count} sessions, one session ahead, losses positive")));
        writer.WriteLine(ink.Dim("  volatility: log returns, close to close, of a year where the market's sessions are known"));
    }

    private void WriteLimits()
    {
        var verdicts = _record["limits"].Fields.Select(field => Invariant($"{field.Value.Count ?? 0} {field.Name}")).ToArray();
        if (verdicts.Length > 0)
        {
            writer.WriteLine();
            writer.WriteLine($"  limits: {string.Join(", ", verdicts)}{ink.Dim($"   {program} risk limits evaluate")}");
        }
    }

    private void WriteTables()
    {
        writer.WriteLine();
        foreach (var (table, rows) in _record["records_written"].Fields)
        {
            var path = table.StartsWith("gold_", StringComparison.Ordinal) ? $"gold/{table[5..]}" : table;
            writer.WriteLine(Invariant($"  {path,-32} {rows.Count ?? 0,10:#,0} rows"));
        }

        writer.WriteLine();
        const string Query = "select symbol, method, confidence, value, status from gold.risk_measures where measure = 'value_at_risk'";
        writer.WriteLine(ink.Dim($"Next: {program} data sql \"{Query}\""));
        writer.WriteLine(ink.Dim($"      {program} risk verify {_record["run_id"].Text}"));
    }

    private static Cell Number(double? value) => Right(value is { } number ? Invariant($"{number:0.000000}") : "-");

    private static Cell Right(string text) => new(text, IsRight: true);

    private static void Add(List<string> facts, string name, string? value)
    {
        if (value is not null)
        {
            facts.Add($"{name} {value}");
        }
    }
}
