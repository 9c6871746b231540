using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;
using RiskLake.Contracts;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>A field of the contract, prepared for decoding: names as bytes, limits closed, patterns compiled.</summary>
internal sealed class FieldPlan
{
    private readonly double _minimumDouble = double.NegativeInfinity;
    private readonly double _maximumDouble = double.PositiveInfinity;
    private readonly long _minimum = long.MinValue;
    private readonly long _maximum = long.MaxValue;
    private readonly Regex? _pattern;
    private readonly byte[][] _allowedText;
    private readonly long[] _allowedSlots;

    public FieldPlan(ContractField field, int index)
    {
        Field = field;
        Index = index;
        NameBytes = Encoding.UTF8.GetBytes(field.Name);
        Zone = field.DefaultZone is null ? null : DateTimeZoneProviders.Tzdb[field.DefaultZone];
        (KeyPattern, KeyMask, KeyTail) = PrepareKey(NameBytes);
        if (field.Type == ColumnType.Double)
        {
            _minimumDouble = Closed(field.Minimum, double.BitIncrement, _minimumDouble);
            _maximumDouble = Closed(field.Maximum, double.BitDecrement, _maximumDouble);
        }
        else
        {
            (_minimum, _maximum) = ClosedRange(field);
        }

        _pattern = field.Pattern is null ? null : new Regex(field.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        _allowedText = field.Column.IsBytes ? [.. field.AllowedValues.Select(Encoding.UTF8.GetBytes)] : [];
        _allowedSlots = field.Column.IsBytes ? [] : [.. field.AllowedValues.Select(AllowedSlot)];
        HasTextRules = field.MinLength is not null || field.MaxLength is not null || _pattern is not null || _allowedText.Length > 0;
    }

    public ContractField Field { get; }

    public int Index { get; }

    public string Name => Field.Name;

    public ColumnType Type => Field.Type;

    public byte[] NameBytes { get; }

    /// <summary>Zone of timestamps without an offset.</summary>
    public DateTimeZone? Zone { get; }

    /// <summary>The first 16 bytes of the name between quotes, as it usually stands in JSON.</summary>
    public Vector128<byte> KeyPattern { get; }

    /// <summary>Which bytes of <see cref="KeyPattern"/> count.</summary>
    public Vector128<byte> KeyMask { get; }

    /// <summary>What follows <see cref="KeyPattern"/> in a longer key.</summary>
    public byte[] KeyTail { get; }

    /// <summary>Bytes of the quoted name.</summary>
    public int KeyLength => NameBytes.Length + 2;

    public bool HasTextRules { get; }

    /// <summary>Checks a fixed-width value against limits and allowed values.</summary>
    public ReasonCode? Check(long slot)
    {
        var inside = Type == ColumnType.Double
            ? BitConverter.Int64BitsToDouble(slot) is var value && value >= _minimumDouble && value <= _maximumDouble
            : slot >= _minimum && slot <= _maximum;
        return !inside ? ReasonCode.OutOfRange
            : Field.MultipleOf is { } step && slot % step != 0 ? ReasonCode.NotMultiple
            : _allowedSlots.Length > 0 && !_allowedSlots.Contains(slot) ? ReasonCode.ValueNotAllowed
            : null;
    }

    /// <summary>Adds to <paramref name="codes"/> whatever is wrong with a text that is valid UTF-8.</summary>
    public void CheckText(ReadOnlySpan<byte> text, List<ReasonCode> codes)
    {
        if (Field.MinLength is not null || Field.MaxLength is not null)
        {
            // What is trimmed away on the way to silver does not count.
            var length = CodePoints(Field.Normalisation.HasFlag(Normalisation.Trim) ? text.Trim(" \t\n\v\f\r"u8) : text);
            if (length < Field.MinLength)
            {
                codes.Add(ReasonCode.TooShort);
            }
            else if (length > Field.MaxLength)
            {
                codes.Add(ReasonCode.TooLong);
            }
        }

        if (_pattern is not null && !_pattern.IsMatch(Encoding.UTF8.GetString(text)))
        {
            codes.Add(ReasonCode.PatternMismatch);
        }

        if (_allowedText.Length > 0 && !IsAllowed(text))
        {
            codes.Add(ReasonCode.ValueNotAllowed);
        }
    }

    /// <summary>What the contract asks for, in the words of a violation.</summary>
    public string Expected(ReasonCode code)
    {
        if (code == ReasonCode.OutOfRange)
        {
            return string.Join(" and ", new[] { Describe(Field.Minimum, ">"), Describe(Field.Maximum, "<") }.Where(text => text is not null));
        }

        return code == ReasonCode.TooShort ? string.Create(CultureInfo.InvariantCulture, $"at least {Field.MinLength} characters")
            : code == ReasonCode.TooLong ? string.Create(CultureInfo.InvariantCulture, $"at most {Field.MaxLength} characters")
            : code == ReasonCode.PatternMismatch ? $"text that matches {Field.Pattern}"
            : code == ReasonCode.InvalidTimestamp ? $"{TypeName}, with 'T' between date and time, such as 2025-01-20T14:30:00{(Zone is null ? "Z" : "")}"
            : code == ReasonCode.NotMultiple ? $"a multiple of {Number(Field.MultipleOf!.Value)}"
            : code == ReasonCode.ValueNotAllowed ? $"one of {string.Join(", ", Field.AllowedValues)}"
            : TypeName;
    }

    private string TypeName => Type switch
    {
        ColumnType.String => "text",
        ColumnType.Binary => "base64 text",
        ColumnType.Int64 => "a 64-bit integer",
        ColumnType.Double => "a finite number",
        ColumnType.Decimal => string.Create(CultureInfo.InvariantCulture, $"decimal({Field.Precision},{Field.Scale})"),
        ColumnType.Boolean => "true or false",
        ColumnType.Timestamp when Zone is null => "an RFC 3339 timestamp with an offset and at most six fractional digits",
        ColumnType.Timestamp => "an RFC 3339 timestamp with at most six fractional digits",
        _ => "a date YYYY-MM-DD",
    };

    private string Number(long slot) => (slot / (decimal)Math.Pow(10, Field.Scale)).ToString(CultureInfo.InvariantCulture);

    private static string? Describe(Bound? bound, string sign) =>
        bound is not { } limit ? null : limit.Exclusive ? $"{sign} {limit.Text}" : $"{sign}= {limit.Text}";

    private static int CodePoints(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var unit in text)
        {
            count += (unit & 0xC0) != 0x80 ? 1 : 0;
        }

        return count;
    }

