using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>What a day without a profit and loss or without a VaR counts as.</summary>
public enum MissingRule
{
    /// <summary>The series is refused: <see cref="Status.InvalidInput"/>.</summary>
    Refuse,

    /// <summary>The day is an exceedance, as Basel's MAR32 counts it unless waived.</summary>
    CountAsExceedance,

    /// <summary>The day is left out, and the days beside it become neighbours. Say so where the result is shown.</summary>
    LeaveOut,
}

/// <summary>The days on which a loss exceeded its forecast: L &gt; VaR, strictly.</summary>
/// <remarks>Shape: one entry per day in time order. A loss equal to the VaR is not an exceedance.</remarks>
public sealed record Exceedances
{
    /// <summary>Ready, or why there is no series.</summary>
    public required Status Status { get; init; }

    /// <summary>Why there is none; null when ready.</summary>
    public string? Reason { get; init; }

    /// <summary>The confidence of the forecasts.</summary>
    public required Confidence Confidence { get; init; }

    /// <summary>Whether each day exceeded.</summary>
    public IReadOnlyList<bool> Days { get; init; } = [];

    /// <summary>Days without a value that were counted or left out.</summary>
    public int Missing { get; init; }

    /// <summary>Number of days.</summary>
    public int Observations => Days.Count;

    /// <summary>Number of exceedances.</summary>
    public int Count { get; init; }

    /// <summary>Expected number: days times tail probability.</summary>
    public double Expected => Days.Count * Confidence.Tail;

    /// <summary>Days since the previous exceedance (the first: since the start), one entry per exceedance.</summary>
    public IReadOnlyList<int> Waits { get; init; } = [];

    /// <summary>Days after the last exceedance.</summary>
    public int TrailingDays { get; init; }

    /// <summary>Compares returns (losses negative) with forecasts of VaR (losses positive).</summary>
    /// <exception cref="ArgumentException">The spans differ in length.</exception>
    public static Exceedances Of(
        ReadOnlySpan<double> returns, ReadOnlySpan<double> valueAtRisk, Confidence confidence, MissingRule missing = MissingRule.Refuse)
    {
        Shape.Length(returns.Length, valueAtRisk.Length, nameof(valueAtRisk));
        List<bool> days = new(returns.Length);
        var absent = 0;
        for (var t = 0; t < returns.Length; t++)
        {
            if (double.IsFinite(returns[t]) && double.IsFinite(valueAtRisk[t]))
            {
                days.Add(returns[t] < -valueAtRisk[t]);
                continue;
            }

            absent++;
            if (missing == MissingRule.Refuse)
            {
                var reason = FormattableString.Invariant($"Day {t} lacks a finite return or forecast.");
                return new Exceedances { Status = Status.InvalidInput, Reason = reason, Confidence = confidence };
            }

            if (missing == MissingRule.CountAsExceedance)
            {
                days.Add(true);
            }
        }

        return Of(days, confidence) with { Missing = absent };
    }

    /// <summary>Exceedances already known.</summary>
    public static Exceedances Of(IReadOnlyList<bool> days, Confidence confidence)
    {
        ArgumentNullException.ThrowIfNull(days);
        if (days.Count == 0)
        {
            return new Exceedances { Status = Status.InsufficientHistory, Reason = "No days.", Confidence = confidence };
        }

        List<int> waits = [];
        var wait = 0;
        foreach (var day in days)
        {
            wait++;
            if (day)
            {
                waits.Add(wait);
                wait = 0;
            }
        }

        return new Exceedances
        {
            Status = Status.Ready,
            Confidence = confidence,
            Days = days,
            Count = waits.Count,
            Waits = waits,
            TrailingDays = wait,
        };
    }

    /// <summary>
    /// Day-to-day transitions: how often no exceedance or an exceedance (first letter) was followed by one or none (second).
    /// </summary>
    public (int NoNo, int NoYes, int YesNo, int YesYes) Transitions()
    {
        var (noNo, noYes, yesNo, yesYes) = (0, 0, 0, 0);
        for (var t = 1; t < Days.Count; t++)
        {
            switch (Days[t - 1], Days[t])
            {
                case (false, false): noNo++; break;
                case (false, true): noYes++; break;
                case (true, false): yesNo++; break;
                default: yesYes++; break;
            }
        }

        return (noNo, noYes, yesNo, yesYes);
    }

    /// <summary>
    /// The most exceedances in any window of the given length, and the last day of the first such window; null when the series is shorter.
    /// </summary>
    public (int Count, int LastDay)? Worst(int window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        if (Days.Count < window)
        {
            return null;
        }

        var (count, best, bestDay) = (0, -1, 0);
        for (var t = 0; t < Days.Count; t++)
        {
            count += (Days[t] ? 1 : 0) - (t >= window && Days[t - window] ? 1 : 0);
            if (t >= window - 1 && count > best)
            {
                (best, bestDay) = (count, t);
            }
        }

        return (best, bestDay);
    }
}
