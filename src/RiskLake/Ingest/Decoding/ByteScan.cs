using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Searches in bytes that are followed by <see cref="Padding"/> readable bytes, so that 16 bytes may be looked at anywhere.
/// The caller compares the result with the end of its text: bytes behind it are not part of it.
/// </summary>
internal static unsafe class ByteScan
{
    /// <summary>Readable bytes behind the end of every text that is parsed.</summary>
    public const int Padding = 64;

    /// <summary>The first quote, backslash, control character or byte of a non-ASCII character at or after <paramref name="p"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* ToSpecial(byte* p, byte* end)
    {
        for (; p < end; p += Vector128<byte>.Count)
        {
            var bytes = Vector128.Load(p);

            // As signed numbers, bytes from 0x80 on are below the space as well.
            var special = Vector128.LessThan(bytes.AsSByte(), Vector128.Create((sbyte)' ')).AsByte()
                | Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'));
            var mask = special.ExtractMostSignificantBits();
            if (mask != 0)
            {
                return p + uint.TrailingZeroCount(mask);
            }
        }

        return end;
    }

    /// <summary>
    /// The first quote, backslash or control character at or after <paramref name="p"/>; <paramref name="ascii"/> becomes false when
    /// a byte of a non-ASCII character may stand before it.
    /// </summary>
    public static byte* ToDelimiter(byte* p, byte* end, ref bool ascii)
    {
        for (; p < end; p += Vector128<byte>.Count)
        {
            var bytes = Vector128.Load(p);
            var special = Vector128.LessThan(bytes, Vector128.Create((byte)' '))
                | Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'));
            ascii &= bytes.ExtractMostSignificantBits() == 0;
            var mask = special.ExtractMostSignificantBits();
            if (mask != 0)
            {
                return p + uint.TrailingZeroCount(mask);
            }
        }

        return end;
    }

    /// <summary>The first byte at or after <paramref name="p"/> that is not white space of JSON.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* SkipSpace(byte* p, byte* end)
    {
        while (p < end && *p <= ' ' && *p is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            p++;
        }

        return p;
    }

    public static bool IsUtf8(byte* p, byte* end) => Utf8.IsValid(new ReadOnlySpan<byte>(p, (int)(end - p)));

    /// <summary>Copies a short text 16 bytes at a time; up to 15 bytes behind both ends are read and written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyPadded(byte* from, byte* to, int length)
    {
        for (var i = 0; i < length; i += Vector128<byte>.Count)
        {
            Vector128.Load(from + i).Store(to + i);
        }
    }
}
