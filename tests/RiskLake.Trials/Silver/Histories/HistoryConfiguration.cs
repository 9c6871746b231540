
namespace RiskLake.Trials.Silver.Histories;

/// <summary>
/// The configuration all histories share: two versions of one contract, a gate that is open and one that lets no reject pass.
/// </summary>
internal static class HistoryConfiguration
{
    /// <summary>Text of each file, by its path.</summary>
    public static IEnumerable<(string Path, string Text)> Files(KeyScope scope)
    {
        yield return ("config/open.yaml", Thresholds("1.0"));
        yield return ("config/closed.yaml", Thresholds("0.0"));
        foreach (var version in new[] { 1, 2 })
        {
            yield return ($"config/registry-v{version}.yaml", Registry(version));
            yield return ($"config/event.v{version}.odcs.yaml", Contract(version, scope));
        }
    }

    private static string Thresholds(string quarantine) => $"""
        thresholds:
          volatility_5m:
            warn: 0.03
            critical: 0.07
          data_quality:
            max_late_rate: 1.0
            max_duplicate_rate: 1.0
            max_quarantine_rate: {quarantine}
            max_conflict_rate: 1.0
        """;

    private static string Registry(int version) => $"""
        contracts:
          market_event:
            dataset: market_events
            version: v{version}
            compatibility: backward
            versions:
              v1: event.v1.odcs.yaml
              v2: event.v2.odcs.yaml
        """;

    private static string Contract(int version, KeyScope scope)
    {
        // The month is what a contract means that says nothing.
        var reach = scope is KeyScope.Month ? string.Empty : $"      - {{property: scope, value: {scope.ToString().ToLowerInvariant()}}}\n";
        var own = version == 1 ? "note" : "venue";
        return $$"""
            apiVersion: v3.1.0
            kind: DataContract
            id: urn:test:market_event
            name: market_event
            version: {{version}}.0.0
            status: active
            schema:
              - name: market_events
                physicalType: table
                customProperties:
                  - {property: delivery, value: stream}
                  - {property: openContent, value: true}
            {{reach}}    properties:
                  - {name: event_id, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
                  - name: symbol
                    logicalType: string
                    required: true
                    customProperties:
                      - {property: role, value: symbol}
                      - {property: normalise, value: [trim, upper]}
                  - {name: price, logicalType: number, physicalType: DOUBLE, required: true, customProperties: [{property: role, value: price}]}
                  - {name: volume, logicalType: integer, required: true, customProperties: [{property: role, value: volume}]}
                  - name: ts_event
                    logicalType: timestamp
                    required: true
                    customProperties:
                      - {property: role, value: event_time}
                  - name: ts_ingest
                    logicalType: timestamp
                    required: true
                    customProperties:
                      - {property: role, value: ingest_time}
                      - {property: delivery, value: true}
                  - {name: source, logicalType: string, required: true, customProperties: [{property: role, value: source}]}
                  - {name: {{own}}, logicalType: string}

            """;
    }
}
