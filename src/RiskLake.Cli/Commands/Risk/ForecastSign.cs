namespace RiskLake.Cli.Commands.Risk;

/// <summary>VaR and ES are losses, positive. Many programs write them as the return of the loss, negative; neither is guessed.</summary>
internal static class ForecastSign
{
    /// <summary>The forecasts as positive losses.</summary>
    /// <param name="context">Where is said what a reader should know.</param>
    /// <param name="option">The option that named the column.</param>
    /// <param name="signOption">The option that says how it is written.</param>
    /// <param name="forecasts">As the file has them.</param>
    /// <param name="isNegative">Whether they are said to be negative; null when nothing is said.</param>
    public static double[] Settle(CommandContext context, string option, string signOption, double[] forecasts, bool? isNegative)
    {
        var signed = isNegative == true ? Array.ConvertAll(forecasts, value => 0.0 - value) : forecasts;
        var (below, all) = (signed.Count(value => value < 0.0), signed.Count(double.IsFinite));
        if (below == 0)
        {
            return signed;
        }

        var found = FormattableString.Invariant($"{below} of {all} forecasts {(isNegative == true ? "above zero, where losses are negative" : "below zero")}");
        if (2 * below > all && isNegative != false)
        {
            throw NumberOptions.Invalid(
                option, found, isNegative == true ? "forecasts below zero, as --var-sign negative says"
                    : $"losses, positive; {signOption} negative says that they are written as returns, {signOption} positive that they are meant so");
        }

        context.Terminal.Say($"{option}: {found}: gains, where a loss is forecast");
        return signed;
    }
}
