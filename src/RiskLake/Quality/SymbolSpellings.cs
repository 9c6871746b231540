using System.Globalization;
using System.Text;
using RiskLake.Bronze;
using RiskLake.Columns;
using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Silver;

namespace RiskLake.Quality;

/// <summary>
/// Symbols that a source spells in more than one way, and that normalisation makes one. Where a spelling mixes cases, the case has a
/// meaning (a preferred share <c>BCpC</c> beside the common <c>BCPC</c>), and two instruments would become one: the check fails. Small
/// letters beside capitals are a warning. A run's spellings are held against each other and against those that published runs before it
/// delivered.
/// </summary>
/// <remarks>
/// Before it is by <see cref="Place"/>, not by what happens to be published first: days of one backfill do not see each other, whatever
/// their order. The nearest runs are read, up to <see cref="MostFiles"/> files and <see cref="MostRows"/> rows of them.
/// </remarks>
internal static class SymbolSpellings
{
    public const string Rule = "symbol_spelling";

    private const int MostFiles = 64;
    private const long MostRows = 4_000_000;

    /// <summary>Bronze of the published runs of a dataset that stand before a place, the nearest first, as far as it is looked at.</summary>
    public static IEnumerable<DataFile> Before(LakeSnapshot snapshot, string dataset, string runId, Place place)
    {
        var (files, rows) = (0, 0L);
        return snapshot.Runs.Values
            .Where(run => run.IsPublished && run.Dataset == dataset && !string.Equals(run.RunId, runId, StringComparison.OrdinalIgnoreCase)
                && run.Place is { } other && other.Steps[0].Version < place.Steps[0].Version)
            .OrderByDescending(run => run.Place)
            .SelectMany(run => run.Files.Where(file => file.Layer == Layer.Bronze).OrderBy(file => file.Partition))
            .TakeWhile(file => ++files <= MostFiles && (rows += file.Rows) <= MostRows);
    }

    /// <param name="contract">The contract of the dataset.</param>
    /// <param name="bronze">The run's bronze.</param>
    /// <param name="before">Paths of bronze files of runs before it.</param>
    /// <returns>The result; nothing where the contract does not change the case of symbols.</returns>
    public static IEnumerable<CheckResult> Check(Contract contract, IReadOnlyList<BronzeSource> bronze, IEnumerable<string> before)
    {
        if (contract.Field(FieldRole.Symbol) is not { } symbol || (symbol.Normalisation & (Normalisation.Upper | Normalisation.Lower)) == Normalisation.None)
        {
            yield break;
        }

        var source = contract.Field(FieldRole.Source);
        var (counts, rows) = Count(symbol, source, bronze.Select(file => file.Path));
        var (known, _) = rows == 0 ? ([], 0) : Count(symbol, source, before);
        var own = counts.Keys.Select(key => (key.Source, Symbol: Normalised(symbol, key.Spelling))).ToHashSet();
        var merged = counts.Keys.Union(known.Keys)
            .GroupBy(key => (key.Source, Symbol: Normalised(symbol, key.Spelling)))
            .Where(group => own.Contains(group.Key) && group.Skip(1).Any())
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
            FailedRows = merged.Sum(group => group.Sum(key => counts.GetValueOrDefault(key))),
            Status = rows == 0 ? CheckStatus.NotApplicable : merged.Length == 0 ? CheckStatus.Passed : isMixed ? CheckStatus.Failed : CheckStatus.Warned,
            IsBlocking = true,
            Detail = merged.Length == 0 ? null : Describe(merged, counts, known),
        };
    }

    private static string Describe(
        IReadOnlyList<IGrouping<(string Source, string Symbol), (string Source, string Spelling)>> merged,
        Dictionary<(string Source, string Spelling), long> counts, Dictionary<(string Source, string Spelling), long> known)
    {
        const int Shown = 10;
        var texts = merged.Take(Shown).Select(group => string.Join(" and ", group.OrderBy(key => key.Spelling, StringComparer.Ordinal)
            .Select(key => string.Create(CultureInfo.InvariantCulture, $"{key.Spelling} ({Rows(key)})"))) + $" become {group.Key.Symbol}");
        return string.Join(", ", texts) + (merged.Count > Shown ? string.Create(CultureInfo.InvariantCulture, $", and {merged.Count - Shown} more") : "");

        string Rows((string, string) key) => counts.TryGetValue(key, out var count) ? FormattableString.Invariant($"{count} rows")
            : FormattableString.Invariant($"{known[key]} rows of runs before");
    }

    /// <summary>Rows by source and spelling; spaces at the ends do not count.</summary>
    private static (Dictionary<(string Source, string Spelling), long> Counts, long Rows) Count(
        ContractField symbol, ContractField? source, IEnumerable<string> paths)
    {
        var received = new Dictionary<string, long>(StringComparer.Ordinal);
        var known = received.GetAlternateLookup<ReadOnlySpan<char>>();
        using var batch = new RecordBatch(source is null ? [symbol.Column] : [symbol.Column, source.Column]);
        long rows = 0;
        var key = new char[256];
        foreach (var path in paths)
        {
            using var reader = new ParquetTableReader(path);
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
