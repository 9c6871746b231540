using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Columns;

namespace RiskLake.Contracts.Odcs;

/// <summary>What the registry says of a contract before its file is opened.</summary>
/// <param name="Name">Name in the registry.</param>
/// <param name="Version">Version as partitions spell it.</param>
/// <param name="Dataset">Dataset, if the registry names it.</param>
/// <param name="Compatibility">Mode, if the registry names it.</param>
/// <param name="Schema">Which schema of the file, if it has several.</param>
internal sealed record ContractEntry(string Name, string Version, string? Dataset, CompatibilityMode? Compatibility, string? Schema);

/// <summary>Compiles an ODCS document into a <see cref="Contract"/>.</summary>
internal static class OdcsContract
{
    private static readonly string[] Full = ["v3.1.0", "v3.0.2", "v3.0.1", "v3.0.0"];

    private static readonly string[] Ours =
        ["dataset", "delivery", "openContent", "scope", "lookback", "maxIngestLag", "maxIngestLead", "compatibility", "compatibilityMode"];

    // In the order of CompatibilityMode.
    private static readonly string[] Modes =
        ["none", "backward", "backward_transitive", "forward", "forward_transitive", "full", "full_transitive"];

    /// <summary>The mode a word names, or null.</summary>
    public static CompatibilityMode? Mode(string word) =>
        Extensions.IndexOf(Modes, word) is >= 0 and var index ? (CompatibilityMode)index : null;

    /// <summary>The words for modes, for messages.</summary>
    public static IEnumerable<string> ModeWords => Modes;

    /// <summary>The contract; null, with problems, if the document is not acceptable.</summary>
    public static Contract? Compile(ConfigNode document, ContractEntry entry, ConfigProblems problems)
    {
        CheckVersion(document, problems);
        OdcsShape.Document(later: document.TextOf("apiVersion") == "v3.2.0").Check(document, "the contract", problems);
        CheckNames(document, problems);
        OdcsServers.Check(document, problems);
        OdcsReferences.Check(document, problems);
        if (PickSchema(document, entry, problems) is not { } schema)
        {
            return null;
        }

        return CompileSchema(document, schema, entry, problems);
    }

    private static void CheckVersion(ConfigNode document, ConfigProblems problems)
    {
        if (document["apiVersion"] is { Kind: ConfigKind.Text } node && node.Text != "v3.2.0"
            && !Full.Contains(node.Text, StringComparer.Ordinal))
        {
            problems.Error(
                "C005", node, $"apiVersion {node.Describe()}", $"one of {string.Join(", ", Full)}, or v3.2.0 as far as v3.1.0 goes",
                "rewrite the contract for v3.1.0");
        }
    }

    private static void CheckNames(ConfigNode document, ConfigProblems problems)
    {
        NoRepeat(document.ListOf("schema"), "name", problems);
        NoRepeat(document.ListOf("servers"), "server", problems);
        foreach (var schema in document.ListOf("schema"))
        {
            NoRepeat(schema.ListOf("properties"), "name", problems);
            NoRepeat(schema.ListOf("properties"), "id", problems);
            NoRepeat(schema.ListOf("quality"), "id", problems);
        }
    }

