using RiskLake.Contracts.Configuration;
using RiskLake.Contracts.Odcs;
using RiskLake.Errors;

namespace RiskLake.Contracts;

/// <summary>The contracts in force, from <c>config/data_contracts.yaml</c>.</summary>
internal sealed class ContractRegistry
{
    private static readonly ConfigShape Entry = ConfigShape.Map(
        ("dataset", ConfigShape.Text), ("version!", ConfigShape.Text), ("compatibility", ConfigShape.Text), ("schema", ConfigShape.Text),
        ("contract", ConfigShape.Text), ("versions", ConfigShape.MapOf(ConfigShape.Text)));

    private static readonly ConfigShape Registry = ConfigShape.Map(("contracts!", ConfigShape.MapOf(ConfigShape.Any)));

    private ContractRegistry(string path, IReadOnlyList<Contract> all, IReadOnlyList<ConfigProblem> findings)
    {
        Path = path;
        All = all;
        Findings = findings;
        Sha256 = Digest(all);
    }

    /// <summary>The registry's file.</summary>
    public string Path { get; }

    /// <summary>The active version of every contract, in the order of the registry.</summary>
    public IReadOnlyList<Contract> All { get; }

    /// <summary>What is worth saying about the contracts without being an error.</summary>
    public IReadOnlyList<ConfigProblem> Findings { get; }

    /// <summary>Digest of the normalised registry, lower-case hex; the order of the contracts does not matter.</summary>
    public string Sha256 { get; }

    /// <exception cref="RiskLakeException">RL1101 or RL1102 for a file, RL2001 for a contract; all errors of all files are its cause.</exception>
    public static ContractRegistry Load(string path)
    {
        var file = ConfigFile.Read(path);
        var problems = new ConfigProblems(path, ErrorCode.ConfigurationInvalid);
        Registry.Check(file.Root, "the registry", problems);
        var contracts = new List<Contract>();
        foreach (var (key, value) in file.Root.MapOf("contracts")?.Entries ?? [])
        {
            if (Compile(file, key, value, problems) is { } contract)
            {
                CheckAlone(contract, contracts, key, problems);
                contracts.Add(contract);
            }
        }

        problems.ThrowIfAny();
        return new(path, contracts, problems.All);
    }

    /// <summary>The contract with a registry name or a dataset name.</summary>
    /// <exception cref="RiskLakeException">RL2002 if there is none.</exception>
    public Contract Get(string nameOrDataset)
    {
        foreach (var contract in All)
        {
            if (string.Equals(contract.Name, nameOrDataset, StringComparison.Ordinal)
                || string.Equals(contract.Dataset, nameOrDataset, StringComparison.Ordinal))
            {
                return contract;
            }
        }

        var known = All.Select(contract => contract.Name).ToList();
        throw new RiskLakeException(
            ErrorCode.ContractUnknown, Path, $"no contract '{nameOrDataset}'", $"one of {string.Join(", ", known)}",
            Spelling.Suggest(nameOrDataset, known.Concat(All.Select(contract => contract.Dataset))));
    }

    private static Contract? Compile(ConfigFile registry, ConfigNode key, ConfigNode value, ConfigProblems problems)
    {
        var before = problems.All.Count;
        Entry.Check(value, $"the contract '{key.Text}'", problems);
        CheckWord(key, "a contract name", problems);
        if (value["version"] is { Kind: ConfigKind.Text } version)
        {
            CheckWord(version, "a version", problems);
        }

        CompatibilityMode? mode = null;
        if (value["compatibility"] is { Kind: ConfigKind.Text } word && (mode = OdcsContract.Mode(word.Text)) is null)
        {
            problems.Error(
                "C006", word, word.Describe(), $"one of {string.Join(", ", OdcsContract.ModeWords)}", Spelling.Suggest(word.Text, OdcsContract.ModeWords));
        }

        if (problems.All.Count > before || Locate(value, problems) is not { } file)
        {
            return null;
        }

        var entry = new ContractEntry(key.Text, value.TextOf("version")!, value.TextOf("dataset"), mode, value.TextOf("schema"));
        var path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(registry.Path) ?? "", file.Text);
        var own = new ConfigProblems(path, ErrorCode.ContractInvalid);
        var contract = OdcsContract.Compile(ConfigFile.Read(path).Root, entry, own);
        problems.Take(own.All);
        return contract;
    }

    // Where the active version is written down.
    private static ConfigNode? Locate(ConfigNode value, ConfigProblems problems)
    {
        var version = value["version"]!;
        var file = value["contract"] ?? value.MapOf("versions")?[version.Text];
        if (file is null)
        {
            problems.Error(
                "C034", version, $"no file for version '{version.Text}'", "'contract: <file>', or the version under 'versions:'", "name the contract's file");
        }

        return file;
    }

    private static void CheckWord(ConfigNode node, string what, ConfigProblems problems)
    {
        var text = node.Text;
        if (text.Length is 0 or > 64 || !char.IsAsciiLetterOrDigit(text[0]) || text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-')))
        {
            problems.Error("C039", node, $"{node.Describe()} for {what}", "letters, digits, '_', '.' and '-', at most 64", "choose another: it stands in paths");
        }
    }

    private static void CheckAlone(Contract contract, List<Contract> others, ConfigNode key, ConfigProblems problems)
    {
        if (others.Find(other => string.Equals(other.Dataset, contract.Dataset, StringComparison.Ordinal)) is { } twin)
        {
            problems.Error(
                "C010", key, $"the dataset '{contract.Dataset}' of '{contract.Name}'", $"a dataset of its own; '{twin.Name}' fills this one",
                "give one of them another 'dataset:'");
        }
    }

    private static string Digest(IReadOnlyList<Contract> contracts)
    {
        var text = new CanonicalText("registry-hash/1");
        foreach (var contract in contracts.OrderBy(contract => contract.Name, StringComparer.Ordinal))
        {
            text.Add("contract", contract.Name).Add("compatibility", contract.Compatibility.ToString()).Add("sha256", contract.Sha256);
        }

        return text.Sha256();
    }
}
