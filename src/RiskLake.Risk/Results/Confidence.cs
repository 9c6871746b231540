using System.Globalization;

namespace RiskLake.Risk;

/// <summary>A confidence level as an exact fraction, so that "one minus confidence" never shifts an order statistic.</summary>
/// <remarks>
/// In doubles ceil((1 - 0.99) * 500) is 6; here the tail of 99 % is exactly 1/100 and the product is exactly 5.
/// Invariant: 0 &lt; Numerator &lt; Denominator, lowest terms, Denominator at most 10^9. Equality is by value.
/// The default value is not a level; every member that needs one throws.
/// </remarks>
public readonly record struct Confidence : IComparable<Confidence>
{
    private const long DenominatorLimit = 1_000_000_000;

    /// <summary>The level numerator / denominator, reduced to lowest terms.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not strictly between 0 and 1, or is finer than 1e-9.</exception>
    public Confidence(long numerator, long denominator)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numerator, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(numerator, denominator);
        var divisor = GreatestCommonDivisor(numerator, denominator);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(denominator / divisor, DenominatorLimit, nameof(denominator));
        Numerator = numerator / divisor;
        Denominator = denominator / divisor;
    }

    /// <summary>90 %.</summary>
    public static Confidence P90 => new(9, 10);

    /// <summary>95 %.</summary>
    public static Confidence P95 => new(19, 20);

    /// <summary>97.5 %.</summary>
    public static Confidence P975 => new(39, 40);

    /// <summary>99 %.</summary>
    public static Confidence P99 => new(99, 100);

    /// <summary>99.5 %.</summary>
    public static Confidence P995 => new(199, 200);

    /// <summary>Numerator of the level in lowest terms.</summary>
    public long Numerator { get; }

    /// <summary>Denominator of the level in lowest terms.</summary>
    public long Denominator { get; }

    /// <summary>Numerator of the tail probability 1 - level, over the same denominator.</summary>
    public long TailNumerator => Denominator - Numerator;

    /// <summary>The level as the nearest double.</summary>
    public double Level => Numerator / (double)Denominator;

    /// <summary>The tail probability 1 - level as the nearest double (0.01 for 99 %).</summary>
    public double Tail => TailNumerator / (double)Denominator;

    /// <summary>The level of a decimal number such as 0.975, taken exactly.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not strictly between 0 and 1, or has more than nine decimals.</exception>
    public static Confidence Of(decimal level)
    {
        var scaled = level * DenominatorLimit;
        if (!(level > 0m && level < 1m) || decimal.Truncate(scaled) != scaled)
        {
            throw new ArgumentOutOfRangeException(
                nameof(level), level, "A confidence lies strictly between 0 and 1 and has at most nine decimals.");
        }

        return new Confidence((long)scaled, DenominatorLimit);
    }

    /// <summary>Reads "0.99" or "99/100", invariant culture, nothing else.</summary>
    public static bool TryParse(string? text, out Confidence confidence)
    {
        confidence = default;
        if (text is null)
        {
            return false;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            if (!long.TryParse(text.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture, out var numerator)
                || !long.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var denominator)
                || numerator < 1 || numerator >= denominator
                || denominator / GreatestCommonDivisor(numerator, denominator) > DenominatorLimit)
            {
                return false;
            }

            confidence = new Confidence(numerator, denominator);
            return true;
        }

        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var level)
            || !(level > 0m && level < 1m)
            || decimal.Truncate(level * DenominatorLimit) != level * DenominatorLimit)
        {
            return false;
        }

        confidence = Of(level);
        return true;
    }

    /// <summary>The exact product count * tail, as whole part and remainder over <see cref="Denominator"/>.</summary>
    internal (int Whole, double Fraction) TailOf(int count)
    {
        var (whole, rest) = Math.DivRem(count * TailNumerator, Denominator);
        return ((int)whole, rest / (double)Denominator);
    }

    /// <inheritdoc/>
    public int CompareTo(Confidence other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    /// <summary>Whether one level is below another.</summary>
    public static bool operator <(Confidence left, Confidence right) => left.CompareTo(right) < 0;

    /// <summary>Whether one level is above another.</summary>
    public static bool operator >(Confidence left, Confidence right) => left.CompareTo(right) > 0;

    /// <summary>Whether one level is at most another.</summary>
    public static bool operator <=(Confidence left, Confidence right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one level is at least another.</summary>
    public static bool operator >=(Confidence left, Confidence right) => left.CompareTo(right) >= 0;

    /// <summary>The fraction as text, "99/100".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");

    private static long GreatestCommonDivisor(long a, long b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
