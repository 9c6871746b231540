using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Columns;

namespace RiskLake.Contracts;

/// <summary>What must hold of a contract as a whole, whatever form it was written in.</summary>
/// <param name="schema">The schema object, for places.</param>
/// <param name="nodes">The property each field came from.</param>
/// <param name="problems">Where departures go.</param>
internal sealed class ContractChecks(ConfigNode schema, IReadOnlyList<ConfigNode> nodes, ConfigProblems problems)
{
    // Columns the lake puts beside the contract's own, and the partition columns readers find in the path.
    private static readonly string[] Reserved =
    [
        "source_file", "source_line", "extra", "window_start", "is_late", "dq_flags", "bronze_run_id", "contract_version", "year", "month",
        "day", "hour", "run_id",
    ];

    /// <summary>A contract with one timestamp, or without one and with one date, needs no word about which it is.</summary>
    public static List<ContractField> AssignTimes(List<ContractField> fields)
    {
        if (fields.Exists(field => field.Role == FieldRole.EventTime))
        {
            return fields;
        }

        var free = fields.FindAll(field => field is { Type: ColumnType.Timestamp, Role: FieldRole.None, Required: true });
        free = free.Count > 0 ? free : fields.FindAll(field => field is { Type: ColumnType.Date, Role: FieldRole.None, Required: true });
        return free is [var only]
            ? fields.ConvertAll(field => ReferenceEquals(field, only) ? field with { Role = FieldRole.EventTime } : field)
            : fields;
    }

    /// <summary>Names of the key's columns in the order of their positions.</summary>
    public IReadOnlyList<string> Key()
    {
        var members = new List<ConfigNode>();
        foreach (var node in schema.ListOf("properties"))
        {
            var position = node["primaryKeyPosition"];
            if (node.BooleanOf("primaryKey") != true)
            {
                if (position is { AsInteger: not -1 })
                {
                    problems.Error("C015", position, "primaryKeyPosition without primaryKey", "both", "add 'primaryKey: true'");
                }

                continue;
            }

            members.Add(node);
            if (node.BooleanOf("required") != true)
            {
                problems.Error("C015", node, $"the key column '{node.TextOf("name")}' that may be null", "a required column",
                    "add 'required: true'");
            }
        }

        members.Sort((one, other) => Position(one).CompareTo(Position(other)));
        CheckPositions(members);
        return members.ConvertAll(member => member.TextOf("name") ?? "");
    }

    private static long Position(ConfigNode property) => property["primaryKeyPosition"]?.AsInteger ?? -1;

    // A key that is incomplete because one of its columns has an error of its own is not worth a second one.
    private void CheckPositions(List<ConfigNode> members)
    {
        if (problems.Any)
        {
            return;
        }

        if (members.Count == 0)
        {
            problems.Error("C015", schema, "no key", "at least one property with 'primaryKey: true'", "mark what identifies a record");
        }

        for (var i = 0; i < members.Count; i++)
        {
            if (Position(members[i]) != i + 1 && !(members.Count == 1 && Position(members[i]) == -1))
            {
                problems.Error(
                    "C015", schema, $"key positions {string.Join(", ", members.Select(Position))}",
                    FormattableString.Invariant($"1 to {members.Count}, each once"), "number the key columns with primaryKeyPosition");
                return;
            }
        }
    }

    public void Check(Contract contract, ConfigNode document)
    {
        if (contract.Fields.Count == 0 && !problems.Any)
        {
            problems.Error("C003", schema, "no properties", "at least one", "add 'properties:'");
        }

        for (var i = 0; i < contract.Fields.Count; i++)
        {
            CheckName(contract.Fields[i].Name, nodes[i]);
            CheckRole(contract.Fields[i], nodes[i]);
        }

        CheckTimes(contract);
        CheckDelivery(contract);
        CheckDataset(contract);
        CheckRules(contract);
        CheckDocumentVersion(contract, document);
    }

