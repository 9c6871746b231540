using System.Globalization;
using NodaTime;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Columns;

namespace RiskLake.Contracts.Odcs;

/// <summary>Reads <c>logicalTypeOptions</c> against the type they stand beside.</summary>
internal sealed class FieldOptions(ConfigNode property, PhysicalType type, string schema, ConfigProblems problems, List<QualityRule> rules)
{
    private static readonly string[] Bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

    private readonly ConfigNode? _options = property.MapOf("logicalTypeOptions");

    public ContractField Apply(ContractField field)
    {
        if (_options is null)
        {
            return type.Length is { } length ? field with { MaxLength = length } : field;
        }

        CheckNames();
        field = type.Column switch
        {
            ColumnType.String => ApplyText(field),
            ColumnType.Timestamp => ApplyTimestamp(field),
            ColumnType.Date => ApplyFormat(field, IsIsoDate, "yyyy-MM-dd"),
            ColumnType.Int64 => ApplyInteger(field),
            ColumnType.Double => ApplyDouble(field),
            _ => field,
        };
        if (type.Column is ColumnType.Int64 or ColumnType.Decimal or ColumnType.Double)
        {
            field = ApplyMultiple(field);
        }

        return type.Column is ColumnType.String or ColumnType.Boolean ? field : ApplyBounds(field);
    }

    private string[] Allowed => type.Column switch
    {
        ColumnType.String => ["minLength", "maxLength", "pattern", "format"],
        ColumnType.Timestamp => [.. Bounds, "format", "timezone", "defaultTimezone"],
        ColumnType.Date => [.. Bounds, "format"],
        ColumnType.Boolean => [],
        _ => [.. Bounds, "multipleOf", "format"],
    };

    private void CheckNames()
    {
        foreach (var (key, _) in _options!.Entries)
        {
            if (!Allowed.Contains(key.Text, StringComparer.Ordinal))
            {
                problems.Error(
                    "C011",
                    key,
                    $"the option {key.Describe()} for logicalType {property.TextOf("logicalType")}",
                    Allowed.Length == 0 ? "no options" : $"one of {string.Join(", ", Allowed)}",
                    Spelling.Suggest(key.Text, Allowed));
            }
        }
    }

    private ContractField ApplyText(ContractField field)
    {
        field = field with { MinLength = Length("minLength"), MaxLength = Length("maxLength") ?? type.Length };
        if (field.MinLength > field.MaxLength)
        {
            problems.Error(
                "C012", _options!, FormattableString.Invariant($"minLength {field.MinLength} above maxLength {field.MaxLength}"),
                "minLength <= maxLength", "swap them");
        }

        if (_options!["pattern"] is { } pattern && Kind(pattern, "pattern", ConfigKind.Text, "text"))
        {
            field = field with { Pattern = PortablePattern.Read(pattern, problems) };
        }

        if (_options["format"] is { } format && Kind(format, "format", ConfigKind.Text, "text"))
        {
            NotExecuted("format", format.Text, $"text formats such as {format.Text} are not checked; use a pattern");
        }

        return field;
    }

    private int? Length(string name)
    {
        if (_options![name] is not { } node)
        {
            return null;
        }

        if (node.AsInteger is >= 0 and <= int.MaxValue and var length)
        {
            return (int)length;
        }

        problems.Error("C004", node, $"{node.Describe()} for {name}", "a whole number from 0", "correct the value");
        return null;
    }

    private ContractField ApplyTimestamp(ContractField field)
    {
        field = ApplyFormat(field, IsIsoTimestamp, "RFC 3339, such as yyyy-MM-dd'T'HH:mm:ss.SSSX");
        var zoned = _options!["timezone"];
        if (zoned is not null && !Kind(zoned, "timezone", ConfigKind.Boolean, "true or false"))
        {
            return field;
        }

        if (_options["defaultTimezone"] is not { } zone)
        {
            // ODCS: timestamps that carry no zone are in UTC unless another is named.
            return zoned is { AsBoolean: false } ? field with { DefaultZone = "Etc/UTC" } : field;
        }

        if (!Kind(zone, "defaultTimezone", ConfigKind.Text, "an IANA zone"))
        {
            return field;
        }

        if (zone.Text is not ("Etc/UTC" or "UTC") && DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone.Text) is null)
        {
            problems.Error("C018", zone, zone.Describe(), "an IANA time zone", "such as Etc/UTC or America/New_York");
        }

