using System.CommandLine;
using RiskLake.Desk.Portfolios;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Options of commands that read several series of one file and weigh them.</summary>
internal sealed class PortfolioOptions
{
    private readonly Option<string?> _columns = new("--columns")
    {
        Description = "The series, between commas, by name or 1-based number; gives their order. Default: those of --weights.",
        HelpName = "columns",
    };

    private readonly Option<string[]> _weights = new("--weights")
    {
        Description = "A weight for each series, A=0.5,B=-0.2; may be negative, need not sum to one; may be repeated.",
        HelpName = "name=weight,...",
        Required = true,
    };

    private readonly Option<string?> _symbolColumn = new("--symbol-column")
    {
        Description = "For files with one row per date and symbol: the column that names the symbol.",
        HelpName = "column",
    };

    private readonly Option<string?> _column = new("--column")
    {
        Description = "With --symbol-column: the column of values. Default: close, price, adj_close or value.",
        HelpName = "column",
    };

    private readonly Option<string> _returns = new Option<string>("--returns")
    {
        Description = "What is made of the values: simple or log returns, absolute changes, or none: they are returns already. Simple ones add over assets.",
        DefaultValueFactory = _ => "simple",
    }.AcceptOnlyFromAmong("simple", "log", "absolute", "none");

    private readonly Option<string?> _kind = SeriesOptions.ReturnKindOption();

    private readonly Option<bool> _percent = new("--percent") { Description = "With --returns none: the values are in percent." };

    private readonly Option<string> _covariance = new Option<string>("--covariance")
    {
        Description = "Estimate of the covariance.",
        DefaultValueFactory = _ => CovarianceMethod.Sample.Code(),
    }.AcceptOnlyFromAmong([.. CovarianceNames.All.Select(CovarianceNames.Code)]);

    private readonly Option<double> _lambda = NumberOptions.Real("--lambda", "Decay of the ewma covariance.", 0.94);
    private readonly Option<int> _ddof = NumberOptions.Whole("--ddof", "Of the sample and ledoit_wolf_2003 covariances: divisor n - ddof.", 1);

    private readonly Option<string> _mean = new Option<string>("--mean")
    {
        Description = "Mean of the parametric method.",
        DefaultValueFactory = _ => "zero",
    }.AcceptOnlyFromAmong("zero", "sample");

    private readonly Option<string> _confidence = new("--confidence")
    {
        Description = "Confidences between commas, each an exact decimal or fraction.",
        HelpName = "levels",
        DefaultValueFactory = _ => "0.95,0.975,0.99",
    };

    private readonly Option<string?> _window = NumberOptions.SampleWindow();
    private readonly TableOptions _source;
    private readonly Option<string?> _dateColumn = SeriesOptions.DateColumnOption();
    private readonly Option<string> _missing = SeriesOptions.GapOption();

    public PortfolioOptions(CommandContext context) => _source = new TableOptions(context);

    /// <summary>Those that say which series are read, and how.</summary>
    public IEnumerable<Option> Table => [.. _source.All, _columns, _dateColumn, _symbolColumn, _column, _returns, _kind, _percent, _missing];

    /// <summary>Those that say how a covariance is estimated.</summary>
    public IEnumerable<Option> Estimate => [_covariance, _lambda, _ddof, _window];

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [.. Table, _weights, .. Estimate, _mean, _confidence];

    /// <summary>The part of a table that is measured: its last returns. Stretches of history are of the whole table.</summary>
    public ReturnTable Sample(CommandContext context, ParseResult parsed, ReturnTable table)
    {
        context.SayShort(_window, parsed, table.Sessions);
        var window = parsed.WindowOf(_window, table.Sessions);
        return window is not { } last || last == table.Sessions ? table
            : last < table.Sessions ? table.Last(last)
            : throw NumberOptions.Invalid(_window.Name, FormattableString.Invariant($"{last} of {table.Sessions} returns"), "no more than there are, or all");
    }

    /// <summary>What the returns are, in the words of the option.</summary>
    public string ReturnsOf(ParseResult parsed) => SeriesOptions.KindOf(parsed, _returns, _kind).Code();

    public CovarianceSettings CovarianceOf(ParseResult parsed) =>
        EstimateOf(parsed) with { Method = CovarianceNames.All.First(method => method.Code() == parsed.GetValue(_covariance)) };

    /// <summary>The conventions of an estimate whose method is named elsewhere.</summary>
    public CovarianceSettings EstimateOf(ParseResult parsed) =>
        new() { Lambda = parsed.Fraction(_lambda), Ddof = parsed.Between(_ddof, 0, 1) };

