using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Fields of the contract whose values stand in the path of a file (<c>symbol=AAPL/part-0.parquet</c>), and in the file no more: they are
/// not read from there, and what they say would be lost.
/// </summary>
internal static class PathColumns
{
    /// <summary>Refuses a file that lacks a field that its path has.</summary>
    /// <param name="input">The file.</param>
    /// <param name="plan">What is decoded.</param>
    /// <param name="isInFile">Whether the file has a column of that name.</param>
    public static void Require(InputFile input, DecodePlan plan, Func<string, bool> isInFile)
    {
        var folders = (Path.GetDirectoryName(input.Path) ?? "").Split('/', Path.DirectorySeparatorChar)
            .Where(part => part.IndexOf('=', StringComparison.Ordinal) > 0);
        var named = folders.Select(part => (Name: part[..part.IndexOf('=', StringComparison.Ordinal)], Found: part))
            .Concat(input.Partitions.Select(name => (Name: name, Found: $"{name} as a partition column")));
        foreach (var (name, found) in named)
        {
            if (plan.IndexOf(Uri.UnescapeDataString(name)) >= 0 && !isInFile(name))
            {
                throw new RiskLakeException(
                    ErrorCode.InputFormatUnknown,
                    input.Path,
                    $"the field '{name}' in the path ({found}), and not in the file",
                    "every field in the file itself: partition columns are not read from paths",
                    "write the column into the files too, such as with WRITE_PARTITION_COLUMNS in DuckDB or a copy of the column in Spark");
            }
        }
    }
}