        return field with { DefaultZone = zone.Text };
    }

    private ContractField ApplyFormat(ContractField field, Func<string, bool> accept, string expected)
    {
        if (_options!["format"] is { } format && Kind(format, "format", ConfigKind.Text, "text") && !accept(format.Text))
        {
            problems.Error("C019", format, format.Describe(), expected, "values in another spelling are not supported yet");
        }

        return field;
    }

    private static bool IsIsoDate(string format) => format is "yyyy-MM-dd" or "uuuu-MM-dd";

    // A JDK pattern that describes what the decoder reads anyway.
    private static bool IsIsoTimestamp(string format)
    {
        var rest = format.StartsWith("uuuu", StringComparison.Ordinal) ? string.Concat("yyyy", format.AsSpan(4)) : format;
        const string Head = "yyyy-MM-dd'T'HH:mm:ss";
        if (!rest.StartsWith(Head, StringComparison.Ordinal))
        {
            return false;
        }

        var tail = rest.AsSpan(Head.Length);
        if (tail.StartsWith(".S"))
        {
            tail = tail[1..].TrimStart('S');
        }

        return tail is "" or "X" or "XX" or "XXX" or "Z" or "'Z'" or "ZZZZZ";
    }

    private ContractField ApplyInteger(ContractField field)
    {
        if (_options!["format"] is not { } format || !Kind(format, "format", ConfigKind.Text, "text"))
        {
            return field;
        }

        switch (format.Text)
        {
            case "i64":
                return field;
            case "i8":
                return Within(field, sbyte.MinValue, sbyte.MaxValue);
            case "i16":
                return Within(field, short.MinValue, short.MaxValue);
            case "i32":
                return Within(field, int.MinValue, int.MaxValue);
            case "u8":
                return Within(field, 0, byte.MaxValue);
            case "u16":
                return Within(field, 0, ushort.MaxValue);
            case "u32":
                return Within(field, 0, uint.MaxValue);
            default:
                problems.Error("C019", format, format.Describe(), "i8, i16, i32, i64, u8, u16 or u32",
                    "integers are stored in 64 bits with a sign");
                return field;
        }
    }

    private static ContractField Within(ContractField field, long low, long high) =>
        field with { Minimum = Whole(low), Maximum = Whole(high) };

    private static Bound Whole(long slot) => new(slot, Exclusive: false, slot.ToString(CultureInfo.InvariantCulture));

    private ContractField ApplyDouble(ContractField field)
    {
        if (_options!["format"] is not { } format || !Kind(format, "format", ConfigKind.Text, "text"))
        {
            return field;
        }

        switch (format.Text)
        {
            case "f64":
                return field;
            case "f32":
                return field with
                {
                    Minimum = new(BitConverter.DoubleToInt64Bits(float.MinValue), Exclusive: false, "-3.4028234663852886E+38"),
                    Maximum = new(BitConverter.DoubleToInt64Bits(float.MaxValue), Exclusive: false, "3.4028234663852886E+38"),
                };
            default:
                problems.Error("C019", format, format.Describe(), "f32 or f64", "correct the value");
                return field;
        }
    }

    private ContractField ApplyMultiple(ContractField field)
    {
        if (_options!["multipleOf"] is not { } node)
        {
            return field;
        }

        if (type.Column == ColumnType.Double)
        {
            problems.Error(
                "C011", node, "multipleOf beside a double", "an integer or a DECIMAL(p,s)", "give the property physicalType: DECIMAL(p,s)");
            return field;
        }

        if (SlotText.Read(node, type) is > 0 and var slot)
        {
            return field with { MultipleOf = slot };
        }

        problems.Error("C004", node, $"{node.Describe()} for multipleOf", $"a number above 0 that fits {SlotText.Name(type)}",
            "correct the value");
        return field;
    }

    private ContractField ApplyBounds(ContractField field)
    {
        var low = Limit("minimum", "exclusiveMinimum");
        var high = Limit("maximum", "exclusiveMaximum");
        field = field with { Minimum = low ?? field.Minimum, Maximum = high ?? field.Maximum };
        if (field is { Minimum: { } minimum, Maximum: { } maximum })
        {
            var order = SlotText.Compare(minimum.Slot, maximum.Slot, type.Column);
            if (order > 0 || (order == 0 && (minimum.Exclusive || maximum.Exclusive)))
            {
                problems.Error("C012", _options!, $"the range from {minimum.Text} to {maximum.Text}", "a range with room for a value",
                    "swap or correct the limits");
            }
        }

        return field;
    }

    private Bound? Limit(string inclusive, string exclusive)
    {
        var plain = _options![inclusive];
        var strict = _options[exclusive];
        if (strict is { Kind: ConfigKind.Boolean } && plain is not null)
        {
            // ODCS v3.0: exclusive* say how the plain limit is meant.
            return Read(plain, inclusive, strict.AsBoolean);
        }

        if (plain is not null && strict is not null)
        {
            problems.Error("C012", strict, $"{inclusive} and {exclusive}", "one of the two", "keep the tighter one");
        }

        return strict is not null ? Read(strict, exclusive, exclusive: true)
            : plain is not null ? Read(plain, inclusive, exclusive: false)
            : null;
    }

    private Bound? Read(ConfigNode node, string name, bool exclusive)
    {
        var asText = type.Column is ColumnType.Timestamp or ColumnType.Date;
        var kind = asText ? node.Kind == ConfigKind.Text : node.Kind is ConfigKind.Integer or ConfigKind.Number;
        if (kind && SlotText.Read(node, type) is { } slot)
        {
            return new(slot, exclusive, node.Text);
        }

        var advice = !asText && node is { Kind: ConfigKind.Text, Quoted: true } ? "remove the quotes" : "correct the value";
        problems.Error("C004", node, $"{node.Describe()} for {name}", SlotText.Name(type), advice);
        return null;
    }

    private bool Kind(ConfigNode node, string name, ConfigKind kind, string expected)
    {
        if (node.Kind == kind)
        {
            return true;
        }

        problems.Error("C004", node, $"{node.Describe()} for {name}", expected, "correct the value");
        return false;
    }

    private void NotExecuted(string what, string definition, string reason)
    {
        var name = property.TextOf("name")!;
        rules.Add(new()
        {
            Id = $"schema.{schema}.{name}.{what}",
            Metric = RuleMetric.Other,
            Columns = [name],
            Severity = Severity.Info,
            Definition = definition,
            NotExecuted = reason,
        });
    }
}
