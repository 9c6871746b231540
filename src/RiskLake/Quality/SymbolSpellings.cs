using System.Globalization;
using System.Text;
using RiskLake.Contracts;
using RiskLake.Ingest.Bronze;
using RiskLake.Ingest.Silver;
using RiskLake.Lake.Columns;

namespace RiskLake.Quality;

/// <summary>
/// Symbols that a source spells in more than one way, and that normalisation makes one. Where a spelling mixes cases, the case has a
/// meaning (a preferred share <c>BCpC</c> beside the common <c>BCPC</c>), and two instruments would become one: the check fails. Small
/// letters beside capitals are a warning.
/// </summary>
internal static class SymbolSpellings
{
    public const string Rule = "symbol_spelling";

    /// <returns>The result; nothing where the contract does not change the case of symbols.</returns>
    public static IEnumerable<CheckResult> Check(Contract contract, IReadOnlyList<BronzeSource> bronze)
    {
        if (contract.Field(FieldRole.Symbol) is not { } symbol || (symbol.Normalisation & (Normalisation.Upper | Normalisation.Lower)) == Normalisation.None)
        {
            yield break;
        }

        var (counts, rows) = Count(symbol, contract.Field(FieldRole.Source), bronze);
        var merged = counts.Keys
            .GroupBy(key => (key.Source, Symbol: Normalised(symbol, key.Spelling)))
            .Where(group => group.Skip(1).Any())
            .OrderBy(group => group.Key.Source, StringComparer.Ordinal).ThenBy(group => group.Key.Symbol, StringComparer.Ordinal).ToArray();
        var isMixed = merged.Any(group => group.Any(key => MixesCases(key.Spelling)));
        yield return new CheckResult
        {
            Rule = Rule,
            Dataset = contract.Dataset,
            Column = symbol.Name,
            Observed = rows == 0 ? null : merged.Length,
            Threshold = 0,
            Expected = "= 0",
            EvaluatedRows = rows,
            FailedRows = merged.Sum(group => group.Sum(key => counts[key])),
            Status = rows == 0 ? CheckStatus.NotApplicable : merged.Length == 0 ? CheckStatus.Passed : isMixed ? CheckStatus.Failed : CheckStatus.Warned,
            IsBlocking = true,
            Detail = merged.Length == 0 ? null : Describe(merged, counts),
        };
    }

    private static string Describe(
        IReadOnlyList<IGrouping<(string Source, string Symbol), (string Source, string Spelling)>> merged,
            Dictionary<(string Source, string Spelling), long> counts)
    {
        const int Shown = 10;
        var texts = merged.Take(Shown).Select(group => string.Join(" and ", group.OrderBy(key => key.Spelling, StringComparer.Ordinal)
            .Select(key => string.Create(CultureInfo.InvariantCulture, $"{key.Spelling} ({counts[key]} rows)"))) + $" become {group.Key.Symbol}");
        return string.Join(", ", texts) + (merged.Count > Shown ? string.Create(CultureInfo.InvariantCulture, $", and {merged.Count - Shown} more") : "");
    }

    /// <summary>Rows by source and spelling; spaces at the ends do not count.</summary>
    private static (Dictionary<(string Source, string Spelling), long> Counts, long Rows) Count(
        ContractField symbol, ContractField? source, IReadOnlyList<BronzeSource> bronze)
    {
        var received = new Dictionary<string, long>(StringComparer.Ordinal);
        var known = received.GetAlternateLookup<ReadOnlySpan<char>>();
        using var batch = new RecordBatch(source is null ? [symbol.Column] : [symbol.Column, source.Column]);
        long rows = 0;
        var key = new char[256];
        foreach (var partition in bronze)
        {
            using var reader = new ParquetTableReader(partition.Path);
            for (var group = 0; group < reader.RowGroups; group++)
            {
                batch.Clear();
                reader.Read(group, batch);
                for (var row = 0; row < batch.RowCount; row++)
                {
                    var name = batch.Columns[0].Bytes(row);
                    var from = source is null || batch.Columns[1].IsNull(row) ? default : batch.Columns[1].Bytes(row);
                    var length = from.Length + 1 + name.Length;
                    key = length <= key.Length ? key : new char[length * 2];
                    Encoding.Latin1.GetChars(from, key);
                    key[from.Length] = '\0';
                    Encoding.Latin1.GetChars(name, key.AsSpan(from.Length + 1));
                    var text = key.AsSpan(0, length);
                    known[text] = known.TryGetValue(text, out var count) ? count + 1 : 1;
                }

                rows += batch.RowCount;
            }
        }

        var counts = new Dictionary<(string, string), long>();
        foreach (var (text, count) in received)
        {
            var bytes = Encoding.Latin1.GetBytes(text);
            var end = bytes.AsSpan().IndexOf((byte)0);
            var spelling = (Encoding.UTF8.GetString(bytes.AsSpan(0, end)), Encoding.UTF8.GetString(bytes.AsSpan(end + 1)).Trim());
            counts[spelling] = counts.GetValueOrDefault(spelling) + count;
        }

        return (counts, rows);
    }

    private static string Normalised(ContractField symbol, string spelling)
    {
        byte[] scratch = new byte[64];
        return Encoding.UTF8.GetString(Normaliser.Apply(symbol.Normalisation, Encoding.UTF8.GetBytes(spelling), ref scratch));
    }

    private static bool MixesCases(string spelling) =>
        spelling.EnumerateRunes().Any(Rune.IsLower) && spelling.EnumerateRunes().Any(Rune.IsUpper);
}
