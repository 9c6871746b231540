using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Desk.Limits;
using RiskLake.Gold;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Runs;

namespace RiskLake.RiskRuns;

/// <summary>What someone wants to say about a breach.</summary>
/// <param name="Limit">Id of the limit.</param>
/// <param name="Scope">Name or kind and name of the scope; null where only one is in breach.</param>
/// <param name="Date">A day of the breach.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When, in microseconds; null for what is known of the latest verdict.</param>
internal sealed record AcknowledgementRequest(string Limit, string? Scope, DateOnly Date, string By, string Reason, long? At);

/// <summary>Publishes an acknowledgement as a small run of its own: added, never changed, and unharmed by whatever is restated.</summary>
internal static class Acknowledgement
{
    private const string Code = "acknowledgement/1";

    public static RunOutcome Publish(
        LakeStore lake, AcknowledgementRequest request, TimeSpan lockTimeout, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        Require("--by", request.By);
        Require("--reason", request.Reason);
        var word = Resolve(request, LimitHistory.Verdicts(lake, lake.Snapshot()));
        var publisher = new GoldPublisher(lake, storage, clock, word.Id, GoldWork.Acknowledgements) { LockTimeout = lockTimeout };
        return GoldPublication.Execute(publisher, _ => Prepare(word), ct);
    }

    private static LimitAcknowledgement Resolve(AcknowledgementRequest request, IReadOnlyList<PublishedVerdict> verdicts)
    {
        var breaches = LimitBreach.Of(verdicts);
        var ofLimit = breaches.Where(breach => breach.Limit == request.Limit && breach.Contains(request.Date)).ToArray();
        var found = ofLimit.Where(breach => request.Scope is null || request.Scope == breach.Scope.Name || request.Scope == breach.Scope.ToString()).ToArray();
        if (found is [var one])
        {
            var at = request.At ?? verdicts.Max(verdict => verdict.AsOf) ?? 0;
            return new LimitAcknowledgement(one.Limit, one.Scope, request.Date, request.By.Trim(), request.Reason.Trim(), at);
        }

        var scopes = string.Join(", ", ofLimit.Select(breach => breach.Scope));
        throw new RiskLakeException(
            ErrorCode.BreachUnknown,
            $"limit {request.Limit}",
            FormattableString.Invariant($"{(found.Length == 0 ? "no breach" : "several breaches")} on {request.Date:yyyy-MM-dd}"),
            request.Scope is null ? "one breach that holds the date" : $"a breach of {request.Scope} that holds the date",
            scopes.Length > 0 ? $"name one with --scope: {scopes}" : "see 'risklake risk limits breaches'");
    }

    /// <summary>The run as its record has it.</summary>
    public static GoldRun Recorded(JsonNode record)
    {
        var word = record["acknowledgement"]!;
        var scope = ((string)word["scope"]!).Split(':', 2);
        return Prepare(new LimitAcknowledgement(
            (string)word["limit_id"]!, new LimitScope(scope[0], scope[1]),
            DateOnly.ParseExact((string)word["breach_date"]!, "yyyy-MM-dd", CultureInfo.InvariantCulture),
            (string)word["acknowledged_by"]!, (string)word["reason"]!,
            RiskVerification.Micros((string)word["acknowledged_at"]!)));
    }

    private static GoldRun Prepare(LimitAcknowledgement word) => new()
    {
        Fingerprint = word.Sha256,
        AsOf = word.At,
        ValuationTime = null,
        Reads = [(Layer.Gold, LimitTables.Evaluations.Dataset)],
        Write = staging =>
        {
            using var batch = new RecordBatch(LimitTables.Acknowledgements.Schema);
            new LimitRows(Code, word.Id, word.At, null).Append(batch, word);
            return GoldRows.Write(staging, LimitTables.Acknowledgements, batch, word.At);
        },
        Facts = () => new JsonObject
        {
            ["acknowledgement"] = new JsonObject
            {
                ["limit_id"] = word.Limit,
                ["scope"] = word.Scope.ToString(),
                ["breach_date"] = FormattableString.Invariant($"{word.Date:yyyy-MM-dd}"),
                ["acknowledged_by"] = word.By,
                ["reason"] = word.Reason,
                ["acknowledged_at"] = RunRecord.Time(word.At),
            },
        },
    };

    private static void Require(string option, string text)
    {
        if (string.IsNullOrWhiteSpace(text) || text.Length > 4000)
        {
            throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, option, string.IsNullOrWhiteSpace(text) ? "nothing" : "more than 4000 characters",
                "text of up to 4000 characters", "say it in short");
        }
    }
}
