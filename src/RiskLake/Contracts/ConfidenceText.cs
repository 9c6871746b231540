using RiskLake.Contracts.Configuration;
using RiskLake.Risk;

namespace RiskLake.Contracts;

/// <summary>Confidence levels of configuration files: decimals, taken exactly.</summary>
internal static class ConfidenceText
{
    public static Confidence? Read(ConfigNode? node, ConfigProblems problems)
    {
        if (node is null)
        {
            return null;
        }

        if (Confidence.TryParse(node.Text, out var confidence))
        {
            return confidence;
        }

        problems.Error(
            "E004", node, $"{node.Describe()} for confidence", "a decimal strictly between 0 and 1 with at most nine decimals",
            "99 % is written 0.99");
        return null;
    }
}
