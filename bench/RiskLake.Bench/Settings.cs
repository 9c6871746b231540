using System.Globalization;

namespace RiskLake.Bench;

/// <summary>Options of the measuring commands, all of the form <c>--name value</c>.</summary>
internal sealed class Settings
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal)
    {
        ["lines"] = "10000000",
        ["rounds"] = "3",
        ["seed"] = "1",
        ["data"] = "bench/data",
        ["results"] = "bench/results",
        ["risklake"] = "",
        ["growth"] = "2500000,10000000,40000000",
        ["megabytes"] = "50,200,500",
        ["runs"] = "20",
        ["lakes"] = "10,2000",
        ["taken-back"] = "1000000",
        ["limit-seconds"] = "1800",
        ["sessions"] = "250",
        ["backfill-options"] = "",
    };

    public Settings(ReadOnlySpan<string> arguments)
    {
        for (var index = 0; index < arguments.Length; index += 2)
        {
            var name = arguments[index].TrimStart('-');
            if (!_values.ContainsKey(name) || index + 1 == arguments.Length)
            {
                throw new InvalidOperationException(
                    $"'{arguments[index]}' is not an option with a value; there are: --{string.Join(" --", _values.Keys)}");
            }

            _values[name] = arguments[index + 1];
        }
    }

    public long Lines => long.Parse(_values["lines"], CultureInfo.InvariantCulture);

    public int Rounds => Math.Clamp(Number("rounds"), 1, 99);

    public int Seed => Number("seed");

    public string Data => _values["data"];

    public string Results => _values["results"];

    /// <summary>The pipeline's command; empty leaves it out.</summary>
    public string RiskLake => _values["risklake"];

    public IReadOnlyList<long> Growth => [.. _values["growth"].Split(',').Select(n => long.Parse(n, CultureInfo.InvariantCulture))];

    /// <summary>Sizes of bulk archives.</summary>
    public IReadOnlyList<int> Megabytes => [.. _values["megabytes"].Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];

    /// <summary>How often a short process is started.</summary>
    public int Runs => Math.Clamp(Number("runs"), 1, 999);

    /// <summary>Sizes of the lakes compared, in runs.</summary>
    public IReadOnlyList<int> Lakes => [.. _values["lakes"].Split(',').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];

    /// <summary>Events that a run takes back from a later one.</summary>
    public long TakenBack => long.Parse(_values["taken-back"], CultureInfo.InvariantCulture);

    /// <summary>Sessions of a backfill.</summary>
    public int Sessions => Math.Clamp(Number("sessions"), 1, 5000);

    /// <summary>Further options of the backfill.</summary>
    public string BackfillOptions => _values["backfill-options"];

    /// <summary>After this a child is killed.</summary>
    public TimeSpan Limit => TimeSpan.FromSeconds(Number("limit-seconds"));

    private int Number(string name) => int.Parse(_values[name], CultureInfo.InvariantCulture);
}
