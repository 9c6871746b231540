using RiskLake.Contracts.Configuration;
using RiskLake.Contracts.Odcs;
using RiskLake.Lake.Errors;
using RiskLake.Risk.Measures;

namespace RiskLake.Contracts;

/// <summary>The contracts in force, from <c>config/data_contracts.yaml</c>.</summary>
internal sealed class ContractRegistry
{
    private static readonly ConfigShape FileForm = ConfigShape.Map(
        ("dataset", ConfigShape.Text), ("version!", ConfigShape.Text), ("compatibility", ConfigShape.Text), ("contract", ConfigShape.Text),
        ("versions", ConfigShape.MapOf(ConfigShape.Text)), ("schema_name", ConfigShape.Text));

    private static readonly ConfigShape Registry = ConfigShape.Map(("contracts!", ConfigShape.MapOf(ConfigShape.Any)));

    private readonly ConfigFile _file;

    private ContractRegistry(ConfigFile file, IReadOnlyList<Contract> all)
    {
        _file = file;
        All = all;
        Sha256 = Digest(all);
    }

    /// <summary>The active version of every contract, in the order of the registry.</summary>
    public IReadOnlyList<Contract> All { get; }

    /// <summary>Digest of the normalised registry, lower-case hex; the order of the contracts does not matter.</summary>
    public string Sha256 { get; }

    /// <exception cref="RiskLakeException">RL1101 or RL1102 for a file, RL2001 for a contract; all errors of all files are its
    /// cause.</exception>
    public static ContractRegistry Load(string path)
    {
        var problems = new ConfigProblems(path, ErrorCode.ConfigurationInvalid);
        var file = ConfigFile.Read(path);
        var contracts = Compile(file, everyVersion: false, problems);
        problems.ThrowIfAny();
        return new(file, contracts);
    }

    /// <summary>Everything there is to say about a registry and every version in it, errors or not; never throws for their
    /// content.</summary>
    public static IReadOnlyList<ConfigProblem> Lint(string path)
    {
        var problems = new ConfigProblems(path, ErrorCode.ConfigurationInvalid);
        try
        {
            Compile(ConfigFile.Read(path), everyVersion: true, problems);
        }
        catch (RiskLakeException refusal) when (refusal.InnerException is ConfigProblemsException { Problems: var found })
        {
            problems.Take(found);
        }

        return problems.All;
    }

