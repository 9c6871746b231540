namespace RiskLake.Ingest.Sources;

/// <summary>An instrument of the built-in sample.</summary>
/// <param name="Symbol">Name in upper case.</param>
/// <param name="StartPrice">Price at the open of the first default session.</param>
/// <param name="Tick">Smallest price step; every price is a whole number of them.</param>
/// <param name="AnnualVolatility">Standard deviation of a year's return, as a fraction.</param>
internal sealed record SampleSymbol(string Symbol, decimal StartPrice, decimal Tick, double AnnualVolatility);
