using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Sources;
using RiskLake.Lake;

namespace RiskLake.Runs;

/// <summary>Decoded records of a part of the inputs, with where they came from.</summary>
internal interface ISlicedRecords
{
    /// <summary>Digest of the raw bytes of the records, in order: with it the fingerprint of the run is made.</summary>
    string Sha256 { get; }

    /// <summary>The inputs that hold records of the slice, each with the digest of those records alone.</summary>
    IReadOnlyList<DecodedInput> Inputs { get; }

    /// <summary>Where each of <see cref="Inputs"/> lies.</summary>
    IReadOnlyList<InputFile> Files { get; }

    /// <summary>The records in the order of the inputs; file numbers point into <see cref="Inputs"/>, event digests are there already.</summary>
    IEnumerable<DecodedChunk> Read(CancellationToken ct);
}

/// <summary>What a run is made of, and how it comes into an attempt.</summary>
internal sealed record RunMaterial
{
    /// <summary>Digests that the fingerprint is made of; null when they are not known before the records are read.</summary>
    public required IReadOnlyList<string>? Digests { get; init; }

    /// <summary>Computes <see cref="Digests"/>.</summary>
    public required Func<CancellationToken, IReadOnlyList<string>> ReadDigests { get; init; }

    /// <summary>Brings the records into the attempt.</summary>
    public required Action<RunAttempt, CancellationToken> Fill { get; init; }

    /// <summary>The inputs that the records come from.</summary>
    public required IReadOnlyList<InputFile> Files { get; init; }

    /// <summary>Files that a verification can read again: those that the run is made of as a whole.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>Computes the run even if the lake holds it; it is published again only if it comes out differently.</summary>
    public bool IsForced { get; init; }

    /// <summary>Tells of a run in the lake that it is known to share no key with this one; null knows of none.</summary>
    public Func<RunState, bool>? SharesNothing { get; init; }

    /// <summary>Where the run was planned: a lake version, and its number in that plan. Null for a run that stands alone.</summary>
    public (long Version, int Index)? Planned { get; init; }

    /// <summary>Whether the caller has recovered the lake, once for many runs.</summary>
    public bool IsRecovered { get; init; }

    /// <summary>A run over whole files.</summary>
    public static RunMaterial Of(IReadOnlyList<InputFile> inputs, IReadOnlyList<string>? digests) => new()
    {
        Digests = digests,
        ReadDigests = ct => inputs.Select(input => InputDigest.Compute(input.Path, ct).Sha256).ToArray(),
        Fill = (attempt, ct) => attempt.Decode(inputs, ct),
        Files = inputs,
        Paths = inputs.Select(input => input.Path).ToArray(),
    };

    /// <summary>A run over a slice.</summary>
    public static RunMaterial Of(ISlicedRecords slice) => new()
    {
        Digests = [slice.Sha256],
        ReadDigests = _ => [slice.Sha256],
        Fill = (attempt, ct) => attempt.Receive(slice, ct),
        Files = slice.Files,
    };
}
