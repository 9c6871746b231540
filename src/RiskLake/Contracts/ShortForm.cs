using RiskLake.Contracts.Configuration;

namespace RiskLake.Contracts;

/// <summary>
/// The short form of a contract, written in the registry itself. It is rewritten as the ODCS document it stands for, each part with
/// the place it came from, so that there is one compiler and one set of rules.
/// </summary>
internal sealed class ShortForm
{
    private static readonly string[] RoleWords = ["event_time", "ingest_time", "symbol", "price", "volume", "source"];

    // What the fields of these names have always been called; only for contracts that do not say it themselves.
    private static readonly (string Field, string Role)[] Conventional =
    [
        ("ts_event", "event_time"), ("ts_ingest", "ingest_time"), ("symbol", "symbol"), ("price", "price"), ("volume", "volume"),
        ("source", "source"),
    ];

    private static readonly ConfigShape Words = ConfigShape.Either(ConfigShape.Text, ConfigShape.Texts);

    private static readonly ConfigShape Field = ConfigShape.Map(
        ("type!", ConfigShape.Text), ("minimum", ConfigShape.Scalar), ("maximum", ConfigShape.Scalar),
        ("exclusive_minimum", ConfigShape.Scalar), ("exclusive_maximum", ConfigShape.Scalar), ("multiple_of", ConfigShape.Number),
        ("min_length", ConfigShape.Integer), ("max_length", ConfigShape.Integer), ("pattern", ConfigShape.Text),
        ("values", ConfigShape.ListOf(ConfigShape.Scalar, 1)), ("zone", ConfigShape.Text), ("precision", ConfigShape.Text),
        ("coerce", ConfigShape.Boolean));

    /// <summary>The keys of the short form.</summary>
    public static ConfigShape Shape { get; } = ConfigShape.Map(
        ("id", ConfigShape.Text), ("dataset", ConfigShape.Text), ("version!", ConfigShape.Text), ("compatibility", ConfigShape.Text),
        ("schema!", ConfigShape.MapOf(ConfigShape.Either(ConfigShape.Text, Field))), ("required_fields!", ConfigShape.Texts),
        ("key", Words), ("roles", ConfigShape.Map([.. RoleWords.Select(word => (ConfigShape.Key)(word, ConfigShape.Text))])),
        ("delivery", ConfigShape.Text), ("delivery_fields", Words), ("normalise", ConfigShape.MapOf(Words)),
        ("open_content", ConfigShape.Boolean), ("scope", ConfigShape.Text), ("lookback", ConfigShape.Text), ("max_ingest_lag", ConfigShape.Text),
        ("max_ingest_lead", ConfigShape.Text));

    private static readonly (string Short, string Option)[] Options =
    [
        ("minimum", "minimum"), ("maximum", "maximum"), ("exclusive_minimum", "exclusiveMinimum"),
        ("exclusive_maximum", "exclusiveMaximum"), ("multiple_of", "multipleOf"), ("min_length", "minLength"),
        ("max_length", "maxLength"), ("pattern", "pattern"), ("zone", "defaultTimezone"),
    ];

    private readonly ConfigNode _entry;
    private readonly ConfigNode _schema;
    private readonly ConfigProblems _problems;
    private readonly Dictionary<string, string> _roles = new(StringComparer.Ordinal);
    private readonly List<string> _key;
    private readonly List<string> _delivery;

    private ShortForm(ConfigNode entry, ConfigProblems problems)
    {
        _entry = entry;
        _schema = entry["schema"]!;
        _problems = problems;
        ReadRoles();
        _key = Names("key") ?? (_schema["event_id"] is null ? [] : ["event_id"]);
        _delivery = Names("delivery_fields") ?? [.. _roles.Where(pair => pair.Value == "ingest_time").Select(pair => pair.Key)];
    }

    /// <summary>The ODCS document that an entry stands for; its shape has been checked.</summary>
    public static ConfigNode Expand(string name, ConfigNode entry, ConfigProblems problems) =>
        new ShortForm(entry, problems).Document(name);

