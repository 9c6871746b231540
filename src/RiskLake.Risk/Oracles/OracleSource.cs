using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace RiskLake.Risk.Oracles;

/// <summary>Something a check needs is not there: a file of reference numbers, or of data.</summary>
internal sealed class OracleAbsentException(string name) : Exception($"{name} is not there.")
{
    /// <summary>The file that is absent.</summary>
    public string Name { get; } = name;
}

/// <summary>
/// Reference numbers and the data they are about. Numbers are those of a folder where it has them, else those shipped with the program;
/// data come from the folder alone, for they belong to others.
/// </summary>
internal sealed class OracleSource(string? folder)
{
    /// <summary>One table of reference numbers.</summary>
    public JsonElement Expected(string name)
    {
        var file = $"expected_{name}.json";
        if (folder is not null && Path.Combine(folder, file) is var path && File.Exists(path))
        {
            using var given = JsonDocument.Parse(File.ReadAllText(path));
            return given.RootElement.Clone();
        }

        using var stream = Shipped(file);
        using var shipped = JsonDocument.Parse(stream);
        return shipped.RootElement.Clone();
    }

    /// <summary>One column of the series that ships with the program.</summary>
    public static double[] Simulated(string column)
    {
        using var reader = new StreamReader(Shipped("simulated.csv"));
        return Parse("simulated.csv", reader.ReadToEnd().Split('\n'), column);
    }

    /// <summary>One column of a data file, in row order.</summary>
    public double[] Column(string file, string column)
    {
        if (folder is null || !File.Exists(Path.Combine(folder, file)))
        {
            throw new OracleAbsentException(file);
        }

        return Parse(file, File.ReadAllLines(Path.Combine(folder, file)), column);
    }

    private static double[] Parse(string file, string[] lines, string column)
    {
        var index = Array.FindIndex(lines[0].Split(','), name => name.Trim('"') == column);
        return index < 0 ? throw new OracleAbsentException($"column {column} of {file}") :
        [
            .. lines.Skip(1).Where(line => line.Length > 0).Select(line => double.Parse(line.Split(',')[index], CultureInfo.InvariantCulture)),
        ];
    }

    private static Stream Shipped(string file) =>
        Assembly.GetExecutingAssembly().GetManifestResourceStream($"oracles/{file}") ?? throw new OracleAbsentException(file);
}
