using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>One fall of wealth below its running maximum, from peak to recovery.</summary>
/// <param name="Depth">Wealth at the trough over wealth at the peak, minus one; negative.</param>
/// <param name="PeakIndex">Wealth index of the last maximum before the fall.</param>
/// <param name="TroughIndex">Wealth index of the lowest point.</param>
/// <param name="RecoveryIndex">Wealth index at which the peak is reached again; null while under water.</param>
public readonly record struct Drawdown(double Depth, int PeakIndex, int TroughIndex, int? RecoveryIndex)
{
    /// <summary>Periods from peak to recovery; null while under water.</summary>
    public int? Length => RecoveryIndex - PeakIndex;
}

/// <summary>Falls of compounded wealth below its running maximum.</summary>
/// <remarks>
/// Shape: simple returns in time order; wealth index 0 is 1 before the first return, so that a first-day loss is a drawdown;
/// index t is wealth after return t. Units: fractions of the peak; depths keep their sign, negative.
/// A peak, or a trough, that is reached again to within 1e-12 is reached: compounding rounds in the sixteenth digit.
/// A return of -1 or less leaves nothing to compound: <see cref="Status.OutsideDomain"/>.
/// </remarks>
public sealed record Drawdowns
{
    private const string Method = "compounded_from_one";
    private const double Tolerance = 1e-12;

    /// <summary>Ready, or why there is nothing.</summary>
    public required Status Status { get; init; }

    /// <summary>Returns used.</summary>
    public required int Observations { get; init; }

    /// <summary>D_t = W_t / max W - 1 for t = 1 .. n, each at most zero.</summary>
    public IReadOnlyList<double> Underwater { get; init; } = [];

    /// <summary>All episodes, deepest first; equal depths in time order.</summary>
    public IReadOnlyList<Drawdown> Episodes { get; init; } = [];

    /// <summary>The deepest point, zero if wealth never fell.</summary>
    public Measure Maximum => Build("maximum_drawdown", static depths => depths.Min());

    /// <summary>Ulcer index: root mean square of the underwater curve. Source: Martin and McCann (1989).</summary>
    public Measure UlcerIndex => Build("ulcer_index", static depths => Math.Sqrt(Dispersion.MeanSquare(depths)));

    /// <summary>Pain index: mean depth, positive. Source: Becker (2006).</summary>
    public Measure PainIndex => Build("pain_index", static depths => -Dispersion.Mean(depths));

    /// <summary>
    /// Conditional drawdown at risk: the mean of the deepest 1 - c of the underwater curve, positive. Source: Chekhlov et al. (2005).
    /// </summary>
    public Measure ConditionalAtRisk(Confidence confidence)
    {
        var convention = new Convention { Sign = Sign.LossPositive, Confidence = confidence, Window = Observations };
        if (Status != Status.Ready)
        {
            return Measure.None(
                "conditional_drawdown_at_risk", Method, new Refusal(Status, "No underwater curve."), Observations, convention);
        }

        var sorted = Underwater.ToArray();
        Array.Sort(sorted);
        var kernel = new TailKernel(sorted.Length, confidence, QuantileType.Linear);
        return kernel.Whole < 1
            ? Measure.None(
                "conditional_drawdown_at_risk", Method, HistoricalSimulation.EmptyTail(Observations, confidence), Observations, convention)
            : Measure.Of("conditional_drawdown_at_risk", Method, kernel.Shortfall(sorted), Observations, convention);
    }

    /// <summary>The drawdowns of a series of simple returns.</summary>
    public static Drawdowns Of(ReadOnlySpan<double> simpleReturns)
    {
        var n = simpleReturns.Length;
        if (Refusal.OfSeries(simpleReturns, 1, mayBeConstant: true) is { } refusal)
        {
            return new Drawdowns { Status = refusal.Status, Observations = n };
        }

        var underwater = new double[n];
        List<Drawdown> episodes = [];
        var (wealth, peak, peakIndex, trough, troughIndex) = (1.0, 1.0, 0, 1.0, 0);
        for (var t = 1; t <= n; t++)
        {
            wealth *= 1.0 + simpleReturns[t - 1];
            if (!(wealth > 0.0) || !double.IsFinite(wealth))
            {
                return new Drawdowns { Status = Status.OutsideDomain, Observations = n };
            }

            var isPeak = wealth >= peak * (1.0 - Tolerance);
            if (isPeak)
            {
                if (troughIndex > peakIndex)
                {
                    episodes.Add(new Drawdown((trough / peak) - 1.0, peakIndex, troughIndex, t));
                }

                (peak, peakIndex) = (Math.Max(wealth, peak), t);
                (trough, troughIndex) = (peak, t);
            }
            else if (wealth < trough * (1.0 - Tolerance))
            {
                (trough, troughIndex) = (wealth, t);
            }

            underwater[t - 1] = isPeak ? 0.0 : (wealth / peak) - 1.0;
        }

        if (troughIndex > peakIndex)
        {
            episodes.Add(new Drawdown((trough / peak) - 1.0, peakIndex, troughIndex, null));
        }

        return new Drawdowns
        {
            Status = Status.Ready,
            Observations = n,
            Underwater = underwater,
            Episodes = [.. episodes.OrderBy(episode => Math.Round(episode.Depth, 12)).ThenBy(episode => episode.PeakIndex)],
        };
    }

    private Measure Build(string name, Func<double[], double> formula)
    {
        var convention = new Convention { Sign = name == "maximum_drawdown" ? Sign.Natural : Sign.LossPositive, Window = Observations };
        return Status == Status.Ready
            ? Measure.Of(name, Method, formula([.. Underwater]), Observations, convention)
            : Measure.None(name, Method, new Refusal(Status, "No underwater curve."), Observations, convention);
    }
}
