using RiskLake.Risk;

namespace RiskLake.Tests.Risk;

/// <summary>Named series of the reference data.</summary>
internal static class Series
{
    public static readonly string[] Indices = ["DAX", "SMI", "CAC", "FTSE"];

    public static double[] Closes(string index) => Oracle.Column("eustock.csv", index);

    public static double[] LogReturns(string index = "DAX") => Returns.Log(Closes(index));

    public static double[] SimpleReturns(string index = "DAX") => Returns.Simple(Closes(index));

    public static double[] LogReturnsPercent(string index = "DAX") => [.. LogReturns(index).Select(r => r * 100.0)];

    public static double[] MarksPerPound() => Oracle.Column("dem2gbp.csv", "ret_pct");

    public static Confidence Level(string text) =>
        Confidence.TryParse(text, out var confidence) ? confidence : throw new ArgumentException(text, nameof(text));
}
