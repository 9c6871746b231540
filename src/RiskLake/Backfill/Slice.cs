using System.Security.Cryptography;
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

/// <summary>
/// Takes the digest of a slice: of the digests of its records' raw bytes, in order. Whatever stands between the records of a slice
/// does not count, and neither does the input they are in; each input's share has a digest of its own.
/// </summary>
internal sealed class SliceDigest : IDisposable
{
    private readonly IncrementalHash _all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<Share> _shares = [];
    private IncrementalHash? _share;

    /// <param name="file">Number of the input.</param>
    /// <param name="digests">Digests of the records, one after the other.</param>
    /// <param name="records">How many records.</param>
    /// <param name="bytes">Length of their raw bytes.</param>
    public void Add(int file, ReadOnlySpan<byte> digests, int records, long bytes)
    {
        if (_shares.Count == 0 || _shares[^1].File != file)
        {
            EndShare();
            _shares.Add(new Share(file));
            _share = _shares.Count == 1 ? null : IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        }

        _all.AppendData(digests);
        _share?.AppendData(digests); // The first share is what the slice is so far.
        _shares[^1].Records += records;
        _shares[^1].Bytes += bytes;
    }

    public Slice Finish(string path, IReadOnlyList<ColumnSchema> schema, bool isRejected, IReadOnlyList<DecodedInput> inputs, IReadOnlyList<InputFile> files)
    {
        EndShare();
        var shares = _shares.Select(share =>
        {
            var input = inputs[share.File];
            return new DecodedInput(
                input.Name, share.Sha256, share.Bytes, input.Format, input.Compression, share.Records, isRejected ? 0 : share.Records, isRejected ? share.Records : 0);
        });
        return new Slice(path, schema, isRejected, Hex(_all), [.. shares], [.. _shares.Select(share => share.File)], [.. _shares.Select(share => files[share.File])]);
    }

    public void Dispose()
    {
        _all.Dispose();
        _share?.Dispose();
    }

    private void EndShare()
    {
        if (_shares.Count > 0)
        {
            _shares[^1].Sha256 = Hex(_share ?? _all);
            _share?.Dispose();
            _share = null;
        }
    }

    private static string Hex(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetCurrentHash());

    private sealed class Share(int file)
    {
        public int File { get; } = file;

        public long Records { get; set; }

        public long Bytes { get; set; }

        public string Sha256 { get; set; } = "";
    }
}
