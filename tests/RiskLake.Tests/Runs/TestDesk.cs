using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Storage;
using RiskLake.Runs;

namespace RiskLake.Tests.Runs;

/// <summary>A desk in a temporary folder: configuration, inputs and a lake, driven through the real pipeline.</summary>
internal sealed class TestDesk : IDisposable
{
    private static int _count;

    /// <param name="repositoryConfig">Configuration to copy; the shipped one unless told.</param>
    /// <param name="inMemory">Whether many small lakes are to be made, where the machine has a file system in memory.</param>
    public TestDesk(string? repositoryConfig = null, bool inMemory = false)
    {
        Folder = inMemory && Directory.Exists("/dev/shm")
            ? Directory.CreateDirectory($"/dev/shm/risklake-desk-{Path.GetRandomFileName()}").FullName
            : Directory.CreateTempSubdirectory("risklake-desk-").FullName;
        Directory.CreateDirectory(Path.Combine(Folder, "config", "contracts"));
        foreach (var file in Directory.GetFiles(repositoryConfig ?? RepositoryConfig, "*.yaml", SearchOption.AllDirectories))
        {
            var target = Path.Combine(Folder, "config", Path.GetRelativePath(repositoryConfig ?? RepositoryConfig, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>The configuration the repository ships.</summary>
    public static string RepositoryConfig
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "RiskLake.slnx")))
            {
                folder = Path.GetDirectoryName(folder)!;
            }

            return Path.Combine(folder, "config");
        }
    }

    public string Folder { get; }

    public string LakeRoot => Path.Combine(Folder, "data_lake");

    public IStorage Storage { get; init; } = new UnsyncedStorage();

    public LakeStore Lake => LakeStore.Open(LakeRoot, Storage, TimeProvider.System);

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string WriteEvents(IEnumerable<string> lines) => Write($"input-{Interlocked.Increment(ref _count)}.ndjson", string.Concat(lines.Select(line => line + "\n")));

    public RunRequest Request(params string[] inputs) => new()
    {
        Inputs = inputs,
        OutputRoot = "data_lake",
        ContractsPath = "config/data_contracts.yaml",
        ThresholdsPath = "config/risk_thresholds.yaml",
        SymbolsPath = "config/symbols.yaml",
        SignalsPath = "config/signals.yaml",
        WorkingFolder = Folder,
        Threads = 2,
    };

    public RunOutcome Run(RunRequest request) => RunPipeline.Execute(request, Silent.Instance, TimeProvider.System, Storage, CancellationToken.None);

    public RunOutcome Withdraw(string runId) =>
        RunWithdrawal.Withdraw(LakeRoot, runId, "test", TimeSpan.Zero, TimeProvider.System, Storage, CancellationToken.None);

    public RunOutcome Refresh(string runId) =>
        RunRefresh.Refresh(Request(), runId, Silent.Instance, TimeProvider.System, Storage, CancellationToken.None);

    /// <summary>Rows of a table at the newest version, each as text with column names.</summary>
    public List<Dictionary<string, string?>> Rows(Layer layer, string dataset, long? version = null)
    {
        var rows = new List<Dictionary<string, string?>>();
        foreach (var file in Lake.Snapshot(version).Files(layer, dataset))
        {
            using var reader = new ParquetTableReader(Path.Combine(LakeRoot, file.DeltaPath));
            using var batch = new RecordBatch(reader.Schema);
            for (var group = 0; group < reader.RowGroups; group++)
            {
                batch.Clear();
                reader.Read(group, batch);
                for (var row = 0; row < batch.RowCount; row++)
                {
                    var values = batch.Columns.ToDictionary(column => column.Schema.Name, column => Text(column, row));
                    values["_run_id"] = file.RunId;
                    rows.Add(values);
                }
            }
        }

        return rows;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string? Text(Column column, int row) => column.IsNull(row) ? null : column.Schema.Type switch
    {
        ColumnType.String or ColumnType.Binary => column.Text(row),
        ColumnType.Double => column.Double(row).ToString("R", CultureInfo.InvariantCulture),
        _ => column.Slot(row).ToString(CultureInfo.InvariantCulture),
    };

    internal sealed class Silent : IRunProgress
    {
        public static Silent Instance { get; } = new();

        public void Begin(string stage)
        {
        }

        public void Advance(long records)
        {
        }

        public void End(string stage, TimeSpan duration)
        {
        }
    }
}

/// <summary>A market event for tests.</summary>
internal sealed record TestEvent(string Id, string Symbol, double Price, long Volume, DateTime Happened, TimeSpan Lag)
{
    public string Json => new JsonObject
    {
        ["event_id"] = Id,
        ["symbol"] = Symbol,
        ["price"] = Price,
        ["volume"] = Volume,
        ["ts_event"] = Happened.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        ["ts_ingest"] = (Happened + Lag).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        ["source"] = "test",
    }.ToJsonString();
}
