using RiskLake.Calendars;

namespace RiskLake.Tests.Calendars;

/// <summary>Against schedules computed by others. Their files are not part of the repository; without them the tests are skipped.</summary>
public sealed class AnswerFileTests
{
    [Fact]
    public void Every_difference_from_an_answer_file_is_explained()
    {
        var library = CalendarLibrary.BuiltIn;
        var known = Reference.KnownDifferences();
        var compared = 0;
        foreach (var file in Reference.AnswerFiles().Where(f => library.Ids.Contains(Id(f))))
        {
            compared++;
            var differences = CalendarAnswers.Read(file).Compare(library.Get(Id(file)), known);
            Assert.Equal([], differences.Where(d => d.Explanation is null));
        }

        Assert.NotEqual(0, compared);

        static string Id(string file) => Path.GetFileNameWithoutExtension(file).ToUpperInvariant();
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
