using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using RiskLake.Calendars;
using RiskLake.Cli.Commands;
using RiskLake.Cli.Output;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Cli;

/// <summary>From arguments to an exit code: the edge where every error becomes a message and a number.</summary>
internal static class CommandLine
{
    // No response files: an argument that begins with @ is a value like any other.
    private static readonly ParserConfiguration Parser = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    public static int Run(string[] args)
    {
        using var terminal = Terminal.Open();
        using var interruption = new Interruption();
        try
        {
            var exitCode = Invoke(args, terminal, interruption);
            terminal.Out.Flush();
            return exitCode;
        }
        catch (RiskLakeException error) when (error.Code is ErrorCode.OutputFailed)
        {
            ErrorReport.Write(terminal, error);
            return ExitCode.Of(error.Code);
        }
        catch (OperationCanceledException) when (interruption.ExitCode != 0)
        {
            terminal.Error.WriteLine("interrupted: what was not yet decided is not published; the lake is intact");
            return interruption.ExitCode;
        }
        catch (RiskLakeException error)
        {
            terminal.TryFlush();
            ErrorReport.Write(terminal, error);
            return interruption.ExitCode != 0 ? interruption.ExitCode : ExitCode.Of(error.Code);
        }
        catch (CalendarException error)
        {
            terminal.TryFlush();
            var coded = CalendarErrors.Coded(error);
            ErrorReport.Write(terminal, coded);
            return ExitCode.Of(coded.Code);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            terminal.TryFlush();
            ErrorReport.Write(terminal, Storage(exception));
            return ExitCode.Infrastructure;
        }
        catch (Exception bug)
        {
            terminal.TryFlush();
            ErrorReport.WriteBug(terminal, bug);
            return ExitCode.Of(ErrorCode.Internal);
        }
    }

    private static int Invoke(string[] args, Terminal terminal, Interruption interruption)
    {
        var options = new CommonOptions();
        var context = new CommandContext(terminal, options, interruption.Token) { WaitWhenInterrupted = interruption.Wait };
        var tree = CommandTree.Build(context);
        var parsed = tree.Parse(args, Parser);
        if (parsed.Errors.Count > 0 && parsed.Action is null or ParseErrorAction)
        {
            if (args.Length == 0)
            {
                parsed = tree.Parse(["--help"], Parser);
            }
            else
            {
                throw Misunderstood(parsed, terminal.CommandName);
            }
        }

        terminal.Verbosity = options.VerbosityOf(parsed);
        context.Disk.Trust = options.TrustOf(parsed);
        if (context.Disk.Trust is FileTrust.Always)
        {
            terminal.Error.WriteLine("--trust: the files of the lake are read without comparing their digests with its log");
        }

        return parsed.Invoke(new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
            Output = terminal.Out,
            Error = terminal.Error,
        });
    }

    private static RiskLakeException Misunderstood(ParseResult parsed, string program)
    {
        var command = parsed.CommandResult.Command;
        var place = Place(parsed.CommandResult, program);
        var known = command.Subcommands.Where(child => !child.Hidden).Select(child => child.Name)
            .Concat(AllOptions(parsed.CommandResult).Where(option => !option.Hidden).Select(option => option.Name))
            .ToList();
        var found = string.Join("; ", parsed.Errors.Select(error => Plain(error.Message)).Distinct(StringComparer.Ordinal));
        var help = $"`{place} --help` lists what there is";
        foreach (var word in parsed.UnmatchedTokens)
        {
            if (Spelling.Nearest(word, known) is { } nearest)
            {
                help = $"did you mean '{nearest}'? {help}";
                break;
            }
        }

        var expected = command.Subcommands.Any(child => !child.Hidden) && command.Action is null
            ? $"one of {string.Join(", ", command.Subcommands.Where(child => !child.Hidden).Select(child => child.Name))}"
            : "a command line as the help describes it";
        return new RiskLakeException(ErrorCode.CommandLineInvalid, place, found, expected, help);
    }

    // The parser speaks of .NET types and of lists with a line per item.
    private static string Plain(string message) => string.Join(' ', message.TrimEnd('.').Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .Replace("as expected type 'System.Int32'", "as a whole number", StringComparison.Ordinal)
        .Replace("as expected type 'System.Int64'", "as a whole number", StringComparison.Ordinal)
        .Replace("as expected type 'System.Nullable`1[System.Int32]'", "as a whole number", StringComparison.Ordinal)
        .Replace("as expected type 'System.Nullable`1[System.Int64]'", "as a whole number", StringComparison.Ordinal)
        .Replace("as expected type 'System.Double'", "as a number", StringComparison.Ordinal);

    private static string Place(CommandResult result, string program)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = result; at is CommandResult { Command: not RootCommand } command; at = at.Parent)
        {
            names.Push(command.Command.Name);
        }

        return string.Join(' ', names.Prepend(program));
    }

    private static IEnumerable<Option> AllOptions(CommandResult result)
    {
        for (SymbolResult? at = result; at is CommandResult command; at = at.Parent)
        {
            foreach (var option in command.Command.Options.Where(option => ReferenceEquals(at, result) || option.Recursive))
            {
                yield return option;
            }
        }
    }

    private static RiskLakeException Storage(Exception exception) => new(
        ErrorCode.StorageFailed,
        (exception as StorageException)?.Path ?? "the file system",
        exception.Message,
        "storage that works",
        (exception as StorageException)?.Next ?? "correct it and repeat the command; the lake is intact",
        exception);
}
