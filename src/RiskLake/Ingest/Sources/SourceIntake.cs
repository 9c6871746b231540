namespace RiskLake.Ingest.Sources;

/// <summary>
/// From files of a source to canonical records: lands the bytes as they came, makes the records, lands those too. The same bytes with
/// the same options give the same records, whenever they come again.
/// </summary>
internal sealed class SourceIntake(string lakeRoot, TimeProvider clock, CancellationToken ct)
{
    /// <summary>When the user says the bytes were received; null takes the time they were first seen.</summary>
    public long? IngestedAtMicros { get; init; }

    /// <summary>Files as the source delivered them.</summary>
    /// <param name="files">The files.</param>
    /// <param name="options">What the user says of them.</param>
    /// <param name="target">The dataset the records are for.</param>
    /// <param name="marketOf">The calendar of a ticker, if it is known.</param>
    public (IReadOnlyList<InputFile> Files, SourceTally Tally) Stooq(
        IReadOnlyList<InputFile> files, StooqOptions options, StooqTarget target, Func<string, string?> marketOf)
    {
        var ledger = new LandingLedger(lakeRoot, clock);
        var source = new StooqSource(options with { IsArrivalStated = IngestedAtMicros is not null }, ledger, marketOf);
        return ([.. files.Select(file => Take(ledger, file, StooqSource.Name, (landed, ingest, output) => source.Convert(landed, file.Name, ingest, target, output, ct)))], source.Tally);
    }

    /// <summary>Bodies of FRED and ALFRED.</summary>
    public (IReadOnlyList<InputFile> Files, SourceTally Tally) Fred(IReadOnlyList<InputFile> files, FredOptions options, FredCatalogue catalogue)
    {
        // The licence is asked before anything is kept, not even the bytes as they came.
        var source = new FredSource(options, catalogue);
        foreach (var file in files)
        {
            source.RequireLicence(file);
        }

        source.RequireWhole(files);
        var ledger = new LandingLedger(lakeRoot, clock);
        return ([.. files.Select(file => Take(ledger, file, FredSource.Name, (landed, ingest, output) => source.Convert(landed, file.Name, ingest, output, ct)))], source.Tally);
    }

    private InputFile Take(LandingLedger ledger, InputFile file, string source, Action<LandedBytes, long, Stream> convert)
    {
        var landed = ledger.Land(file.Name, file.Path, source, output => Copy(file, output));
        var ingest = IngestedAtMicros ?? landed.FirstSeenMicros;
        var records = ledger.Land($"{file.Name}.ndjson", $"landed:{landed.Sha256}", $"{source}-records", output => convert(landed, ingest, output));

        // Content decides the format; the name does where a body in quarantine leaves it open.
        return new InputFile(records.Path, $"{file.Name}.ndjson");
    }

    private void Copy(InputFile file, Stream output)
    {
        try
        {
            using var input = new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            var block = new byte[1 << 16];
            for (var read = input.Read(block); read > 0; read = input.Read(block))
            {
                ct.ThrowIfCancellationRequested();
                output.Write(block, 0, read);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputErrors.Unreadable(file.Path, e);
        }
    }
}