    private bool IsAllowed(ReadOnlySpan<byte> text)
    {
        foreach (var allowed in _allowedText)
        {
            if (text.SequenceEqual(allowed))
            {
                return true;
            }
        }

        return false;
    }

    private static (Vector128<byte> Pattern, Vector128<byte> Mask, byte[] Tail) PrepareKey(byte[] name)
    {
        byte[] quoted = [(byte)'"', .. name, (byte)'"'];
        var (pattern, mask) = (new byte[16], new byte[16]);
        var head = Math.Min(16, quoted.Length);
        quoted.AsSpan(0, head).CopyTo(pattern);
        mask.AsSpan(0, head).Fill(0xFF);
        return (Vector128.Create(pattern), Vector128.Create(mask), quoted[head..]);
    }

    private static double Closed(Bound? bound, Func<double, double> inward, double none) => bound is not { } limit
        ? none
        : limit.Exclusive ? inward(BitConverter.Int64BitsToDouble(limit.Slot)) : BitConverter.Int64BitsToDouble(limit.Slot);

    private static (long Minimum, long Maximum) ClosedRange(ContractField field)
    {
        var minimum = field.Minimum is { } low ? (Int128)low.Slot + (low.Exclusive ? 1 : 0) : long.MinValue;
        var maximum = field.Maximum is { } high ? (Int128)high.Slot - (high.Exclusive ? 1 : 0) : long.MaxValue;
        var possible = minimum <= long.MaxValue && maximum >= long.MinValue;
        return possible ? ((long)minimum, (long)maximum) : (long.MaxValue, long.MinValue);
    }

    private unsafe long AllowedSlot(string value)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(value) + ByteScan.Padding];
        var length = Encoding.UTF8.GetBytes(value, bytes);
        fixed (byte* text = bytes)
        {
            var dates = default(DateCache);
            var code = TextValue.Parse(this, text, text + length, ref dates, out var slot);
            return code is null ? slot : throw new ArgumentException($"{Name}: allowed value '{value}' is not {TypeName}.", nameof(value));
        }
    }
}
