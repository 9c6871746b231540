using System.Security.Cryptography;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Columns;

namespace RiskLake.Backfill;

/// <summary>
/// Takes the digest of a slice: that of a file with the raw bytes of its records, in order, each followed by a line feed. What stands
/// between the records in the inputs does not count, and neither does the input they are in; each input's share has a digest of its own.
/// A digest of a CSV header goes before the records it gives a meaning to, and again only where the header changes.
/// </summary>
internal sealed class SliceDigest : IDisposable
{
    private static readonly byte[] NoHeader = new byte[SHA256.HashSizeInBytes];

    private readonly Digest _all = new();
    private readonly List<Share> _shares = [];
    private Digest? _share;

    /// <summary>Adds records of one input.</summary>
    public void Add(int file, RawRecords raw, int start, int count)
    {
        Open(file);
        var bytes = 0L;
        for (var record = start; record < start + count;)
        {
            var stretch = raw.Stretch(record, start + count, out var next);
            _all.Add(raw.Header, stretch);
            _share?.Add(raw.Header, stretch);
            for (; record < next; record++)
            {
                bytes += raw.Length(record);
            }
        }

        _shares[^1].Records += count;
        _shares[^1].Bytes += bytes;
    }

    /// <summary>Adds a record of which only the digest is at hand.</summary>
    public void Add(int file, ReadOnlySpan<byte> sha256, long bytes)
    {
        Open(file);
        _all.Add([], sha256);
        _share?.Add([], sha256);
        _shares[^1].Records++;
        _shares[^1].Bytes += bytes;
    }

    public Slice Finish(
        string path, IReadOnlyList<ColumnSchema> schema, bool isRejected, IReadOnlyList<DecodedInput> inputs, IReadOnlyList<InputFile> files)
    {
        EndShare();
        var shares = _shares.Select(share =>
        {
            var input = inputs[share.File];
            var (decoded, rejected) = isRejected ? (0L, share.Records) : (share.Records, 0L);
            return new DecodedInput(input.Name, share.Sha256, share.Bytes, input.Format, input.Compression, share.Records, decoded, rejected)
            {
                Content = input.Content is null ? null : new ByteAccount(share.Bytes, isRejected ? 0 : share.Bytes, isRejected ? share.Bytes : 0),
            };
        });
        return new Slice(
            path, schema, isRejected, _all.Sha256, [.. shares], [.. _shares.Select(share => share.File)], [.. _shares.Select(share => files[share.File])]);
    }

    public void Dispose()
    {
        _all.Dispose();
        _share?.Dispose();
    }

    private void Open(int file)
    {
        if (_shares.Count == 0 || _shares[^1].File != file)
        {
            EndShare();
            _shares.Add(new Share(file));
            _share = _shares.Count == 1 ? null : new Digest(); // The first share is what the slice is so far.
        }
    }

    private void EndShare()
    {
        if (_shares.Count > 0)
        {
            _shares[^1].Sha256 = (_share ?? _all).Sha256;
            _share?.Dispose();
            _share = null;
        }
    }

    private sealed class Digest : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private byte[] _header = [];

        public string Sha256 => Convert.ToHexStringLower(_hash.GetCurrentHash());

        public void Add(byte[] header, ReadOnlySpan<byte> stretch)
        {
            if (!header.AsSpan().SequenceEqual(_header))
            {
                _hash.AppendData(header.Length == 0 ? NoHeader : header);
                _header = header;
            }

            _hash.AppendData(stretch);
            if (stretch.IsEmpty || stretch[^1] != (byte)'\n')
            {
                _hash.AppendData("\n"u8);
            }
        }

        public void Dispose() => _hash.Dispose();
    }

    private sealed class Share(int file)
    {
        public int File { get; } = file;

        public long Records { get; set; }

        public long Bytes { get; set; }

        public string Sha256 { get; set; } = "";
    }
}
