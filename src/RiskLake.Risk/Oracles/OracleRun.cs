using System.Collections;
using System.Globalization;
using System.Text.Json;
using RiskLake.Risk;

namespace RiskLake.Risk.Oracles;

/// <summary>One check at work: it asks for reference numbers and data, and notes every comparison.</summary>
internal sealed class OracleRun(OracleSource source)
{
    /// <summary>The columns of the share indices.</summary>
    public static readonly string[] Indices = ["DAX", "SMI", "CAC", "FTSE"];

    private readonly List<(double Difference, double Tolerance)> _comparisons = [];
    private readonly List<string> _failures = [];

    /// <summary>Relative differences of the numbers compared, each with its tolerance.</summary>
    public IReadOnlyList<(double Difference, double Tolerance)> Comparisons => _comparisons;

    /// <summary>Facts compared that are not numbers with a tolerance: counts, colours, whether something holds.</summary>
    public int Facts { get; private set; }

    /// <summary>What did not agree.</summary>
    public IReadOnlyList<string> Failures => _failures;

    public JsonElement Expected(string name) => source.Expected(name);

    public double[] Column(string file, string column) => source.Column(file, column);

    /// <summary>A column of the series that ships with the program.</summary>
    public static double[] Simulated(string column) => OracleSource.Simulated(column);

    public double[] Closes(string index) => Column("eustock.csv", index);

    public double[] LogReturns(string index = "DAX") => Returns.Log(Closes(index));

    public double[] SimpleReturns(string index = "DAX") => Returns.Simple(Closes(index));

    public double[] LogReturnsPercent(string index = "DAX") => [.. LogReturns(index).Select(value => value * 100.0)];

    public double[] MarksPerPound() => Column("dem2gbp.csv", "ret_pct");

    public static Confidence Level(string text) =>
        Confidence.TryParse(text, out var confidence) ? confidence : throw new ArgumentException(text, nameof(text));

    public static double[] Doubles(JsonElement element) => [.. element.EnumerateArray().Select(item => item.GetDouble())];

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Notes relative agreement; zero is compared absolutely.</summary>
    public void Close(double expected, double? actual, double tolerance, string? what = null)
    {
        var scale = expected == 0.0 ? 1.0 : Math.Abs(expected);
        var difference = actual is { } value ? Math.Abs(value - expected) / scale : double.PositiveInfinity;
        _comparisons.Add((double.IsNaN(difference) ? double.PositiveInfinity : difference, tolerance));
        if (!(difference <= tolerance))
        {
            _failures.Add(FormattableString.Invariant($"{what}: expected {expected:R}, got {actual:R}, relative difference {difference:E2}"));
        }
    }

    public void Close(JsonElement expected, double? actual, double tolerance, string? what = null) =>
        Close(expected.GetDouble(), actual, tolerance, what);

    /// <summary>Notes absolute agreement.</summary>
    public void Same(double expected, double actual, double tolerance)
    {
        Facts++;
        Fail(Math.Abs(actual - expected) <= tolerance, expected, actual);
    }

    /// <summary>Notes equality of whole numbers.</summary>
    public void Same(int[] expected, int[] actual)
    {
        Facts++;
        Fail(expected.AsSpan().SequenceEqual(actual), string.Join(' ', expected), string.Join(' ', actual));
    }

    /// <summary>Notes equality; of sequences, item by item.</summary>
    public void Same<T>(T expected, T actual)
    {
        Facts++;
        Fail(
            expected is IEnumerable left and not string && actual is IEnumerable right
                ? left.Cast<object?>().SequenceEqual(right.Cast<object?>())
                : EqualityComparer<T>.Default.Equals(expected, actual),
            expected,
            actual);
    }

    /// <summary>Notes that something holds.</summary>
    public void True(bool holds)
    {
        Facts++;
        Fail(holds, true, false);
    }

    private void Fail(bool agrees, object? expected, object? actual)
    {
        if (!agrees)
        {
            _failures.Add(string.Create(CultureInfo.InvariantCulture, $"expected {expected}, got {actual}"));
        }
    }
}
