using System.Buffers;
using System.Text;
using RiskLake.Lake.Columns;

namespace RiskLake.Lake;

/// <summary>
/// Limits of text that fit into a log: at most 32 characters, the lower one a prefix of the smallest value, the upper one no less
/// than the greatest. Readers skip files by them, so a limit that is a little too wide is right and one too narrow loses rows.
/// </summary>
internal static class TextBounds
{
    private const int MaxCharacters = 32;
    private const int LastCodePoint = 0x10FFFF;

    /// <summary>The same statistics with bounds for limits; a column whose text is not UTF-8 has no range.</summary>
    public static ColumnStatistics Of(ColumnStatistics statistics)
    {
        if (statistics.Type is ColumnType.Binary or ColumnType.Map)
        {
            return statistics with { HasRange = false, MinSlot = 0, MaxSlot = 0, MinBytes = null, MaxBytes = null };
        }

        if (statistics.Type is ColumnType.Double && statistics.HasRange && !IsFinite(statistics))
        {
            return statistics with { HasRange = false, MinSlot = 0, MaxSlot = 0 };
        }

        if (statistics.Type is not ColumnType.String || !statistics.HasRange)
        {
            return statistics;
        }

        var lower = Lower(statistics.MinBytes);
        var upper = Upper(statistics.MaxBytes);
        return lower is null || upper is null
            ? statistics with { HasRange = false, MinBytes = null, MaxBytes = null }
            : statistics with { MinBytes = lower, MaxBytes = upper };
    }

    private static bool IsFinite(ColumnStatistics statistics) =>
        double.IsFinite(BitConverter.Int64BitsToDouble(statistics.MinSlot)) && double.IsFinite(BitConverter.Int64BitsToDouble(statistics.MaxSlot));

    private static byte[]? Lower(byte[]? text)
    {
        if (text is null || Prefix(text, MaxCharacters) is not { } length)
        {
            return null;
        }

        return length == text.Length ? text : text[..length];
    }

    private static byte[]? Upper(byte[]? text)
    {
        if (text is null || Prefix(text, MaxCharacters) is not { } length)
        {
            return null;
        }

        if (length == text.Length)
        {
            return text;
        }

        // The greatest code point after a prefix is no less than whatever followed it, unless that was the same code point.
        for (var characters = MaxCharacters - 1; characters > 0; characters--)
        {
            var cut = Prefix(text, characters)!.Value;
            Rune.DecodeFromUtf8(text.AsSpan(cut), out var next, out _);
            if (next.Value != LastCodePoint)
            {
                return [.. text.AsSpan(0, cut), .. "\U0010FFFF"u8];
            }
        }

        return null;
    }

    /// <summary>Bytes in the first characters of a text; null when they are not UTF-8.</summary>
    private static int? Prefix(ReadOnlySpan<byte> text, int characters)
    {
        var length = 0;
        for (; characters > 0 && length < text.Length; characters--)
        {
            if (Rune.DecodeFromUtf8(text[length..], out _, out var bytes) is not OperationStatus.Done)
            {
                return null;
            }

            length += bytes;
        }

        return length;
    }
}