    // Names that differ in case alone are one name to SQL.
    private static void NoRepeat(IReadOnlyList<ConfigNode> elements, string key, ConfigProblems problems)
    {
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var element in elements)
        {
            if (element.TextOf(key) is { } name && !seen.TryAdd(name, element.Line))
            {
                problems.Error(
                    "C010", element, $"the {key} '{name}' again",
                    FormattableString.Invariant($"each once, ignoring case; the first is on line {seen[name]}"),
                    "rename one of the two");
            }
        }
    }

    private static ConfigNode? PickSchema(ConfigNode document, ContractEntry entry, ConfigProblems problems)
    {
        var schemas = document.ListOf("schema");
        var names = schemas.Select(schema => schema.TextOf("name") ?? "").ToList();
        if (entry.Schema is { } wanted)
        {
            var found = schemas.FirstOrDefault(schema => string.Equals(schema.TextOf("name"), wanted, StringComparison.Ordinal));
            if (found is null && schemas.Count > 0)
            {
                problems.Error("C034", document["schema"]!, $"no schema '{wanted}'", $"one of {string.Join(", ", names)}",
                    Spelling.Suggest(wanted, names));
            }

            return found;
        }

        if (schemas.Count > 1)
        {
            problems.Error(
                "C034", document["schema"]!, $"the schemas {string.Join(", ", names)}", "one, or a choice in the registry",
                "add 'schema_name:' to the registry's entry");
            return null;
        }

        return schemas is [var only] ? only : null;
    }

    private static Contract? CompileSchema(ConfigNode document, ConfigNode schema, ContractEntry entry, ConfigProblems problems)
    {
        var name = schema.TextOf("name") ?? "";
        var rules = new List<QualityRule>();
        var extensions = new Extensions(schema, Ours, problems);
        var reader = new FieldReader(name, problems, rules);
        var quality = new QualityReader(name, problems, rules);
        var fields = new List<ContractField>();
        var nodes = new List<ConfigNode>();
        foreach (var property in schema.ListOf("properties"))
        {
            if (reader.Read(property) is { } field)
            {
                fields.Add(quality.ReadProperty(property, field));
                nodes.Add(property);
            }
        }

        quality.ReadSchema(schema, fields);
        Unexecuted(document, schema, rules);
        var checks = new ContractChecks(schema, nodes, problems);
        fields = ContractChecks.AssignTimes(fields);
        var contract = new Contract
        {
            Name = entry.Name,
            Dataset = entry.Dataset ?? extensions.Text("dataset") ?? Plural(entry.Name),
            Id = document.TextOf("id") ?? "",
            Version = entry.Version,
            DocumentVersion = document.TextOf("version") ?? "",
            Compatibility = entry.Compatibility ?? (CompatibilityMode)(extensions.Word("compatibility", Modes)
                ?? extensions.Word("compatibilityMode", Modes) ?? (int)CompatibilityMode.Backward),
            Delivery = (Delivery)(extensions.Word("delivery", ["stream", "snapshot"]) ?? 0),
            OpenContent = extensions.Flag("openContent"),
            Fields = fields,
            Key = checks.Key(),
            Scope = (KeyScope)(extensions.Word("scope", ["month", "day", "year", "none"]) ?? 0),
            FormerLookback = extensions.Duration("lookback", TimeSpan.FromDays(30)),
            MaxIngestLag = extensions.Duration("maxIngestLag", TimeSpan.FromDays(3660)),
            MaxIngestLead = extensions.Duration("maxIngestLead", TimeSpan.FromDays(1)),
            Rules = rules,
            Sha256 = "",
        };
        if (extensions.Find("lookback") is { } lookback)
        {
            problems.Warn(
                "C041", lookback, "lookback", "scope: day, month, year or none",
                "remove it: it has no effect; `scope` says how far a key identifies an event");
        }

        checks.Check(contract, document);
        foreach (var rule in rules.Where(rule => rule.NotExecuted is not null))
        {
            problems.Inform("C027", schema, $"'{rule.Id}'", "something this version executes", rule.NotExecuted!);
        }

        return problems.Any ? null : contract with { Sha256 = ContractHash.Of(contract) };
    }

    // market_event fills market_events; a name that is plural already stays.
    private static string Plural(string name) => name switch
    {
        [.., 's'] => name,
        [.., not ('a' or 'e' or 'i' or 'o' or 'u'), 'y'] => $"{name[..^1]}ies",
        _ => $"{name}s",
    };

    private static void Unexecuted(ConfigNode document, ConfigNode schema, List<QualityRule> rules)
    {
        var name = schema.TextOf("name") ?? "";
        void Add(string id, string definition, string reason) => rules.Add(
            new() { Id = id, Metric = RuleMetric.Other, Severity = Severity.Info, Definition = definition, NotExecuted = reason });
        foreach (var entry in schema.ListOf("customProperties"))
        {
            if (entry.TextOf("property") is { } property && !Ours.Contains(property, StringComparer.Ordinal))
            {
                Add($"schema.{name}.{property}", entry["value"]?.ToCanonical() ?? "", "a custom property the platform does not know");
            }
        }

        if (schema["relationships"] is { } relationships)
        {
            Add($"schema.{name}.relationships", relationships.ToCanonical(), "references between datasets are not evaluated");
        }

        foreach (var sla in document.ListOf("slaProperties"))
        {
            Add($"sla.{sla.TextOf("id") ?? sla.TextOf("property")}", sla.ToCanonical(), "service levels are not evaluated yet");
        }
    }
}
