using RiskLake.Ingest.Silver;

namespace RiskLake.History;

/// <summary>The findings of <c>dq_flags</c> by name.</summary>
internal static class QualityFlagNames
{
    public static IReadOnlyList<string> Of(long flags)
    {
        List<string> names = [];
        for (var bit = 0; bit < 63; bit++)
        {
            if ((flags & (1L << bit)) != 0)
            {
                names.Add((QualityFlags)(1L << bit) switch
                {
                    QualityFlags.Late => "late",
                    QualityFlags.IngestedBeforeEvent => "ingested_before_event",
                    QualityFlags.OutOfSession => "out_of_session",
                    QualityFlags.NonTradingDay => "non_trading_day",
                    var other => FormattableString.Invariant($"flag_{(long)other}"),
                });
            }
        }

        return names;
    }
}
