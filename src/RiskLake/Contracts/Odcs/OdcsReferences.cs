using RiskLake.Contracts.Configuration;

namespace RiskLake.Contracts.Odcs;

/// <summary>Relationships and service levels name other parts of the document: those parts must be there.</summary>
internal static class OdcsReferences
{
    private static readonly string[] Units =
    [
        "s", "sec", "second", "seconds", "min", "minute", "minutes", "h", "hr", "hour", "hours", "d", "day", "days", "w", "week", "weeks",
        "mo", "month", "months", "y", "yr", "year", "years", "percent", "%", "rows", "ms", "millisecond", "milliseconds",
    ];

    public static void Check(ConfigNode document, ConfigProblems problems)
    {
        var columns = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var schema in document.ListOf("schema"))
        {
            var names = schema.ListOf("properties").Select(property => property.TextOf("name") ?? "");
            columns[schema.TextOf("name") ?? ""] = names.ToHashSet(StringComparer.Ordinal);
        }

        foreach (var schema in document.ListOf("schema"))
        {
            foreach (var relationship in schema.ListOf("relationships"))
            {
                CheckPair(relationship, columns, problems);
            }

            foreach (var relationship in schema.ListOf("properties").SelectMany(property => property.ListOf("relationships")))
            {
                CheckEnd(relationship["to"], columns, problems);
            }
        }

        foreach (var sla in document.ListOf("slaProperties"))
        {
            CheckSla(sla, columns, problems);
        }
    }

    private static void CheckPair(ConfigNode relationship, Dictionary<string, HashSet<string>> columns, ConfigProblems problems)
    {
        var from = relationship["from"];
        var to = relationship["to"];
        if (from is not null && to is not null && (from.Kind != to.Kind || from.Items.Count != to.Items.Count))
        {
            problems.Error("C031", relationship, "ends of different length", "as many columns in 'from' as in 'to'", "pair the columns");
        }

        CheckEnd(from, columns, problems);
        CheckEnd(to, columns, problems);
    }

    // Only table.column is followed: a reference by section and id, or into another file, is for tools that have that file.
    private static void CheckEnd(ConfigNode? end, Dictionary<string, HashSet<string>> columns, ConfigProblems problems)
    {
        foreach (var node in end switch { null => [], { Kind: ConfigKind.List } list => list.Items, _ => [end] })
        {
            if (node.Text.Split('.') is [var table, var column] && !node.Text.Contains('/', StringComparison.Ordinal)
                && !(columns.TryGetValue(table, out var known) && known.Contains(column)))
            {
                problems.Error("C030", node, $"the reference {node.Describe()}", "table.column of this document", "correct it");
            }
        }
    }

    private static void CheckSla(ConfigNode sla, Dictionary<string, HashSet<string>> columns, ConfigProblems problems)
    {
        foreach (var element in sla.TextOf("element")?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            var parts = element.Split('.');
            if (!columns.TryGetValue(parts[0], out var known) || (parts.Length > 1 && !known.Contains(parts[1])))
            {
                problems.Error("C032", sla["element"]!, $"the element '{element}'", "schema or schema.property of this document",
                    "correct it");
            }
        }

        if (sla["unit"] is { Kind: ConfigKind.Text } unit && !Units.Contains(unit.Text, StringComparer.OrdinalIgnoreCase))
        {
            problems.Warn("C033", unit, $"the unit {unit.Describe()}", "a unit of time spelt out, such as min or days",
                "'m' alone may be minutes or months");
        }
    }
}
