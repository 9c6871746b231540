using System.Globalization;
using System.Text;

namespace RiskLake.Reports;

/// <summary>Shape of a mark.</summary>
internal enum Mark
{
    Dot,
    Diamond,
}

/// <summary>One chart as SVG: axes, series and a key. Colours come from the page's style sheet, by class.</summary>
internal sealed class Plot
{
    private const double Left = 62;
    private const double Right = 14;
    private const double Top = 30;
    private const double Bottom = 26;
    private readonly MarkupWriter _body = new();
    private readonly List<(string Class, string Label)> _key = [];
    private readonly double _left;

    public Plot(int width, int height, double left = Left)
    {
        (Width, Height, _left) = (width, height, left);
    }

    public int Width { get; }

    public int Height { get; }

    public (double From, double To) Across => (_left, Width - Right);

    public (double From, double To) Upward => (Height - Bottom, Top);

    public (double From, double To) Downward => (Top, Height - Bottom);

    public Axis X { get; private set; } = Axis.Positions(1, 0, 1, 1);

    public Axis Y { get; private set; } = Axis.Positions(1, 0, 1, 1);

    /// <summary>Draws the grid and the labels of both axes; all series come after.</summary>
    public Plot Frame(Axis x, Axis y)
    {
        (X, Y) = (x, y);
        var (bottom, top) = (Height - Bottom, Top);
        foreach (var tick in y.Ticks)
        {
            var at = Round(y.Place(tick.Value));
            Line("grid", _left, Y.Place(tick.Value), Width - Right, Y.Place(tick.Value));
            if (tick.Label.Length > 0)
            {
                _body.Element("text", tick.Label, ("class", "tick end"), ("x", Round(_left - 7)), ("y", at), ("dy", "0.32em"));
            }
        }

        var before = double.NegativeInfinity;
        foreach (var tick in x.Ticks)
        {
            var at = x.Place(tick.Value);
            Line("grid", at, bottom, at, top);

            // Labels that would run into each other give way.
            var half = 3.2 * tick.Label.Length;
            if (tick.Label.Length > 0 && at - half > before)
            {
                var anchor = at + half > Width - 3 ? "tick end" : "tick mid";
                _body.Element("text", tick.Label, ("class", anchor), ("x", Round(at)), ("y", Round(bottom + 17)));
                before = at + half + 6;
            }
        }

        Line("axis", _left, bottom, Width - Right, bottom);
        return this;
    }

    /// <summary>A heading of the vertical axis.</summary>
    public Plot Heading(string text)
    {
        _body.Element("text", text, ("class", "heading"), ("x", Round(0)), ("y", Round(12)));
        return this;
    }

    /// <summary>A line in the key beside the heading.</summary>
    public Plot Key(string classes, string label)
    {
        _key.Add((classes, label));
        return this;
    }

    /// <summary>A line through the points; it breaks where a value is missing.</summary>
    public Plot Curve(string classes, IReadOnlyList<double> xs, ReadOnlySpan<double> ys)
    {
        var path = new StringBuilder();
        foreach (var (x, y, starts) in Thinned(xs, ys))
        {
            path.Append(starts ? 'M' : 'L').Append(Round(x)).Append(' ').Append(Round(y));
        }

        if (path.Length > 0)
        {
            _body.Empty("path", ("class", classes), ("d", path.ToString()));
        }

        return this;
    }

    /// <summary>The area between the points and a level.</summary>
    public Plot Area(string classes, IReadOnlyList<double> xs, ReadOnlySpan<double> ys, double level)
    {
        var path = new StringBuilder();
        var ground = Round(Y.Place(level));
        var last = 0.0;
        foreach (var (x, y, starts) in Thinned(xs, ys))
        {
            if (starts)
            {
                path.Append(path.Length == 0 ? "" : FormattableString.Invariant($"L{Round(last)} {ground}Z"));
                path.Append('M').Append(Round(x)).Append(' ').Append(ground);
            }

            path.Append('L').Append(Round(x)).Append(' ').Append(Round(y));
            last = x;
        }

        if (path.Length > 0)
        {
            _body.Empty("path", ("class", classes), ("d", path.Append('L').Append(Round(last)).Append(' ').Append(ground).Append('Z').ToString()));
        }

        return this;
    }

    /// <summary>A thin bar from zero to each value; where there are more bars than columns of the screen, the longest of each column.</summary>
    public Plot Bars(string classes, IReadOnlyList<double> xs, ReadOnlySpan<double> ys)
    {
        var path = new StringBuilder();
        var zero = Round(Y.Place(0.0));
        var column = double.NaN;
        var (low, high) = (0.0, 0.0);
        for (var i = 0; i <= ys.Length; i++)
        {
            var at = i < ys.Length ? Math.Round(2.0 * X.Place(xs[i])) / 2.0 : double.NaN;
            if (at != column && (low < 0.0 || high > 0.0))
            {
                var (from, to) = (low < 0.0 ? Round(Y.Place(low)) : zero, high > 0.0 ? Round(Y.Place(high)) : zero);
                path.Append('M').Append(Round(column)).Append(' ').Append(from).Append('V').Append(to);
                (low, high) = (0.0, 0.0);
            }

            column = at;
            if (i < ys.Length && double.IsFinite(ys[i]))
            {
                (low, high) = (Math.Min(low, ys[i]), Math.Max(high, ys[i]));
            }
        }

        if (path.Length > 0)
        {
            _body.Empty("path", ("class", classes), ("d", path.ToString()));
        }

        return this;
    }

