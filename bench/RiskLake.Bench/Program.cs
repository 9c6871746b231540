using System.Globalization;
using RiskLake.Bench;

switch (args)
{
    case ["generate", var folder, var lines, var seed]:
        Console.Out.WriteLine(EventFile.Obtain(
            folder, long.Parse(lines, CultureInfo.InvariantCulture), int.Parse(seed, CultureInfo.InvariantCulture)));
        return 0;
    case ["sql", var script, .. var values]:
        SqlScript.Run(script, values.Select(value => value.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal));
        return 0;
    default:
        Console.Error.WriteLine("usage: generate FOLDER LINES SEED | sql SCRIPT NAME=VALUE...");
        return 2;
}
