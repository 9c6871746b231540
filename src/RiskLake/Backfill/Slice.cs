using System.Security.Cryptography;
using System.Text;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Columns;
using RiskLake.Runs;

namespace RiskLake.Backfill;

/// <summary>The records of one day, or those that no day can be told for.</summary>
/// <param name="Path">Working file.</param>
/// <param name="Schema">Columns of decoded records.</param>
/// <param name="IsRejected">Whether the rows are rejects.</param>
/// <param name="Sha256">Digest of the records' raw bytes.</param>
/// <param name="Inputs">The inputs that hold records of the slice.</param>
/// <param name="FileNumbers">Number of each of them among all inputs.</param>
/// <param name="Files">Where each of them lies.</param>
internal sealed record Slice(
    string Path, IReadOnlyList<ColumnSchema> Schema, bool IsRejected, string Sha256, IReadOnlyList<DecodedInput> Inputs, IReadOnlyList<int> FileNumbers,
    IReadOnlyList<InputFile> Files)
    : ISlicedRecords
{
    public long Records => Inputs.Sum(input => input.RecordsRead);

    /// <summary>Records of the day that could not be decoded, if their time could; they are part of the slice.</summary>
    public Slice? Rejects { get; init; }

    /// <summary>A day's slice of the records that were decoded and those that were not.</summary>
    /// <param name="records">The former; null if there are none.</param>
    /// <param name="rejects">The latter; null if there are none.</param>
    /// <param name="schema">Columns of decoded records.</param>
    public static Slice? Join(Slice? records, Slice? rejects, IReadOnlyList<ColumnSchema> schema)
    {
        if (rejects is null || rejects.Records == 0)
        {
            return records;
        }

        var parts = new[] { records, rejects }.OfType<Slice>().SelectMany(part => part.FileNumbers
            .Select((number, i) => (Number: number, Input: part.Inputs[i], File: part.Files[i])))
            .GroupBy(part => part.Number).OrderBy(group => group.Key).ToArray();
        return new Slice(
            records?.Path ?? "",
            schema,
            IsRejected: false,
            Digest([records?.Sha256 ?? "", rejects.Sha256]),
            [.. parts.Select(group => Merge([.. group.Select(part => part.Input)]))],
            [.. parts.Select(group => group.Key)],
            [.. parts.Select(group => group.First().File)])
        {
            Rejects = rejects,
        };
    }

    public IEnumerable<DecodedChunk> Read(CancellationToken ct)
    {
        var numbers = FileNumbers.Select((number, i) => (number, i)).ToDictionary(pair => pair.number, pair => pair.i);
        return Path.Length == 0 ? Read(Rejects!, numbers, ct) : Rejects is null ? Read(this, numbers, ct)
            : Read(this, numbers, ct).Concat(Read(Rejects, numbers, ct));
    }

    private static IEnumerable<DecodedChunk> Read(Slice slice, Dictionary<int, int> numbers, CancellationToken ct)
    {
        foreach (var (file, rows, digests) in SliceFile.Read(slice.Path, slice.IsRejected ? RejectSchema.Columns : slice.Schema))
        {
            ct.ThrowIfCancellationRequested();
            yield return slice.IsRejected
                ? new DecodedChunk(numbers[file], new RecordBatch(slice.Schema), rows) { Derived = digests }
                : new DecodedChunk(numbers[file], rows, new RecordBatch(RejectSchema.Columns)) { Derived = digests };
        }
    }

    private static DecodedInput Merge(DecodedInput[] shares) => shares.Length == 1 ? shares[0] : shares[0] with
    {
        Sha256 = Digest(shares.Select(share => share.Sha256)),
        Bytes = shares.Sum(share => share.Bytes),
        RecordsRead = shares.Sum(share => share.RecordsRead),
        RecordsDecoded = shares.Sum(share => share.RecordsDecoded),
        RecordsRejected = shares.Sum(share => share.RecordsRejected),
        Content = ByteAccount.Sum(shares),
    };

    private static string Digest(IEnumerable<string> digests) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(string.Join('\n', digests))));
}

/// <summary>All slices of the inputs.</summary>
internal sealed record SliceSet
{
    /// <summary>Days of the range that have records.</summary>
    public required IReadOnlyDictionary<DateOnly, Slice> Days { get; init; }

    /// <summary>Records that could not be decoded.</summary>
    public required Slice? Unassigned { get; init; }

    /// <summary>Records that belong to days outside the range.</summary>
    public required long OutsideRange { get; init; }

    /// <summary>Days whose run in the lake holds keys that belong to another day now.</summary>
    public required IReadOnlySet<DateOnly> Donors { get; init; }

    /// <summary>The inputs as they were read.</summary>
    public required IReadOnlyList<DecodedInput> Inputs { get; init; }
}
