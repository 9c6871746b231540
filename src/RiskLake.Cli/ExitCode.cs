using System.Reflection;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli;

/// <summary>What the process ends with; each number tells a scheduler what to do next.</summary>
internal static class ExitCode
{
    /// <summary>What was asked for is done, or was done already.</summary>
    public const int Done = 0;

    /// <summary>The gate blocked a run, or a check or verification failed: look at the data.</summary>
    public const int CheckFailed = 1;

    /// <summary>Usage, configuration or contract invalid: change the command.</summary>
    public const int Usage = 2;

    /// <summary>Input, disk or engine: try again.</summary>
    public const int Infrastructure = 3;

    /// <summary>Some parts are published, some failed: resume.</summary>
    public const int Partial = 4;

    /// <summary>Another process is at work: later.</summary>
    public const int Conflict = 5;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM.</summary>
    public const int Terminated = 143;

    /// <summary>The exit code an error ends the process with.</summary>
    public static int Of(ErrorCode code) => Describe(code).ExitCode;

    /// <summary>Title and meaning of an error.</summary>
    public static ErrorAttribute Describe(ErrorCode code) =>
        typeof(ErrorCode).GetField(code.ToString())?.GetCustomAttribute<ErrorAttribute>()
        ?? new ErrorAttribute("Unlisted error", "The code has no description.") { ExitCode = Infrastructure };
}
