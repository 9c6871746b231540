using System.CommandLine;
using System.Text.Json.Nodes;
using RiskLake.Cli.Output;
using RiskLake.Desk.Limits;
using RiskLake.Risk;
using RiskLake.RiskRuns;
using static System.FormattableString;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk explain</c>: why a number moved between two dates.</summary>
internal sealed class ExplainCommand
{
    private readonly CommandContext _context;
    private readonly RiskLakeOptions _lake;
    private readonly Option<string?> _symbol = Text("--symbol", "Explain a number of a symbol.", "symbol");
    private readonly Option<string?> _portfolio = Text("--portfolio", "Explain a number of a portfolio.", "id");
    private readonly Option<string?> _node = Text("--node", "Explain a number of a node of the hierarchy.", "path");

    private readonly Option<string> _measure = new("--measure")
    {
        Description = "value_at_risk, expected_shortfall; of portfolios also volatility.",
        HelpName = "name",
        DefaultValueFactory = _ => LimitedMeasure.ValueAtRisk,
    };

    private readonly Option<string> _method = new("--method")
    {
        Description = "How it is measured.",
        HelpName = "name",
        DefaultValueFactory = _ => "historical",
    };

    private readonly Option<string> _confidence = new("--confidence")
    {
        Description = "An exact decimal or fraction.",
        HelpName = "level",
        DefaultValueFactory = _ => "0.99",
    };

    private readonly Option<string> _from = new("--from") { Description = "Date of the old number.", HelpName = "date", Required = true };
    private readonly Option<string> _to = new("--to") { Description = "Date of the new number.", HelpName = "date", Required = true };
    private readonly Option<string?> _fromAsOf = Text("--from-as-of", "What was known on the old side. Default: what the run of its date knew.", "time");
    private readonly Option<string?> _toAsOf = Text("--to-as-of", "What was known on the new side. Default: what the run of its date knew.", "time");
    private readonly Option<string?> _fromSettings = Text("--from-settings", "Settings of the old number, where they were others.", "file");
    private readonly Option<int?> _fromAttempt = Attempt(
        "--from-attempt", "Attempt of the run of the old date. Default: the last; on one date the one before it.");
    private readonly Option<int?> _toAttempt = Attempt("--to-attempt", "Attempt of the run of the new date. Default: the last.");
    private readonly Option<string?> _fromMethod = Text("--from-method", "Method of the old number, where it was another.", "name");
    private readonly Option<string?> _fromConfidence = Text("--from-confidence", "Confidence of the old number, where it was another.", "level");

    private ExplainCommand(CommandContext context)
    {
        _context = context;
        _lake = new RiskLakeOptions(context);
    }

    public static Command Build(CommandContext context)
    {
        var explain = new ExplainCommand(context);
        var command = new Command("explain", "Why a number moved between two dates: prices restated, observations left and entered, weights, parameters.")
        {
            explain._symbol, explain._portfolio, explain._node, explain._measure, explain._method, explain._confidence, explain._from, explain._to,
            explain._fromAsOf, explain._toAsOf, explain._fromSettings, explain._fromMethod, explain._fromConfidence,
            explain._fromAttempt, explain._toAttempt,
        };
        explain._lake.AddTo(command);
        command.SetAction(explain.Execute);
        return command;
    }

    private int Execute(ParseResult parsed)
    {
        _context.ExistingLake(parsed);
        var request = Request(parsed);
        var explanation = RiskExplanation.Explain(request, _context.Clock, _context.Storage, _context.Token);
        if (_context.Format(parsed) == OutputFormat.Table)
        {
            WriteTable(request, explanation);
        }
        else
        {
            WriteRow(parsed, request, explanation);
        }

        return explanation.Attribution.Reason is null ? ExitCode.Done : ExitCode.CheckFailed;
    }

