using System.Globalization;
using RiskLake.Bench;

// Every child is a process of its own: this program, started again, is the DuckDB that the floor and one peer run in.
var self = $"dotnet {Path.Combine(AppContext.BaseDirectory, "RiskLake.Bench.dll")}";
try
{
    switch (args)
    {
        case ["sql", var script, .. var values]:
            SqlScript.Run(script, values.Select(value => value.Split('=', 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal));
            return 0;
        case ["versions"]:
            SqlScript.PrintVersion();
            return 0;
        case ["generate", .. var options]:
            var settings = new Settings(options);
            Console.Out.WriteLine(EventFile.Obtain(settings.Data, settings.Lines, settings.Seed, EventFile.DefaultDate));
            return 0;
        case ["generate-archive", .. var options]:
            var asked = new Settings(options);
            foreach (var megabytes in asked.Megabytes)
            {
                Console.Out.WriteLine(BulkArchive.Obtain(asked.Data, megabytes, asked.Seed));
            }

            return 0;
        case ["archive", .. var options]:
            return Measure("archive", options, settings => Of(settings).Archive());
        case ["compare", .. var options]:
            return Measure("compare", options, settings => Of(settings).Compare());
        case ["growth", .. var options]:
            return Measure("growth", options, settings => Of(settings).Grow());
        case ["start-up", .. var options]:
            return Measure("start-up", options, settings => Of(settings).StartUp());
        case ["lake", .. var options]:
            return Measure("lake", options, settings => new LakeMeasurement(settings, self).Measure());
        case ["grow-lake", var folder, "disjoint" or "overlapping", var from, var to]:
            new SyntheticLake(folder, args[2] is "overlapping").Grow(
                int.Parse(from, CultureInfo.InvariantCulture), int.Parse(to, CultureInfo.InvariantCulture));
            return 0;
        case ["backfill", .. var options]:
            return Measure("backfill", options, settings => new BackfillMeasurement(settings).Compare());
        default:
            Console.Error.WriteLine(
                "usage: compare | growth | start-up | lake | backfill | archive | generate | generate-archive, each with --name value options");
            return 2;
    }
}
catch (Exception exception) when (exception is InvalidOperationException or FormatException or IOException)
{
    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"error: {exception.Message}"));
    return 1;
}

Measurement Of(Settings settings) => new(settings, self);

int Measure(string name, string[] options, Func<Settings, string> measure)
{
    var settings = new Settings(options);
    _ = Child.EndWithThisProcess();
    Report.Append(settings, self, name, measure(settings));
    return 0;
}
