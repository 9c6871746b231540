namespace RiskLake.Lake.Errors;

/// <summary>An operation cannot proceed. Thrown once where the fact is known, shown once at the edge.</summary>
/// <param name="code">Permanent code; decides the exit code.</param>
/// <param name="place">Where: <c>file:line</c>, a path, an option or a run id.</param>
/// <param name="found">What was found.</param>
/// <param name="expected">What was expected.</param>
/// <param name="next">What the reader can do next.</param>
/// <param name="cause">The exception behind it, if any.</param>
internal sealed class RiskLakeException(ErrorCode code, string place, string found, string expected, string next, Exception? cause = null)
    : Exception($"{place}: found {found}; expected {expected}; {next}", cause)
{
    public ErrorCode Code { get; } = code;

    public string Place { get; } = place;

    public string Found { get; } = found;

    public string Expected { get; } = expected;

    public string Next { get; } = next;
}
