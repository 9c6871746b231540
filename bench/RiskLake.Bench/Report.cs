using System.Globalization;
using System.Text;

namespace RiskLake.Bench;

/// <summary>Keeps results by processor, each with what it was measured on and with.</summary>
internal static class Report
{
    public static void Append(Settings settings, string self, string name, string section)
    {
        var processor = Value("/proc/cpuinfo", "model name");
        var folder = Path.Combine(settings.Results, string.Concat(processor.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-')).Trim().Replace(' ', '-'));
        Directory.CreateDirectory(folder);
        var memory = long.Parse(Value("/proc/meminfo", "MemTotal").Split(' ')[0], CultureInfo.InvariantCulture) * 1024 / 1e9;
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"# {TimeProvider.System.GetUtcNow():yyyy-MM-dd HH:mm} UTC, commit {Output("git rev-parse --short HEAD")}{(Output("git status --porcelain -uno").Length > 0 ? " with changes" : "")}")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"{processor}, {Environment.ProcessorCount} cores, {memory:0} GB, Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}; load average when done {File.ReadAllText("/proc/loadavg")[..14]}.")
            .AppendLine(CultureInfo.InvariantCulture, $".NET {Environment.Version}, {Output($"{self} versions")}, nodejs-polars {Output("node -p \"require('./bench/peers/package.json').dependencies['nodejs-polars']\"")} on Node {Output("node --version")}.")
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
