using RiskLake.Columns;
using RiskLake.Decoding;
using RiskLake.Runs;
using RiskLake.Sources;

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

    public IEnumerable<DecodedChunk> Read(CancellationToken ct)
    {
        var numbers = FileNumbers.Select((number, i) => (number, i)).ToDictionary(pair => pair.number, pair => pair.i);
        foreach (var (file, rows, digests) in SliceFile.Read(Path, IsRejected ? RejectSchema.Columns : Schema))
        {
            ct.ThrowIfCancellationRequested();
            yield return IsRejected
                ? new DecodedChunk(numbers[file], new RecordBatch(Schema), rows) { Derived = digests }
                : new DecodedChunk(numbers[file], rows, new RecordBatch(RejectSchema.Columns)) { Derived = digests };
        }
    }
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
