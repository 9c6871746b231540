using RiskLake.Contracts;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Decodes inputs against a contract: the calling thread reads, one thread hashes, several parse. What comes out, and in which
/// order, depends on the inputs and the contract alone.
/// </summary>
internal static class Decoder
{
    private const long MaxInFlightBytes = 160L << 20;

    /// <summary>Decodes <paramref name="inputs"/> in order.</summary>
    /// <param name="inputs">What to read.</param>
    /// <param name="contract">What records must be like.</param>
    /// <param name="options">Threads and limits.</param>
    /// <param name="onWorker">Runs on parsing threads for each chunk.</param>
    /// <param name="consume">Takes the chunks over in input order, one at a time, on any thread.</param>
    /// <param name="ct">Stops the decoding.</param>
    /// <exception cref="RiskLakeException">An input cannot be read to its end, or is not of any known format.</exception>
    public static IReadOnlyList<DecodedInput> Decode(
        IReadOnlyList<InputFile> inputs,
        Contract contract,
        DecodeOptions options,
        Action<DecodedChunk>? onWorker,
        Action<DecodedChunk> consume,
        CancellationToken ct)
    {
        var plan = new DecodePlan(contract, options.MaxRecordBytes, options.AsOfMicros, options.KeepsRaw);
        var tallies = inputs.Select(_ => new InputTally()).ToArray();
        using var pool = new BlockPool(Math.Max(options.ChunkBytes, 1));
        using var hashes = new HashStage();

        // A block and its columns take about three times the block's bytes.
        var inFlight = (int)Math.Clamp(MaxInFlightBytes / (3L * options.ChunkBytes), 2, (2 * options.Threads) + 2);
        using var pipeline = new DecodePipeline(plan, options.Threads, inFlight, onWorker, Account, consume, ct);
        for (var i = 0; i < inputs.Count; i++)
        {
            using var reader = new InputReader(inputs[i], i, plan, options, hashes, pool);
            foreach (var block in reader.Read())
            {
                tallies[i].Posted += block.Records;
                pipeline.Post(block);
            }

            tallies[i].Finish(reader);
        }

        pipeline.Complete(ct);
        hashes.Complete();
        return [.. inputs.Select((input, i) => tallies[i].Result(input))];

        void Account(InputBlock block, DecodedChunk chunk, long blank) => tallies[block.FileIndex].Add(chunk, blank);
    }

    /// <summary>Counts the records of one input on both sides: as they are cut out, and as they are decoded or rejected.</summary>
    private sealed class InputTally
    {
        private FileDigest? _digest;
        private string _format = "";
        private string _compression = "";
        private long _decoded;
        private long _rejected;
        private long _blank;
        private long _recordBytes;
        private long _rejectBytes;
        private long? _contentBytes;

        public long Posted { get; set; }

        public void Add(DecodedChunk chunk, long blank)
        {
            _decoded += chunk.Records.RowCount;
            _rejected += chunk.Rejects.RowCount;
            _blank += blank;
            _recordBytes += chunk.RecordBytes;
            foreach (var bytes in chunk.Rejects[RejectSchema.RawBytes].Slots)
            {
                _rejectBytes += bytes;
            }
        }

        public void Finish(InputReader reader) =>
            (_digest, _format, _compression, _contentBytes) = (reader.Digest, reader.Format, reader.Compression, reader.ContentBytes);

        public DecodedInput Result(InputFile input)
        {
            var read = Posted - _blank;
            Require(read == _decoded + _rejected, input, $"{_decoded} records decoded and {_rejected} rejected", $"{read} in all");
            var content = _contentBytes is { } total ? new ByteAccount(total, _recordBytes, _rejectBytes) : (ByteAccount?)null;
            Require(
                content is not { Between: < 0 }, input, $"{_recordBytes} bytes in records and {_rejectBytes} in rejects",
                    $"at most {_contentBytes ?? 0} in all");
            return new DecodedInput(input.Name, _digest!.Sha256, _digest.Bytes, _format, _compression, read, _decoded, _rejected) { Content = content };
        }

        private static void Require(bool balances, InputFile input, FormattableString found, FormattableString expected)
        {
            if (!balances)
            {
                throw new RiskLakeException(
                    ErrorCode.ConservationBroken,
                    input.Name,
                    FormattableString.Invariant(found),
                    FormattableString.Invariant(expected),
                    "report this with the input: nothing was published");
            }
        }
    }
}
