using System.Globalization;
using RiskLake.Risk;
using RiskLake.Risk.Bench;
using RiskLake.Risk.Numerics;

const int Rows = 10_000_000;
switch (args)
{
    case ["peers", .. var options]:
        try
        {
            return new PeerComparison(options).Run();
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException or IOException)
        {
            Console.Error.WriteLine("error: " + exception.Message);
            return 2;
        }

    // One task on a file of doubles, for the comparison: results to a file, seconds to standard output.
    case ["measure", var key, var input, var output]:
        var task = RiskTask.Of(key, RiskTask.Read(input));
        var timing = Timing.Of(task, 0.5);
        RiskTask.Write(output, task.Run());
        Console.WriteLine(FormattableString.Invariant($"{timing.Busy:F9} {timing.Wall:F9}"));
        return 0;
    default:
        Alone(args);
        return 0;
}

// Ours alone. Argument: a CSV whose second column is a return series for the fits; without it a simulated one of 1,974 returns.
static void Alone(string[] args)
{
    var series = PeerComparison.Series(args.Length > 0 ? args[0] : "");
    var normal = new GarchSpecification();
    var noise = new double[Rows];
    Philox.Normals(7, 0, 0, noise);
    var scratch = new double[Rows];
    List<RiskTask> tasks =
    [
        RiskTask.Of("garch", series),
        RiskTask.Fit("t", "GARCH(1,1)-t", series, normal with { Errors = ErrorDistribution.StudentT }),
        RiskTask.Fit("gjr", "GJR(1,1)-normal", series, normal with { Model = GarchModel.Gjr }),
        RiskTask.Fit("egarch", "EGARCH(1,1)-normal", series, normal with { Model = GarchModel.Egarch }),
        RiskTask.Of("deviation", noise),
        RiskTask.Of("tail", noise),
        RiskTask.Of("historical", noise),
        new("sort", "sorting the same series of 1,000", "values", Rows, () =>
        {
            noise.CopyTo(scratch, 0);
            for (var i = 0; i < Rows; i += 1000)
            {
                scratch.AsSpan(i, 1000).Sort();
            }

            return scratch;
        }),
    ];
    foreach (var task in tasks)
    {
        var timing = Timing.Median(Enumerable.Range(0, 5).Select(_ => Timing.Of(task, 0.2)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{task.Name,-55} {timing.Wall * 1e3,9:F3} ms wall {timing.Busy * 1e3,9:F3} ms cpu {task.Items / timing.Busy,13:N0} {task.Unit}/s"));
    }
}
