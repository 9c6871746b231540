using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Lake.Errors;
using RiskLake.Risk.Oracles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk oracle</c>: the library against numbers that others computed, on the machine of the user.</summary>
internal static class OracleCommand
{
    public static Command Build(CommandContext context)
    {
        var folder = new Option<string?>("--folder")
        {
            Description = "Folder with data (dem2gbp.csv, eustock.csv, dax_rolling_var_es.csv) and, if there, expected_*.json instead of the shipped ones.",
            HelpName = "folder",
        };
        var command = new Command("oracle", "Compare the risk library with reference numbers, and show the digits of agreement.") { folder };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(folder) is { } given && !Directory.Exists(given))
            {
                throw new RiskLakeException(
                    ErrorCode.InputMissing, folder.Name, $"no folder '{given}'", "a folder with the data of the reference numbers", "check the path");
            }

            var source = new OracleSource(parsed.GetValue(folder));
            var rows = context.AllRows(parsed, "check", "status", "numbers", "facts", "digits", "worst_difference", "tolerance", "remark");
            List<OracleOutcome> outcomes = [];
            foreach (var (name, check) in OracleChecks.All)
            {
                context.Token.ThrowIfCancellationRequested();
                var outcome = OracleChecks.Make(name, check, source);
                outcomes.Add(outcome);
                rows.Write(Row(outcome));
            }

            rows.Finish();
            return Judge(context, outcomes);
        });
        return command;
    }

    private static object?[] Row(OracleOutcome outcome)
    {
        var status = outcome.Failures.Count > 0 ? "differs" : outcome.Absent is not null ? "absent" : "agrees";
        var made = outcome.Absent is null || outcome.Numbers > 0;
        return
        [
            outcome.Name, status, outcome.Numbers, outcome.Facts, outcome.Digits, made && outcome.Numbers > 0 ? outcome.Worst : null,
            made && outcome.Numbers > 0 ? outcome.Tolerance : null,
            outcome.Failures.Count > 0 ? outcome.Failures[0] : outcome.Absent is { } absent ? $"needs {absent}" : string.Empty,
        ];
    }

    private static int Judge(CommandContext context, List<OracleOutcome> outcomes)
    {
        var differ = outcomes.Count(outcome => outcome.Failures.Count > 0);
        var absent = outcomes.Count(outcome => outcome is { Absent: not null, Failures.Count: 0 });
        var numbers = outcomes.Sum(outcome => outcome.Numbers);
        context.Terminal.Say(FormattableString.Invariant(
            $"{outcomes.Count - differ - absent} checks agree over {numbers} numbers; {differ} differ; {absent} lack their data (--folder)"));
        return differ > 0 ? ExitCode.CheckFailed : ExitCode.Done;
    }
}