    /// <summary>The active contract with a registry name or a dataset name.</summary>
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
            ErrorCode.ContractUnknown, _file.Path, $"no contract '{nameOrDataset}'", $"one of {string.Join(", ", known)}",
            Spelling.Suggest(nameOrDataset, known.Concat(All.Select(contract => contract.Dataset))));
    }

    /// <summary>A listed version of a contract, active or not.</summary>
    /// <exception cref="RiskLakeException">RL2002 if it is not listed, and as <see cref="Load"/>.</exception>
    public Contract Get(string nameOrDataset, string version)
    {
        var active = Get(nameOrDataset);
        if (string.Equals(active.Version, version, StringComparison.Ordinal))
        {
            return active;
        }

        var entry = _file.Root["contracts"]!.Entries.First(entry => string.Equals(entry.Name, active.Name, StringComparison.Ordinal));
        if (entry.Value.MapOf("versions")?[version] is not { } file)
        {
            var listed = Versions(active.Name);
            throw new RiskLakeException(
                ErrorCode.ContractUnknown, FormattableString.Invariant($"{_file.Path}:{entry.Key.Line}"),
                $"no version '{version}' of {active.Name}",
                $"one of {string.Join(", ", listed)}", Spelling.Suggest(version, listed));
        }

        var problems = new ConfigProblems(_file.Path, ErrorCode.ConfigurationInvalid);
        var contract = CompileFile(_file, Entry(entry.Name, version, entry.Value), file, problems);
        problems.ThrowIfAny();
        return contract!;
    }

    /// <summary>The listed versions of a contract, in the order of the registry.</summary>
    public IReadOnlyList<string> Versions(string nameOrDataset)
    {
        var active = Get(nameOrDataset);
        var listed = _file.Root["contracts"]![active.Name]!.MapOf("versions")?.Entries.Select(entry => entry.Name).ToList() ?? [];
        return listed.Contains(active.Version, StringComparer.Ordinal) ? listed : [.. listed, active.Version];
    }

    /// <summary>What stands in place of a dataset for the lake's own kinds of run.</summary>
    public static IReadOnlyList<string> ReservedDatasets { get; } = ["acknowledgements", "limits", "risk"];

    private static List<Contract> Compile(ConfigFile registry, bool everyVersion, ConfigProblems problems)
    {
        Registry.Check(registry.Root, "the registry", problems);
        var contracts = new List<Contract>();
        foreach (var (key, value) in registry.Root.MapOf("contracts")?.Entries ?? [])
        {
            if (Compile(registry, key, value, problems) is { } contract)
            {
                CheckAlone(contract, contracts, key, problems);
                contracts.Add(contract);
            }

            CheckVersions(registry, key, value, everyVersion, problems);
        }

        if (contracts.Count == 0 && !problems.Any)
        {
            problems.Error("C003", registry.Root, "no contract", "at least one under 'contracts:'", "add one; docs/contracts.md shows how");
        }

        return contracts;
    }

    private static Contract? Compile(ConfigFile registry, ConfigNode key, ConfigNode value, ConfigProblems problems)
    {
        var before = problems.All.Count;
        var inline = value["schema"] is not null || value["required_fields"] is not null;
        (inline ? ShortForm.Shape : FileForm).Check(value, $"the contract '{key.Text}'", problems);
        CheckWords(key, value, problems);
        if (problems.All.Count > before)
        {
            return null;
        }

        var entry = Entry(key.Text, value.TextOf("version")!, value);
        if (inline)
        {
            var own = new ConfigProblems(registry.Path, ErrorCode.ContractInvalid);
            var contract = OdcsContract.Compile(ShortForm.Expand(key.Text, value, own), entry, own);
            problems.Take(own.All);
            return contract;
        }

        return Locate(value, problems) is { } file ? CompileFile(registry, entry, file, problems) : null;
    }

    // A file that cannot be read does not keep the findings of the others from being told.
    private static Contract? CompileFile(ConfigFile registry, ContractEntry entry, ConfigNode file, ConfigProblems problems)
    {
        var path = Path.Combine(Path.GetDirectoryName(registry.Path) ?? "", file.Text);
        var own = new ConfigProblems(path, ErrorCode.ContractInvalid);
        try
        {
            return OdcsContract.Compile(ConfigFile.Read(path).Root, entry, own);
        }
        catch (RiskLakeException refusal) when (refusal.InnerException is ConfigProblemsException { Problems: var found })
        {
            own.Take(found);
            return null;
        }
        finally
        {
            problems.Take(own.All);
        }
    }

    // Every listed version, the older first; the findings of those that are not in force are told on request only.
    private static void CheckVersions(ConfigFile registry, ConfigNode key, ConfigNode value, bool everyVersion, ConfigProblems problems)
    {
        var active = value.TextOf("version");
        var versions = new List<(Contract Contract, ConfigNode At)>();
        var files = value.MapOf("versions")?.Entries.Where(listed => listed.Value.Kind == ConfigKind.Text)
            .Select(listed => (Version: listed.Key.Text, At: listed.Key, File: listed.Value)).ToList() ?? [];
        if (active is not null && value["contract"] is { Kind: ConfigKind.Text } own
            && !files.Exists(file => string.Equals(file.Version, active, StringComparison.Ordinal)))
        {
            files.Add((active, own, own));
        }

        foreach (var (version, at, file) in files.Count > 1 || everyVersion ? files : [])
        {
            var found = new ConfigProblems(registry.Path, ErrorCode.ConfigurationInvalid);
            if (CompileFile(registry, Entry(key.Text, version, value), file, found) is { } contract)
            {
                versions.Add((contract, at));
            }

            if (everyVersion && !string.Equals(version, active, StringComparison.Ordinal))
            {
                problems.Take(found.All);
            }
        }

        versions = [.. versions.OrderBy(version => version.Contract.Version, ContractDiff.VersionOrder)];
        for (var i = 1; i < versions.Count; i++)
        {
            if (everyVersion || string.Equals(versions[i].Contract.Version, active, StringComparison.Ordinal))
            {
                CheckCompatible(versions[..i].ConvertAll(version => version.Contract), versions[i].Contract, versions[i].At, problems);
            }
        }
    }

    private static void CheckCompatible(List<Contract> earlier, Contract after, ConfigNode at, ConfigProblems problems)
    {
        var mode = after.Compatibility;
        foreach (var before in ContractDiff.IsTransitive(mode) ? earlier : earlier[^1..])
        {
            var diff = ContractDiff.Between(before, after);
            if (diff.Allows(mode) || ContractDiff.Rises(before.Version, after.Version, VersionBump.Major))
            {
                continue;
            }

            var word = OdcsContract.ModeWords.ElementAt((int)mode);
            problems.Error(
                "C042", at, $"version {after.Version} of '{after.Name}', which breaks what 'compatibility: {word}' keeps of {before.Version}: "
                    + string.Join("; ", diff.Breaking(mode).Select(change => change.Describe())),
                "a change that the mode allows, or a new major version",
                "make it a new major version ('v2' after 'v1.3'), take the change back, or say 'compatibility: none'");
        }
    }

    private static ContractEntry Entry(string name, string version, ConfigNode value) => new(
        name, version, value.TextOf("dataset"), value.TextOf("compatibility") is { } word ? OdcsContract.Mode(word) : null,
        value.TextOf("schema_name"));

    // Where the active version is written down.
    private static ConfigNode? Locate(ConfigNode value, ConfigProblems problems)
    {
        var version = value["version"]!;
        var listed = value.MapOf("versions")?[version.Text];
        if (listed is not null && value["contract"] is { } both)
        {
            problems.Error(
                "C034", both, $"two files for version '{version.Text}'", "one, as 'contract:' or under 'versions:'",
                "remove one of the two");
        }

        var file = value["contract"] ?? listed;
        if (file is null)
        {
            problems.Error(
                "C034", version, $"no file for version '{version.Text}'", "'contract: <file>', or the version under 'versions:'",
                "name the contract's file");
        }

        return file;
    }

    private static void CheckWords(ConfigNode key, ConfigNode value, ConfigProblems problems)
    {
        CheckWord(key, "a contract name", problems);
        if (value["version"] is { Kind: ConfigKind.Text } version)
        {
            CheckWord(version, "a version", problems);
        }

        foreach (var (listed, _) in value.MapOf("versions")?.Entries ?? [])
        {
            CheckWord(listed, "a version", problems);
        }

        if (value["compatibility"] is { Kind: ConfigKind.Text } word && OdcsContract.Mode(word.Text) is null)
        {
            problems.Error(
                "C006", word, $"{word.Describe()} for compatibility", $"one of {string.Join(", ", OdcsContract.ModeWords)}",
                Spelling.Suggest(word.Text, OdcsContract.ModeWords));
        }
    }

    // Names and versions stand in paths and in partitions.
    private static void CheckWord(ConfigNode node, string what, ConfigProblems problems)
    {
        var text = node.Text;
        if (text.Length is 0 or > 64 || !char.IsAsciiLetterOrDigit(text[0])
            || text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-')))
        {
            problems.Error(
                "C039", node, $"{node.Describe()} for {what}", "letters, digits, '_', '.' and '-', at most 64",
                "choose another: it stands in paths");
        }
    }

    private static void CheckAlone(Contract contract, List<Contract> others, ConfigNode key, ConfigProblems problems)
    {
        if (ReservedDatasets.Contains(contract.Dataset))
        {
            problems.Error(
                "C039", key, $"the dataset '{contract.Dataset}' of '{contract.Name}'",
                $"a dataset other than {string.Join(", ", ReservedDatasets)}, which stand for runs that receive no records",
                "give it another 'dataset:'");
        }

        if (others.Find(other => string.Equals(other.Dataset, contract.Dataset, StringComparison.Ordinal)) is { } twin)
        {
            problems.Error(
                "C010", key, $"the dataset '{contract.Dataset}' of '{contract.Name}'",
                $"a dataset of its own; '{twin.Name}' fills this one",
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
