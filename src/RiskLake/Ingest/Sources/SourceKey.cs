using System.Text;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// A key of a source. It comes from the environment or a file, never from the command line, and goes into requests and nowhere else:
/// its text form is a mask.
/// </summary>
internal sealed class SourceKey
{
    private const string Mask = "***";

    private readonly string _value;

    private SourceKey(string value) => _value = value;

    /// <summary>The key, or null when there is none.</summary>
    /// <param name="variable">Environment variable that may hold it.</param>
    /// <param name="file">File that holds it; goes first.</param>
    /// <param name="environment">Looks a variable up.</param>
    public static SourceKey? Find(string variable, string? file, Func<string, string?> environment)
    {
        string? text;
        try
        {
            text = file is null ? environment(variable) : File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RiskLakeException(ErrorCode.SourceKey, file!, "no file that can be read", "a file that holds the key alone", "check the path and its permissions", e);
        }

        text = text?.Trim();
        return string.IsNullOrEmpty(text) ? null
            : text.Length <= 256 && text.All(char.IsAsciiLetterOrDigit) ? new SourceKey(text)
            : throw new RiskLakeException(
                ErrorCode.SourceKey, file ?? variable, "something else than one word of letters and digits", "the key alone", "correct the file or variable");
    }

    /// <summary>The part of an address that carries the key.</summary>
    public string Query(string parameter) => $"&{parameter}={_value}";

    /// <summary>Whether the key has the form of FRED's.</summary>
    public bool IsFredForm => _value.Length == 32 && _value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    /// <summary>A text without the key.</summary>
    public string Redact(string text) => text.Replace(_value, Mask, StringComparison.OrdinalIgnoreCase);

    /// <summary>Bytes without the key: a body that quotes the request must not carry it into a file.</summary>
    public byte[] Redact(byte[] body)
    {
        var text = Encoding.Latin1.GetString(body);
        return text.Contains(_value, StringComparison.OrdinalIgnoreCase) ? Encoding.Latin1.GetBytes(Redact(text)) : body;
    }

    public override string ToString() => Mask;
}
