using RiskLake.Lake;
using RiskLake.Runs;
using RiskLake.Tests.Runs;

namespace RiskLake.Trials.Silver.Histories;

/// <summary>A desk whose contract has two versions: the second has a venue, which may be missing, and no note.</summary>
internal sealed class HistoryDesk : IDisposable
{
    private static readonly Lazy<string> Shipped = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("risklake-histories-").FullName;
        File.Copy(Path.Combine(TestDesk.RepositoryConfig, "symbols.yaml"), Path.Combine(folder, "symbols.yaml"));
        return folder;
    });

    private readonly TestDesk _desk = new(Shipped.Value, inMemory: true);

    public HistoryDesk(KeyScope scope)
    {
        foreach (var (path, text) in HistoryConfiguration.Files(scope))
        {
            _desk.Write(path, text);
        }
    }

    public string Root(string lake) => Path.Combine(_desk.Folder, lake);

    public LakeStore Open(string lake) => LakeStore.Open(Root(lake), _desk.Storage, TimeProvider.System);

    public void Write(Delivery delivery) => _desk.Write(delivery.Input, delivery.Text);

    public RunOutcome Run(string lake, string run, Delivery delivery, bool allow, string? corrects = null) =>
        _desk.Run(Request(lake, run, delivery) with { AllowBreach = allow, Corrects = corrects, MaxDisplaced = "100%" });

    public RunOutcome Refresh(string lake, string run, Delivery delivery) => RunRefresh.Refresh(
        Request(lake, run, delivery) with { AllowBreach = true }, run, TestDesk.Silent.Instance, TimeProvider.System, _desk.Storage,
            CancellationToken.None);

    public RunOutcome Withdraw(string lake, string run) =>
        RunWithdrawal.Withdraw(Root(lake), run, "test", TimeSpan.Zero, TimeProvider.System, _desk.Storage, CancellationToken.None);

    public LakeReading Read(string lake, long? version = null) => new(Open(lake), version);

    public void Dispose() => _desk.Dispose();

    private RunRequest Request(string lake, string run, Delivery delivery) => _desk.Request(Path.Combine(_desk.Folder, delivery.Input)) with
    {
        OutputRoot = lake,
        RunId = run,
        ContractsPath = $"config/registry-v{delivery.Configuration.Version}.yaml",
        ThresholdsPath = delivery.IsClosed ? "config/closed.yaml" : "config/open.yaml",
        LateSeconds = delivery.Configuration.LateSeconds,
        WindowMinutes = delivery.Configuration.WindowMinutes,
        SignalsPath = null,
        Threads = 1,
    };
}
