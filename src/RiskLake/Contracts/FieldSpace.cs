using RiskLake.Lake.Columns;

namespace RiskLake.Contracts;

/// <summary>Whether the values one field accepts include those another accepts, facet by facet.</summary>
internal static class FieldSpace
{
    // Integers up to here are doubles exactly.
    private const long ExactInDouble = 1L << 53;

    /// <summary>Whether the type of <paramref name="wide"/> holds every value of <paramref name="narrow"/>, limits of the latter
    /// considered.</summary>
    public static bool Holds(ContractField wide, ContractField narrow) => (wide.Type, narrow.Type) switch
    {
        (ColumnType.Decimal, ColumnType.Decimal) =>
            wide.Scale >= narrow.Scale && wide.Precision - wide.Scale >= narrow.Precision - narrow.Scale,
        (ColumnType.Decimal, ColumnType.Int64) => Within(narrow, PowerOfTen(wide.Precision - wide.Scale) - 1),
        (ColumnType.Double, ColumnType.Int64) => Within(narrow, ExactInDouble),
        var (one, other) => one == other,
    };

    /// <summary>Whether the lower limit of <paramref name="wide"/> lets through what that of <paramref name="narrow"/> does.</summary>
    public static bool Low(ContractField wide, ContractField narrow) => Limit(wide, narrow, wide.Minimum, narrow.Minimum, low: true);

    /// <summary>Whether the upper limit of <paramref name="wide"/> lets through what that of <paramref name="narrow"/> does.</summary>
    public static bool High(ContractField wide, ContractField narrow) => Limit(wide, narrow, wide.Maximum, narrow.Maximum, low: false);

    /// <summary>Whether every multiple that <paramref name="narrow"/> asks for is one of <paramref name="wide"/>.</summary>
    public static bool Multiples(ContractField wide, ContractField narrow)
    {
        if (wide.MultipleOf is not { } step)
        {
            return true;
        }

        // 0.05 at scale 2 is the slot 5, at scale 4 the slot 500.
        return narrow.MultipleOf is { } other && (Int128)other * PowerOfTen(wide.Scale) % ((Int128)step * PowerOfTen(narrow.Scale)) == 0;
    }

    /// <summary>Whether every value <paramref name="narrow"/> lists is one of <paramref name="wide"/>.</summary>
    public static bool Values(ContractField wide, ContractField narrow) =>
        wide.AllowedValues.Count == 0
        || (narrow.AllowedValues.Count > 0
            && narrow.AllowedValues.All(value => wide.AllowedValues.Contains(value, StringComparer.Ordinal)));

    private static bool Limit(ContractField wide, ContractField narrow, Bound? outer, Bound? inner, bool low)
    {
        if (outer is not { } limit)
        {
            return true;
        }

        if (inner is not { } tighter)
        {
            return false;
        }

        if (wide.Type == ColumnType.Double || narrow.Type == ColumnType.Double)
        {
            var order = Real(wide, limit).CompareTo(Real(narrow, tighter));
            return order == 0 ? tighter.Exclusive || !limit.Exclusive : low ? order < 0 : order > 0;
        }

        var (outermost, innermost) = (Nearest(limit, low) * PowerOfTen(narrow.Scale), Nearest(tighter, low) * PowerOfTen(wide.Scale));
        return low ? outermost <= innermost : outermost >= innermost;
    }

    // An integer is a double exactly here: wherever that matters, Holds has kept it below 2^53.
    private static double Real(ContractField field, Bound bound) =>
        field.Type == ColumnType.Double ? BitConverter.Int64BitsToDouble(bound.Slot) : bound.Slot;

    // Every type but double is a lattice: beyond an exclusive limit comes the next slot.
    private static Int128 Nearest(Bound bound, bool low) =>
        !bound.Exclusive ? bound.Slot : low ? (Int128)bound.Slot + 1 : (Int128)bound.Slot - 1;

    private static bool Within(ContractField field, long largest) =>
        field.Minimum is { } low && field.Maximum is { } high && low.Slot >= -largest && high.Slot <= largest;

    private static long PowerOfTen(int exponent)
    {
        long power = 1;
        for (var i = 0; i < exponent; i++)
        {
            power *= 10;
        }

        return power;
    }
}
