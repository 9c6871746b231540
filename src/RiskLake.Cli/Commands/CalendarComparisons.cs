using System.CommandLine;
using RiskLake.Calendars;

namespace RiskLake.Cli.Commands;

/// <summary>Calendar commands that hold a calendar against another one, or against answers computed elsewhere.</summary>
internal static class CalendarComparisons
{
    public static Command Diff(CommandContext context, CalendarOptions options)
    {
        var id = options.Calendar();
        var against = new Option<string?>("--against") { Description = "The calendar it is compared with. Default: itself.", HelpName = "calendar" };
        var folder = new Option<string?>("--against-calendars")
        {
            Description = "Folder with the rule files of that calendar, such as an older version. Default: the built-in rules.",
            HelpName = "folder",
        };
        var command = options.About(
            "diff", "Where a calendar differs from another one, or from another version or view of itself.", id, against, folder, options.From, options.To);
        command.SetAction(parsed =>
        {
            var actual = options.Get(parsed, parsed.GetValue(id)!);
            var library = parsed.GetValue(folder) is { } other ? CalendarLibrary.Load(other) : CalendarLibrary.BuiltIn;
            var expected = library.Get(parsed.GetValue(against) ?? actual.Id);
            var (from, through) = options.Range(parsed, actual, expected);
            var rows = context.AllRows(parsed, "session", "field", "expected", "actual", "why");
            var differences = SessionDifference.Between(expected, actual, from, through);
            foreach (var difference in differences)
            {
                rows.Write([difference.Session, Field(difference.Field), difference.Expected, difference.Actual, difference.Reason]);
            }

            rows.Finish();
            context.Terminal.Say(FormattableString.Invariant($"{differences.Length} differences from {from:yyyy-MM-dd} through {through:yyyy-MM-dd}"));
            return ExitCode.Done;
        });
        return command;
    }

    public static Command Verify(CommandContext context, CalendarOptions options)
    {
        var id = options.Calendar();
        var answers = new Option<string>("--answers")
        {
            Description = "CSV with the header `,open,close,break_start,break_end`, one row per session, in UTC.",
            HelpName = "file",
            Required = true,
        };
        var known = new Option<string?>("--known-differences")
        {
            Description = "YAML that explains differences made on purpose; those do not fail the verification.",
            HelpName = "file",
        };
        var command = options.About("verify", "Compare a calendar with a schedule computed elsewhere; ends with 1 if they differ.", id, answers, known);
        command.SetAction(parsed =>
        {
            var calendar = options.Get(parsed, parsed.GetValue(id)!);
            var explained = parsed.GetValue(known) is { } file ? KnownDifferences.Read(file) : null;
            var expected = CalendarAnswers.Read(parsed.GetValue(answers)!);
            var differences = expected.Compare(calendar, explained);
            var rows = context.AllRows(parsed, "session", "field", "expected", "actual", "why", "is_known", "explanation");
            foreach (var difference in differences)
            {
                rows.Write(
                [
                    difference.Session, Field(difference.Field), difference.Expected, difference.Actual, difference.Reason, difference.IsKnown,
                    difference.Explanation,
                ]);
            }

            rows.Finish();
            var open = differences.Count(difference => difference.Explanation is null);
            var (first, last) = (expected.Sessions[0].Session, expected.Sessions[^1].Session);
            var sessions = FormattableString.Invariant($"{expected.Sessions.Length} sessions from {first:yyyy-MM-dd} through {last:yyyy-MM-dd}");
            context.Terminal.Say(FormattableString.Invariant(
                $"{calendar.Id}: {sessions}, {differences.Length} differences, {differences.Length - open} of them explained"));
            return open > 0 ? ExitCode.CheckFailed : ExitCode.Done;
        });
        return command;
    }

    private static string Field(DifferenceField field) => field switch
    {
        DifferenceField.Missing => "missing",
        DifferenceField.Extra => "extra",
        DifferenceField.Open => "open",
        DifferenceField.Close => "close",
        DifferenceField.BreakStart => "break_start",
        _ => "break_end",
    };
}