    private ExplanationRequest Request(ParseResult parsed) => new()
    {
        Run = _lake.Request(parsed, _context),
        Subject = Subject(parsed),
        Measure = parsed.GetValue(_measure)!,
        Method = parsed.GetValue(_method)!,
        Confidence = NumberOptions.Level(_confidence.Name, parsed.GetValue(_confidence)!),
        From = Dates.Parse(_from.Name, parsed.GetValue(_from)),
        To = Dates.Parse(_to.Name, parsed.GetValue(_to)),
        FromAsOf = Time(parsed, _fromAsOf),
        ToAsOf = Time(parsed, _toAsOf),
        FromAttempt = parsed.AtLeast(_fromAttempt, 1),
        ToAttempt = parsed.AtLeast(_toAttempt, 1),
        FromSettingsPath = parsed.GetValue(_fromSettings),
        FromMethod = parsed.GetValue(_fromMethod),
        FromConfidence = parsed.GetValue(_fromConfidence) is { } level ? NumberOptions.Level(_fromConfidence.Name, level) : null,
    };

    private LimitScope Subject(ParseResult parsed)
    {
        LimitScope[] named =
        [
            .. new[] { (_symbol, LimitScope.Symbol), (_portfolio, LimitScope.Portfolio), (_node, LimitScope.Node) }
                .Where(pair => parsed.GetValue(pair.Item1) is not null)
                .Select(pair => new LimitScope(pair.Item2, parsed.GetValue(pair.Item1)!)),
        ];
        return named.Length == 1 ? named[0] : throw NumberOptions.Invalid(
            "--symbol", named.Length == 0 ? "nothing to explain" : "several things to explain", "one of --symbol, --portfolio and --node");
    }

    private void WriteTable(ExplanationRequest request, Explanation explanation)
    {
        var writer = _context.Terminal.Out;
        var ink = _context.Terminal.OutInk;
        var attribution = explanation.Attribution;
        var what = $"{request.Measure} of {request.Subject.Name}, {request.Method}, {request.Confidence}";
        writer.WriteLine(ink.Bold(Invariant($"{what}: {request.From:yyyy-MM-dd} to {request.To:yyyy-MM-dd}, in {explanation.Unit}")));
        WriteSide(writer, ink, "old", explanation.From, attribution.Start);
        WriteSide(writer, ink, "new", explanation.To, attribution.End);
        if (attribution.Reason is { } reason)
        {
            writer.WriteLine($"  no parts: {reason}");
            return;
        }

        var grid = new Grid { Indent = 2 };
        grid.Add("step", Right("change"), Right("value"), Right("observations"), "those in the tail first, marked *");
        grid.Add("start", Right(""), Right(Number(attribution.Start)), Right(""), "");
        foreach (var part in attribution.Parts)
        {
            grid.Add(
                StepText(part), Right(Number(part.Change)), Right(Number(part.Value)), Right(Invariant($"{part.Observations.Count}")),
                Named(part.Observations));
        }

        grid.Add("total", Right(Number(attribution.Total)), Right(Number(attribution.End)), Right(""), "");
        grid.Add("residual", Right(Number(attribution.Residual)), Right(""), Right(""), "");
        grid.WriteTo(writer);
        writer.WriteLine(ink.Dim("  Steps in this order, each measured anew; another order would split the total otherwise."));
        foreach (var (symbol, before, after) in explanation.Weights.Where(item => item.Before != item.After))
        {
            writer.WriteLine(Invariant($"  weight {symbol}: {Number(before)} to {Number(after)}"));
        }
    }

    private static void WriteSide(TextWriter writer, Ink ink, string name, ExplanationSide side, double? value)
    {
        var known = side.RunId is { } id ? Invariant($"as attempt {side.Attempt} of run {id} knew it")
            : side.AsOfMicros is null ? "as the lake knows it now" : "as known at the time asked for";
        var published = side.Published is not { } number ? ""
            : number == value ? "; that is the published number"
            : Invariant($"; the run published {Number(number)}, under other settings or over other sessions");
        writer.WriteLine(ink.Dim(Invariant($"  {name}: {side.Date:yyyy-MM-dd}, {known}, lake version {side.LakeVersion}{published}")));
    }

