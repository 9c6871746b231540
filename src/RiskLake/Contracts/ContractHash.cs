using System.Globalization;
using RiskLake.Risk.Measures;

namespace RiskLake.Contracts;

/// <summary>
/// The digest of a contract: of what it means, not of how it is written. Compatibility mode is left out, since it decides which
/// changes are allowed and not one value in the lake; so are descriptions, and whether this version can evaluate a rule.
/// </summary>
internal static class ContractHash
{
    private const string Format = "contract-hash/1";

    public static string Of(Contract contract) => Write(contract).Sha256();

    /// <summary>The text that is digested.</summary>
    public static CanonicalText Write(Contract contract)
    {
        var text = new CanonicalText(Format)
            .Add("name", contract.Name)
            .Add("dataset", contract.Dataset)
            .Add("id", contract.Id)
            .Add("version", contract.Version)
            .Add("delivery", contract.Delivery == Delivery.Stream ? "stream" : "snapshot")
            .Flag("open_content", contract.OpenContent)
            .Add("lookback", contract.FormerLookback.Ticks)
            .Add("scope", contract.Scope == KeyScope.Month ? null : contract.Scope.ToString())
            .Add("max_ingest_lag", contract.MaxIngestLag.Ticks)
            .Add("max_ingest_lead", contract.MaxIngestLead.Ticks);
        foreach (var key in contract.Key)
        {
            text.Add("key", key);
        }

        foreach (var field in contract.Fields)
        {
            Write(text, field);
        }

        foreach (var rule in contract.Rules.OrderBy(rule => rule.Id, StringComparer.Ordinal))
        {
            Write(text, rule);
        }

        return text;
    }

    private static void Write(CanonicalText text, ContractField field)
    {
        text.Add("field", field.Name)
            .Add("type", field.Type.ToString())
            .Add("precision", field.Precision == 0 ? null : Number(field.Precision))
            .Add("scale", field.Precision == 0 ? null : Number(field.Scale))
            .Flag("required", field.Required)
            .Add("role", field.Role == FieldRole.None ? null : field.Role.ToString())
            .Flag("delivery_column", field.IsDelivery)
            .Add("normalise", field.Normalisation == Normalisation.None ? null : Number((int)field.Normalisation))
            .Add("minimum", Limit(field.Minimum))
            .Add("maximum", Limit(field.Maximum))
            .Add("multiple_of", field.MultipleOf is { } step ? Number(step) : null)
            .Add("min_length", field.MinLength is { } shortest ? Number(shortest) : null)
            .Add("max_length", field.MaxLength is { } longest ? Number(longest) : null)
            .Add("pattern", field.Pattern)
            .Add("default_zone", field.DefaultZone)
            .Flag("truncate", field.TruncatePrecision)
            .Flag("coerce", field.Coerce);
        foreach (var value in field.AllowedValues.Order(StringComparer.Ordinal))
        {
            text.Add("allowed", value);
        }
    }

    private static void Write(CanonicalText text, QualityRule rule)
    {
        text.Add("rule", rule.Id)
            .Add("metric", rule.Metric.ToString())
            .Add("operator", rule.Operator == RuleOperator.None ? null : rule.Operator.ToString())
            .Add("severity", rule.Severity.ToString())
            .Add("definition", rule.Definition)
            .Flag("percent", rule.Percent)
            .Add("rule_pattern", rule.Pattern);
        if (rule.Operator != RuleOperator.None)
        {
            text.Add("limit", rule.Limit).Add("upper_limit", rule.UpperLimit);
        }

        foreach (var column in rule.Columns)
        {
            text.Add("column", column);
        }

        foreach (var value in rule.MissingValues.Order(StringComparer.Ordinal))
        {
            text.Add("missing", value);
        }

        foreach (var value in rule.ValidValues.Order(StringComparer.Ordinal))
        {
            text.Add("valid", value);
        }
    }

    private static string? Limit(Bound? bound) =>
        bound is { } limit ? string.Create(CultureInfo.InvariantCulture, $"{(limit.Exclusive ? "exclusive" : "inclusive")} {limit.Slot}")
            : null;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
