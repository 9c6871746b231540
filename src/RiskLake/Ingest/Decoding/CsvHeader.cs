using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RiskLake.Ingest.Decoding;

/// <summary>The header row of a CSV input: which column holds which field, and what is wrong with the names.</summary>
internal sealed unsafe class CsvHeader
{
    private readonly int[] _fields;
    private readonly byte[][] _names;
    private readonly List<Violation> _violations = [];

    public CsvHeader(CsvRow row, DecodePlan plan)
    {
        _fields = new int[row.Count];
        _names = new byte[row.Count][];
        var text = new System.Text.StringBuilder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var misspelt = new List<(string Found, string Field)>();
        for (var i = 0; i < row.Count; i++)
        {
            ref readonly var cell = ref row[i];
            var name = System.Text.Encoding.UTF8.GetString(cell.Start, cell.Length);
            _names[i] = JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray();
            _fields[i] = plan.IndexOf(name);
            if (_fields[i] < 0 && Array.Find(plan.Fields, field => IsMeant(name, field.Name)) is { } meant)
            {
                misspelt.Add((name, meant.Name));
            }

            text.Append(name).Append('\0');
            if (!seen.Add(name))
            {
                _fields[i] = -1;
                _violations.Add(new Violation(ReasonCode.DuplicateKey, name, name, "each name once in the header"));
            }
            else if (_fields[i] < 0 && !plan.Contract.OpenContent)
            {
                _violations.Add(new Violation(ReasonCode.UnknownField, name, name, "a field of the contract"));
            }
        }

        Misspelt = misspelt.Where(name => !seen.Contains(name.Field)).Select(name => ((string, string)?)name).FirstOrDefault();
        Names = seen;
        Digest = plan.KeepsRaw ? SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text.ToString())) : null;
    }

    /// <summary>Digest of the names, if the raw bytes of records are asked for.</summary>
    public byte[]? Digest { get; }

    public IReadOnlySet<string> Names { get; }

    public int Count => _fields.Length;

    /// <summary>Whether any column is a field of the contract: otherwise this is no header.</summary>
    public bool NamesAnyField => Array.Exists(_fields, index => index >= 0);

    /// <summary>A name that would be a field's but for case or space around it, where the header does not name the field itself.</summary>
    public (string Found, string Field)? Misspelt { get; }

    /// <summary>What is wrong with every record, because it is wrong with the header.</summary>
    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>Index of the field in a column, or -1.</summary>
    public int Field(int column) => _fields[column];

    /// <summary>Whether a name is another one but for case and space around it.</summary>
    public static bool IsMeant(string name, string field) =>
        name != field && string.Equals(name.Trim().Trim('"'), field, StringComparison.OrdinalIgnoreCase);

    /// <summary>Name of a column as the inside of a JSON string.</summary>
    public ReadOnlySpan<byte> Name(int column) => _names[column];
}
