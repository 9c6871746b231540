namespace RiskLake.Contracts.Configuration;

/// <summary>
/// The closed shape of a configuration value: which keys a map has, which are required, and of what kind everything is. One check
/// reports every departure; what reads the values afterwards need not. Shapes are built at every start: their parts are classes, since
/// collections of structs would be compiled at run time.
/// </summary>
internal sealed class ConfigShape
{
    private enum Form
    {
        Any,
        Text,
        Identifier,
        Boolean,
        Integer,
        Number,
        Scalar,
        List,
        Map,
        MapOf,
        Either,
    }

    private readonly Form _form;
    private readonly List<Key> _keys = [];
    private ConfigShape? _item;
    private ConfigShape? _other;
    private int _fewest;
    private IReadOnlyList<string> _words = [];

    private ConfigShape(Form form) => _form = form;

    public static ConfigShape Any { get; } = new(Form.Any);

    public static ConfigShape Text { get; } = new(Form.Text);

    /// <summary>Text of letters, digits, <c>_</c> and <c>-</c>.</summary>
    public static ConfigShape Identifier { get; } = new(Form.Identifier);

    public static ConfigShape Boolean { get; } = new(Form.Boolean);

    public static ConfigShape Integer { get; } = new(Form.Integer);

    /// <summary>An integer or a number.</summary>
    public static ConfigShape Number { get; } = new(Form.Number);

    /// <summary>Any single value but null.</summary>
    public static ConfigShape Scalar { get; } = new(Form.Scalar);

    public static ConfigShape Texts { get; } = ListOf(Text);

    public static ConfigShape Word(params IReadOnlyList<string> words) => new(Form.Text) { _words = words };

    public static ConfigShape ListOf(ConfigShape item, int fewest = 0) => new(Form.List) { _item = item, _fewest = fewest };

    /// <summary>A map with any keys, all values of one shape.</summary>
    public static ConfigShape MapOf(ConfigShape value) => new(Form.MapOf) { _item = value };

    /// <summary>A list or a map, or a scalar and a map: told apart by the kind of the value.</summary>
    public static ConfigShape Either(ConfigShape one, ConfigShape other) => new(Form.Either) { _item = one, _other = other };

    /// <summary>A map with exactly these keys; a name that ends in <c>!</c> is required.</summary>
    public static ConfigShape Map(params IReadOnlyList<Key> keys)
    {
        var shape = new ConfigShape(Form.Map);
        shape.Add(keys);
        return shape;
    }

    /// <summary>Adds keys to a map, for shapes that contain themselves.</summary>
    public ConfigShape Add(params IReadOnlyList<Key> keys)
    {
        _keys.AddRange(keys);
        return this;
    }

    /// <summary>Reports every departure of <paramref name="node"/> from this shape; <paramref name="what"/> names it in messages.</summary>
    public void Check(ConfigNode node, string what, ConfigProblems problems)
    {
        if (_form == Form.Either)
        {
            (Accepts(node.Kind) || _item!.Accepts(node.Kind) ? _item! : _other!).Check(node, what, problems);
            return;
        }

        if (!Accepts(node.Kind))
        {
            problems.Error("C004", node, $"{node.Describe()} for {what}", Expectation, Advice(node));
            return;
        }

        switch (_form)
        {
            case Form.Text when _words.Count > 0 && !_words.Contains(node.Text, StringComparer.Ordinal):
                problems.Error(
                    "C006", node, $"{node.Describe()} for {what}", $"one of {string.Join(", ", _words)}",
                    Spelling.Suggest(node.Text, _words));
                break;
            case Form.Identifier when node.Text.Length == 0 || node.Text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-')):
                problems.Error("C009", node, $"{node.Describe()} for {what}", "letters, digits, '_' and '-'", "choose another");
                break;
            case Form.List:
                CheckList(node, what, problems);
                break;
            case Form.Map:
                CheckMap(node, what, problems);
                break;
            case Form.MapOf:
                foreach (var (key, value) in node.Entries)
                {
                    _item!.Check(value, $"{what}.{key.Text}", problems);
                }

                break;
            default:
                break;
        }
    }

    private void CheckList(ConfigNode node, string what, ConfigProblems problems)
    {
        if (node.Items.Count < _fewest)
        {
            problems.Error(
                "C003", node, $"{node.Items.Count} entries in {what}", FormattableString.Invariant($"at least {_fewest}"),
                "add the missing entries");
        }

        foreach (var item in node.Items)
        {
            _item!.Check(item, what, problems);
        }
    }

    private void CheckMap(ConfigNode node, string what, ConfigProblems problems)
    {
        foreach (var (key, value) in node.Entries)
        {
            var known = _keys.Find(candidate => string.Equals(candidate.Name, key.Text, StringComparison.Ordinal));
            if (known is null)
            {
                problems.Error(
                    "C002",
                    key,
                    $"the unknown key {key.Describe()} in {what}",
                    $"one of {string.Join(", ", _keys.Select(candidate => candidate.Name))}",
                    Spelling.Suggest(key.Text, _keys.Select(candidate => candidate.Name)));
            }
            else
            {
                known.Shape.Check(value, key.Text, problems);
            }
        }

        foreach (var key in _keys)
        {
            if (key.Required && node[key.Name] is null)
            {
                problems.Error("C003", node, $"no '{key.Name}' in {what}", key.Shape.Expectation, $"add '{key.Name}:'");
            }
        }
    }

    private bool Accepts(ConfigKind kind) => _form switch
    {
        Form.Any => true,
        Form.Text or Form.Identifier => kind == ConfigKind.Text,
        Form.Boolean => kind == ConfigKind.Boolean,
        Form.Integer => kind == ConfigKind.Integer,
        Form.Number => kind is ConfigKind.Integer or ConfigKind.Number,
        Form.Scalar => kind is not (ConfigKind.Null or ConfigKind.List or ConfigKind.Map),
        Form.List => kind == ConfigKind.List,
        Form.Map or Form.MapOf => kind == ConfigKind.Map,
        _ => false,
    };

    private string Expectation => _form switch
    {
        Form.Text when _words.Count > 0 => $"one of {string.Join(", ", _words)}",
        Form.Text or Form.Identifier => "text",
        Form.Boolean => "true or false",
        Form.Integer => "a whole number",
        Form.Number => "a number",
        Form.Scalar => "a single value",
        Form.List => "a list",
        Form.Map or Form.MapOf => "a map",
        Form.Either => $"{_item!.Expectation} or {_other!.Expectation}",
        _ => "a value",
    };

    /// <summary>A key of a map and the shape of its value; written <c>("name!", shape)</c> where it is required.</summary>
    internal sealed class Key
    {
        private Key(string name, ConfigShape shape)
        {
            Name = name.TrimEnd('!');
            Required = name.EndsWith('!');
            Shape = shape;
        }

        public string Name { get; }

        public bool Required { get; }

        public ConfigShape Shape { get; }

        public static implicit operator Key((string Name, ConfigShape Shape) pair) => new(pair.Name, pair.Shape);
    }

    private string Advice(ConfigNode node) => (_form, node.Kind) switch
    {
        (_, ConfigKind.Null) => "give it a value, or remove the key",
        (Form.Text or Form.Identifier, ConfigKind.Boolean or ConfigKind.Integer or ConfigKind.Number) =>
            $"put it in quotes: \"{node.Text}\"",
        (Form.Boolean or Form.Integer or Form.Number, ConfigKind.Text) when node.Quoted => "remove the quotes",
        _ => "correct the value",
    };
}
