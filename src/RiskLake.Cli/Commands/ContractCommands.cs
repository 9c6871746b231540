using System.CommandLine;
using System.Text;
using RiskLake.Cli.Output;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake contract</c>: what is asked of each record, and whether the files that say so are sound.</summary>
internal static class ContractCommands
{
    public static Command Build(CommandContext context) =>
        CommandTree.Group("contract", "Show and check the contracts.", List(context), Show(context), Lint(context));

    private static Command List(CommandContext context)
    {
        var command = new Command("list", "The contracts in force.") { context.Options.Contracts };
        command.SetAction(parsed =>
        {
            var rows = context.Rows(parsed, "contract", "dataset", "version", "compatibility", "delivery", "key", "fields", "sha256");
            foreach (var contract in Load(context, parsed).All)
            {
                rows.Write(
                [
                    contract.Name, contract.Dataset, contract.Version, Words(contract.Compatibility), Words(contract.Delivery), string.Join(", ", contract.Key),
                    contract.Fields.Count, contract.Sha256,
                ]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Show(CommandContext context)
    {
        var name = new Argument<string>("contract") { Description = "Contract or dataset." };
        var version = new Option<string?>("--contract-version") { Description = "A listed version instead of the one in force.", HelpName = "version" };
        var command = new Command("show", "The fields of a contract as the decoder enforces them.") { name, version, context.Options.Contracts };
        command.SetAction(parsed =>
        {
            var registry = Load(context, parsed);
            var contract = parsed.GetValue(version) is { } one ? registry.Get(parsed.GetValue(name)!, one) : registry.Get(parsed.GetValue(name)!);
            var rows = context.Rows(
                parsed, "field", "type", "required", "role", "key", "delivery", "minimum", "maximum", "length", "pattern", "values", "normalise");
            foreach (var field in contract.Fields)
            {
                rows.Write(
                [
                    field.Name, Type(field), field.Required, field.Role == FieldRole.None ? null : Words(field.Role),
                    contract.Key.Contains(field.Name, StringComparer.Ordinal), field.IsDelivery, Text(field.Minimum), Text(field.Maximum), Length(field),
                    field.Pattern, field.AllowedValues.Count == 0 ? null : string.Join(", ", field.AllowedValues),
                    field.Normalisation == Normalisation.None ? null : Words(field.Normalisation),
                ]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Lint(CommandContext context)
    {
        var command = new Command("lint", "Check the registry and every version of every contract in it.") { context.Options.Contracts };
        command.SetAction(parsed =>
        {
            var findings = ContractRegistry.Lint(context.Options.ContractsOf(parsed));
            if (findings.Count > 0 || context.Format(parsed) != OutputFormat.Table)
            {
                var rows = context.Rows(parsed, "severity", "error", "rule", "place", "found", "expected", "next");
                foreach (var finding in findings)
                {
                    rows.Write(
                    [
                        Words(finding.Severity), FormattableString.Invariant($"RL{(int)finding.Code:0000}"), finding.Rule, finding.Place, finding.Found,
                        finding.Expected, finding.Next,
                    ]);
                }

                rows.Finish();
            }

            var errors = findings.Count(finding => finding.Severity == Severity.Error);
            context.Terminal.Say(FormattableString.Invariant(
                $"{errors} errors, {findings.Count(finding => finding.Severity == Severity.Warning)} warnings in {context.Options.ContractsOf(parsed)}"));
            return errors > 0 ? ExitCode.Usage : ExitCode.Done;
        });
        return command;
    }

    private static ContractRegistry Load(CommandContext context, ParseResult parsed) => ContractRegistry.Load(context.Options.ContractsOf(parsed));

    private static string Type(ContractField field) => field.Type == Lake.Columns.ColumnType.Decimal
        ? FormattableString.Invariant($"decimal({field.Precision},{field.Scale})")
        : Words(field.Type);

    private static string? Text(Bound? bound) => bound is { } value ? $"{value.Text}{(value.Exclusive ? " (exclusive)" : "")}" : null;

    private static string? Length(ContractField field) => (field.MinLength, field.MaxLength) switch
    {
        (null, null) => null,
        var (least, most) => FormattableString.Invariant($"{least ?? 0}..{most}"),
    };

    // Enumerations as the configuration spells them.
    private static string Words(Enum value)
    {
        var words = new StringBuilder();
        foreach (var c in value.ToString())
        {
            if (char.IsUpper(c) && words.Length > 0 && words[^1] != ' ')
            {
                words.Append('_');
            }

            words.Append(char.ToLowerInvariant(c));
        }

        return words.ToString();
    }
}
