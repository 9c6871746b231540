namespace RiskLake.Tests.Decoding;

/// <summary>Market events as text, with one thing changed.</summary>
internal static class MarketEvents
{
    public const string Good =
        """{"event_id":"evt-1","symbol":"AAPL","price":101.25,"volume":100,"ts_event":"2025-01-20T14:30:00.123456Z","ts_ingest":"2025-01-20T14:30:01.5Z","source":"sim"}""";

    /// <summary>The good event with the value of a field replaced by other JSON.</summary>
    public static string With(string field, string json)
    {
        var at = Good.IndexOf($"\"{field}\":", StringComparison.Ordinal) + field.Length + 3;
        var end = Good[at] == '"' ? Good.IndexOf('"', at + 1) + 1 : Good.IndexOfAny([',', '}'], at);
        return Good[..at] + json + Good[end..];
    }

    /// <summary>The good event without a field.</summary>
    public static string Without(string field)
    {
        var at = Good.IndexOf($"\"{field}\":", StringComparison.Ordinal);
        var end = Good.IndexOf(",\"", at, StringComparison.Ordinal);
        return end < 0 ? Good[..(at - 1)] + "}" : Good[..at] + Good[(end + 1)..];
    }
}