    private ConfigNode Document(string name)
    {
        var required = Fields("required_fields", _entry["required_fields"]!.Items);
        foreach (var (field, _) in _entry.MapOf("normalise")?.Entries ?? [])
        {
            Known("normalise", field);
        }

        var properties = new List<ConfigNode>();
        foreach (var (field, value) in _schema.Entries)
        {
            properties.Add(Property(field, value, required.Contains(field.Text, StringComparer.Ordinal)));
        }

        var extensions = new List<ConfigNode>();
        Extend(extensions, "delivery", _entry["delivery"]);
        Extend(extensions, "openContent", _entry["open_content"] ?? Plain(_entry, "true"));
        Extend(extensions, "scope", _entry["scope"]);
        Extend(extensions, "lookback", _entry["lookback"]);
        Extend(extensions, "maxIngestLag", _entry["max_ingest_lag"]);
        Extend(extensions, "maxIngestLead", _entry["max_ingest_lead"]);
        var schema = Map(
            _schema, ("name", Text(_schema, name)), ("customProperties", List(_entry, extensions)),
            ("properties", List(_schema, properties)));
        return Map(
            _entry,
            ("apiVersion", Text(_entry, "v3.1.0")),
            ("kind", Text(_entry, "DataContract")),
            ("id", _entry["id"] ?? Text(_entry, $"urn:risklake:{name}")),
            ("version", Text(_entry, _entry.TextOf("version")!)),
            ("status", Text(_entry, "active")),
            ("schema", List(_schema, [schema])));
    }

    private ConfigNode Property(ConfigNode field, ConfigNode value, bool required)
    {
        var name = field.Text;
        var type = value.Kind == ConfigKind.Text ? value : value["type"]!;
        var role = _roles.GetValueOrDefault(name);
        var entries = new List<(string, ConfigNode)> { ("name", field) };
        var (logical, physical) = Type(type);
        entries.Add(("logicalType", Text(type, logical)));
        if (physical is not null)
        {
            entries.Add(("physicalType", Text(type, physical)));
        }

        entries.Add(("required", Plain(field, required ? "true" : "false")));
        if (_key.IndexOf(name) is >= 0 and var position)
        {
            entries.Add(("primaryKey", Plain(field, "true")));
            entries.Add(("primaryKeyPosition", Plain(field, FormattableString.Invariant($"{position + 1}"))));
        }

        var options = FieldOptions(field, value, logical, role);
        if (options.Count > 0)
        {
            entries.Add(("logicalTypeOptions", Map(value, [.. options])));
        }

        if (value["values"] is { } values)
        {
            entries.Add(("quality", List(values, [Enumeration(values)])));
        }

        var extensions = new List<ConfigNode>();
        Extend(extensions, "role", role is null ? null : Text(field, role));
        Extend(extensions, "delivery", _delivery.Contains(name, StringComparer.Ordinal) ? Plain(field, "true") : null);
        Extend(extensions, "normalise", Normalise(field, role));
        Extend(extensions, "precision", value["precision"]);
        Extend(extensions, "coerce", value["coerce"]);
        entries.Add(("customProperties", List(field, extensions)));
        return Map(field, [.. entries]);
    }

    // A bare type takes the customary limits of its role; whoever writes a map says everything himself.
    private List<(string Option, ConfigNode Value)> FieldOptions(ConfigNode field, ConfigNode value, string logical, string? role)
    {
        if (value.Kind == ConfigKind.Map)
        {
            return Options.Where(pair => value[pair.Short] is not null).Select(pair => (pair.Option, value[pair.Short]!)).ToList();
        }

        return (logical, role) switch
        {
            ("number" or "integer", "price") => [("exclusiveMinimum", Plain(value, "0"))],
            ("number" or "integer", "volume") => [("minimum", Plain(value, "0"))],
            ("string", "symbol") => [("minLength", Plain(value, "1"))],
            ("string", _) when _key.Contains(field.Text, StringComparer.Ordinal) => [("minLength", Plain(value, "1"))],
            _ => [],
        };
    }

