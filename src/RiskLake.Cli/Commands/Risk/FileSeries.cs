using RiskLake.Calendars;
using RiskLake.Reports;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>The series of a report from a column of a file.</summary>
internal static class FileSeries
{
    /// <summary>The series of a column of a file; name and provenance are the caller's to add.</summary>
    /// <param name="read">The column.</param>
    /// <param name="isPercent">Whether its returns are in percent.</param>
    /// <param name="calendar">The market whose sessions the days are; null for the dates as they are written.</param>
    public static ReportSeries Of(ReturnSeries read, bool isPercent, ExchangeCalendar? calendar = null)
    {
        var shift = read.Values.Length - read.Returns.Length;
        var (times, days) = LocalDays.Of(read.Dates, calendar);
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
}
