using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Contracts;

public sealed class ContractRegistryTests : IDisposable
{
    private readonly ConfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Contract(string version, string extra = "") => $$"""
        apiVersion: v3.1.0
        kind: DataContract
        id: urn:test:tick
        version: {{version}}
        status: active
        schema:
          - name: ticks
            properties:
              - {name: id, logicalType: string, required: true, primaryKey: true}
              - {name: at, logicalType: timestamp, required: true}
              {{extra}}
        """;

    private ContractRegistry Two()
    {
        _folder.Write("contracts/tick.v1.yaml", Contract("1.0.0"));
        _folder.Write("contracts/tick.v2.yaml", Contract("2.0.0", "- {name: size, logicalType: integer}"));
        return ContractRegistry.Load(_folder.Write("data_contracts.yaml", """
            contracts:
              tick:
                version: v2
                compatibility: forward_transitive
                versions: {v1: contracts/tick.v1.yaml, v2: contracts/tick.v2.yaml}
              fix:
                version: v1
                required_fields: [event_id, at]
                roles: {event_time: at}
                schema: {event_id: string, at: timestamp}
            """));
    }

    [Fact]
    public void One_version_is_active_and_the_others_can_be_had()
    {
        var registry = Two();
        Assert.Equal("tick fix", string.Join(' ', registry.All.Select(contract => contract.Name)));
        Assert.Equal(("v2", 3, CompatibilityMode.ForwardTransitive),
            (registry.Get("ticks").Version, registry.Get("tick").Fields.Count, registry.Get("tick").Compatibility));
        Assert.Equal("v1 v2", string.Join(' ', registry.Versions("tick")));
        Assert.Equal(("v1", 2), (registry.Get("tick", "v1").Version, registry.Get("tick", "v1").Fields.Count));
        Assert.Equal("v1", Assert.Single(registry.Versions("fixs".TrimEnd('s'))));
        Assert.Same(registry.Get("fix"), registry.Get("fix", "v1"));
    }

    [Fact]
    public void An_unknown_name_or_version_is_told_with_what_there_is()
    {
        var registry = Two();
        var name = Assert.Throws<RiskLakeException>(() => registry.Get("tikc"));
        Assert.Equal((ErrorCode.ContractUnknown, "did you mean 'tick'?"), (name.Code, name.Next));
        var version = Assert.Throws<RiskLakeException>(() => registry.Get("tick", "v3"));
        Assert.Equal((ErrorCode.ContractUnknown, "one of v1, v2"), (version.Code, version.Expected));
    }

    [Fact]
    public void Errors_of_several_files_are_told_together()
    {
        _folder.Write("contracts/a.yaml", Contract("1.0.0").Replace("kind: DataContract", "kind: X", StringComparison.Ordinal));
        _folder.Write("contracts/b.yaml", "a: [");
        var path = _folder.Write("data_contracts.yaml", """
            contracts:
              a: {version: v1, contract: contracts/a.yaml}
              b: {version: v1, contract: contracts/b.yaml}
              c: {version: v1, contract: contracts/missing.yaml}
              d: {version: v1}
            """);
        var refusal = Assert.Throws<RiskLakeException>(() => ContractRegistry.Load(path));
        var problems = Assert.IsType<ConfigProblemsException>(refusal.InnerException).Problems;
        Assert.Equal("C006 C000 C008 C034", string.Join(' ', problems.Select(problem => problem.Rule)));
        Assert.Equal(
            "ContractInvalid ConfigurationInvalid ConfigurationMissing ConfigurationInvalid",
            string.Join(' ', problems.Select(problem => problem.Code)));
        Assert.EndsWith("a.yaml:2", refusal.Place, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.ContractInvalid, refusal.Code);
        Assert.Equal(problems.Count, ContractRegistry.Lint(path).Count(problem => problem.Severity == Severity.Error));
    }

    [Fact]
    public void Lint_reads_the_versions_that_are_not_in_force_too()
    {
        _folder.Write("contracts/tick.v1.yaml", Contract("1.0.0"));
        _folder.Write("contracts/tick.v2.yaml", "nothing: here");
        var path = _folder.Write("data_contracts.yaml", """
            contracts:
              tick: {version: v1, versions: {v1: contracts/tick.v1.yaml, v2: contracts/tick.v2.yaml}}
            """);
        Assert.Equal("v1", ContractRegistry.Load(path).Get("tick").Version);
        Assert.Contains(ContractRegistry.Lint(path), problem => problem.Severity == Severity.Error);
        Assert.Equal("C008", Assert.Single(ContractRegistry.Lint(path + ".none")).Rule);
    }

