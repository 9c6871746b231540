using System.CommandLine;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake completion</c>: a script for the shell; the program itself answers what may follow.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # risklake completion for bash:  source <(risklake completion bash)
        _risklake() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _risklake risklake ./risklake
        """;

    private const string Zsh = """
        # risklake completion for zsh:  source <(risklake completion zsh)
        _risklake() {
            local -a found
            found=("${(@f)$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a found
            [[ ${#found} -gt 0 ]] || _files
        }
        compdef _risklake risklake ./risklake
        """;

    private const string Fish = """
        # risklake completion for fish:  risklake completion fish | source
        function __risklake_complete
            set --local line (commandline --cut-at-cursor)
            set --local words (commandline --tokenize)
            $words[1] "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null
        end
        complete --command risklake --arguments "(__risklake_complete)"
        """;

    public static Command Build(CommandContext context)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a script that completes commands, options, runs and tables in the shell.") { shell };
        command.SetAction(parsed =>
        {
            context.Terminal.Out.WriteLine(parsed.GetValue(shell) switch { "zsh" => Zsh, "fish" => Fish, _ => Bash });
            return ExitCode.Done;
        });
        return command;
    }
}
