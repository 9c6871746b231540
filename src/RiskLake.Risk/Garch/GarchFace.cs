namespace RiskLake.Risk;

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
