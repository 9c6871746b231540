using System.Globalization;
using System.Security.Cryptography;
using RiskLake.Contracts;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Ingest.Sources;

/// <summary>Bytes that have no file of their own (standard input, the built-in sample) are kept here under their digest, so that a run can be repeated.</summary>
internal sealed class Landing(string root)
{
    public string Folder { get; } = Path.Combine(root, "_landing");

    /// <summary>The built-in sample for the given symbols.</summary>
    public InputFile Sample(SymbolList symbols)
    {
        using var bytes = new MemoryStream();
        Ingest.Sources.Sample.Write(bytes, Symbols(symbols), Ingest.Sources.Sample.DefaultSessions);
        return Keep(bytes.ToArray(), "sample.ndjson");
    }

    /// <summary>The built-in sample of some dates, one input for each date that has events.</summary>
    public IReadOnlyList<InputFile> SampleDays(SymbolList symbols, IEnumerable<DateOnly> dates)
    {
        var files = new List<InputFile>();
        foreach (var date in dates.Where(Ingest.Sources.Sample.IsSession))
        {
            using var bytes = new MemoryStream();
            Ingest.Sources.Sample.WriteDay(bytes, Symbols(symbols), date);
            files.Add(Keep(bytes.ToArray(), string.Create(CultureInfo.InvariantCulture, $"sample-{date:yyyy-MM-dd}.ndjson")));
        }

        return files;
    }

    private static SampleSymbol[] Symbols(SymbolList symbols) => symbols.Entries.Select(entry =>
        entry is { StartPrice: { } price, AnnualVolatility: { } volatility }
            ? new SampleSymbol(entry.Symbol, price, entry.Tick, volatility)
            : throw new RiskLakeException(
                ErrorCode.ConfigurationInvalid,
                $"symbol {entry.Symbol}",
                entry.StartPrice is null ? "no 'start_price'" : "no 'annual_volatility'",
                "both for every symbol, where the built-in sample is to be made",
                "name your own data with --input, or add the two to the symbol list")).ToArray();

    private InputFile Keep(byte[] content, string name)
    {
        new Confinement(root).Require(Folder);
        Directory.CreateDirectory(Folder);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(content));
        var path = Path.Combine(Folder, sha256);
        if (!LandingLedger.IsWhole(path, sha256))
        {
            var temporary = $"{path}.{Environment.ProcessId}";
            File.WriteAllBytes(temporary, content);
            try
            {
                LandingLedger.Settle(temporary, path, sha256);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(temporary); // Another process landed the same bytes first.
            }
        }

        return new InputFile(path, name);
    }
}
