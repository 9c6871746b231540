using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RiskLake.Risk.Measures;

/// <summary>
/// The text that stands for a configuration when its digest is taken: one <c>key=value</c> line per fact, the first line naming the
/// rule of writing. A fact at its default is not written, so that a fact added later leaves old digests as they are.
/// </summary>
internal sealed class CanonicalText
{
    private readonly StringBuilder _text = new();

    public CanonicalText(string format) => _text.Append(format).Append('\n');

    public CanonicalText Add(string key, string? value)
    {
        if (value is null)
        {
            return this;
        }

        _text.Append(key).Append('=');
        foreach (var c in value)
        {
            // A value cannot imitate the next line.
            _ = c switch
            {
                '\\' => _text.Append("\\\\"),
                '\n' => _text.Append("\\n"),
                _ => _text.Append(c),
            };
        }

        _text.Append('\n');
        return this;
    }

    public CanonicalText Add(string key, long value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Doubles are written by their bits' shortest round trip; -0 and 0 are one number.</summary>
    public CanonicalText Add(string key, double value) => Add(key, (value == 0 ? 0d : value).ToString("R", CultureInfo.InvariantCulture));

    public CanonicalText Flag(string key, bool value) => value ? Add(key, "true") : this;

    public string Sha256() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_text.ToString())));

    public override string ToString() => _text.ToString();
}