    public MeanRule MeanOf(ParseResult parsed) => parsed.GetValue(_mean) == "sample" ? MeanRule.Sample : MeanRule.Zero;

    public IReadOnlyList<Confidence> ConfidencesOf(ParseResult parsed) => NumberOptions.Levels(_confidence.Name, parsed.GetValue(_confidence)!);

    /// <summary>The series without weights: those of --columns, else all.</summary>
    public ReturnTable Read(CommandContext context, ParseResult parsed) => Read(context, parsed, ColumnsOf(parsed) ?? []);

    /// <summary>The series and a weight for each.</summary>
    public (ReturnTable Table, double[] Weights) ReadWeighted(CommandContext context, ParseResult parsed)
    {
        var weights = NamedNumbers.ReadSummable(_weights.Name, parsed.GetValue(_weights)!);
        var columns = ColumnsOf(parsed);
        var names = columns ?? [.. weights.Select(pair => pair.Name)];
        var table = Read(context, parsed, names);
        if (columns is null)
        {
            return (table, [.. weights.Select(pair => pair.Value)]);
        }

        // A column given by number has a name, too: weights may use either.
        var places = weights.Select(pair => (pair.Value, At: IndexOf(pair.Name))).ToDictionary(pair => pair.At, pair => pair.Value);
        for (var i = 0; i < names.Count; i++)
        {
            if (!places.ContainsKey(i))
            {
                throw NumberOptions.Invalid(_weights.Name, $"no weight for '{table.Names[i]}'", "a weight for each of --columns; 0 is one");
            }
        }

        return (table, [.. Enumerable.Range(0, names.Count).Select(i => places[i])]);

        int IndexOf(string name)
        {
            var at = names.ToList().IndexOf(name);
            return at >= 0 ? at : table.Names.ToList().IndexOf(NamedNumbers.Known(_weights.Name, name, table.Names));
        }
    }

    private IReadOnlyList<string>? ColumnsOf(ParseResult parsed)
    {
        if (parsed.GetValue(_columns) is not { } text)
        {
            return null;
        }

        var names = text.Split(',', StringSplitOptions.TrimEntries);
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length && !names.Contains(string.Empty)
            ? names
            : throw NumberOptions.Invalid(_columns.Name, $"'{text}'", "names of columns between commas, each once");
    }

    private ReturnTable Read(CommandContext context, ParseResult parsed, IReadOnlyList<string> names)
    {
        var (kind, holdsReturns) = (SeriesOptions.KindOf(parsed, _returns, _kind), parsed.GetValue(_returns) == "none");
        if (parsed.GetValue(_percent) && !holdsReturns)
        {
            throw NumberOptions.Invalid(_percent.Name, "percent of returns that are made from prices", "--returns none");
        }

        if (parsed.GetValue(_column) is not null && parsed.GetValue(_symbolColumn) is null)
        {
            throw NumberOptions.Invalid(_column.Name, "one column for several series", "--columns, or --symbol-column as well");
        }

        var table = ReturnTableReader.Read(
            _source.Open(parsed, names.Count > 0 ? names : null),
            new ReturnTableRequest
            {
                Names = names,
                DateColumn = parsed.GetValue(_dateColumn),
                SymbolColumn = parsed.GetValue(_symbolColumn),
                Column = parsed.GetValue(_column),
                Kind = kind,
                HoldsReturns = holdsReturns,
                Percent = parsed.GetValue(_percent),
                Missing = GapRules.Of(parsed.GetValue(_missing)!),
            });
        if (table.Names.Distinct(StringComparer.Ordinal).Count() < table.Names.Count)
        {
            throw NumberOptions.Invalid(_weights.Name, "one column under two names", "each column once");
        }

        if (table.PassedOver.Count > 0)
        {
            context.Terminal.Say($"columns without a number, passed over: {string.Join(", ", table.PassedOver)}");
        }

        if (!table.HasDates)
        {
            context.Terminal.Say("no column of dates: rows are taken to run from the oldest to the newest");
        }

        if (table.LeftOut.Count > 0)
        {
            var shown = string.Join(", ", table.LeftOut.Take(5)) + (table.LeftOut.Count > 5 ? ", ..." : "");
            var fate = table.Rule == GapRule.Join
                ? "returns there run over the gap in all series"
                : "the returns to them and from them are left out in all series (--missing)";
            context.Terminal.Say(FormattableString.Invariant(
                $"dates left out because a series has no value on them: {table.LeftOut.Count} ({shown}); {fate}"));
        }

        return table;
    }
}
