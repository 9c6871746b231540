using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using RiskLake.Contracts;
using RiskLake.Quality;

namespace RiskLake.Runs;

/// <summary>
/// What decides a run's results: inputs, contract, thresholds, options, and the output version of each stage. Two runs with one
/// fingerprint have the same files.
/// </summary>
internal static class RunFingerprint
{
    /// <summary>Raised when the same input would give other bytes than before.</summary>
    public static IReadOnlyDictionary<string, int> OutputVersions { get; } = new SortedDictionary<string, int>(StringComparer.Ordinal)
    {
        ["bronze"] = 1,
        ["gold"] = 4,
        ["quarantine"] = 2,
        ["silver"] = 2,
    };

    public static string Compute(
        IReadOnlyList<string> inputDigests, Contract contract, Thresholds thresholds, SessionRules? sessions, SignalList? signals, RunRequest request)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("form", "run-fingerprint/1");
            json.WriteStartArray("inputs");
            foreach (var digest in inputDigests)
            {
                json.WriteStringValue(digest);
            }

            json.WriteEndArray();
            json.WriteString("contract", contract.Sha256);
            json.WriteString("contract_version", contract.Version);
            json.WriteString("dataset", contract.Dataset);
            json.WriteString("thresholds", thresholds.Sha256);
            if (sessions is not null)
            {
                json.WriteString("sessions", sessions.Sha256);
            }

            if (signals is not null)
            {
                json.WriteString("signals", signals.Sha256);
            }

            json.WriteNumber("late_seconds", request.LateSeconds ?? thresholds.LateSeconds);
            json.WriteNumber("window_minutes", request.WindowMinutes);
            json.WriteNumber("vol_window", request.VolatilityWindow);
            json.WriteNumber("max_record_bytes", request.MaxRecordBytes);
            if (request.IsSnapshot)
            {
                json.WriteBoolean("snapshot", true);
            }

            if (request.AsOfMicros is { } asOf)
            {
                json.WriteNumber("as_of", asOf);
            }

            foreach (var (stage, version) in OutputVersions)
            {
                json.WriteNumber($"output_{stage}", version);
            }

            json.WriteEndObject();
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("risklake\n").Concat(stream.ToArray()).ToArray()));
    }
}
