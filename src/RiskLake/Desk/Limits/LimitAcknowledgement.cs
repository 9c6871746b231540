using RiskLake.Contracts;
using RiskLake.Risk.Measures;

namespace RiskLake.Desk.Limits;

/// <summary>Someone's word that a breach is known. It names a day, not an episode, so that it outlives every recomputation.</summary>
/// <param name="Limit">Id of the limit.</param>
/// <param name="Scope">What the limit was held against.</param>
/// <param name="Date">A day of the episode.</param>
/// <param name="By">Who.</param>
/// <param name="Reason">Why it is acceptable, or what is done about it.</param>
/// <param name="At">When, in microseconds; part of what was said, not of when it was recorded.</param>
internal sealed record LimitAcknowledgement(string Limit, LimitScope Scope, DateOnly Date, string By, string Reason, long At)
{
    /// <summary>Prefix of every id of an acknowledgement, and of the run that holds it.</summary>
    public const string IdPrefix = "ack-";

    public const string Attached = "attached";

    /// <summary>No episode holds the day any more: what was acknowledged has been restated away.</summary>
    public const string Detached = "detached";

    /// <summary>Of what is said: the same words at the same time are one acknowledgement.</summary>
    public string Id => IdPrefix + Sha256[..12];

    public string Sha256 => new CanonicalText("acknowledgement/1")
        .Add("limit", Limit)
        .Add("scope", Scope.ToString())
        .Add("date", Date.DayNumber)
        .Add("by", By)
        .Add("reason", Reason)
        .Add("at", At)
        .Sha256();

    /// <summary>The episode it is about; null when detached.</summary>
    public LimitBreach? Find(IEnumerable<LimitBreach> breaches) =>
        breaches.FirstOrDefault(breach => breach.Limit == Limit && breach.Scope == Scope && breach.Contains(Date));

    /// <summary>The latest word on an episode; null when nobody said any.</summary>
    public static LimitAcknowledgement? Latest(LimitBreach breach, IEnumerable<LimitAcknowledgement> said) => said
        .Where(word => word.Limit == breach.Limit && word.Scope == breach.Scope && breach.Contains(word.Date))
        .OrderByDescending(word => word.At).ThenByDescending(word => word.Id, StringComparer.Ordinal)
        .FirstOrDefault();
}
