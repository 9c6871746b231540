using System.CommandLine;
using System.Globalization;
using System.Text;
using RiskLake.Ingest.Decoding;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli.Commands;

/// <summary>Pages of the documentation that follow from the code. Hidden: it serves those who work on the code.</summary>
internal static class DocsCommand
{
    private static readonly string[] Categories =
        ["", "Usage and configuration", "Contracts", "Input and sources", "Quality", "Storage", "Engine", "Risk", "Cluster", "Our bugs"];

    public static Command Build(CommandContext context)
    {
        var page = new Argument<string>("page") { Description = "errors, or quantities." };
        page.AcceptOnlyFromAmong("errors", "quantities");
        var command = new Command("docs", "Print a page of the documentation.") { page };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            context.Terminal.Out.Write(parsed.GetValue(page) == "errors" ? Errors() : Risk.RiskQuantities.Page());
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary><c>docs/errors.md</c>.</summary>
    public static string Errors()
    {
        var text = new StringBuilder("""
            # Errors, exit codes and reasons

            Generated from the code; a test keeps it current. Numbers and reason codes are permanent: none is ever given another meaning.

            An error is one line with its number, then the place, what was found, what was expected and what to do next, all on standard
            error. Standard output carries results only.

            ## Exit codes

            | exit | meaning | what to do |
            |---|---|---|
            | 0 | done, or done already | nothing |
            | 1 | the gate blocked the run, or a check or verification failed | look at the data |
            | 2 | usage, configuration or contract invalid | change the command or the file |
            | 3 | input, disk or engine failed | repeat the command |
            | 4 | some parts were published, some failed | resume |
            | 5 | another process is at work on the same run | repeat the command later |
            | 130 | interrupted (Ctrl-C) | repeat the command |
            | 143 | terminated (SIGTERM) | repeat the command |

            ## Errors

            """);
        foreach (var category in Enum.GetValues<ErrorCode>().GroupBy(code => (int)code / 1000).OrderBy(group => group.Key))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n### RL{category.Key}xxx {Categories[category.Key]}\n\n");
            text.Append("| code | error | meaning | exit |\n|---|---|---|---|\n");
            foreach (var code in category.Order())
            {
                var about = ExitCode.Describe(code);
                text.Append(CultureInfo.InvariantCulture, $"| RL{(int)code:0000} | {about.Title} | {about.Meaning} | {about.ExitCode} |\n");
            }
        }

        text.Append("""

            ## Reasons in quarantine

            A rejected record names all its reasons; the first one is its `code`.

            | reason | meaning |
            |---|---|

            """);
        foreach (var reason in ReasonCode.All)
        {
            text.Append(CultureInfo.InvariantCulture, $"| `{reason.Name}` | {reason.Description} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"| `{Ingest.Quarantine.QuarantineTable.ConflictCode}` | ");
        text.Append("The key stands in silver already, or earlier in the run, with another content; both versions are named. |\n");
        return text.ToString();
    }
}
