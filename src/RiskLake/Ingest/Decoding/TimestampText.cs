using System.Runtime.CompilerServices;
using NodaTime;
using NodaTime.TimeZones;

namespace RiskLake.Ingest.Decoding;

/// <summary>The last date seen: consecutive records mostly share it, and then its digits need not be read again.</summary>
internal struct DateCache
{
    public ulong Head;
    public uint Tail;
    public long Micros;
}

/// <summary>
/// RFC 3339 timestamps to microseconds since 1970. 'T' and 'Z' may be lower case, a space for 'T' may not stand; <c>-00:00</c>
/// is UTC; the instant must lie in the years 0001 to 9999.
/// </summary>
internal static unsafe class TimestampText
{
    public const long MicrosPerSecond = 1_000_000;
    public const long MicrosPerDay = 86_400 * MicrosPerSecond;
    public const long MinMicros = -62_135_596_800_000_000;
    public const long MaxMicros = 253_402_300_799_999_999;
    private const int DateLength = 10;
    private const ulong Zeros = 0x3030_3030_3030_3030;
    private const ulong HighBits = 0x8080_8080_8080_8080;
    private const ulong NinesToHighBit = 0x7676_7676_7676_7676;

    private static ReadOnlySpan<int> FractionUnits => [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

    private static ReadOnlySpan<int> DaysBeforeMonth => [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

    /// <summary>
    /// Reads <c>YYYY-MM-DDTHH:MM:SS[.1-6 digits]Z</c>, the form that nearly all data has; 48 bytes must be readable. Whatever is
    /// unusual is left to <see cref="Parse"/>.
    /// </summary>
    /// <returns>The byte after the timestamp, or null.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* TryCommon(byte* p, ref DateCache cache, out long micros)
    {
        micros = 0;
        if (!BitConverter.IsLittleEndian || ((*(ulong*)p != cache.Head || (*(uint*)(p + 8) & 0xFFFFFF) != cache.Tail) && !LoadDate(p, ref cache)))
        {
            return null;
        }

        // HH:MM:SS in one word: digits become their values, colons zero, anything else sets a high bit or leaves a colon's byte not zero.
        var time = *(ulong*)(p + 11) ^ 0x3030_3A30_303A_3030;
        if ((((time + NinesToHighBit) | time) & HighBits) != 0 || (time & 0x0000_FF00_00FF_0000) != 0)
        {
            return null;
        }

        var hour = ((time & 0xF) * 10) + ((time >> 8) & 0xF);
        var minute = (((time >> 24) & 0xF) * 10) + ((time >> 32) & 0xF);
        var second = (((time >> 48) & 0xF) * 10) + (time >> 56);
        if (hour > 23 || minute > 59 || second > 59)
        {
            return null;
        }

        micros = cache.Micros + ((long)((hour * 3600) + (minute * 60) + second) * MicrosPerSecond);
        p += 19;
        if (*p == '.')
        {
            var digits = *(ulong*)(p + 1) ^ Zeros;
            var other = ((digits + NinesToHighBit) | digits) & HighBits;
            var count = other == 0 ? 8 : (int)(ulong.TrailingZeroCount(other) >> 3);
            if (count is 0 or > 6)
            {
                return null;
            }

            micros += (long)EightDigits(digits << ((8 - count) * 8)) * FractionUnits[count];
            p += count + 1;
        }

        return *p == 'Z' ? p + 1 : null;
    }

    /// <summary>Reads any timestamp; the text must be followed by a readable byte.</summary>
    public static ReasonCode? Parse(FieldPlan field, byte* p, byte* end, out long micros)
    {
        micros = 0;
        if (end - p < 19 || (p[10] | 0x20) != 't' || p[13] != ':' || p[16] != ':')
        {
            return ReasonCode.InvalidTimestamp;
        }

        var code = Date(p, out var days);
        if (code is not null)
        {
            return code == ReasonCode.InvalidDate ? ReasonCode.InvalidTimestamp : code;
        }

        var (hour, minute, second) = (Two(p + 11), Two(p + 14), Two(p + 17));
        if (hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60)
        {
            return ReasonCode.InvalidTimestamp;
        }

        micros = (days * MicrosPerDay) + (((hour * 3600L) + (minute * 60) + second) * MicrosPerSecond);
        p += 19;
        var lost = false;
        if (p < end && *p == '.' && !Fraction(ref p, end, ref micros, out lost))
        {
            return ReasonCode.InvalidTimestamp;
        }

        code = Zone(field, p, end, ref micros);
        return second == 60 && code != ReasonCode.InvalidTimestamp ? ReasonCode.LeapSecond
            : code ?? (lost && !field.Field.TruncatePrecision ? ReasonCode.PrecisionLoss : null);
    }

    /// <summary>Reads <c>YYYY-MM-DD</c> to days since 1970.</summary>
    public static ReasonCode? ParseDate(byte* p, byte* end, out long days)
    {
        days = 0;
        return end - p == DateLength ? Date(p, out days) : ReasonCode.InvalidDate;
    }

    private static ReasonCode? Date(byte* p, out long days)
    {
        days = 0;
        var (century, rest, month, day) = (Two(p), Two(p + 2), Two(p + 5), Two(p + 8));
        if (century < 0 || rest < 0 || p[4] != '-' || p[7] != '-' || month is < 1 or > 12 || day < 1)
        {
            return ReasonCode.InvalidDate;
        }

        var year = (century * 100) + rest;
        var leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        var length = month == 2 ? (leap ? 29 : 28) : month is 4 or 6 or 9 or 11 ? 30 : 31;
        if (day > length)
        {
            return ReasonCode.InvalidDate;
        }

        if (year == 0)
        {
            return ReasonCode.TimestampOutOfRange;
        }

        var before = year - 1;
        days = (before * 365L) + (before / 4) - (before / 100) + (before / 400) - 719_162
            + DaysBeforeMonth[month - 1] + (leap && month > 2 ? 1 : 0) + day - 1;
        return null;
    }

    private static bool Fraction(ref byte* p, byte* end, ref long micros, out bool lost)
    {
        lost = false;
        var unit = 100_000L;
        var first = ++p;
        for (; p < end && *p is >= (byte)'0' and <= (byte)'9'; p++)
        {
            micros += (*p - '0') * unit;
            lost |= unit == 0 && *p != '0';
            unit /= 10;
        }

        return p > first;
    }

    private static ReasonCode? Zone(FieldPlan field, byte* p, byte* end, ref long micros)
    {
        if (p == end)
        {
            return LocalTime(field, ref micros);
        }

        if (end - p == 1 && (*p | 0x20) == 'z')
        {
            return InRange(micros);
        }

        var (hours, minutes) = end - p == 6 && p[3] == ':' ? (Two(p + 1), Two(p + 4)) : (-1, -1);
        if (*p is not ((byte)'+' or (byte)'-') || hours is < 0 or > 23 || minutes is < 0 or > 59)
        {
            return ReasonCode.InvalidTimestamp;
        }

        var offset = ((hours * 60L) + minutes) * 60 * MicrosPerSecond;
        micros += *p == '+' ? -offset : offset;
        return InRange(micros);
    }

    /// <summary>A local time to UTC by the contract's zone; the time zone rules come with the build, not from the machine.</summary>
    public static ReasonCode? LocalTime(FieldPlan field, ref long micros)
    {
        if (field.Zone is null)
        {
            return ReasonCode.ZoneMissing;
        }

        if (InRange(micros) is { } code)
        {
            return code;
        }

        var local = LocalDateTime.FromDateTime(DateTime.UnixEpoch.AddTicks(micros * 10));
        var mapping = field.Zone.MapLocal(local);
        if (mapping.Count != 1)
        {
            return mapping.Count == 0 ? ReasonCode.LocalTimeSkipped : ReasonCode.LocalTimeAmbiguous;
        }

        micros -= mapping.EarlyInterval.WallOffset.Ticks / 10;
        return InRange(micros);
    }

    public static ReasonCode? InRange(long micros) => micros is < MinMicros or > MaxMicros ? ReasonCode.TimestampOutOfRange : null;

    /// <summary>Two digits as a number, or -1.</summary>
    private static int Two(byte* p)
    {
        var (tens, units) = (p[0] - '0', p[1] - '0');
        return (uint)tens <= 9 && (uint)units <= 9 ? (tens * 10) + units : -1;
    }

    private static bool LoadDate(byte* p, ref DateCache cache)
    {
        if (p[10] != 'T' || Date(p, out var days) is not null)
        {
            return false;
        }

        cache = new DateCache { Head = *(ulong*)p, Tail = *(uint*)(p + 8) & 0xFFFFFF, Micros = days * MicrosPerDay };
        return true;
    }

    /// <summary>Eight digits, the first in the lowest byte, to a number: pairs, then fours, then all.</summary>
    private static ulong EightDigits(ulong digits)
    {
        digits = ((digits * 10) + (digits >> 8)) & 0x00FF_00FF_00FF_00FF;
        digits = ((digits * 100) + (digits >> 16)) & 0x0000_FFFF_0000_FFFF;
        return ((digits * 10_000) + (digits >> 32)) & 0xFFFF_FFFF;
    }
}
