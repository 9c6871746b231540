using RiskLake.Lake.Errors;

namespace RiskLake.Contracts.Configuration;

/// <summary>How much a finding weighs.</summary>
internal enum Severity
{
    Info,
    Warning,
    Error,
}

/// <summary>One finding in a configuration file.</summary>
/// <param name="Code">Permanent error number.</param>
/// <param name="Rule">Lint rule, such as <c>C002</c>; listed in <c>docs/contracts.md</c>.</param>
/// <param name="Severity">Only errors stop anything.</param>
/// <param name="Path">The file.</param>
/// <param name="Line">Line, from 1; 0 for the file as a whole.</param>
/// <param name="Found">What stands there.</param>
/// <param name="Expected">What should.</param>
/// <param name="Next">What to do.</param>
internal sealed record ConfigProblem(
    ErrorCode Code, string Rule, Severity Severity, string Path, int Line, string Found, string Expected, string Next)
{
    public string Place => Line == 0 ? Path : FormattableString.Invariant($"{Path}:{Line}");

    public override string ToString() => $"{Place}: found {Found}; expected {Expected}; {Next} ({Rule})";
}

/// <summary>All findings of a load, carried as the cause of the exception that reports the first.</summary>
internal sealed class ConfigProblemsException(IReadOnlyList<ConfigProblem> problems, Exception? cause = null)
    : Exception(string.Join(Environment.NewLine, problems), cause)
{
    public IReadOnlyList<ConfigProblem> Problems { get; } = problems;
}

/// <summary>Collects the findings of one file, so that its author sees all of them at once.</summary>
internal sealed class ConfigProblems(string path, ErrorCode code)
{
    // A file with thousands of mistakes is one mistake; the rest is noise and memory.
    private const int Most = 200;

    private readonly List<ConfigProblem> _problems = [];

    public IReadOnlyList<ConfigProblem> All => _problems;

    public bool Any => _problems.Exists(problem => problem.Severity == Severity.Error);

    public string Path { get; } = path;

    public void Error(string rule, ConfigNode at, string found, string expected, string next) =>
        Add(new(code, rule, Severity.Error, Path, at.Line, found, expected, next));

    public void Warn(string rule, ConfigNode at, string found, string expected, string next) =>
        Add(new(code, rule, Severity.Warning, Path, at.Line, found, expected, next));

    public void Inform(string rule, ConfigNode at, string found, string expected, string next) =>
        Add(new(code, rule, Severity.Info, Path, at.Line, found, expected, next));

    /// <summary>Takes over the findings of another file.</summary>
    public void Take(IEnumerable<ConfigProblem> others)
    {
        foreach (var problem in others)
        {
            Add(problem);
        }
    }

    public void ThrowIfAny() => ThrowIfAny(_problems);

    public static void ThrowIfAny(IEnumerable<ConfigProblem> problems)
    {
        var errors = problems.Where(problem => problem.Severity == Severity.Error).ToList();
        if (errors.Count > 0)
        {
            throw Exception(errors);
        }
    }

    /// <summary>The exception that reports the first of some errors and carries all of them.</summary>
    public static RiskLakeException Exception(IReadOnlyList<ConfigProblem> errors, Exception? cause = null)
    {
        var first = errors[0];
        var more = errors.Count > 1 ? FormattableString.Invariant($" (+{errors.Count - 1} more)") : "";
        return new(
            first.Code, first.Place, first.Found, first.Expected, $"{first.Next} ({first.Rule}){more}",
            new ConfigProblemsException(errors, cause));
    }

    private void Add(ConfigProblem problem)
    {
        if (_problems.Count < Most)
        {
            _problems.Add(problem);
        }
    }
}
