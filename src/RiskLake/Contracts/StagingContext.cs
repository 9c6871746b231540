using RiskLake.Lake;
using RiskLake.Lake.Storage;

namespace RiskLake.Contracts;

/// <summary>Where a run stages the files of a contract's data.</summary>
internal sealed record StagingContext(IStorage Storage, string Folder, string RunId, Contract Contract)
    : StagingArea(Storage, Folder, RunId, Contract.Version, Stamp(Contract))
{
    private static Dictionary<string, string> Stamp(Contract contract) => new(StringComparer.Ordinal)
    {
        ["risklake.contract_id"] = contract.Id,
        ["risklake.contract_version"] = contract.Version,
        ["risklake.contract_sha256"] = contract.Sha256,
    };
}
