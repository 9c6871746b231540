using System.Globalization;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Columns;

namespace RiskLake.Contracts.Odcs;

/// <summary>
/// Reads <c>quality</c>. Library metrics become rules; <c>sql</c>, <c>text</c> and <c>custom</c> become rules nobody executes, so
/// that they are seen. An unconditional list of valid values, or a pattern, on a text column becomes part of the column, so that the
/// decoder turns away the record instead of the gate counting it.
/// </summary>
internal sealed class QualityReader(string schema, ConfigProblems problems, List<QualityRule> rules)
{
    // In the order of RuleOperator, which begins with None.
    private static readonly string[] Operators =
    [
        "", "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween",
        "mustNotBeBetween",
    ];

    /// <summary>Reads the rules of the dataset.</summary>
    public void ReadSchema(ConfigNode node, IReadOnlyList<ContractField> fields)
    {
        foreach (var entry in node.ListOf("quality"))
        {
            if (Read(entry, $"schema.{schema}", column: null) is { } rule)
            {
                foreach (var name in rule.Columns.Except(fields.Select(field => field.Name), StringComparer.Ordinal))
                {
                    problems.Error(
                        "C023", entry, $"the property '{name}' in a rule", "a property of this schema",
                        Spelling.Suggest(name, fields.Select(field => field.Name)));
                }

                rules.Add(rule);
            }
        }
    }

    /// <summary>Reads the rules of a property; what the decoder can enforce moves into the field.</summary>
    public ContractField ReadProperty(ConfigNode node, ContractField field)
    {
        foreach (var entry in node.ListOf("quality"))
        {
            if (Read(entry, $"schema.{schema}.{field.Name}", field.Name) is not { } rule)
            {
                continue;
            }

            if (Enforceable(rule, field))
            {
                field = Enforce(entry, rule, field);
            }
            else
            {
                rules.Add(rule);
            }
        }

        if (node.ListOf("enum") is [_, ..] choices)
        {
            field = field with { AllowedValues = Allowed([.. choices.Select(choice => choice["value"]).OfType<ConfigNode>()], field) };
        }

        if (node.BooleanOf("unique") == true)
        {
            rules.Add(new()
            {
                Id = $"schema.{schema}.{field.Name}.unique",
                Metric = RuleMetric.DuplicateValues,
                Columns = [field.Name],
                Operator = RuleOperator.Equal,
                Dimension = "uniqueness",
            });
        }

        return field;
    }

    private static bool Enforceable(QualityRule rule, ContractField field) =>
        rule is { Metric: RuleMetric.InvalidValues, Operator: RuleOperator.Equal, Limit: 0, Severity: Severity.Error }
        && field.AllowedValues.Count == 0
        && (rule.Pattern is null || (field.Pattern is null && field.Type == ColumnType.String));

    private ContractField Enforce(ConfigNode entry, QualityRule rule, ContractField field)
    {
        var values = entry.MapOf("arguments")?["validValues"];
        return field with
        {
            AllowedValues = values is null ? [] : Allowed(values.Items, field),
            Pattern = field.Pattern ?? rule.Pattern,
        };
    }

    // Spelt as the decoder would meet them, so that it can read them as values of the column.
    private List<string> Allowed(IReadOnlyList<ConfigNode> nodes, ContractField field)
    {
        var type = new PhysicalType(field.Type, field.Precision, field.Scale);
        var values = new List<string>();
        foreach (var node in nodes)
        {
            var fits = field.Type switch
            {
                ColumnType.String => node.Kind == ConfigKind.Text,
                ColumnType.Boolean => node.Kind == ConfigKind.Boolean,
                _ => SlotText.Read(node, type) is not null,
            };
            if (!fits)
            {
                problems.Error(
                    "C004", node, $"{node.Describe()} among the values of '{field.Name}'",
                    field.Type switch { ColumnType.String => "text", ColumnType.Boolean => "true or false", _ => SlotText.Name(type) },
                    node.Kind is ConfigKind.Text ? "remove the quotes" : "put it in quotes");
                continue;
            }

            values.Add(field.Type == ColumnType.Boolean ? (node.AsBoolean ? "true" : "false")
                : field.Type == ColumnType.Int64 ? SlotText.Read(node, type)!.Value.ToString(CultureInfo.InvariantCulture)
                : node.Text);
        }

        return [.. values.Distinct(StringComparer.Ordinal)];
    }

