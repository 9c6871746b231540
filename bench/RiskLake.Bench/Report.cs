using System.Globalization;
using System.Text;

namespace RiskLake.Bench;

/// <summary>Keeps results by processor, each with what it was measured on and with.</summary>
internal static class Report
{
    public static void Append(Settings settings, string self, string name, string section)
    {
        var processor = Value("/proc/cpuinfo", "model name");
        var folderName = string.Concat(processor.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-')).Trim().Replace(' ', '-');
        var folder = Path.Combine(settings.Results, folderName);
        Directory.CreateDirectory(folder);
        var memory = long.Parse(Value("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) * 1024 / 1e9;
        var commit = Output("git rev-parse --short HEAD") + (Output("git status --porcelain -uno").Length > 0 ? " with changes" : "");
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var load = string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);
        var polars = Output("node -p \"require('./bench/peers/package.json').dependencies['nodejs-polars']\"");
        var risklake = settings.RiskLake.Length > 0 ? Output($"{settings.RiskLake} --version") + ", " : "";
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"# {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, commit {commit}")
            .AppendLine()
            .Append(CultureInfo.InvariantCulture, $"{processor}, {Environment.ProcessorCount} cores, {memory:0} GB, Linux {kernel}; ")
            .AppendLine(CultureInfo.InvariantCulture, $"load average when done {load}.")
            .Append(CultureInfo.InvariantCulture, $"{risklake}.NET {Environment.Version}, {Output($"{self} versions")}, ")
            .AppendLine(CultureInfo.InvariantCulture, $"nodejs-polars {polars} on Node {Output("node --version")}.")
            .AppendLine()
            .AppendLine(section);
        File.AppendAllText(Path.Combine(folder, name + ".md"), text.ToString());
        Console.Out.WriteLine(text);
    }

    private static string Output(string command)
    {
        var log = Path.GetTempFileName();
        Child.Run(command, log, TimeSpan.FromMinutes(1));
        var text = File.ReadAllText(log).Trim();
        File.Delete(log);
        File.Delete(log + ".err");
        return text;
    }

    private static string Value(string path, string key) =>
        File.ReadLines(path).First(line => line.StartsWith(key, StringComparison.Ordinal)).Split(':', 2)[1].Trim();
}
