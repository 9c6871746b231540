using System.Globalization;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli.Output;

/// <summary>Shows what stopped the process: number, place, found, expected, next step. Never a stack trace unless asked for.</summary>
internal static class ErrorReport
{
    private const int MostOthers = 20;

    public static void Write(Terminal terminal, RiskLakeException error)
    {
        var writer = terminal.Error;
        var ink = terminal.ErrorInk;
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{ink.Alarm($"error RL{(int)error.Code:0000}:")} {ValueText.OneLine(error.Place)}: {Sentence(ExitCode.Describe(error.Code).Title)}"));
        var grid = new Grid { Indent = 2 };
        grid.Add(new Cell("found", Paint: ink.Dim), ValueText.OneLine(error.Found));
        grid.Add(new Cell("expected", Paint: ink.Dim), ValueText.OneLine(error.Expected));
        grid.Add(new Cell("next", Paint: ink.Dim), ValueText.OneLine(error.Next));
        grid.WriteTo(writer);
        if (error.InnerException is ConfigProblemsException { Problems: { Count: > 1 } problems })
        {
            WriteOthers(terminal, [.. problems.Skip(1)]);
        }

        Trace(terminal, error);
    }

    /// <summary>One line for what should not have happened.</summary>
    public static void WriteBug(Terminal terminal, Exception bug)
    {
        var what = $"{bug.GetType().Name}: {ValueText.OneLine(bug.Message)}";
        terminal.Error.WriteLine($"{terminal.ErrorInk.Alarm("error RL9999:")} internal error: {what} (RISKLAKE_DEBUG=1 shows where)");
        Trace(terminal, bug);
    }

    private static void WriteOthers(Terminal terminal, List<ConfigProblem> others)
    {
        foreach (var problem in others.Take(MostOthers))
        {
            terminal.Error.WriteLine($"  {terminal.ErrorInk.Dim("also")}      {ValueText.OneLine(problem.ToString())}");
        }

        if (others.Count > MostOthers)
        {
            terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {terminal.ErrorInk.Dim("also")}      {others.Count - MostOthers} more"));
        }
    }

    private static void Trace(Terminal terminal, Exception exception)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("RISKLAKE_DEBUG"), "1", StringComparison.Ordinal))
        {
            terminal.Error.WriteLine(exception.ToString());
        }
    }

    // Titles stand alone in docs/errors.md; here they follow a colon.
    private static string Sentence(string title) =>
        title.Length > 1 && char.IsUpper(title[0]) && !char.IsUpper(title[1]) ? char.ToLowerInvariant(title[0]) + title[1..] : title;
}