    private QualityRule? Read(ConfigNode node, string place, string? column)
    {
        var type = node.TextOf("type") ?? "library";
        var metric = node["metric"] ?? node["rule"];
        var name = metric?.Text ?? node.TextOf("engine") ?? type;
        var rule = new QualityRule
        {
            Id = node.TextOf("id") ?? $"{place}.{name}",
            Metric = RuleMetric.Other,
            Columns = column is null ? [] : [column],
            Severity = ReadSeverity(node.TextOf("severity")),
            Dimension = node.TextOf("dimension") ?? "",
        };
        return type switch
        {
            "library" => ReadLibrary(node, rule, metric, column),
            "sql" => ReadSql(node, rule),
            "custom" => ReadCustom(node, rule),
            _ => rule with { Definition = node.TextOf("description"), NotExecuted = "text rules are for people" },
        };
    }

    private QualityRule? ReadLibrary(ConfigNode node, QualityRule rule, ConfigNode? metric, string? column)
    {
        if (node.TextOf("metric") is null)
        {
            if (Operands(node).Any() || node["type"] is not null)
            {
                problems.Error("C003", node, "a library rule without 'metric'", "what is measured", "add 'metric:'");
                return null;
            }

            return rule with { Definition = metric?.Text ?? node.TextOf("description"), NotExecuted = "the rule names no metric" };
        }

        RuleMetric? kind = node.TextOf("metric") switch
        {
            "nullValues" => RuleMetric.NullValues,
            "missingValues" => RuleMetric.MissingValues,
            "invalidValues" => RuleMetric.InvalidValues,
            "duplicateValues" => RuleMetric.DuplicateValues,
            "rowCount" => RuleMetric.RowCount,
            _ => null,
        };
        if (kind is not { } known || !ReadOperator(node, ref rule))
        {
            return null;
        }

        var fits = known switch
        {
            RuleMetric.DuplicateValues => true,
            RuleMetric.RowCount => column is null,
            _ => column is not null,
        };
        if (!fits)
        {
            problems.Error(
                "C020", metric!, $"the metric {metric!.Text} {(column is null ? "on a schema" : "on a property")}",
                column is null ? "rowCount or duplicateValues" : "a metric of one column", "move the rule");
            return null;
        }

        return ReadArguments(node, ReadUnit(node, rule with { Metric = known }), column);
    }

    private QualityRule ReadUnit(ConfigNode node, QualityRule rule)
    {
        switch (node.TextOf("unit"))
        {
            case null or "rows":
                return rule;
            case "percent" when rule.Metric != RuleMetric.RowCount:
                return rule with { Percent = true };
            default:
                problems.Error("C006", node["unit"]!, $"the unit {node["unit"]!.Describe()}", "rows, or percent of rows",
                    "correct the value");
                return rule;
        }
    }

    private QualityRule? ReadArguments(ConfigNode node, QualityRule rule, string? column)
    {
        string[] allowed = rule.Metric switch
        {
            RuleMetric.MissingValues => ["missingValues"],
            RuleMetric.InvalidValues => ["validValues", "pattern"],
            RuleMetric.DuplicateValues when column is null => ["properties"],
            _ => [],
        };
        var arguments = node.MapOf("arguments");
        foreach (var (key, _) in arguments?.Entries ?? [])
        {
            if (!allowed.Contains(key.Text, StringComparer.Ordinal))
            {
                problems.Error(
                    "C023", key, $"the argument {key.Describe()}", allowed.Length == 0 ? "no arguments" : string.Join(", ", allowed),
                    Spelling.Suggest(key.Text, allowed));
            }
        }

        if (allowed.Length > 0 && !allowed.Any(name => arguments?[name] is not null))
        {
            problems.Error("C023", node, "no 'arguments'", $"arguments with {string.Join(" or ", allowed)}", "add 'arguments:'");
            return null;
        }

        var pattern = arguments?["pattern"];
        return rule with
        {
            MissingValues = Values(arguments, "missingValues"),
            ValidValues = Values(arguments, "validValues"),
            Pattern = pattern is null ? null : PortablePattern.Read(pattern, problems),
            Columns = column is null ? Values(arguments, "properties") : rule.Columns,
        };
    }

