using System.Globalization;
using RiskLake.Risk.Numerics;

namespace RiskLake.Reports;

/// <summary>A mark on an axis.</summary>
/// <param name="Value">Where, in the unit of the data.</param>
/// <param name="Label">What stands beside it; empty for a line alone.</param>
internal readonly record struct Tick(double Value, string Label);

/// <summary>Carries values of the data to places on the page.</summary>
/// <remarks>Invariant: Low &lt; High, both finite, and positive on a logarithmic axis.</remarks>
internal sealed class Axis
{
    private const double Limit = 1e300;
    private readonly bool _logarithmic;
    private readonly double _from;
    private readonly double _to;
    private readonly double _low;
    private readonly double _span;

    private Axis(double low, double high, double from, double to, bool logarithmic, IReadOnlyList<Tick> ticks)
    {
        (Low, High, _from, _to, _logarithmic, Ticks) = (low, high, from, to, logarithmic, ticks);
        _low = logarithmic ? Elementary.Log(low) : low;
        _span = (logarithmic ? Elementary.Log(high) : high) - _low;
    }

    public double Low { get; }

    public double High { get; }

    public IReadOnlyList<Tick> Ticks { get; }

    /// <summary>An axis whose ends are round numbers.</summary>
    public static Axis Linear(double low, double high, double from, double to, int ticks, Func<double, double, string> label)
    {
        (low, high) = Sound(low, high);
        var step = RoundStep((high - low) / ticks);
        var (first, last) = (Math.Floor(low / step), Math.Ceiling(high / step));
        List<Tick> marks = [];
        for (var k = first; k <= last; k++)
        {
            marks.Add(new Tick(k * step, label(k * step, step)));
        }

        return new Axis(first * step, last * step, from, to, false, marks);
    }

    /// <summary>An axis on which equal steps are equal factors, marked at 1, 2 and 5 times powers of ten.</summary>
    public static Axis Logarithmic(double low, double high, double from, double to, Func<double, string> label)
    {
        low = Math.Clamp(low, 1e-300, Limit);
        high = Math.Clamp(high, 1e-300, Limit);
        if (!(high > low * 1.0001))
        {
            (low, high) = (low / 2.0, low * 2.0);
        }

        var decades = Figures.Exponent(high) - Figures.Exponent(low);
        int[] leads = decades <= 2 ? [1, 2, 5] : [1];
        var every = Math.Max(1, decades / 8);
        List<Tick> marks = [];
        for (var exponent = Figures.Exponent(low); exponent <= Figures.Exponent(high); exponent += every)
        {
            foreach (var lead in leads)
            {
                var value = lead * Figures.PowerOfTen(exponent);
                if (value >= low * 0.9999999 && value <= high * 1.0000001)
                {
                    marks.Add(new Tick(value, label(value)));
                }
            }
        }

        return new Axis(low, high, from, to, true, marks);
    }

    /// <summary>An axis of time in days since year 1, marked where the calendar turns.</summary>
    public static Axis Time(DateTime first, DateTime last, double from, double to, int ticks)
    {
        if (last <= first)
        {
            (first, last) = (Earlier(first), Later(last));
        }

        return new Axis(Days(first), Days(last), from, to, false, TimeMarks.Between(first, last, ticks));
    }

    /// <summary>An axis of positions in a series that has no dates.</summary>
    public static Axis Positions(int count, double from, double to, int ticks)
    {
        var step = Math.Max(1.0, RoundStep(Math.Max(count - 1, 1) / (double)ticks));
        List<Tick> marks = [];
        for (var at = step; at <= count; at += step)
        {
            marks.Add(new Tick(at - 1.0, at.ToString("N0", CultureInfo.InvariantCulture)));
        }

        return new Axis(0.0, Math.Max(count - 1, 1), from, to, false, marks);
    }

    /// <summary>Named places, evenly apart.</summary>
    public static Axis Named(IReadOnlyList<string> names, double from, double to) =>
        new(-0.5, Math.Max(names.Count, 1) - 0.5, from, to, false, [.. names.Select((name, i) => new Tick(i, name))]);

    public static double Days(DateTime time) => time.Ticks / (double)TimeSpan.TicksPerDay;

    /// <summary>The place of a value; what lies outside the axis stands at its end.</summary>
    public double Place(double value)
    {
        var at = _logarithmic ? (value > 0.0 ? Elementary.Log(Math.Min(value, Limit)) : double.NegativeInfinity) : value;
        var share = Math.Clamp((at - _low) / _span, 0.0, 1.0);
        return _from + (share * (_to - _from));
    }

    /// <summary>The greatest of 1, 2 and 5 times a power of ten steps that is at least the given one.</summary>
    public static double RoundStep(double least)
    {
        var unit = Figures.PowerOfTen(Figures.Exponent(least));
        foreach (var lead in (ReadOnlySpan<int>)[1, 2, 5])
        {
            if (lead * unit >= least * 0.999999999)
            {
                return lead * unit;
            }
        }

        return 10.0 * unit;
    }

    // Ends that can carry a scale whatever the data are.
    private static (double Low, double High) Sound(double low, double high)
    {
        low = double.IsFinite(low) ? Math.Clamp(low, -Limit, Limit) : 0.0;
        high = double.IsFinite(high) ? Math.Clamp(high, -Limit, Limit) : 0.0;
        (low, high) = (Math.Min(low, high), Math.Max(low, high));
        var size = Math.Max(Math.Abs(low), Math.Abs(high));
        if (size < 1e-290)
        {
            return (-1.0, 1.0);
        }

        return high - low > 1e-9 * size ? (low, high) : (low - (0.5 * size), high + (0.5 * size));
    }

    private static DateTime Earlier(DateTime time) => time.Ticks > TimeSpan.TicksPerDay ? time.AddDays(-1) : time;

    private static DateTime Later(DateTime time) => DateTime.MaxValue.Ticks - time.Ticks > TimeSpan.TicksPerDay ? time.AddDays(1) : time;
}
