using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Lake.Errors;
using RiskLake.Reports;
using RiskLake.Risk.Measures;
using RiskLake.UserFiles;

namespace RiskLake.Cli.Commands.Risk;

/// <summary><c>risklake risk report</c>: a tear sheet of one series, as one file of HTML.</summary>
internal sealed class ReportCommand
{
    private const string FirstLine = "<!DOCTYPE html>";
    private static readonly string[] s_usual = ["close", "price", "adj_close", "value", "return", "returns"];

    private readonly SeriesOptions _series;

    private readonly Option<string?> _out = new("--out")
    {
        Description = "The file to write; - for standard output. Default: the input's name with -report.html, here.",
        HelpName = "file",
    };

    private readonly Option<string?> _title = new("--title") { Description = "Heading. Default: the input's name.", HelpName = "text" };

    private readonly Option<int?> _periods = new("--periods-per-year")
    {
        Description = "Annualise volatility by the square root of this. Default: not.",
        HelpName = "n",
    };

    private readonly Option<string?> _calendar = new("--calendar")
    {
        Description = "Calendar whose sessions should all have an observation, such as XNYS; missing ones, and rows on other days, are named.",
        HelpName = "calendar",
    };

    private ReportCommand(CommandContext context)
    {
        _series = new SeriesOptions(context);
        _series.Source.Market = _calendar;
    }

    public static Command Build(CommandContext context)
    {
        var own = new ReportCommand(context);
        var command = SeriesOptions.With(
            new Command("report", "A tear sheet of one series: numbers, charts, backtests and data quality in one file of HTML."),
            own._series.All, [own._out, own._title, own._periods, own._calendar]);
        command.SetAction(parsed => own.Run(context, parsed));
        return command;
    }

    private int Run(CommandContext context, ParseResult parsed)
    {
        var input = _series.Source.NameOf(parsed);
        var name = input == "-" ? "series" : _series.Source.IsFile(parsed) ? Stem(input) : FileName(input);
        var target = parsed.GetValue(_out) ?? name + "-report.html";
        CheckTarget(target);
        var series = (OfLake(parsed) ?? OfFile(context, parsed, input)) with { PeriodsPerYear = parsed.AtLeast(_periods, 1) };
        series = parsed.GetValue(_title) is { } title ? series with { Name = title } : series;
        var page = Encoding.UTF8.GetBytes(TearSheetPage.Render(TearSheet.Of(series)));
        if (target == "-")
        {
            context.Terminal.Out.Write(Encoding.UTF8.GetString(page));
            return ExitCode.Done;
        }

        Save(target, page);
        var rows = context.Rows(parsed, "report", "series", "observations", "from", "to", "bytes", "sha256");
        rows.Write(
        [
            target, series.Name, series.Count, series.Count > 0 ? series.Label(0) : null, series.Count > 0 ? series.Label(series.Count - 1) : null,
            page.Length, Convert.ToHexStringLower(SHA256.HashData(page)),
        ]);
        rows.Finish();
        return ExitCode.Done;
    }

    // Session prices carry findings and a calendar, which a table of numbers cannot.
    private ReportSeries? OfLake(ParseResult parsed)
    {
        if (_series.Source.OneOfLake(parsed) is not var (prices, through, version))
        {
            return null;
        }

        var kind = _series.KindOf(parsed);
        if (_series.HoldsReturns(parsed))
        {
            throw NumberOptions.Invalid("--returns", "none, for prices of the lake", "log, simple or absolute");
        }

        try
        {
            var series = SessionSeries.Of(prices, through, kind);
            return series with
            {
                Provenance =
                [
                    .. series.Provenance, new("Lake version", Figures.Count(version)), new("Returns", series.KindText), new("Horizon", "one session"),
                ],
            };
        }
        catch (CalendarException error)
        {
            throw CalendarErrors.Coded(error);
        }
    }

    private ReportSeries OfFile(CommandContext context, ParseResult parsed, string input)
    {
        var read = _series.Read(context, parsed);
        var isPercent = _series.IsPercent(parsed);
        var calendar = parsed.GetValue(_calendar) is { } id ? _series.Source.Calendars.Get(parsed, id) : null;
        var series = FileSeries.Of(read, isPercent, calendar) with
        {
            Name = s_usual.Contains(read.Column, StringComparer.OrdinalIgnoreCase) ? Stem(input) : $"{Stem(input)}: {read.Column}",
        };
        List<Fact> facts = [new("File", input == "-" ? "standard input" : Path.GetFileName(input)), new("Column", read.Column)];
        if (_series.Source.IsFile(parsed))
        {
            facts.Add(new("SHA-256", Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(input)))[..16] + "…"));
        }

        facts.Add(new("Values", Figures.Count(read.Values.Length)));
        facts.Add(new("Returns", series.KindText + (isPercent ? ", given in percent" : "")));
        facts.Add(new("Horizon", "one period"));
        if (calendar is not null)
        {
            facts.Add(new("Calendar", calendar.Id));
            var (missing, off) = Held(calendar, series);
            series = series with { MissingSessions = missing, OffSession = off };
        }

        return series with { Provenance = facts };
    }

    /// <summary>Sessions without an observation, and days with one that are no sessions.</summary>
    private static (List<DateOnly> Missing, List<DateOnly> OffSession) Held(ExchangeCalendar calendar, ReportSeries series)
    {
        if (series.Days is not { Length: > 0 } days)
        {
            throw NumberOptions.Invalid("--calendar", "a series without dates", "a file with a column of dates, or no calendar");
        }

        var known = days.ToHashSet();
        return (
            [.. calendar.Sessions(known.Min(), known.Max()).Where(session => !known.Contains(session))],
            [.. known.Where(day => calendar.Knows(day) && !calendar.IsSession(day)).Order()]);
    }

    private static string Stem(string input)
    {
        var name = Path.GetFileName(input);
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return input == "-" ? "Series" : dot > 0 ? name[..dot] : name;
    }

    // A symbol may hold what no file name can.
    private static string FileName(string symbol) =>
        string.Concat(symbol.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '^' ? c : '-')).TrimStart('.', '-');

    // What stands there already must be a report: a mistyped name must not cost anyone their data.
    private static void CheckTarget(string target)
    {
        if (target.Length == 0)
        {
            throw NumberOptions.Invalid("--out", "an empty path", "a file to write");
        }

        if (target == "-" || !File.Exists(target))
        {
            return;
        }

        try
        {
            var first = new byte[FirstLine.Length];
            using var stream = File.OpenRead(target);
            var length = stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
            if (length > 0 && !string.Equals(Encoding.UTF8.GetString(first, 0, length), FirstLine, StringComparison.OrdinalIgnoreCase))
            {
                throw NumberOptions.Invalid("--out", $"'{target}', a file that is no report", "a new file, or a report to be replaced");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(target, e);
        }
    }

    private static void Save(string target, byte[] page)
    {
        try
        {
            File.WriteAllBytes(target, page);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(target, e);
        }
    }

    private static RiskLakeException Failed(string target, Exception e) =>
        new(ErrorCode.StorageFailed, target, e.Message, "a folder that can be written to", "name another file with --out", e);
}
