using System.Globalization;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Columns;

namespace RiskLake.Contracts.Odcs;

/// <summary>The column type that <c>logicalType</c> and <c>physicalType</c> of a property agree on.</summary>
/// <param name="Column">How values are stored.</param>
/// <param name="Precision">Digits of a decimal.</param>
/// <param name="Scale">Digits of a decimal behind the point.</param>
/// <param name="Length">Longest text of <c>VARCHAR(n)</c>.</param>
internal sealed record PhysicalType(ColumnType Column, int Precision = 0, int Scale = 0, int? Length = null)
{
    private static readonly Dictionary<string, string> Families = new(StringComparer.OrdinalIgnoreCase)
    {
        ["VARCHAR"] = "string", ["TEXT"] = "string", ["STRING"] = "string", ["CHAR"] = "string", ["NVARCHAR"] = "string",
        ["CLOB"] = "string", ["UUID"] = "string",
        ["TINYINT"] = "integer", ["SMALLINT"] = "integer", ["INT"] = "integer", ["INTEGER"] = "integer", ["BIGINT"] = "integer",
        ["LONG"] = "integer", ["INT8"] = "integer", ["INT16"] = "integer", ["INT32"] = "integer", ["INT64"] = "integer",
        ["DOUBLE"] = "number", ["FLOAT"] = "number", ["REAL"] = "number", ["FLOAT8"] = "number", ["DECIMAL"] = "number",
        ["NUMERIC"] = "number",
        ["BOOLEAN"] = "boolean", ["BOOL"] = "boolean",
        ["TIMESTAMP"] = "timestamp", ["TIMESTAMPTZ"] = "timestamp", ["DATETIME"] = "timestamp", ["TIMESTAMP_TZ"] = "timestamp",
        ["DATE"] = "date", ["TIME"] = "time", ["JSON"] = "object", ["STRUCT"] = "object", ["ARRAY"] = "array", ["LIST"] = "array",
    };

    /// <summary>Null, and a problem, if the property has no type the lake can hold.</summary>
    public static PhysicalType? Resolve(ConfigNode property, ConfigProblems problems)
    {
        var physical = property.TextOf("physicalType");
        var (name, arguments) = Split(physical);
        var logical = property.TextOf("logicalType") ?? (name is null ? null : Families.GetValueOrDefault(name));
        if (logical is null || property["logicalType"] is { Kind: not ConfigKind.Text })
        {
            if (property["logicalType"] is null)
            {
                problems.Error(
                    "C003",
                    property,
                    $"no 'logicalType' for '{property.TextOf("name")}'",
                    "string, integer, number, boolean, timestamp or date",
                    "add 'logicalType:'");
            }

            return null;
        }

        if (name is not null && Families.TryGetValue(name, out var family) && !string.Equals(family, logical, StringComparison.Ordinal)
            && !(logical is "integer" && arguments is [_, 0] && family is "number"))
        {
            problems.Error(
                "C013", property["physicalType"]!, $"physicalType {physical} with logicalType {logical}", "types that agree",
                logical is "date" && family is "timestamp"
                    ? "logicalType timestamp came with ODCS 3.1.0: write 'apiVersion: v3.1.0' and 'logicalType: timestamp'"
                    : $"{physical} is a {family}");
            return null;
        }

        return logical switch
        {
            "string" => new(ColumnType.String, Length: arguments is [> 0 and var length] ? length : null),
            "integer" => new(ColumnType.Int64),
            "number" when name?.ToUpperInvariant() is "DECIMAL" or "NUMERIC" => Decimal(property["physicalType"]!, arguments, problems),
            "number" => new(ColumnType.Double),
            "boolean" => new(ColumnType.Boolean),
            "timestamp" => new(ColumnType.Timestamp),
            "date" => new(ColumnType.Date),
            "object" or "array" or "time" => Unsupported(property, logical, problems),
            _ => null,
        };
    }

    private static PhysicalType? Unsupported(ConfigNode property, string logical, ConfigProblems problems)
    {
        if (logical == "array" && property["items"] is null)
        {
            problems.Error("C014", property, "an array without 'items'", "'items' with the type of the elements", "add 'items:'");
            return null;
        }

        problems.Error(
            "C017",
            property["logicalType"] ?? property,
            $"logicalType {logical}",
            "string, integer, number, boolean, timestamp or date",
            "columns of this type are not supported yet: leave the property out and set openContent: true to keep it verbatim");
        return null;
    }

    private static PhysicalType? Decimal(ConfigNode node, IReadOnlyList<int>? arguments, ConfigProblems problems)
    {
        switch (arguments)
        {
            case [>= 1 and <= 18 and var precision]:
                return new(ColumnType.Decimal, precision);
            case [>= 1 and <= 18 and var precision, >= 0 and var scale] when scale <= precision:
                return new(ColumnType.Decimal, precision, scale);
            default:
                problems.Error(
                    "C013", node, node.Describe(), "DECIMAL(p,s) with 1 <= p <= 18 and 0 <= s <= p",
                    "write precision and scale, such as DECIMAL(18,6)");
                return null;
        }
    }

    // DECIMAL(18, 6) -> DECIMAL, [18, 6]. Arguments that are not small numbers give null.
    private static (string? Name, IReadOnlyList<int>? Arguments) Split(string? physical)
    {
        if (physical is null)
        {
            return (null, null);
        }

        var open = physical.IndexOf('(', StringComparison.Ordinal);
        if (open < 0)
        {
            return (physical.Trim(), null);
        }

        var inside = physical.AsSpan(open + 1).TrimEnd();
        var arguments = new List<int>();
        if (!inside.EndsWith(")"))
        {
            return (physical[..open].Trim(), null);
        }

        foreach (var range in inside[..^1].Split(','))
        {
            if (!int.TryParse(inside[range].Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return (physical[..open].Trim(), null);
            }

            arguments.Add(value);
        }

        return (physical[..open].Trim(), arguments);
    }
}
