using System.Globalization;
using RiskLake.Lake.Storage;
using RiskLake.Runs;
using RiskLake.Tests.Runs;

namespace RiskLake.Bench;

/// <summary>Lakes of many small runs, made in this process through the product's own pipeline and without waiting for the disk.</summary>
internal sealed class SyntheticLake(string folder, bool isOverlapping)
{
    private const int Lines = 20;
    private const int Symbols = 10;

    private static readonly TimeSpan SessionLength = TimeSpan.FromHours(6.5);
    private static readonly TimeOnly Open = new(14, 30);

    /// <summary>Adds runs until the lake holds so many.</summary>
    /// <param name="from">Runs it holds already.</param>
    /// <param name="to">Runs it shall hold.</param>
    public void Grow(int from, int to)
    {
        var symbols = Enumerable.Range(0, Symbols).Select(number => string.Create(CultureInfo.InvariantCulture, $"SYM{number:000}"))
            .ToArray();
        var input = Path.Combine(folder, "small.ndjson");
        Directory.CreateDirectory(folder);
        for (var run = from; run < to; run++)
        {
            using (var generator = new EventGenerator(input, wellFormedPath: null, run, symbols))
            {
                generator.AddSession(Start(run), SessionLength, Lines);
                generator.Finish();
            }

            var outcome = RunPipeline.Execute(Request(input, run), new Quiet(), TimeProvider.System, new UnsyncedStorage(),
                CancellationToken.None);
            if (outcome.ExitCode != 0)
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"run {run} of the lake in {folder} ended with exit code {outcome.ExitCode}"));
            }
        }
    }

    /// <summary>
    /// Overlapping: all on the day of what is measured, a millisecond apart, so that no key is another run's. Else each on a day of its
    /// own before.
    /// </summary>
    private DateTime Start(int run) => isOverlapping
        ? EventFile.DefaultDate.ToDateTime(Open, DateTimeKind.Utc).AddMilliseconds(1 + run)
        : EventFile.DefaultDate.AddDays(-1 - run).ToDateTime(Open, DateTimeKind.Utc);

    private RunRequest Request(string input, int run) => new()
    {
        Inputs = [input],
        RunId = string.Create(CultureInfo.InvariantCulture, $"other-{run}"),
        OutputRoot = Path.Combine(folder, "lake"),
        ContractsPath = "config/data_contracts.yaml",
        ThresholdsPath = "config/risk_thresholds.yaml",
        SymbolsPath = "config/symbols.yaml",
        WorkingFolder = Environment.CurrentDirectory,
        AllowBreach = true,
        Threads = 1,
    };

    private sealed class Quiet : IRunProgress
    {
        public void Begin(string stage)
        {
        }

        public void Advance(long records)
        {
        }

        public void End(string stage, TimeSpan duration)
        {
        }
    }
}