    private void CheckName(string name, ConfigNode node)
    {
        if (Reserved.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            problems.Error(
                "C035", node, $"the column '{name}'", $"none of {string.Join(", ", Reserved)}",
                "the lake adds a column of this name: choose another");
        }
        else if (name.Length is 0 or > 128 || !(char.IsLetter(name[0]) || name[0] == '_')
            || name.Any(c => !char.IsLetterOrDigit(c) && c != '_'))
        {
            problems.Error(
                "C035", node, $"the column '{name}'", "letters, digits and underscores, not beginning with a digit",
                "choose a name every engine can spell");
        }
    }

    private void CheckRole(ContractField field, ConfigNode node)
    {
        var fits = field.Role switch
        {
            FieldRole.EventTime or FieldRole.IngestTime => (field.Type is ColumnType.Timestamp or ColumnType.Date) && field.Required,
            FieldRole.Symbol or FieldRole.Source => field.Type == ColumnType.String,
            FieldRole.Price or FieldRole.Volume => field.Type is ColumnType.Double or ColumnType.Int64 or ColumnType.Decimal,
            _ => true,
        };
        if (!fits)
        {
            problems.Error(
                "C036",
                node,
                $"the role {field.Role} on '{field.Name}'",
                field.Role switch
                {
                    FieldRole.EventTime or FieldRole.IngestTime => "a required timestamp or date",
                    FieldRole.Symbol or FieldRole.Source => "a string",
                    _ => "a number",
                },
                "move the role, or correct the type");
        }
    }

    private void CheckTimes(Contract contract)
    {
        for (var i = 0; i < contract.Fields.Count; i++)
        {
            var field = contract.Fields[i];
            if (field.Role != FieldRole.None && !ReferenceEquals(contract.Field(field.Role), field))
            {
                problems.Error("C036", nodes[i], $"the role {field.Role} again, on '{field.Name}'", "each role once",
                    "keep it on one property");
            }
        }

        if (!problems.Any && contract.Field(FieldRole.EventTime) is null)
        {
            problems.Error(
                "C036",
                schema,
                "no event time",
                "one required timestamp or date with the role event_time",
                "add customProperties: [{property: role, value: event_time}] to the column that says when it happened");
        }
    }

    private void CheckDelivery(Contract contract)
    {
        for (var i = 0; i < contract.Fields.Count; i++)
        {
            var field = contract.Fields[i];
            if (field.IsDelivery && (field.Role == FieldRole.EventTime || contract.Key.Contains(field.Name, StringComparer.Ordinal)))
            {
                problems.Error(
                    "C037", nodes[i], $"the delivery column '{field.Name}' in the key or as event time",
                    "a column equal events may differ in",
                    "remove 'delivery', or take the column out of the key");
            }
        }

        if (contract.Delivery == Delivery.Stream && contract.Field(FieldRole.IngestTime) is null)
        {
            problems.Inform(
                "C038", schema, "delivery 'stream' without an ingest time", "a timestamp with the role ingest_time",
                "lateness is not applicable to this dataset");
        }
    }

    private void CheckDataset(Contract contract)
    {
        var name = contract.Dataset;
        if (name.Length is 0 or > 64 || !char.IsAsciiLetterLower(name[0])
            || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_'))
        {
            problems.Error(
                "C039", schema, $"the dataset '{name}'", "lower-case letters, digits and underscores, at most 64, a letter first",
                "it becomes a folder and a table name: choose another");
        }
    }

    private void CheckRules(Contract contract)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rule in contract.Rules)
        {
            if (!seen.Add(rule.Id))
            {
                problems.Error("C026", schema, $"two rules with the id '{rule.Id}'", "an id of its own for each rule",
                    "add 'id:' to one of them");
            }
        }
    }

    // The partition says v2, the document 2.x.y: a registry that points v2 at the first file would mislabel every record.
    private void CheckDocumentVersion(Contract contract, ConfigNode document)
    {
        if (document["version"] is not { Kind: ConfigKind.Text } node
            || string.Equals(node.Text, contract.Version, StringComparison.Ordinal))
        {
            return;
        }

        var major = node.Text.Split('.')[0].TrimStart('v');
        if (!string.Equals(major, contract.Version.TrimStart('v').Split('.')[0], StringComparison.Ordinal))
        {
            problems.Error(
                "C040", node, $"version {node.Describe()} registered as '{contract.Version}'", "the same major version in both places",
                "correct the version here or in the registry");
        }
    }
}
