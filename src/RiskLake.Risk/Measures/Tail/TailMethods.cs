using System.Reflection;

namespace RiskLake.Risk.Measures;

/// <summary>The list of the ways to VaR and ES: each method's file adds the method as a static property of this class.</summary>
internal static partial class TailMethods
{
    /// <summary>Every method, in the order of rows.</summary>
    public static IReadOnlyList<TailMethod> All => Registry.Methods;

    /// <summary>
    /// The methods of settings that name none. They are fixed by name: a method that is added later changes no digest of settings, and so
    /// restates nobody's history.
    /// </summary>
    public static IReadOnlyList<TailMethod> Standard => Registry.Standard;

    /// <summary>The methods by which forecasts are made day by day where settings name none, fixed by name for the same reason.</summary>
    public static IReadOnlyList<TailMethod> StandardRolling => Registry.StandardRolling;

    /// <summary>Every method that forecasts day by day.</summary>
    public static IReadOnlyList<TailMethod> WithForecasts => Registry.WithForecasts;

    /// <summary>The method of a code; null when there is none.</summary>
    public static TailMethod? Find(string code) => All.FirstOrDefault(method => string.Equals(method.Code, code, StringComparison.Ordinal));

    /// <summary>The method of a code that was checked before.</summary>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    public static TailMethod Named(string code) => Find(code) ?? throw new ArgumentException($"No method is called {code}.", nameof(code));

    // Apart, so that every method's property has its value before the list is made.
    private static class Registry
    {
        public static readonly TailMethod[] Methods =
        [
            .. typeof(TailMethods).GetProperties(BindingFlags.Public | BindingFlags.Static)
                .Where(property => property.PropertyType == typeof(TailMethod))
                .Select(property => (TailMethod)property.GetValue(null)!)
                .OrderBy(method => method.Order),
        ];

        public static readonly TailMethod[] Standard = Those(
            "historical", "age_weighted", "age_weighted_linear", "volatility_weighted", "filtered_historical", "normal", "ewma_normal",
            "garch_normal", "garch_t", "student_t", "cornish_fisher", "peaks_over_threshold", "monte_carlo");

        public static readonly TailMethod[] StandardRolling = Those("historical", "normal", "ewma_normal");

        public static readonly TailMethod[] WithForecasts = [.. Methods.Where(method => method.Rolling is not null)];

        private static TailMethod[] Those(params string[] codes) => [.. codes.Select(code => Methods.Single(method => method.Code == code))];
    }
}
