using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Risk;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk capital</c>: the formulas of FRTB's internal models approach on amounts the caller has measured.</summary>
internal sealed class CapitalCommand
{
    private readonly Option<string?> _horizons = Amounts(
        "--liquidity-shortfalls", "Ten-day ES of the factors of liquidity horizon at least 10, 20, 40, 60, 120 days.");
    private readonly Option<string?> _stressed = Amounts(
        "--stressed-shortfalls", "Three ES: reduced set in stress times, full set today, reduced set today.");
    private readonly Option<double?> _unconstrained = new("--unconstrained")
    {
        Description = "With --constrained: ES over all risk classes.",
        HelpName = "amount",
    };

    private readonly Option<string?> _constrained = Amounts(
        "--constrained", "ES of each risk class.");
    private readonly Option<string?> _credit = Amounts(
        "--non-modellable-credit", "Stressed ES of idiosyncratic credit spread factors that cannot be modelled.");
    private readonly Option<string?> _equity = Amounts(
        "--non-modellable-equity", "Stressed ES of idiosyncratic equity factors that cannot be modelled.");
    private readonly Option<string?> _other = Amounts(
        "--non-modellable-other", "Stressed ES of all other factors that cannot be modelled.");
    private readonly Option<string?> _green = Amounts(
        "--green-desks", "With --amber-desks: standardised capital of the desks the attribution test calls green.");
    private readonly Option<string?> _amber = Amounts(
        "--amber-desks", "Standardised capital of the desks it calls amber.");

    public static Command Build(CommandContext context)
    {
        var own = new CapitalCommand();
        var command = SeriesOptions.With(
            new Command("capital", "Formulas of FRTB's internal models approach, on amounts: liquidity horizons, stress scaling, IMCC, and the rest."),
            [
                own._horizons, own._stressed, own._unconstrained, own._constrained, own._credit, own._equity, own._other, own._green, own._amber,
            ]);
        command.SetAction(parsed => own.Run(context, parsed));
        return command;
    }

    private int Run(CommandContext context, ParseResult parsed)
    {
        List<Measure> measures = [];
        if (Of(parsed, _horizons) is { } horizons)
        {
            measures.Add(horizons.Length <= 5
                ? InternalModelCapital.LiquidityHorizonShortfall(horizons)
                : throw NumberOptions.Invalid(_horizons.Name, FormattableString.Invariant($"{horizons.Length} amounts"), "at most five, one for each horizon"));
        }

        if (Of(parsed, _stressed) is { } three)
        {
            measures.Add(three.Length == 3
                ? InternalModelCapital.StressedShortfall(three[0], three[1], three[2])
                : throw NumberOptions.Invalid(_stressed.Name, FormattableString.Invariant($"{three.Length} amounts"), "three"));
        }

        if (parsed.GetValue(_unconstrained) is null != (parsed.GetValue(_constrained) is null))
        {
            throw NumberOptions.Invalid(_unconstrained.Name, "one of the two alone", "--unconstrained and --constrained");
        }

        if (parsed.GetValue(_unconstrained) is { } whole && Of(parsed, _constrained) is { } parts)
        {
            measures.Add(InternalModelCapital.Aggregate(whole, parts));
        }

        var (credit, equity, other) = (Of(parsed, _credit), Of(parsed, _equity), Of(parsed, _other));
        if (credit is not null || equity is not null || other is not null)
        {
            measures.Add(InternalModelCapital.NonModellableShortfall(credit ?? [], equity ?? [], other ?? []));
        }

        Write(context, parsed, measures);
        return ExitCode.Done;
    }

    private void Write(CommandContext context, ParseResult parsed, List<Measure> measures)
    {
        var (green, amber) = (Of(parsed, _green), Of(parsed, _amber));
        if (measures.Count == 0 && green is null && amber is null)
        {
            throw NumberOptions.Invalid(_horizons.Name, "no amount", "amounts for one formula or more");
        }

        var rows = context.Rows(parsed, "measure", "method", "value", "unit", "confidence", "sign", "status", "reason");
        foreach (var measure in measures)
        {
            rows.Write(
            [
                measure.Name, measure.Method, measure.Value, "amount", measure.Convention.Confidence?.Level, measure.Convention.Sign.Code(),
                measure.Status.Code(), measure.Reason,
            ]);
        }

        if (green is not null || amber is not null)
        {
            var share = ProfitAndLossAttribution.SurchargeShare(green ?? [], amber ?? []);
            rows.Write(
            [
                "surcharge_share", "mar33", share, "fraction", null, Sign.Natural.Code(), share is null ? Status.Degenerate.Code() : Status.Ready.Code(),
                share is null ? "The desks have no capital." : null,
            ]);
        }

        rows.Finish();
    }

    private static double[]? Of(ParseResult parsed, Option<string?> option) => parsed.GetValue(option) is { } text
        ? [.. text.Split(',', StringSplitOptions.TrimEntries).Select(part => NamedNumbers.Number(option.Name, part))]
        : null;

    private static Option<string?> Amounts(string name, string description) =>
        new(name) { Description = description + " Amounts between commas.", HelpName = "amounts" };
}
