using RiskLake.Contracts.Configuration;
using static RiskLake.Contracts.Configuration.ConfigShape;

namespace RiskLake.Contracts.Odcs;

/// <summary>
/// <c>servers</c> say where other tools find the data; the platform does not follow them. The types a lake like this one meets are
/// held to their fields, the rest of ODCS's types are let pass as they are.
/// </summary>
internal static class OdcsServers
{
    private static readonly string[] Opaque =
    [
        "api", "athena", "bigquery", "clickhouse", "cloudsql", "custom", "databricks", "db2", "denodo", "dremio", "glue", "hive", "impala",
        "informix", "kinesis", "mysql", "oracle", "presto", "pubsub", "redshift", "snowflake", "synapse", "trino", "vertica", "zen",
    ];

    // Names under which people keep what does not belong into a contract.
    private static readonly string[] Secrets = ["password", "secret", "token", "accesskey", "apikey", "credential", "connectionstring"];

    public static void Check(ConfigNode document, ConfigProblems problems)
    {
        foreach (var server in document.ListOf("servers"))
        {
            var type = server.TextOf("type");
            if (server["server"] is null || server["type"] is null)
            {
                Map(("server!", Text), ("type!", Text)).Add([.. server.Entries.Where(Other).Select(entry => (Key)(entry.Name, Any))])
                    .Check(server, "the server", problems);
            }
            else if (type is not null && Shape(type) is { } shape)
            {
                shape.Check(server, $"the {type} server", problems);
            }
            else if (type is not null && !Opaque.Contains(type, StringComparer.Ordinal))
            {
                var known = Opaque.Concat(["local", "duckdb", "s3", "azure", "sftp", "kafka", "postgres", "postgresql",
                    "sqlserver"]).ToList();
                problems.Error(
                    "C006", server["type"]!, $"the server type {server["type"]!.Describe()}", "a server type of ODCS v3.1",
                    Spelling.Suggest(type, known));
            }

            LookForSecrets(server, problems);
        }
    }

    private static bool Other(ConfigEntry entry) => entry.Name is not ("server" or "type");

    private static ConfigShape? Shape(string type) => type switch
    {
        "local" => Server(("path!", Text), ("format!", Text)),
        "duckdb" => Server(("database!", Text), ("schema", Text)),
        "s3" => Server(("location!", Text), ("endpointUrl", Text), ("format", Text), ("delimiter", Text)),
        "azure" => Server(("location!", Text), ("format!", Text), ("delimiter", Text)),
        "sftp" => Server(("location!", Text), ("format", Text), ("delimiter", Text)),
        "kafka" => Server(("host!", Text), ("format", Text)),
        "postgres" or "postgresql" => Server(("host!", Text), ("port!", Integer), ("database!", Text), ("schema!", Text)),
        "sqlserver" => Server(("host!", Text), ("database!", Text), ("schema!", Text), ("port", Integer)),
        _ => null,
    };

    private static ConfigShape Server(params IReadOnlyList<Key> own) => Map(
        ("id", Identifier), ("server!", Text), ("type!", Text), ("description", Text), ("environment", Text), ("roles", ListOf(MapOf(Any))),
        ("customProperties", ListOf(MapOf(Any)))).Add(own);

    private static void LookForSecrets(ConfigNode server, ConfigProblems problems)
    {
        foreach (var (key, value) in server.Entries)
        {
            var plain = key.Text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
            var inUrl = value.Text.Contains("://", StringComparison.Ordinal)
                && value.Text.AsSpan(value.Text.IndexOf("://", StringComparison.Ordinal) + 3)
                is var rest && rest.IndexOf('@') is > 0 and var at && rest[..at].Contains(':');
            if (inUrl || Secrets.Any(secret => plain.Contains(secret, StringComparison.Ordinal)))
            {
                problems.Error("C050", value, $"what looks like a secret in '{key.Text}'", "no secrets in a contract",
                    "keep it where secrets are kept");
            }
        }
    }
}
