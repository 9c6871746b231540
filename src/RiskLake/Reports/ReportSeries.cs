using System.Globalization;
using RiskLake.Calendars;
using RiskLake.Measures;
using RiskLake.Tables;

namespace RiskLake.Reports;

/// <summary>A fact about where a series comes from, as the header shows it.</summary>
internal sealed record Fact(string Name, string Value);

/// <summary>The series a report is about, wherever it came from.</summary>
/// <remarks>
/// Shape: one entry per return in all lists, in time order. A return that could not be formed is NaN and stays in its place: nothing is
/// filled in and nothing left out.
/// </remarks>
internal sealed record ReportSeries
{
    /// <summary>The heading: a symbol, a column, a portfolio.</summary>
    public required string Name { get; init; }

    public required ReturnKind Kind { get; init; }

    public required double[] Returns { get; init; }

    /// <summary>End of each return's period, on the clocks of the place; null when the data have no dates.</summary>
    public DateTime[]? Times { get; init; }

    /// <summary>The session or local date of each price, the one before the first return included; null when the data have no dates.</summary>
    public DateOnly[]? Days { get; init; }

    /// <summary>Time of the price before the first return.</summary>
    public DateTime? Start { get; init; }

    /// <summary>The price at the end of each return's period; null when only returns are known.</summary>
    public double[]? Prices { get; init; }

    /// <summary>The price before the first return.</summary>
    public double? FirstPrice { get; init; }

    /// <summary>Where it came from and how it was read.</summary>
    public IReadOnlyList<Fact> Provenance { get; init; } = [];

    /// <summary>What was noticed while it was read: rows left out, values that are no prices.</summary>
    public IReadOnlyList<Fact> Findings { get; init; } = [];

    /// <summary>Flags of single observations by index, such as those of the quality stage.</summary>
    public IReadOnlyDictionary<int, string> Flags { get; init; } = new Dictionary<int, string>();

    /// <summary>Sessions of the market without an observation, when a calendar was asked; null when none was.</summary>
    public IReadOnlyList<DateOnly>? MissingSessions { get; init; }

    /// <summary>Days without a session of the market on which there is a price, when a calendar was asked; null when none was.</summary>
    public IReadOnlyList<DateOnly>? OffSession { get; init; }

    /// <summary>Periods per year, when the caller says so; nothing is annualised without.</summary>
    public int? PeriodsPerYear { get; init; }

    public int Count => Returns.Length;

    /// <summary>Whether returns whose kind is not stated are fractions of value: the data said percent.</summary>
    public bool IsFraction { get; init; }

    public Unit Unit => Kind is ReturnKind.Simple or ReturnKind.Log || IsFraction ? Unit.Fraction : Unit.Amount;

    /// <summary>The series of a column of a file; name and provenance are the caller's to add.</summary>
    /// <param name="read">The column.</param>
    /// <param name="isPercent">Whether its returns are in percent.</param>
    /// <param name="calendar">The market whose sessions the days are; null for the dates as they are written.</param>
    public static ReportSeries Of(ReturnSeries read, bool isPercent, ExchangeCalendar? calendar = null)
    {
        var shift = read.Values.Length - read.Returns.Length;
        var (times, days) = TimesOf(read.Dates, calendar);
        return new ReportSeries
        {
            Name = read.Column,
            Kind = read.Kind,
            IsFraction = isPercent,
            Returns = isPercent ? [.. read.Returns.Select(value => value / 100.0)] : read.Returns,
            Times = times is null ? null : [.. read.Gaps.Ends.Select(end => times[end])],
            Days = days,
            Start = shift > 0 && times is { Length: > 0 } ? times[0] : null,
            Prices = shift > 0 ? [.. read.Gaps.Ends.Select(end => read.Values[end])] : null,
            FirstPrice = shift > 0 ? read.Values[0] : null,
            Findings = read.LeftOut > 0 ? [new Fact("Rows without a value (" + read.Rule.Code() + ")", Figures.Count(read.LeftOut))] : [],
        };
    }

    /// <summary>
    /// Times on the clocks of the place, and days: what is midnight there is that day, whatever its offset from Greenwich. An instant is
    /// placed in the market's session, or on the date its clocks show. Numbers that merely rise are no dates.
    /// </summary>
    private static (DateTime[]? Times, DateOnly[]? Days) TimesOf(IReadOnlyList<string>? dates, ExchangeCalendar? calendar)
    {
        if (dates is null)
        {
            return (null, null);
        }

        var rows = new RowTime[dates.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            if (!RowDates.TryTime(dates[i], out rows[i]))
            {
                return (null, null);
            }
        }

        DateTime[] written = [.. rows.Select(row => DateTime.SpecifyKind(row.Local!.Value, DateTimeKind.Utc))];
        if (calendar is null || rows.All(row => row.IsDay) || !rows.All(row => row.HasOffset && calendar.Knows(Instant(row))))
        {
            return (written, [.. written.Select(DateOnly.FromDateTime)]);
        }

        if (rows.All(row => calendar.LocalDateAt(Instant(row)) != calendar.LocalDateAt(Instant(row).AddTicks(-1))))
        {
            DateOnly[] local = [.. rows.Select(row => calendar.LocalDateAt(Instant(row)))];
            return ([.. local.Select(day => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc))], local);
        }

        return (written, [.. rows.Select(row => calendar.SessionAt(Instant(row)) ?? calendar.LocalDateAt(Instant(row)))]);

        static DateTimeOffset Instant(RowTime row) => new((long)row.At, TimeSpan.Zero);
    }

    /// <summary>The kind in words.</summary>
    public string KindText => Kind switch
    {
        ReturnKind.Simple => "simple returns",
        ReturnKind.Log => "log returns",
        ReturnKind.Absolute => "absolute changes",
        _ => "returns as the data hold them",
    };

    /// <summary>How an observation is called: its date, or its number.</summary>
    public string Label(int index) => Times is { } times
        ? DateText(times[index])
        : "no. " + Figures.Count(index + 1);

    /// <summary>A date, with the time of day where there is one.</summary>
    public static string DateText(DateTime time) => time.ToString(
        time.TimeOfDay == TimeSpan.Zero ? "yyyy-MM-dd" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>The places of the observations on a horizontal axis.</summary>
    public IReadOnlyList<double> Places() => HasTimeAxis
        ? [.. Times!.Select(Axis.Days)]
        : [.. Enumerable.Range(0, Count).Select(i => (double)i)];

    /// <summary>Dates carry an axis only when they go forward.</summary>
    public bool HasTimeAxis => Times is { Length: > 1 } times && Enumerable.Range(1, times.Length - 1).All(i => times[i] >= times[i - 1])
        && times[^1] > times[0];

    public Axis TimeAxis((double From, double To) across, int ticks) => HasTimeAxis
        ? Axis.Time(Times![0], Times[^1], across.From, across.To, ticks)
        : Axis.Positions(Count, across.From, across.To, ticks);
}
