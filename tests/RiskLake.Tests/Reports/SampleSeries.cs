using RiskLake.Reports;
using RiskLake.Risk.Measures;
using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Reports;

/// <summary>Series made for reports: the same on every machine.</summary>
internal static class SampleSeries
{
    /// <summary>Returns with clusters of volatility and fat tails, on weekdays from 2015.</summary>
    public static ReportSeries Clustered(int count = 1500, string name = "Sample")
    {
        var returns = new double[count];
        var variance = 1e-4;
        for (var t = 0; t < count; t++)
        {
            var shock = StudentTDistribution.Quantile(Philox.Uniform(7, 0, (ulong)t), 5.0) * Math.Sqrt(0.6);
            returns[t] = 0.0003 + (Math.Sqrt(variance) * shock);
            variance = 2e-6 + (0.09 * (returns[t] - 0.0003) * (returns[t] - 0.0003)) + (0.89 * variance);
        }

        return Of(returns, name);
    }

    public static ReportSeries Of(double[] returns, string name = "Sample", bool dated = true, ReturnKind kind = ReturnKind.Simple)
    {
        var times = Weekdays(returns.Length + 1);
        return new ReportSeries
        {
            Name = name,
            Kind = kind,
            Returns = returns,
            Times = dated ? times[1..] : null,
            Start = dated ? times[0] : null,
            Provenance = [new Fact("File", "sample.csv"), new Fact("Column", "close")],
        };
    }

    private static DateTime[] Weekdays(int count)
    {
        var day = new DateTime(2015, 1, 5, 0, 0, 0, DateTimeKind.Utc);
        var days = new DateTime[count];
        for (var i = 0; i < count; i++)
        {
            days[i] = day;
            day = day.AddDays(day.DayOfWeek == DayOfWeek.Friday ? 3 : 1);
        }

        return days;
    }
}
