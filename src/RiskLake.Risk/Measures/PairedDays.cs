using RiskLake.Risk;

namespace RiskLake.Risk.Measures;

/// <summary>Series of one length, of which the days without a finite value in each are refused or left out together.</summary>
internal sealed class PairedDays
{
    private readonly double[][] _series;

    private PairedDays(double[][] series, string? fault) => (_series, Fault) = (series, fault);

    /// <summary>Why the days cannot be used; null when they can.</summary>
    public string? Fault { get; }

    /// <summary>One series, without the days left out.</summary>
    public double[] this[int series] => _series[series];

    /// <summary>Two series.</summary>
    public static PairedDays Of(MissingRule missing, ReadOnlySpan<double> first, ReadOnlySpan<double> second) =>
        Of(missing, [first.ToArray(), second.ToArray()]);

    /// <summary>Any number of series. A missing day that counts as an exceedance has no size: it is a fault here.</summary>
    public static PairedDays Of(MissingRule missing, double[][] series)
    {
        var kept = new List<int>(series[0].Length);
        for (var t = 0; t < series[0].Length; t++)
        {
            if (Array.TrueForAll(series, values => double.IsFinite(values[t])))
            {
                kept.Add(t);
            }
            else if (missing != MissingRule.LeaveOut)
            {
                return new PairedDays(series, missing == MissingRule.Refuse
                    ? FormattableString.Invariant($"Day {t} lacks a finite value.")
                    : FormattableString.Invariant($"Day {t} lacks a finite value; it counts as an exceedance, but of no size."));
            }
        }

        return kept.Count == series[0].Length
            ? new PairedDays(series, null)
            : new PairedDays([.. series.Select(values => kept.Select(t => values[t]).ToArray())], null);
    }
}
