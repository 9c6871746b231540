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
            return Measure("archive", options, measurement => measurement.Archive());
        case ["compare", .. var options]:
            return Measure("compare", options, measurement => measurement.Compare());
        case ["growth", .. var options]:
            return Measure("growth", options, measurement => measurement.Grow());
        case ["start-up", .. var options]:
            return Measure("start-up", options, measurement => measurement.StartUp());
        case ["lake-size", .. var options]:
            return Measure("lake-size", options, measurement => measurement.LakeSize());
        default:
            Console.Error.WriteLine("usage: compare | growth | start-up | lake-size | archive | generate | generate-archive, each with --name value options");
            return 2;
    }
}
catch (Exception exception) when (exception is InvalidOperationException or FormatException or IOException)
{
    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"error: {exception.Message}"));
    return 1;
}

int Measure(string name, string[] options, Func<Measurement, string> measure)
{
    var settings = new Settings(options);
    _ = Child.EndWithThisProcess();
    Report.Append(settings, self, name, measure(new Measurement(settings, self)));
    return 0;
}
