using System.Text;
using RiskLake.Desk.Portfolios;
using RiskLake.Lake.Errors;
using RiskLake.Risk;
using RiskLake.Risk.Measures;
using RiskLake.UserFiles;

namespace RiskLake.Tests.Tables;

/// <summary>Files of prices and returns as people have them: cells without a value, two closes, returns that say what they are.</summary>
public sealed class ReturnFileTests
{
    private static CsvTable Table(string text) => CsvTable.Parse("x.csv", Encoding.UTF8.GetBytes(text));

    [Theory]
    [InlineData("")]
    [InlineData("NA")]
    [InlineData("null")]
    [InlineData("N/A")]
    public void A_cell_without_a_value_leaves_its_date_out_and_its_column_in(string cell)
    {
        var table = Table($"date,A,B\n2024-01-02,0.01,0.02\n2024-01-03,{cell},0.01\n2024-01-04,-0.02,0\n2024-01-05,0.01,-0.01\n");
        var read = ReturnTableReader.Read(table, new ReturnTableRequest { Names = [], Kind = ReturnKind.Unstated, HoldsReturns = true });
        Assert.Equal(["A", "B"], read.Names);
        Assert.Equal(["2024-01-03"], read.LeftOut);
        Assert.Equal(3, read.Count);

        var one = Table($"date,close\n2024-01-02,1\n2024-01-03,{cell}\n2024-01-04,2\n");
        var left = ReturnSeries.Read(one, new ReturnRequest { Kind = ReturnKind.Simple, Missing = GapRule.Join });
        Assert.Equal((1, 1.0), (left.LeftOut, Assert.Single(left.Returns)));
        var unnamed = Table($"date,x\n2024-01-02,1\n2024-01-03,{cell}\n2024-01-04,2\n");
        Assert.Equal(1, ReturnSeries.Read(unnamed, new ReturnRequest { Kind = ReturnKind.Simple, Missing = GapRule.Join }).LeftOut);
        var refused = Assert.Throws<RiskLakeException>(() => ReturnSeries.Read(unnamed, new ReturnRequest { Kind = ReturnKind.Simple }));
        Assert.Equal((ErrorCode.CellInvalid, "x.csv:3, column x"), (refused.Code, refused.Place));
    }

    [Fact]
    public void A_text_among_numbers_is_refused_by_its_place_and_a_column_of_texts_is_passed_over_by_name()
    {
        var refused = Assert.Throws<RiskLakeException>(() => ReturnTableReader.Read(
            Table("date,A,B\n2024-01-02,1,2\n2024-01-03,abc,3\n"), new ReturnTableRequest { Names = [] }));
        Assert.Equal((ErrorCode.CellInvalid, "x.csv:3, column A"), (refused.Code, refused.Place));
        var read = ReturnTableReader.Read(Table("date,A,note\n2024-01-02,1,x\n2024-01-03,2,y\n"), new ReturnTableRequest { Names = [] });
        Assert.Equal(["A"], read.Names);
        Assert.Equal(["note"], read.PassedOver);
    }

    [Theory]
    [InlineData("Date,Adj Close,Volume\n2024-01-02,100,5\n2024-01-03,110,6\n", 0.1)]
    [InlineData("Date,Close,Adj. Close\n2024-01-02,50,100\n2024-01-03,50,110\n", 0.1)]
    [InlineData("Date,Close,Volume\n2024-01-02,100,5\n2024-01-03,110,6\n", 0.1)]
    [InlineData("DATE,ADJUSTED_CLOSE,CLOSE\n2024-01-02,100,5\n2024-01-03,110,6\n", 0.1)]
    public void Returns_are_those_of_the_adjusted_close(string text, double expected)
    {
        var read = ReturnSeries.Read(Table(text), new ReturnRequest { Kind = ReturnKind.Simple });
        Assert.Equal(expected, Assert.Single(read.Returns), 1e-12);
    }

    [Fact]
    public void Returns_that_say_what_they_are_compound_to_the_wealth_of_their_prices()
    {
        var random = new Random(3);
        for (var run = 0; run < 50; run++)
        {
            double[] prices = [.. Enumerable.Range(0, 40).Select(_ => 50 + (100 * random.NextDouble()))];
            var table = Table("date,close\n" + Lines(prices));
            foreach (var kind in new[] { ReturnKind.Simple, ReturnKind.Log })
            {
                var returns = kind == ReturnKind.Simple ? RiskLake.Risk.Returns.Simple(prices) : RiskLake.Risk.Returns.Log(prices);
                var of = SeriesMeasures.Compute(
                    ReturnSeries.Read(table, new ReturnRequest { Kind = kind }).Returns, new MeasureSettings { Kind = kind, Methods = [] });
                var name = kind == ReturnKind.Simple ? "simple_return" : "log_return";
                var held = ReturnSeries.Read(Table($"date,{name}\n" + Lines(returns)), new ReturnRequest { Kind = ReturnKind.Unstated, HoldsReturns = true });
                Assert.Equal(kind, held.Kind);
                var same = SeriesMeasures.Compute(held.Returns, new MeasureSettings { Kind = held.Kind, Methods = [] });
                Assert.Equal(of.Select(row => row.Measure.Value), same.Select(row => row.Measure.Value));
                Assert.Equal(kind == ReturnKind.Log ? "log" : "fraction", same[0].Unit);

                var wide = ReturnTableReader.Read(
                    Table("date,A\n" + Lines(returns)), new ReturnTableRequest { Names = ["A"], Kind = kind, HoldsReturns = true });
                Assert.Equal(prices.Length, wide.Prices![0].Length);
                Assert.All(Enumerable.Range(0, prices.Length), i => Assert.Equal(prices[i] / prices[0], wide.Prices[0][i], 1e-12));
                var unsaid = ReturnTableReader.Read(
                    Table("date,A\n" + Lines(returns)), new ReturnTableRequest { Names = ["A"], Kind = ReturnKind.Unstated, HoldsReturns = true });
                Assert.Null(unsaid.Prices);
            }
        }

        static string Lines(double[] values) => string.Concat(values.Select((value, i) =>
            FormattableString.Invariant($"{new DateOnly(2024, 1, 1).AddDays(i):yyyy-MM-dd},{value:R}\n")));
    }
}