    // null in a list of missing values is always missing; it needs no text of its own.
    private List<string> Values(ConfigNode? arguments, string name)
    {
        if (arguments?[name] is not { } node)
        {
            return [];
        }

        if (node is not { Kind: ConfigKind.List, Items.Count: > 0 } || node.Items.Any(item => !item.IsScalar))
        {
            problems.Error("C023", node, $"{node.Describe()} for {name}", "a list of single values, not empty", "correct the list");
            return [];
        }

        return node.Items.Where(item => item.Kind != ConfigKind.Null).Select(item => item.Text).Distinct(StringComparer.Ordinal).ToList();
    }

    private static IEnumerable<ConfigEntry> Operands(ConfigNode node) =>
        node.Entries.Where(entry => Operators.Contains(entry.Name, StringComparer.Ordinal));

    private bool ReadOperator(ConfigNode node, ref QualityRule rule)
    {
        var operands = Operands(node).ToList();
        if (operands is not [var (key, value)])
        {
            problems.Error(
                "C021", node, FormattableString.Invariant($"{operands.Count} operators in a rule"), "exactly one",
                operands.Count == 0 ? "add one, such as 'mustBe: 0'" : "make a rule of each");
            return false;
        }

        var kind = (RuleOperator)Array.IndexOf(Operators, key.Text);
        if (kind is RuleOperator.Between or RuleOperator.NotBetween)
        {
            if (value.Items is not [{ AsNumber: { } low }, { AsNumber: { } high }] || !(low < high) || !double.IsFinite(high - low))
            {
                problems.Error("C022", value, "limits that are not two rising numbers", $"{key.Text}: [low, high]", "correct the list");
                return false;
            }

            rule = rule with { Operator = kind, Limit = low, UpperLimit = high };
            return true;
        }

        if (value.AsNumber is not { } limit || !double.IsFinite(limit))
        {
            problems.Error("C004", value, $"{value.Describe()} for {key.Text}", "a number", "correct the value");
            return false;
        }

        rule = rule with { Operator = kind, Limit = limit };
        return true;
    }

    private QualityRule? ReadSql(ConfigNode node, QualityRule rule)
    {
        if (node.TextOf("query") is null)
        {
            problems.Error("C003", node, "no 'query' in an sql rule", "a query", "add 'query:'");
            return null;
        }

        return ReadOperator(node, ref rule)
            ? rule with { Definition = node.TextOf("query"), NotExecuted = "sql rules are not executed yet" }
            : null;
    }

    private QualityRule? ReadCustom(ConfigNode node, QualityRule rule)
    {
        if (node.TextOf("engine") is not { } engine || node["implementation"] is null)
        {
            problems.Error("C003", node, "a custom rule without 'engine' or 'implementation'", "both", "add what is missing");
            return null;
        }

        if (Operands(node).Any())
        {
            problems.Error("C021", node, "an operator in a custom rule", "none", "put the limit into 'implementation'");
            return null;
        }

        return rule with
        {
            Definition = $"{engine} {node["implementation"]!.ToCanonical()}",
            NotExecuted = string.Equals(engine, "risklake", StringComparison.Ordinal)
                ? "this check is not known to this version"
                : string.Create(CultureInfo.InvariantCulture, $"written for the engine '{engine}'"),
        };
    }

    private static Severity ReadSeverity(string? word) => word?.ToLowerInvariant() switch
    {
        "info" or "trivial" => Severity.Info,
        "warning" or "warn" or "low" or "minor" => Severity.Warning,
        _ => Severity.Error,
    };
}
