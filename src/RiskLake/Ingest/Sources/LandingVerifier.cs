using RiskLake.Lake;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>Compares what landed with the digests it is named by, and the ledger and the vintages with their own checks.</summary>
internal sealed class LandingVerifier(LakeStore store)
{
    private const string Check = "landing";

    /// <summary>What is not as it was written.</summary>
    public IEnumerable<LakeFinding> Verify(CancellationToken ct)
    {
        var landing = store.Paths.Absolute("_landing");
        var ledger = new LandingLedger(store.Root, TimeProvider.System);
        foreach (var name in store.Storage.List("verify", landing).Where(name => name.Length == 64 && name.All(char.IsAsciiHexDigitLower)))
        {
            ct.ThrowIfCancellationRequested();
            if (!LandingLedger.IsWhole(Path.Combine(landing, name), name))
            {
                yield return new LakeFinding(Check, $"_landing/{name}", "other bytes", $"bytes with sha256 {name}");
            }
        }

        foreach (var name in store.Storage.List("verify", Path.Combine(landing, "ledger")).Where(name => name.EndsWith(".json", StringComparison.Ordinal)))
        {
            if (Fault(() => ledger.Read(Path.Combine(landing, "ledger", name))) is { } fault)
            {
                yield return new LakeFinding(Check, $"_landing/ledger/{name}", fault, "the entry once written");
            }
        }

        foreach (var path in store.Views.FilesBelow("_landing/series"))
        {
            ct.ThrowIfCancellationRequested();
            if (!path.EndsWith(".new", StringComparison.Ordinal)
                && (store.Storage.ReadFile("verify", store.Paths.Absolute(path)) is not { } bytes || !SeriesVintages.IsWhole(bytes)))
            {
                yield return new LakeFinding(Check, path, "other bytes", "the vintages once written");
            }
        }
    }

    private static string? Fault(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (RiskLakeException exception) when (exception.Code is ErrorCode.LakeDamaged)
        {
            return exception.Found;
        }
    }
}
