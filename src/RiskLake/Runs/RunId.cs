using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using RiskLake.Desk.Limits;
using RiskLake.Lake.Errors;

namespace RiskLake.Runs;

/// <summary>Names of runs. They become parts of paths, so the rules are narrow.</summary>
internal static partial class RunId
{
    public const string ReservedPrefix = "backfill-";

    /// <summary>Prefix of runs of risk.</summary>
    public const string RiskPrefix = "risk-";

    /// <summary>The run that keeps the verdicts on limits; there is one.</summary>
    public const string Limits = "limits";

    /// <summary>
    /// Refuses an id that a user may not give to a run that receives records: those of the lake's other kinds of run belong to them.
    /// Lakes that hold such runs from before stay readable.
    /// </summary>
    public static void Require(string runId)
    {
        RequireOfRisk(runId);
        if (runId.StartsWith(RiskPrefix, StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid($"'{runId}'", $"an id that does not start with {RiskPrefix}, which runs of risk use");
        }
    }

    /// <summary>Refuses an id that a user may not give to a run of risk.</summary>
    public static void RequireOfRisk(string runId)
    {
        if (!Form().IsMatch(runId))
        {
            throw Invalid(runId.Length > 60 ? $"'{runId[..57]}...' ({runId.Length} characters)" : $"'{runId}'", "a letter or digit, then up to 127 of A-Z a-z 0-9 . _ -");
        }

        if (runId.EndsWith($".{Lake.DataFile.SilverPart}", StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid($"'{runId}'", $"an id that does not end with .{Lake.DataFile.SilverPart}, as files of conflicts do");
        }

        if (runId.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid($"'{runId}'", $"an id that does not start with {ReservedPrefix}, which backfills use");
        }

        if (runId.StartsWith(LimitAcknowledgement.IdPrefix, StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid($"'{runId}'", $"an id that does not start with {LimitAcknowledgement.IdPrefix}, which acknowledgements use");
        }

        if (runId.Equals(Limits, StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid($"'{runId}'", $"an id other than {Limits}, which the verdicts on limits use");
        }
    }

    /// <summary>The run of one day of a backfill.</summary>
    public static string OfDay(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{ReservedPrefix}{day:yyyy-MM-dd}");

    /// <summary>The run that keeps what a backfill could not decode.</summary>
    public static string Unassigned(DateOnly from, DateOnly through) =>
        string.Create(CultureInfo.InvariantCulture, $"{ReservedPrefix}unassigned-{from:yyyy-MM-dd}-{through:yyyy-MM-dd}");

    /// <summary>The run of risk of one day of a backfill.</summary>
    public static string OfRisk(DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{ReservedPrefix}risk-{day:yyyy-MM-dd}");

    /// <summary>The backfill itself: its manifest, lock and working folder.</summary>
    public static string OfBackfill(DateOnly from, DateOnly through) =>
        string.Create(CultureInfo.InvariantCulture, $"{ReservedPrefix}{from:yyyy-MM-dd}-{through:yyyy-MM-dd}");

    /// <summary>The id of a run that was given none: repeating the command repeats the run.</summary>
    public static string Derive(IReadOnlyList<string> inputDigests)
    {
        var digest = inputDigests.Count == 1
            ? inputDigests[0]
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', inputDigests))));
        return $"run-{digest[..12]}";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Form();

    private static RiskLakeException Invalid(string found, string expected) =>
        new(ErrorCode.RunIdInvalid, "--run-id", found, expected, "choose another run id");
}
