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
            foreach (var persistence in (ReadOnlySpan<double>)[0.85, 0.95, 0.985])
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

/// <summary>A flat part of the parameter space: parameters = map * free + offset.</summary>
internal sealed class GarchFace
{
    private readonly double[] _map;
    private readonly double[] _offset;
    private readonly int[] _free;

    private GarchFace(string? name, int parameters, int[] free, bool unit)
    {
        Name = name;
        Unit = unit;
        _free = free;
        _map = new double[parameters * free.Length];
        _offset = new double[parameters];
        for (var c = 0; c < free.Length; c++)
        {
            _map[(free[c] * free.Length) + c] = 1.0;
        }
    }

    /// <summary>The equation of the boundary; null for the interior.</summary>
    public string? Name { get; }

    /// <summary>Whether persistence is one on it.</summary>
    public bool Unit { get; }

    /// <summary>Free parameters.</summary>
    public int Columns => _free.Length;

    public static GarchFace Interior(int parameters) => new(null, parameters, [.. Enumerable.Range(0, parameters)], unit: false);

    public static bool Allows(GarchSpecification specification, double[] point)
    {
        const double Slack = 1e-12;
        switch (specification.Model)
        {
            case GarchModel.Garch:
                return point[2] >= -Slack && point[3] >= -Slack && point[2] + point[3] <= 1.0 + Slack;
            case GarchModel.Gjr:
                return point[2] >= -Slack && point[2] + point[3] >= -Slack && point[4] >= -Slack
                    && point[2] + (0.5 * point[3]) + point[4] <= 1.0 + Slack;
            default:
                return Math.Abs(point[4]) < 1.0;
        }
    }

    public static IEnumerable<GarchFace> Boundaries(GarchSpecification specification)
    {
        var p = specification.ParameterNames.Count;
        if (specification.Model == GarchModel.Garch)
        {
            yield return Without("alpha + beta = 1", p, 3, unit: true, (2, -1.0));
            yield return Fixed("beta = 0", p, 3);
            yield return Fixed("alpha = 0", p, 2);
        }
        else if (specification.Model == GarchModel.Gjr)
        {
            yield return Without("alpha + gamma/2 + beta = 1", p, 4, unit: true, (2, -1.0), (3, -0.5));
            yield return Fixed("alpha = 0", p, 2);
            yield return Without("alpha + gamma = 0", p, 3, unit: false, (2, -1.0));
            yield return Fixed("beta = 0", p, 4);
            yield return Without("alpha = 0, gamma/2 + beta = 1", p, 4, unit: true, 2, (3, -0.5));
        }
    }

    public static GarchFace MeanHeld(int parameters, double mean)
    {
        var face = Fixed("mu at an observation", parameters, 0);
        face._offset[0] = mean;
        return face;
    }

    public double[] Project(double[] point) => [.. _free.Select(place => point[place])];

    public void Expand(ReadOnlySpan<double> free, Span<double> point)
    {
        for (var i = 0; i < _offset.Length; i++)
        {
            point[i] = _offset[i];
            for (var c = 0; c < free.Length; c++)
            {
                point[i] += _map[(i * free.Length) + c] * free[c];
            }
        }
    }

    public void RestrictVector(ReadOnlySpan<double> gradient, Span<double> target)
    {
        for (var c = 0; c < Columns; c++)
        {
            target[c] = 0.0;
            for (var i = 0; i < gradient.Length; i++)
            {
                target[c] += _map[(i * Columns) + c] * gradient[i];
            }
        }
    }

    /// <summary>map' M map.</summary>
    public double[] Restrict(ReadOnlySpan<double> matrix)
    {
        var (p, k) = (_offset.Length, Columns);
        var result = new double[k * k];
        for (var a = 0; a < k; a++)
        {
            for (var b = 0; b < k; b++)
            {
                for (var i = 0; i < p; i++)
                {
                    for (var j = 0; j < p; j++)
                    {
                        result[(a * k) + b] += _map[(i * k) + a] * matrix[(i * p) + j] * _map[(j * k) + b];
                    }
                }
            }
        }

        return result;
    }

    /// <summary>Square roots of the diagonal of map C map'; null for parameters that cannot move.</summary>
    public double?[] Errors(ReadOnlySpan<double> covariance)
    {
        var errors = new double?[_offset.Length];
        for (var i = 0; i < errors.Length; i++)
        {
            var variance = 0.0;
            for (var a = 0; a < Columns; a++)
            {
                for (var b = 0; b < Columns; b++)
                {
                    variance += _map[(i * Columns) + a] * covariance[(a * Columns) + b] * _map[(i * Columns) + b];
                }
            }

            errors[i] = variance > 0.0 ? Math.Sqrt(variance) : null;
        }

        return errors;
    }

    private static GarchFace Fixed(string name, int parameters, int place) =>
        new(name, parameters, [.. Enumerable.Range(0, parameters).Where(i => i != place)], unit: false);

    private static GarchFace Without(
        string name, int parameters, int place, bool unit, params ReadOnlySpan<(int Place, double Factor)> terms) =>
        Without(name, parameters, place, unit, -1, terms);

    // The parameter at a place is a linear function of others; one more may be held at zero.
    private static GarchFace Without(
        string name, int parameters, int place, bool unit, int alsoZero, params ReadOnlySpan<(int Place, double Factor)> terms)
    {
        var face = new GarchFace(name, parameters, [.. Enumerable.Range(0, parameters).Where(i => i != place && i != alsoZero)], unit);
        face._offset[place] = unit ? 1.0 : 0.0;
        foreach (var (other, factor) in terms)
        {
            var column = Array.IndexOf(face._free, other);
            face._map[(place * face.Columns) + column] = factor;
        }

        return face;
    }
}
