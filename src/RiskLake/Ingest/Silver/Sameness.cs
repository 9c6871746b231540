using RiskLake.Contracts;
using RiskLake.Ingest.Silver.Keys;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>A run as a holder of events: its rules, and where its bronze lies.</summary>
/// <param name="Name">Tells holders apart.</param>
/// <param name="Rules">Rules of its rows.</param>
/// <param name="Bronze">Its bronze file of an hour.</param>
internal sealed record Holder(string Name, RowRules Rules, Func<int, string> Bronze);

/// <summary>
/// Tells whether two records of an event are equal. Under one set of fields their content digests say so; records of contract versions
/// with other fields are held against each other in the fields that both have.
/// </summary>
internal sealed class Sameness
{
    private readonly Dictionary<(string Holder, string Fields, EventId At, ulong Content), ulong> _common = [];
    private readonly Dictionary<string, string> _fields = new(StringComparer.Ordinal);

    public bool AreEqual(EventId at, Holder a, ulong contentA, Holder b, ulong contentB)
    {
        if (contentA == contentB)
        {
            return true;
        }

        var (fieldsA, fieldsB) = (FieldsOf(a.Rules.Contract), FieldsOf(b.Rules.Contract));
        return fieldsA != fieldsB
            && _common.TryGetValue((a.Name, Common(fieldsA, fieldsB), at, contentA), out var one)
            && _common.TryGetValue((b.Name, Common(fieldsA, fieldsB), at, contentB), out var other)
            && one == other;
    }

    /// <summary>Reads what records of several contract versions have in common, where versions meet.</summary>
    /// <param name="holders">The runs that meet.</param>
    /// <param name="records">Every record of every event, with the number of its run; events with records of one version are passed over.</param>
    public void Prepare(IReadOnlyList<Holder> holders, IEnumerable<IReadOnlyList<(EventId At, int Holder, KeyEntry Entry)>> records)
    {
        var fields = holders.Select(holder => FieldsOf(holder.Rules.Contract)).ToArray();
        if (fields.Distinct(StringComparer.Ordinal).Count() < 2)
        {
            return;
        }

        var wanted = new Dictionary<(int Holder, int Hour), (HashSet<EventId> Events, HashSet<string> Fields)>();
        foreach (var of in records)
        {
            var versions = of.Select(record => fields[record.Holder]).Distinct(StringComparer.Ordinal).ToArray();
            foreach (var (at, holder, entry) in versions.Length > 1 ? of : [])
            {
                if (!wanted.TryGetValue((holder, entry.Hour), out var want))
                {
                    wanted.Add((holder, entry.Hour), want = ([], []));
                }

                want.Events.Add(at);
                want.Fields.UnionWith(versions.Where(version => version != fields[holder]).Select(version => Common(version, fields[holder])));
            }
        }

        foreach (var ((holder, hour), (events, common)) in wanted)
        {
            Read(holders[holder], hour, events, common);
        }
    }

    private void Read(Holder holder, int hour, HashSet<EventId> events, HashSet<string> common)
    {
        var contract = holder.Rules.Contract;
        var hasher = new EventHasher(contract);
        var hashers = common
            .Select(fields => (fields, Hasher: new EventHasher(contract, fields.Split('\n').Concat(contract.Key).ToHashSet(StringComparer.Ordinal))))
            .ToArray();
        using var reader = new ParquetTableReader(holder.Bronze(hour));
        using var batch = new RecordBatch([.. contract.Fields.Select(field => field.Column with { Nullable = true })]);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            reader.Read(group, batch);
            using var digests = new EventDigests();
            hasher.Add(batch, digests);
            foreach (var (fields, with) in hashers)
            {
                using var shared = new EventDigests();
                with.Add(batch, shared);
                for (var row = 0; row < batch.RowCount; row++)
                {
                    var at = new EventId(digests.Scopes[row], digests.Keys[row]);
                    if (events.Contains(at))
                    {
                        _common[(holder.Name, fields, at, digests.Contents[row])] = shared.Contents[row];
                    }
                }
            }
        }
    }

    /// <summary>Names of the fields that content is made of, in order.</summary>
    private string FieldsOf(Contract contract)
    {
        if (!_fields.TryGetValue(contract.Sha256, out var fields))
        {
            fields = string.Join('\n', contract.Fields.Where(field => !field.IsDelivery).Select(field => field.Name).Order(StringComparer.Ordinal));
            _fields.Add(contract.Sha256, fields);
        }

        return fields;
    }

    private static string Common(string a, string b) =>
        string.Join('\n', a.Split('\n').Intersect(b.Split('\n'), StringComparer.Ordinal).Order(StringComparer.Ordinal));
}
