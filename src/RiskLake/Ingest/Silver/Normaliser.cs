using System.Text;
using RiskLake.Contracts;

namespace RiskLake.Ingest.Silver;

/// <summary>Turns received text into the form silver holds.</summary>
internal static class Normaliser
{
    /// <summary>Applies the steps of a field. The result is the input itself, or a slice of <paramref name="scratch"/>, which may grow.</summary>
    public static ReadOnlySpan<byte> Apply(Normalisation steps, ReadOnlySpan<byte> text, ref byte[] scratch)
    {
        if (steps == Normalisation.None)
        {
            return text;
        }

        if (!Ascii.IsValid(text))
        {
            return ApplyUnicode(steps, text, ref scratch);
        }

        if (steps.HasFlag(Normalisation.Trim))
        {
            text = TrimAscii(text);
        }

        if ((steps & (Normalisation.Upper | Normalisation.Lower)) == Normalisation.None)
        {
            return text;
        }

        if (scratch.Length < text.Length)
        {
            scratch = new byte[text.Length * 2];
        }

        _ = steps.HasFlag(Normalisation.Upper)
            ? Ascii.ToUpper(text, scratch, out var written)
            : Ascii.ToLower(text, scratch, out written);
        return scratch.AsSpan(0, written);
    }

    /// <summary>The same characters that <see cref="string.Trim()"/> takes off, as far as ASCII has them.</summary>
    private static ReadOnlySpan<byte> TrimAscii(ReadOnlySpan<byte> text)
    {
        static bool IsSpace(byte b) => b is 0x20 or (>= 0x09 and <= 0x0D);
        while (text.Length > 0 && IsSpace(text[0]))
        {
            text = text[1..];
        }

        while (text.Length > 0 && IsSpace(text[^1]))
        {
            text = text[..^1];
        }

        return text;
    }

    private static ReadOnlySpan<byte> ApplyUnicode(Normalisation steps, ReadOnlySpan<byte> text, ref byte[] scratch)
    {
        var value = Encoding.UTF8.GetString(text);
        value = steps.HasFlag(Normalisation.Trim) ? value.Trim() : value;
        value = steps.HasFlag(Normalisation.Upper) ? value.ToUpperInvariant() : value;
        value = steps.HasFlag(Normalisation.Lower) ? value.ToLowerInvariant() : value;
        scratch = Encoding.UTF8.GetBytes(value);
        return scratch;
    }
}
