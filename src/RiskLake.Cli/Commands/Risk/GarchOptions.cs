using System.CommandLine;
using System.Globalization;
using RiskLake.Risk;

namespace RiskLake.Cli.Commands.Risk;

/// <summary>Options that name a GARCH model with everything that decides its estimates.</summary>
internal sealed class GarchOptions(string prefix)
{
    private readonly Option<string> _model = new Option<string>($"--{prefix}model")
    {
        Description = "garch, gjr or egarch; all (1,1).",
        DefaultValueFactory = _ => "garch",
    }.AcceptOnlyFromAmong("garch", "gjr", "egarch");

    private readonly Option<string> _errors = new Option<string>($"--{prefix}dist")
    {
        Description = "Law of the errors: normal or t.",
        DefaultValueFactory = _ => "normal",
    }.AcceptOnlyFromAmong("normal", "t");

    private readonly Option<string> _presample = new($"--{prefix}presample")
    {
        Description = "Before the first return: fcp (as fGarch), h1var (as rugarch), uncond (EGARCH), arch (as Python's arch), or const=<variance>.",
        HelpName = "rule",
        DefaultValueFactory = _ => "fcp",
    };

    private readonly Option<string> _constraint = new Option<string>($"--{prefix}constraint")
    {
        Description = "Parameters allowed: none (variances positive) or stationary (none negative, persistence at most one).",
        DefaultValueFactory = _ => "none",
    }.AcceptOnlyFromAmong("none", "stationary");

    public IEnumerable<Option> All => [_model, _errors, _presample, _constraint];

    /// <summary>The specification; a presample that is computed from the returns is computed here.</summary>
    public GarchSpecification SpecificationOf(ParseResult parsed, ReadOnlySpan<double> returns)
    {
        var model = parsed.GetValue(_model) switch { "garch" => GarchModel.Garch, "gjr" => GarchModel.Gjr, _ => GarchModel.Egarch };
        var (presample, variance) = PresampleOf(parsed.GetValue(_presample)!, returns);
        if (presample == Presample.Unconditional && model != GarchModel.Egarch)
        {
            throw NumberOptions.Invalid(_presample.Name, "uncond with another model", "--model egarch, or fcp, h1var, arch or const=<variance>");
        }

        return new GarchSpecification
        {
            Model = model,
            Errors = parsed.GetValue(_errors) == "t" ? ErrorDistribution.StudentT : ErrorDistribution.Normal,
            Presample = presample,
            PresampleVariance = variance,
            Constraint = parsed.GetValue(_constraint) == "stationary" ? GarchConstraint.Stationary : GarchConstraint.None,
        };
    }

    private (Presample Rule, double? Variance) PresampleOf(string text, ReadOnlySpan<double> returns)
    {
        switch (text)
        {
            case "fcp":
                return (Presample.Fcp, null);
            case "h1var":
                return (Presample.InitialVariance, null);
            case "uncond":
                return (Presample.Unconditional, null);
            case "arch" or "const":
                // Returns that have no backcast (none at all, not finite, constant) are refused by the fit, whatever stands here.
                var backcast = returns.Length > 0 ? GarchSpecification.ArchBackcast(returns) : 1.0;
                return (Presample.Constant, backcast > 0.0 && double.IsFinite(backcast) ? backcast : 1.0);
        }

        var isNumber = double.TryParse(
            text.StartsWith("const=", StringComparison.Ordinal) ? text["const=".Length..] : string.Empty,
            NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out var variance);
        return isNumber && variance > 0.0 && double.IsFinite(variance) ? (Presample.Constant, variance) : throw NumberOptions.Invalid(
            _presample.Name, $"'{text}'", "fcp, h1var, uncond, arch, or const=<variance> such as const=0.35, positive, in squared units of the returns");
    }
}
