using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Ingest.Sources;
using ZstdSharp;

namespace RiskLake.Tests.Sources;

/// <summary>A landing folder with a clock that tests set, and the records that come out of it.</summary>
internal sealed class SourceDesk : IDisposable
{
    private int _count;

    public string Folder { get; } = Directory.CreateTempSubdirectory("risklake-source-").FullName;

    public SetClock Clock { get; } = new();

    public LandingLedger Ledger => new(Path.Combine(Folder, "lake"), Clock);

    public SourceTally Tally { get; private set; } = new();

    /// <summary>The samples beside the repository; a test that needs one is skipped where it is absent.</summary>
    public static string Sample(string name)
    {
        var repository = Path.GetDirectoryName(Runs.TestDesk.RepositoryConfig)!;
        var path = Path.Combine(Environment.GetEnvironmentVariable("RISKLAKE_SHARED") ?? Path.Combine(repository, "..", "shared"), "samples", name);
        if (!File.Exists(path))
        {
            Assert.Skip($"needs ../shared/samples/{name}");
        }

        return path;
    }

    public InputFile Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public InputFile Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, $"in-{_count++}-{name}");
        File.WriteAllBytes(path, bytes);
        return new InputFile(path, name);
    }

    public InputFile Zip(string name, params (string Member, string Text)[] members)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (member, text) in members)
            {
                using var stream = archive.CreateEntry(member).Open();
                stream.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return Write(name, bytes.ToArray());
    }

    public List<JsonNode> Bars(InputFile file, StooqOptions? options = null) => Stooq(file, options, StooqTarget.Bars);

    public List<JsonNode> Events(InputFile file, StooqOptions? options = null) =>
        Stooq(file, options ?? new StooqOptions { Market = "XNYS" }, StooqTarget.Events);

    public List<JsonNode> Signals(InputFile file, FredOptions? options = null, string? catalogue = null)
    {
        var intake = new SourceIntake(Path.Combine(Folder, "lake"), Clock, CancellationToken.None);
        var path = catalogue ?? Path.Combine(Runs.TestDesk.RepositoryConfig, "fred_series.yaml");
        (var files, Tally) = intake.Fred([file], options ?? new FredOptions(), FredCatalogue.Load(path));
        return Records(files[0]);
    }

    /// <summary>The records of a landed file; what is no record is a JSON string.</summary>
    public static List<JsonNode> Records(InputFile file)
    {
        using var stream = new DecompressionStream(File.OpenRead(file.Path));
        using var reader = new StreamReader(stream);
        var records = new List<JsonNode>();
        while (reader.ReadLine() is { } line)
        {
            records.Add(JsonNode.Parse(line)!);
        }

        return records;
    }

    public InputFile Land(InputFile file, StooqOptions? options, StooqTarget target)
    {
        var intake = new SourceIntake(Path.Combine(Folder, "lake"), Clock, CancellationToken.None);
        (var files, Tally) = intake.Stooq([file], options ?? new StooqOptions(), target, _ => null);
        return files[0];
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private List<JsonNode> Stooq(InputFile file, StooqOptions? options, StooqTarget target) => Records(Land(file, options, target));

    internal sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 7, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
