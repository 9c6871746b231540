using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

/// <summary>Against schedules computed by others. Their files are not part of the repository; without them the tests are skipped.</summary>
public sealed class AnswerFileTests
{
    public static TheoryData<string> Calendars => ["XNYS", "XLON", "XETR", "XFRA", "XTKS", "XHKG", "XSWX", "XASX", "CMES", "24-5", "24-7"];

    [Theory]
    [MemberData(nameof(Calendars))]
    public void Every_difference_from_an_answer_file_is_explained(string id)
    {
        var answers = CalendarAnswers.Read(Reference.AnswerFile(id.ToLowerInvariant() + ".csv"));
        var differences = answers.Compare(CalendarLibrary.BuiltIn.Get(id), Reference.KnownDifferences());
        Assert.Equal([], differences.Where(d => d.Explanation is null));
    }

    [Fact]
    public void Every_settlement_date_of_the_notices_is_met()
    {
        var settlement = CalendarLibrary.BuiltIn.Settlement("XNYS");
        var rows = File.ReadLines(Reference.AnswerFile("settlement-us-equities.csv")).Skip(1).Select(line => line.Split(',')).ToList();
        Assert.Equal(22, rows.Count);
        Assert.All(rows, row => Assert.Equal(DateOnly.Parse(row[1]), settlement.Date(DateOnly.Parse(row[0]))));
    }
}
