namespace RiskLake.EndToEnd;

/// <summary>A lake that several tests only look at.</summary>
public sealed class PublishedLake : IDisposable
{
    public PublishedLake() => Workspace.Run("run", "--input", Cli.Fixture("sample_events.json"), "--run-id", "first").Ends(0);

    public Workspace Workspace { get; } = new();

    public void Dispose() => Workspace.Dispose();
}

/// <summary>A query can neither write nor read anything but the published tables.</summary>
public sealed class QueryRefusalTests(PublishedLake lake) : IClassFixture<PublishedLake>
{
    private readonly Workspace _workspace = lake.Workspace;

    [Theory]
    [InlineData("copy (select 1) to '/tmp/risklake-must-not-exist.csv'")]
    [InlineData("select * from read_text('/etc/passwd')")]
    [InlineData("select * from read_csv('/etc/passwd')")]
    [InlineData("select * from glob('/etc/*')")]
    [InlineData("select * from 'data_lake/_runs/first.json'")]
    [InlineData("select * from read_parquet('data_lake/silver/**/*.parquet')")]
    [InlineData("attach '/tmp/risklake-must-not-exist.db'")]
    [InlineData("create table t as select 1")]
    [InlineData("insert into lake.runs select * from lake.runs")]
    [InlineData("delete from lake.runs")]
    [InlineData("drop view silver.market_events")]
    [InlineData("set enable_external_access = true")]
    [InlineData("reset allowed_paths")]
    [InlineData("install httpfs")]
    [InlineData("load httpfs")]
    [InlineData("export database '/tmp/risklake-must-not-exist'")]
    [InlineData("select 1; select 2")]
    [InlineData("explain analyze select 1")]
    [InlineData("call enable_logging()")]
    [InlineData("pragma enable_profiling")]
    [InlineData("select nothing_like_it from silver.market_events")]
    [InlineData("selec 1")]
    [InlineData("")]
    public void Whatever_is_not_a_select_over_the_lake_is_refused(string statement)
    {
        var before = _workspace.Digests();
        var outcome = _workspace.Run("data", "sql", statement).Ends(2);
        Assert.StartsWith("error RL6001: ", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(outcome.Out);
        Assert.Equal(before, _workspace.Digests());
        Assert.Empty(Directory.GetFileSystemEntries("/tmp", "risklake-must-not-exist*"));
    }
}
