using RiskLake.Risk.Numerics;

namespace RiskLake.Risk;

/// <summary>Where the likelihood is greatest, in scaled data: the point, the boundary it lies on, and the work it took.</summary>
internal sealed record GarchOptimum(double[] Point, GarchFace Face, double Value, int Iterations)
{
    private const double HeaviestUseful = 200.0;
    private const int MostTries = 4;

    /// <summary>The best maximum found; null, with the reason, when none was pinned down or the t law has become normal.</summary>
    public static GarchOptimum? Find(
        GarchLikelihood likelihood, GarchSpecification specification, double[] data, double mean, double variance, out string reason)
    {
        reason = specification.Constraint == GarchConstraint.None && specification.Model != GarchModel.Egarch
            ? "The likelihood has no maximum the optimiser could pin down; the stationary constraint may give it one."
            : "The likelihood has no maximum the optimiser could pin down.";
        var starts = Starts(likelihood, specification, mean, variance);
        var tries = specification.Model == GarchModel.Garch ? 1 : 3;
        GarchOptimum? best = null;
        for (var i = 0; i < Math.Min(starts.Count, MostTries) && (i < tries || best is null); i++)
        {
            var face = GarchFace.Interior(starts[i].Length);
            var end = (double[])starts[i].Clone();
            best = Better(best, Climb(likelihood, specification, face, end) ?? AtKink(likelihood, specification, data, end));
            if (specification.Errors == ErrorDistribution.StudentT && end[^1] > HeaviestUseful)
            {
                reason = "The errors are not heavier-tailed than normal: nu grows without bound. Fit the normal model.";
                return null;
            }
        }

        foreach (var start in MoreStarts(likelihood, specification, data, mean, variance, starts))
        {
            // Only a gain that shows: another way up the same hill would change the last digits.
            var other = Climb(likelihood, specification, GarchFace.Interior(start.Length), start);
            var useful = other is not null && !(specification.Errors == ErrorDistribution.StudentT && other.Point[^1] > HeaviestUseful);
            best = useful && (best is null || other!.Value > best.Value + (1e-9 * (1.0 + Math.Abs(best.Value)))) ? other : best;
        }

        if (best is not null && specification.Model == GarchModel.Egarch)
        {
            best = AcrossKinks(likelihood, specification, data, Math.Sqrt(variance / data.Length), best);
        }

        if (specification.Constraint == GarchConstraint.Stationary && (best is null || !GarchFace.Allows(specification, best.Point)))
        {
            best = Constrained(likelihood, specification, starts);
        }

        return best;
    }

    // Where the best starts may all miss the hill: variances that forget quickly, and for GJR the symmetric optimum it contains.
    private static IEnumerable<double[]> MoreStarts(
        GarchLikelihood likelihood, GarchSpecification specification, double[] data, double mean, double variance, List<double[]> starts)
    {
        if (specification.Model == GarchModel.Garch)
        {
            yield break;
        }

        if (starts.Find(static start => start[4] <= 0.5) is { } forgetful)
        {
            yield return (double[])forgetful.Clone();
        }

        if (specification.Model == GarchModel.Gjr)
        {
            var symmetric = specification with { Model = GarchModel.Garch, Constraint = GarchConstraint.None };
            if (Find(likelihood.Symmetric(symmetric), symmetric, data, mean, variance, out _) is { Point: var point })
            {
                yield return [.. point[..3], 0.0, .. point[3..]];
            }
        }
    }

    // EGARCH's |z| bends the likelihood sharply where mu meets an observation, and the maximum may sit on such an edge: there mu is
    // held at the observation, the rest maximised, and both sides must be lower.
    private static GarchOptimum? AtKink(GarchLikelihood likelihood, GarchSpecification specification, double[] data, double[] end)
    {
        if (specification.Model != GarchModel.Egarch)
        {
            return null;
        }

        var nearest = data.MinBy(value => Math.Abs(value - end[0]));
        if (!(Math.Abs(nearest - end[0]) < 1e-5))
        {
            return null;
        }

        var start = (double[])end.Clone();
        start[0] = nearest;
        if (Climb(likelihood, specification, GarchFace.MeanHeld(start.Length, nearest), start) is not { } found)
        {
            return null;
        }

        foreach (var side in (ReadOnlySpan<double>)[-1e-7, 1e-7])
        {
            var beside = (double[])found.Point.Clone();
            beside[0] += side;
            if (!(likelihood.Value(beside) < found.Value))
            {
                return null;
            }
        }

        return found;
    }

