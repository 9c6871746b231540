using RiskLake.Risk.Numerics;

namespace RiskLake.Tests.Risk;

/// <summary>Series that break methods which trust their data.</summary>
internal static class HostileSeries
{
    public static Dictionary<string, double[]> All => new(StringComparer.Ordinal)
    {
        ["empty"] = [],
        ["one"] = [0.01],
        ["two"] = [0.01, -0.02],
        ["constant"] = Repeat(0.001, 300),
        ["zeros"] = Repeat(0.0, 300),
        ["nan"] = With(Noise(300), 120, double.NaN),
        ["infinity"] = With(Noise(300), 7, double.PositiveInfinity),
        ["minus infinity"] = With(Noise(300), 299, double.NegativeInfinity),
        ["all gains"] = [.. Noise(300).Select(Math.Abs)],
        ["all losses"] = [.. Noise(300).Select(value => -Math.Abs(value) - 1e-4)],
        ["outlier"] = With(Noise(300), 150, 1e8),
        ["outlier loss"] = With(Noise(300), 150, -1e8),
        ["tiny"] = [.. Noise(300).Select(value => value * 1e-12)],
        ["huge"] = [.. Noise(300).Select(value => value * 1e12)],
        ["near overflow"] = [.. Noise(300).Select(value => value * 1e307)],
        ["near underflow"] = [.. Noise(300).Select(value => value * 1e-305)],
        ["ties"] = [.. Noise(300).Select(value => Math.Round(value, 2))],
        ["two values"] = [.. Enumerable.Range(0, 300).Select(i => i % 2 == 0 ? 0.01 : -0.01)],
        ["one jump"] = With(Repeat(0.0, 300), 200, -0.3),
        ["trend"] = [.. Enumerable.Range(0, 300).Select(i => i * 1e-4)],
        ["ruin"] = With(Noise(300), 60, -1.0),
    };

    public static double[] Noise(int count, ulong seed = 1)
    {
        var noise = new double[count];
        Philox.Normals(seed, 9, 0, noise);
        return [.. noise.Select(value => value * 0.01)];
    }

    public static double[] Repeat(double value, int count) => [.. Enumerable.Repeat(value, count)];

    public static double[] With(double[] series, int index, double value)
    {
        series[index] = value;
        return series;
    }
}
