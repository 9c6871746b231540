using System.Runtime.CompilerServices;
using System.Text;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Contracts.Odcs;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Contracts;

/// <summary>A configuration folder of a test, gone afterwards.</summary>
internal sealed class ConfigFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("risklake-config-").FullName;

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>The repository's own file.</summary>
    public static string Shipped(string name, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "config", name);

    /// <summary>The contract in an ODCS text, and everything said about it.</summary>
    public static (Contract? Contract, IReadOnlyList<ConfigProblem> Problems) Compile(string odcs, string name = "trade",
        string version = "v1")
    {
        var problems = new ConfigProblems("contract.yaml", ErrorCode.ContractInvalid);
        try
        {
            var file = ConfigFile.Parse("contract.yaml", Encoding.UTF8.GetBytes(odcs));
            return (OdcsContract.Compile(file.Root, new(name, version, null, null, null), problems), problems.All);
        }
        catch (RiskLakeException refusal) when (refusal.InnerException is ConfigProblemsException { Problems: var found })
        {
            return (null, found);
        }
    }

    /// <summary>The contract in an ODCS text that has no errors.</summary>
    public static Contract Accept(string odcs, string name = "trade", string version = "v1")
    {
        var (contract, problems) = Compile(odcs, name, version);
        Assert.DoesNotContain(problems, problem => problem.Severity == Severity.Error);
        return contract!;
    }

    /// <summary>The registry in a text.</summary>
    public static ContractRegistry Registry(string text)
    {
        using var folder = new ConfigFolder();
        return ContractRegistry.Load(folder.Write("data_contracts.yaml", text));
    }
}