    // Between any two observations EGARCH's likelihood may have a maximum of its own. The nearest edges and the places between them are
    // compared, and the most promising ones climbed from.
    private static GarchOptimum AcrossKinks(
        GarchLikelihood likelihood, GarchSpecification specification, double[] data, double error, GarchOptimum best)
    {
        const int Edges = 32;
        const int Climbs = 3;
        var mean = best.Point[0];
        double[] edges =
        [
            .. data.Where(value => Math.Abs(value - mean) < 2.0 * error).Distinct()
                .OrderBy(value => Math.Abs(value - mean)).ThenBy(value => value).Take(Edges).Order(),
        ];
        List<(double Value, double[] Point)> places = [];
        for (var i = 0; i < edges.Length; i++)
        {
            Add(edges[i]);
            Add(i + 1 < edges.Length ? 0.5 * (edges[i] + edges[i + 1]) : edges[i] + (0.1 * error));
        }

        foreach (var (_, point) in places.OrderByDescending(static place => place.Value).Take(Climbs))
        {
            best = Better(best, Climb(likelihood, specification, GarchFace.Interior(point.Length), point)
                ?? AtKink(likelihood, specification, data, point))!;
        }

        return best;

        void Add(double mu)
        {
            var point = (double[])best.Point.Clone();
            point[0] = mu;
            places.Add((likelihood.Value(point), point));
        }
    }

    private static GarchOptimum? Constrained(GarchLikelihood likelihood, GarchSpecification specification, List<double[]> starts)
    {
        GarchOptimum? best = null;
        foreach (var face in GarchFace.Boundaries(specification))
        {
            for (var i = 0; i < Math.Min(starts.Count, 2); i++)
            {
                if (Climb(likelihood, specification, face, (double[])starts[i].Clone()) is { } found
                    && GarchFace.Allows(specification, found.Point))
                {
                    best = Better(best, found);
                }
            }
        }

        return best;
    }

    private static GarchOptimum? Better(GarchOptimum? a, GarchOptimum? b) => a is null || (b is not null && b.Value > a.Value) ? b : a;

    // Climbs from a point, which ends where the climb did; null when that is no maximum.
    private static GarchOptimum? Climb(GarchLikelihood likelihood, GarchSpecification specification, GarchFace face, double[] point)
    {
        var free = face.Project(point);
        NewtonMaximizer.Outcome outcome;
        if (face.Name is null)
        {
            outcome = NewtonMaximizer.Maximize(ref likelihood, free);
        }
        else
        {
            var restricted = new RestrictedLikelihood(likelihood, face);
            outcome = NewtonMaximizer.Maximize(ref restricted, free);
        }

        face.Expand(free, point);
        var omegaPositive = specification.Model == GarchModel.Egarch || point[1] > 0.0;
        return outcome.Converged && omegaPositive ? new GarchOptimum([.. point], face, outcome.Value, outcome.Iterations) : null;
    }

    // A small grid of variance-targeted points, best first.
    private static List<double[]> Starts(GarchLikelihood likelihood, GarchSpecification specification, double mean, double variance)
    {
        List<(double Value, double[] Point)> grid = [];
        var egarch = specification.Model == GarchModel.Egarch;
        foreach (var alpha in (ReadOnlySpan<double>)(egarch ? [0.1, 0.25] : [0.04, 0.1, 0.2]))
        {
            foreach (var persistence in (ReadOnlySpan<double>)[0.5, 0.85, 0.95, 0.985])
            {
                foreach (var gamma in (ReadOnlySpan<double>)(specification.Model switch
                {
                    GarchModel.Garch => [0.0],
                    GarchModel.Gjr => [0.0, alpha],
                    _ => [0.0, -0.08],
                }))
                {
                    List<double> point = [mean];
                    var level = egarch ? Elementary.Log(variance) : variance;
                    point.Add(level * (1.0 - persistence));
                    point.Add(alpha - (specification.Model == GarchModel.Gjr ? 0.5 * gamma : 0.0));
                    if (specification.Model != GarchModel.Garch)
                    {
                        point.Add(gamma);
                    }

                    point.Add(egarch ? persistence : persistence - alpha);
                    if (specification.Errors == ErrorDistribution.StudentT)
                    {
                        point.Add(6.0);
                    }

                    double[] candidate = [.. point];
                    grid.Add((likelihood.Value(candidate), candidate));
                }
            }
        }

        return [.. grid.Where(item => double.IsFinite(item.Value)).OrderByDescending(item => item.Value).Select(item => item.Point)];
    }

    private sealed class RestrictedLikelihood(GarchLikelihood likelihood, GarchFace face) : ISmoothFunction
    {
        private readonly double[] _full = new double[likelihood.Dimension];
        private readonly double[] _gradient = new double[likelihood.Dimension];
        private readonly double[] _hessian = new double[likelihood.Dimension * likelihood.Dimension];

        public double Value(ReadOnlySpan<double> point)
        {
            face.Expand(point, _full);
            return likelihood.Value(_full);
        }

        public double Derivatives(ReadOnlySpan<double> point, Span<double> gradient, Span<double> hessian)
        {
            face.Expand(point, _full);
            var value = likelihood.Derivatives(_full, _gradient, _hessian);
            face.RestrictVector(_gradient, gradient);
            face.Restrict(_hessian).CopyTo(hessian);
            return value;
        }
    }
}