    [Theory]
    [InlineData("contracts: {}", "C003")]
    [InlineData("contracts: []", "C004")]
    [InlineData("contract: {}", "C002")]
    [InlineData("[]", "C004")]
    [InlineData("text", "C004")]
    [InlineData("contracts: {a: text}", "C004")]
    [InlineData("contracts: {a: {version: v1, contract: x.yaml, versions: {v1: y.yaml}}}", "C034")]
    [InlineData("contracts: {../a: {version: v1, contract: x.yaml}}", "C039")]
    [InlineData("contracts: {a: {version: v1, versions: {v/1: y.yaml, v1: y.yaml}}}", "C039")]
    [InlineData("contracts: {a: {version: v1, versions: {v1: 1}}}", "C004")]
    [InlineData("contracts: {a: {version: v1, compatiblity: none, contract: x.yaml}}", "C002")]
    public void A_registry_of_another_shape_is_refused(string text, string rule)
    {
        var refusal = Assert.Throws<RiskLakeException>(() => ConfigFolder.Registry(text));
        Assert.Contains($"({rule})", refusal.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_contracts_do_not_fill_one_dataset()
    {
        _folder.Write("c.yaml", Contract("1.0.0"));
        var path = _folder.Write("r.yaml",
            "contracts: {a: {version: v1, contract: c.yaml, dataset: x}, b: {version: v1, contract: c.yaml, dataset: x}}");
        Assert.Contains("(C010)", Assert.Throws<RiskLakeException>(() => ContractRegistry.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_with_several_schemas_needs_a_choice()
    {
        const string Other = "\n  - name: quotes\n    properties:\n      - {name: id, logicalType: string, required: true, primaryKey: true}\n"
            + "      - {name: at, logicalType: timestamp, required: true}\n";
        _folder.Write("c.yaml", Contract("1.0.0").TrimEnd() + Other);
        string Path(string choice) => _folder.Write("r.yaml", $"contracts: {{a: {{version: v1, contract: c.yaml{choice}}}}}");
        Assert.Contains("(C034)", Assert.Throws<RiskLakeException>(() => ContractRegistry.Load(Path(""))).Message,
            StringComparison.Ordinal);
        Assert.Contains("(C034)", Assert.Throws<RiskLakeException>(() => ContractRegistry.Load(Path(", schema_name: quote"))).Message,
            StringComparison.Ordinal);
        Assert.Equal(2, ContractRegistry.Load(Path(", schema_name: quotes")).Get("a").Fields.Count);
    }

    [Theory]
    [InlineData("backward", "v1.1", "{name: venue, logicalType: string, required: true}", "venue added")]
    [InlineData("backward_transitive", "v1.1", "{name: venue, logicalType: string, required: true}", "venue added")]
    [InlineData("full", "v1.1", "{name: venue, logicalType: string, required: true}", "venue added")]
    [InlineData("forward", "v1.1", "{name: venue, logicalType: string}", "venue added")]
    [InlineData("none", "v1.1", "{name: venue, logicalType: string, required: true}", null)]
    [InlineData("backward", "v2", "{name: venue, logicalType: string, required: true}", null)]
    [InlineData("backward", "v1.1", "{name: venue, logicalType: string}", null)]
    public void A_version_that_breaks_its_mode_needs_a_new_major_version(string mode, string version, string column, string? broken)
    {
        _folder.Write("old.yaml", Contract("1.0.0"));
        _folder.Write("new.yaml", Contract(version, "- " + column));
        var path = _folder.Write("r.yaml", $$"""
            contracts:
              tick:
                version: {{version}}
                compatibility: {{mode}}
                versions: { {{version}}: new.yaml, v1: old.yaml }
            """);
        var errors = ContractRegistry.Lint(path).Where(problem => problem.Severity == Severity.Error).ToList();
        if (broken is null)
        {
            Assert.Empty(errors);
            Assert.Equal(version, ContractRegistry.Load(path).Get("tick").Version);
            return;
        }

        Assert.Equal("C042", Assert.Single(errors).Rule);
        var message = Assert.Throws<RiskLakeException>(() => ContractRegistry.Load(path)).Message;
        Assert.Contains(broken, message, StringComparison.Ordinal);
        Assert.Contains("(C042)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transitive_mode_looks_at_every_earlier_version()
    {
        const string Open = "    customProperties: [{property: openContent, value: true}]\n";
        _folder.Write("a.yaml", Contract("1.0.0", "- {name: venue, logicalType: string}") + "\n" + Open);
        _folder.Write("b.yaml", Contract("1.9.0") + "\n" + Open);
        _folder.Write("c.yaml", Contract("1.10.0", "- {name: venue, logicalType: integer}") + "\n" + Open);
        string Broken(string mode) => string.Join(' ', ContractRegistry.Lint(_folder.Write("r.yaml", $$"""
            contracts:
              tick:
                version: v1.10
                compatibility: {{mode}}
                versions: {v1.10: c.yaml, v1.9: b.yaml, v1: a.yaml}
            """)).Where(problem => problem.Severity == Severity.Error).Select(problem => $"{problem.Rule} {problem.Found}"));
        Assert.Equal("", Broken("backward"));
        Assert.StartsWith("C042 version v1.10 of 'tick', which breaks what 'compatibility: backward_transitive' keeps of v1: venue.type",
            Broken("backward_transitive"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_in_the_form_of_an_older_standard_is_refused_with_the_way_in()
    {
        _folder.Write("c.yaml", Contract("1.0.0", "- {name: seen, logicalType: date, physicalType: timestamp_tz}"));
        var path = _folder.Write("r.yaml", "contracts: {tick: {version: v1, contract: c.yaml}}");
        Assert.Contains("write 'apiVersion: v3.1.0' and 'logicalType: timestamp' (C013)",
            Assert.Throws<RiskLakeException>(() => ContractRegistry.Load(path)).Message, StringComparison.Ordinal);
    }
}