    private void WriteRow(ParseResult parsed, ExplanationRequest request, Explanation explanation)
    {
        var attribution = explanation.Attribution;
        var rows = _context.AllRows(
            parsed, "subject_kind", "subject", "measure", "method", "confidence", "unit", "from", "to", "start", "end", "total", "residual", "parts",
            "weights", "reason");
        rows.Write(
        [
            request.Subject.Kind, request.Subject.Name, request.Measure, request.Method, request.Confidence.ToString(), explanation.Unit,
            SideJson(explanation.From), SideJson(explanation.To), attribution.Start, attribution.End, attribution.Total, attribution.Residual,
            new JsonArray([.. attribution.Parts.Select((part, i) => (JsonNode?)PartJson(part, i + 1))]),
            new JsonArray([.. explanation.Weights.Select(item => (JsonNode?)new JsonObject
            {
                ["symbol"] = item.Symbol,
                ["before"] = item.Before,
                ["after"] = item.After,
            })]),
            attribution.Reason,
        ]);
        rows.Finish();
    }

    private static JsonObject SideJson(ExplanationSide side) => new()
    {
        ["date"] = Invariant($"{side.Date:yyyy-MM-dd}"),
        ["run_id"] = side.RunId,
        ["attempt"] = side.Attempt,
        ["lake_version"] = side.LakeVersion,
        ["as_of"] = side.AsOfMicros is { } micros ? ValueText.Plain(DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond)) : null,
        ["published"] = side.Published,
    };

    private static JsonObject PartJson(AttributionPart part, int order) => new()
    {
        ["order"] = order,
        ["step"] = StepText(part),
        ["change"] = part.Change,
        ["value"] = part.Value,
        ["observations"] = new JsonArray([.. part.Observations.Select(item => (JsonNode?)new JsonObject
        {
            ["date"] = Invariant($"{item.Date:yyyy-MM-dd}"),
            ["before"] = item.Before,
            ["after"] = item.After,
            ["in_tail"] = item.InTail,
        })]),
    };

    private static string StepText(AttributionPart part) => string.Join(" and ", part.Steps.Select(step => step switch
    {
        AttributionStep.Restated => "restated",
        AttributionStep.Left => "left the window",
        AttributionStep.Entered => "entered the window",
        AttributionStep.Weights => "weights",
        _ => "parameters",
    }));

    private static string Named(IReadOnlyList<AttributedObservation> observations)
    {
        const int Most = 4;
        var shown = observations.OrderBy(item => item.InTail ? 0 : 1).ThenBy(item => item.Date).Take(Most)
            .Select(item => Text(item) + (item.InTail ? "*" : ""));
        return string.Join(", ", shown) + (observations.Count > Most ? Invariant($" and {observations.Count - Most} more") : "");
    }

    private static string Text(AttributedObservation item) => (item.Before, item.After) switch
    {
        ({ } before, { } after) => Invariant($"{item.Date:yyyy-MM-dd} {Number(before)} to {Number(after)}"),
        _ => Invariant($"{item.Date:yyyy-MM-dd} {Number(item.Before ?? item.After)}"),
    };

    private static string Number(double? value) => value is not { } number ? "-"
        : Math.Abs(number) >= 1000 ? Invariant($"{number:#,0.00}")
        : number != 0 && Math.Abs(number) < 1e-6 ? Invariant($"{number:0.0e+0}")
        : Invariant($"{number:0.000000}");

    private static Cell Right(string text) => new(text, IsRight: true);

    private static Option<string?> Text(string name, string description, string help) => new(name) { Description = description, HelpName = help };

    private static Option<int?> Attempt(string name, string description) => new(name) { Description = description, HelpName = "n" };

    private static long? Time(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } text ? Instants.Parse(option.Name, text) : null;
}