    private ConfigNode? Normalise(ConfigNode field, string? role)
    {
        if (_entry.MapOf("normalise") is { } chosen)
        {
            return chosen[field.Text];
        }

        return role == "symbol" ? List(field, [Text(field, "trim"), Text(field, "upper")]) : null;
    }

    private (string Logical, string? Physical) Type(ConfigNode node)
    {
        switch (node.Text.ToLowerInvariant())
        {
            case "string" or "str" or "text":
                return ("string", null);
            case "float" or "double" or "number":
                return ("number", null);
            case "integer" or "int" or "long" or "bigint":
                return ("integer", null);
            case "timestamp" or "datetime":
                return ("timestamp", null);
            case "boolean" or "bool":
                return ("boolean", null);
            case "date":
                return ("date", null);
            case var word when word.StartsWith("decimal", StringComparison.Ordinal):
                return ("number", word);
            default:
                string[] known = ["string", "float", "integer", "timestamp", "boolean", "date", "decimal(p,s)"];
                _problems.Error(
                    "C006", node, $"the type {node.Describe()}", $"one of {string.Join(", ", known)}", Spelling.Suggest(node.Text, known));
                return ("string", null);
        }
    }

    private void ReadRoles()
    {
        if (_entry.MapOf("roles") is not { } roles)
        {
            foreach (var (field, role) in Conventional)
            {
                if (_schema[field] is not null)
                {
                    _roles[field] = role;
                }
            }

            return;
        }

        foreach (var (role, field) in roles.Entries)
        {
            if (Known("roles", field) && !_roles.TryAdd(field.Text, role.Text))
            {
                _problems.Error(
                    "C036", field, $"a second role for '{field.Text}'", "one role for each field", "remove one of the two");
            }
        }
    }

    private List<string>? Names(string key) => _entry[key] switch
    {
        null => null,
        { Kind: ConfigKind.List } list => Fields(key, list.Items),
        var single => Fields(key, [single]),
    };

    private List<string> Fields(string key, IReadOnlyList<ConfigNode> nodes)
    {
        var names = new List<string>();
        foreach (var node in nodes)
        {
            if (names.Contains(node.Text, StringComparer.Ordinal))
            {
                _problems.Error("C010", node, $"the field '{node.Text}' again in {key}", "each once", "remove one of the two");
            }
            else if (Known(key, node))
            {
                names.Add(node.Text);
            }
        }

        return names;
    }

    private bool Known(string key, ConfigNode node)
    {
        var fields = _schema.Entries.Select(entry => entry.Name);
        if (_schema[node.Text] is not null)
        {
            return true;
        }

        _problems.Error("C023", node, $"the field {node.Describe()} in {key}", "a field of the schema",
            Spelling.Suggest(node.Text, fields));
        return false;
    }

    private static ConfigNode Enumeration(ConfigNode values) => Map(
        values,
        ("metric", Text(values, "invalidValues")),
        ("arguments", Map(values, ("validValues", values))),
        ("mustBe", Plain(values, "0")));

    private static void Extend(List<ConfigNode> list, string name, ConfigNode? value)
    {
        if (value is not null)
        {
            list.Add(Map(value, ("property", Text(value, name)), ("value", value)));
        }
    }

    private static ConfigNode Text(ConfigNode at, string text) => ConfigNode.Scalar(text, quoted: true, at.Line, at.Column);

    private static ConfigNode Plain(ConfigNode at, string text) => ConfigNode.Scalar(text, quoted: false, at.Line, at.Column);

    private static ConfigNode List(ConfigNode at, IReadOnlyList<ConfigNode> items) => ConfigNode.List(items, at.Line, at.Column);

    private static ConfigNode Map(ConfigNode at, params IReadOnlyList<(string Key, ConfigNode Value)> entries) =>
        ConfigNode.Map([.. entries.Select(entry => new ConfigEntry(Text(at, entry.Key), entry.Value))], at.Line, at.Column);
}
