using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Columns;

namespace RiskLake.Contracts.Odcs;

/// <summary>Turns one ODCS property into a field of the decoder.</summary>
internal sealed class FieldReader(string schema, ConfigProblems problems, List<QualityRule> rules)
{
    private static readonly string[] Ours = ["role", "delivery", "normalise", "precision", "coerce"];

    // In the order of FieldRole, which begins with None.
    private static readonly string[] Roles = ["none", "event_time", "ingest_time", "symbol", "price", "volume", "source"];

    // In the order of the bits of Normalisation.
    private static readonly string[] Normalisations = ["trim", "upper", "lower"];

    /// <summary>The field, or null if its type is not one.</summary>
    public ContractField? Read(ConfigNode property)
    {
        var name = property.TextOf("name") ?? "";
        if (PhysicalType.Resolve(property, problems) is not { } type)
        {
            return null;
        }

        var options = new FieldOptions(property, type, schema, problems, rules);
        var extensions = new Extensions(property, Ours, problems);
        var field = new ContractField
        {
            Name = name,
            Type = type.Column,
            Precision = type.Precision,
            Scale = type.Scale,
            Required = property.BooleanOf("required") ?? false,
            Role = (FieldRole)(extensions.Word("role", Roles) ?? 0),
            IsDelivery = extensions.Flag("delivery"),
            Normalisation = ReadNormalisation(extensions, property, type),
            TruncatePrecision = extensions.Word("precision", ["truncate", "reject"]) == 0,
            Coerce = extensions.Flag("coerce"),
        };
        if (field.TruncatePrecision && type.Column is not ColumnType.Timestamp)
        {
            extensions.Wrong("precision", extensions.Find("precision")!, "a timestamp beside 'truncate'");
        }

        if (field.Coerce && type.Column is not (ColumnType.Int64 or ColumnType.Double or ColumnType.Decimal or ColumnType.Boolean))
        {
            extensions.Wrong("coerce", extensions.Find("coerce")!, "a number or boolean beside 'coerce'");
        }

        Unexecuted(property, name);
        return options.Apply(field);
    }

    private static Normalisation ReadNormalisation(Extensions extensions, ConfigNode property, PhysicalType type)
    {
        var result = Normalisation.None;
        foreach (var node in extensions.Words("normalise"))
        {
            var index = node.Kind == ConfigKind.Text ? Extensions.IndexOf(Normalisations, node.Text) : -1;
            if (index < 0 || type.Column != ColumnType.String)
            {
                extensions.Wrong("normalise", node, "trim, upper or lower, on text");
                continue;
            }

            result |= (Normalisation)(1 << index);
        }

        if (result.HasFlag(Normalisation.Upper | Normalisation.Lower))
        {
            extensions.Wrong("normalise", extensions.Find("normalise") ?? property, "upper or lower, not both");
        }

        return result;
    }

    // What stands in the contract and is acted upon by nobody is said so, rather than taken for done.
    private void Unexecuted(ConfigNode property, string name)
    {
        void Add(string what, string definition, string reason) => rules.Add(new()
        {
            Id = $"schema.{schema}.{name}.{what}",
            Metric = RuleMetric.Other,
            Columns = [name],
            Severity = Severity.Info,
            Definition = definition,
            NotExecuted = reason,
        });
        foreach (var entry in property.ListOf("customProperties"))
        {
            if (entry.TextOf("property") is { } custom && !Ours.Contains(custom, StringComparer.Ordinal))
            {
                Add(custom, entry["value"]?.ToCanonical() ?? "", "a custom property the platform does not know");
            }
        }

        if (property.BooleanOf("partitioned") == true)
        {
            Add("partitioned", "true", "the lake partitions by ingest time, or event time where there is no other");
        }

        if (property.TextOf("encryptedName") is { } encrypted)
        {
            Add("encryptedName", encrypted, "columns are stored as received");
        }

        if (property["relationships"] is { } relationships)
        {
            Add("relationships", relationships.ToCanonical(), "references between datasets are not evaluated");
        }
    }
}
