namespace RiskLake.Ingest.Sources;

/// <summary>One file to be read.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="Name">
/// How the file is called in <c>source_file</c>: relative to the named input, with '/' between parts, so that results do not
/// depend on where the input lies. Unique within a run.
/// </param>
internal sealed record InputFile(string Path, string Name)
{
    /// <summary>Columns whose values stand in the path or in a table's log, and not in the file.</summary>
    public IReadOnlyList<string> Partitions { get; init; } = [];
}