    /// <summary>A mark with a title that shows on pointing.</summary>
    public Plot Point(string classes, Mark mark, double x, double y, string title, double size = 3.5)
    {
        var (cx, cy) = (X.Place(x), Y.Place(y));
        if (mark == Mark.Dot)
        {
            _body.Open("circle", ("class", classes), ("cx", Round(cx)), ("cy", Round(cy)), ("r", Round(size)));
        }
        else
        {
            var (left, right, top, bottom) = (Round(cx - size), Round(cx + size), Round(cy - size), Round(cy + size));
            var (middle, centre) = (Round(cx), Round(cy));
            var path = $"M{middle} {top}L{right} {centre}L{middle} {bottom}L{left} {centre}Z";
            _body.Open("path", ("class", classes), ("d", path));
        }

        _body.Element("title", title).Close();
        return this;
    }

    /// <summary>A straight line between two points of the data.</summary>
    public Plot Segment(string classes, double x1, double y1, double x2, double y2)
    {
        Line(classes, X.Place(x1), Y.Place(y1), X.Place(x2), Y.Place(y2));
        return this;
    }

    /// <summary>A horizontal line with a label at its right end.</summary>
    public Plot Level(string classes, double y, string label)
    {
        var at = Y.Place(y);
        Line(classes, _left, at, Width - Right, at);
        _body.Element("text", label, ("class", "tick end"), ("x", Round(Width - Right - 2)), ("y", Round(at - 4)));
        return this;
    }

    /// <summary>The finished element. Title and description are what a screen reader says.</summary>
    public string ToSvg(string id, string title, string description)
    {
        var svg = new MarkupWriter();
        svg.Open(
            "svg",
            ("viewBox", FormattableString.Invariant($"0 0 {Width} {Height}")),
            ("role", "img"),
            ("aria-labelledby", $"{id}-t {id}-d"),
            ("class", "plot"));
        svg.Element("title", title, ("id", id + "-t")).Element("desc", description, ("id", id + "-d")).Raw(_body.ToString());
        var at = (double)(Width - Right);
        foreach (var (classes, label) in Enumerable.Reverse(_key))
        {
            at -= 6.6 * label.Length;
            svg.Element("text", label, ("class", "key"), ("x", Round(at)), ("y", Round(12)));
            if (classes.Contains("hit", StringComparison.Ordinal))
            {
                svg.Empty("circle", ("class", classes), ("cx", Round(at - 10)), ("cy", "8"), ("r", "3.2"));
            }
            else
            {
                svg.Empty("path", ("class", classes), ("d", FormattableString.Invariant($"M{Round(at - 22)} 8H{Round(at - 6)}")));
            }

            at -= 36;
        }

        return svg.Close().ToString();
    }

    private void Line(string classes, double x1, double y1, double x2, double y2) =>
        _body.Empty("path", ("class", classes), ("d", $"M{Round(x1)} {Round(y1)}L{Round(x2)} {Round(y2)}"));

    // First, least, greatest and last of what falls into one column of the screen: more cannot be seen.
    private List<(double X, double Y, bool Starts)> Thinned(IReadOnlyList<double> xs, ReadOnlySpan<double> ys)
    {
        List<(double X, double Y, bool Starts)> points = [];
        var broken = true;
        for (var i = 0; i < ys.Length;)
        {
            if (!double.IsFinite(ys[i]))
            {
                broken = true;
                i++;
                continue;
            }

            var column = Math.Round(X.Place(xs[i]));
            var (low, high, end) = (i, i, i);
            while (end + 1 < ys.Length && double.IsFinite(ys[end + 1]) && Math.Round(X.Place(xs[end + 1])) == column)
            {
                end++;
                low = ys[end] < ys[low] ? end : low;
                high = ys[end] > ys[high] ? end : high;
            }

            Span<int> kept = [i, Math.Min(low, high), Math.Max(low, high), end];
            for (var k = 0; k < kept.Length; k++)
            {
                if (k == 0 || kept[k] != kept[k - 1])
                {
                    points.Add((X.Place(xs[kept[k]]), Y.Place(ys[kept[k]]), broken));
                    broken = false;
                }
            }

            i = end + 1;
        }

        return points;
    }

    private static string Round(double value)
    {
        var text = value.ToString("F1", CultureInfo.InvariantCulture);
        return text.EndsWith(".0", StringComparison.Ordinal) ? text is "-0.0" ? "0" : text[..^2] : text;
    }
}
