using System.Globalization;

namespace RiskLake.Risk;

/// <summary>Checks of lengths: a wrong one is the caller's mistake, not a property of the data.</summary>
internal static class Shape
{
    public static void Length(int expected, int actual, string parameter)
    {
        if (expected != actual)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Needs length {expected}, has {actual}."), parameter);
        }
    }
}
