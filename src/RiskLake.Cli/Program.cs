using System.Reflection;
using System.Text;
using RiskLake.Cli;

// Scripts ask for the version often, so nothing else is loaded on the way to it.
if (args is ["--version"])
{
    using var stdout = Console.OpenStandardOutput();
    stdout.Write(Encoding.ASCII.GetBytes($"risklake {Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)}\n"));
    return ExitCode.Done;
}

return CommandLine.Run(args);
