using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.RiskRuns;
using RiskLake.Runs;

namespace RiskLake.EndToEnd.OpenLineage;

/// <summary>
/// The events of real runs against the published OpenLineage schemas, which are not part of the repository: the tests need them in
/// <c>../shared/openlineage-schemas</c> or below <c>RISKLAKE_SHARED</c>, and node.
/// </summary>
public sealed class LineageSchemaTests
{
    private static readonly (string Found, string Put)[] Breakages =
    [
        ("\"rowCount\":", "\"rowCount\":\"many\",\"was\":"),
        ("\"datasetVersion\":", "\"version\":"),
        ("\"assertion\":", "\"was\":"),
        ("\"runId\":\"", "\"runId\":\"demo-"),
        ("\"attempt\":1", "\"attempt\":0"),
    ];

    [Fact]
    public void Events_of_published_blocked_restated_and_failed_runs_are_valid()
    {
        var schemas = RequireSchemas();
        RequireValidator();
        var desk = Directory.CreateTempSubdirectory("risklake-lineage-").FullName;
        try
        {
            var files = MakeRuns(desk);
            var (exit, report) = Validate(schemas, files);
            Assert.Empty(report["problems"]!.AsArray().Select(problem => (string?)problem));
            Assert.Equal((0, 12), (exit, (int)report["events"]!));
            Assert.True((int)report["facets"]! > 100, report.ToJsonString());

            // A validator that never objects proves nothing: each of these is wrong in a facet only, or in the core.
            var events = File.ReadAllLines(files[0]);
            Assert.All(Breakages, change =>
            {
                var broken = Path.Combine(desk, "broken.ndjson");
                Assert.Contains(change.Found, events[1], StringComparison.Ordinal);
                File.WriteAllText(broken, events[1].Replace(change.Found, change.Put, StringComparison.Ordinal) + "\n");
                Assert.Equal(1, Validate(schemas, [broken]).Exit);
            });
        }
        finally
        {
            Directory.Delete(desk, recursive: true);
        }
    }

    private static string[] MakeRuns(string desk)
    {
        var storage = new PosixStorage();
        var timely = Write(desk, "timely.ndjson", 2);
        var late = Write(desk, "late.ndjson", 3600);
        var torn = Path.Combine(desk, "a folder with spaces & signs", "torn.json.gz");
        Directory.CreateDirectory(Path.GetDirectoryName(torn)!);
        File.WriteAllBytes(torn, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]);
        Assert.Equal(0, Run("published", timely).ExitCode);
        Assert.Equal(1, Run("published", late).ExitCode);
        Assert.Equal(1, Run("blocked", late).ExitCode);
        Assert.Equal(0, Run("blocked", late, allowBreach: true).ExitCode);
        Assert.Throws<RiskLakeException>(() => Run("failed", torn));
        var risk = new RiskRunRequest
        {
            OutputRoot = Path.Combine(desk, "lake"),
            ContractsPath = Path.Combine(Repository, "config/data_contracts.yaml"),
            SymbolsPath = Path.Combine(Repository, "config/symbols.yaml"),
            SettingsPath = Path.Combine(Repository, "config/risk_measures.yaml"),
            RunId = "risk",
        };
        Assert.Equal(0, RiskRun.Execute(risk, TimeProvider.System, storage, CancellationToken.None).ExitCode);
        return new[] { "published", "blocked", "failed", "risk" }.Select(run => Path.Combine(desk, "lake", "_runs", run + ".openlineage.ndjson")).ToArray();

        RunOutcome Run(string runId, string input, bool allowBreach = false) => RunPipeline.Execute(
            new RunRequest
            {
                RunId = runId,
                Inputs = [input],
                AllowBreach = allowBreach,
                OutputRoot = Path.Combine(desk, "lake"),
                ContractsPath = "config/data_contracts.yaml",
                ThresholdsPath = "config/risk_thresholds.yaml",
                SymbolsPath = "config/symbols.yaml",
                SignalsPath = "config/signals.yaml",
                WorkingFolder = Repository,
            },
            new Silent(),
            TimeProvider.System,
            storage,
            CancellationToken.None);
    }

    private static string Write(string desk, string name, int lagSeconds)
    {
        var start = new DateTime(2025, 1, 21, 14, 30, 0, DateTimeKind.Utc);
        var lines = Enumerable.Range(0, 20).Select(i => new JsonObject
        {
            ["event_id"] = $"{name}-{i}",
            ["symbol"] = i % 2 == 0 ? "AAPL" : "MSFT",
            ["price"] = 100.0 + i,
            ["volume"] = i,
            ["ts_event"] = start.AddSeconds(i).ToString("O", CultureInfo.InvariantCulture),
            ["ts_ingest"] = start.AddSeconds(i + lagSeconds).ToString("O", CultureInfo.InvariantCulture),
            ["source"] = "test",
        }.ToJsonString());
        var path = Path.Combine(desk, name);
        File.WriteAllText(path, string.Join('\n', lines) + "\n");
        return path;
    }

    private static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "RiskLake.slnx")))
            {
                folder = Path.GetDirectoryName(folder)!;
            }

            return folder;
        }
    }

    private static string ValidatorFolder => Path.Combine(Repository, "tests", "RiskLake.EndToEnd", "openlineage");

    private static string RequireSchemas()
    {
        var shared = Environment.GetEnvironmentVariable("RISKLAKE_SHARED") is { Length: > 0 } given ? given : Path.Combine(Repository, "..", "shared");
        var schemas = Path.Combine(shared, "openlineage-schemas");
        Assert.SkipUnless(Directory.Exists(schemas), "prerequisite: the OpenLineage schemas in ../shared/openlineage-schemas, or below RISKLAKE_SHARED");
        return schemas;
    }

    private static void RequireValidator()
    {
        var isInstalled = Directory.Exists(Path.Combine(ValidatorFolder, "node_modules", "ajv-formats"))
            || Start("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"])?.Exit == 0;
        Assert.SkipUnless(isInstalled, "prerequisite: node and npm, with the packages of tests/RiskLake.EndToEnd/openlineage");
    }

    private static (int Exit, JsonNode Report) Validate(string schemas, string[] files)
    {
        var (exit, output) = Start("node", ["validate.js", Path.GetFullPath(schemas), .. files])!.Value;
        return (exit, JsonNode.Parse(output)!);
    }

    private static (int Exit, string Output)? Start(string program, IEnumerable<string> arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = ValidatorFolder, RedirectStandardOutput = true, UseShellExecute = false };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private sealed class Silent : IRunProgress
    {
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
