using System.IO.Hashing;
using RiskLake.Contracts;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>Digests of rows: one of the key, one of everything that equal events share.</summary>
internal sealed class EventDigests : IDisposable
{
    public NativeBuffer<ulong> Keys { get; } = new();

    public NativeBuffer<ulong> Contents { get; } = new();

    /// <summary>The scope of each row's event time, see <see cref="EventScope"/>.</summary>
    public NativeBuffer<int> Scopes { get; } = new();

    /// <summary>Digests of the delivery columns.</summary>
    public NativeBuffer<uint> Deliveries { get; } = new();

    /// <summary>Appends the digests of some rows.</summary>
    public void Add(EventDigests other, int start, int count)
    {
        Keys.AddRange(other.Keys.Span(start, count));
        Contents.AddRange(other.Contents.Span(start, count));
        Scopes.AddRange(other.Scopes.Span(start, count));
        Deliveries.AddRange(other.Deliveries.Span(start, count));
    }

    public void Clear()
    {
        Keys.Clear();
        Contents.Clear();
        Scopes.Clear();
        Deliveries.Clear();
    }

    public void Dispose()
    {
        Keys.Dispose();
        Contents.Dispose();
        Scopes.Dispose();
        Deliveries.Dispose();
    }
}

/// <summary>
/// Digests the key and the content of events. Content is the normalised fields without the delivery ones, by field name, nulls left
/// out: so a field that another contract version does not have equals null.
/// </summary>
/// <remarks>
/// A digest starts at a seed and takes in one field after another: the value (for text its 64-bit XXH3) is combined with the digest
/// so far by a 64 by 64 bit multiplication with a constant of the field, folded. Key digests are kept in the lake's key indices, so
/// their form never changes.
/// </remarks>
/// <param name="contract">Contract of the records.</param>
/// <param name="compared">Fields that content is made of; null takes all.</param>
internal sealed class EventHasher(Contract contract, IReadOnlySet<string>? compared = null)
{
    private const ulong KeySeed = 0x5269_736B_4C61_6B65;
    private const ulong ContentSeed = 0x9E37_79B9_7F4A_7C15;

    private readonly (ContractField Field, ulong Salt)[] _key = contract.Key
        .Select((name, position) => (contract.Fields.First(field => field.Name == name), SaltOf($"key {position}")))
        .ToArray();

    private readonly (ContractField Field, ulong Salt)[] _content = contract.Fields
        .Where(field => !field.IsDelivery && compared?.Contains(field.Name) != false)
        .OrderBy(field => field.Name, StringComparer.Ordinal)
        .Select(field => (field, SaltOf(field.Name)))
        .ToArray();

    private readonly (ContractField Field, ulong Salt)[] _delivery = contract.Fields
        .Where(field => field.IsDelivery)
        .OrderBy(field => field.Name, StringComparer.Ordinal)
        .Select(field => (field, SaltOf(field.Name)))
        .ToArray();

    private ulong[] _deliveries = [];
    private readonly EventScope _scope = new(contract);
    private ulong[] _values = [];
    private byte[] _text = new byte[256];

    /// <summary>Digests every row of a batch that holds the contract's fields, received or normalised.</summary>
    public void Add(RecordBatch records, EventDigests digests)
    {
        var rows = records.RowCount;
        var keys = Start(digests.Keys, rows, KeySeed);
        var contents = Start(digests.Contents, rows, ContentSeed);
        AddScopes(records[contract.EventTime.Name], digests.Scopes);
        AddDeliveries(records, digests.Deliveries);
        foreach (var (field, salt) in _content)
        {
            var column = records[field.Name];
            var values = Values(field, column);
            Fold(contents, values, column, salt);
            foreach (var (_, keySalt) in _key.Where(key => key.Field.Name == field.Name))
            {
                Fold(keys, values, column, keySalt);
            }
        }
    }

    private void AddDeliveries(RecordBatch records, NativeBuffer<uint> deliveries)
    {
        if (_deliveries.Length < records.RowCount)
        {
            _deliveries = new ulong[records.RowCount];
        }

        var digests = _deliveries.AsSpan(0, records.RowCount);
        digests.Fill(ContentSeed);
        foreach (var (field, salt) in _delivery)
        {
            var column = records[field.Name];
            Fold(digests, Values(field, column), column, salt);
        }

        deliveries.Reserve(deliveries.Count + digests.Length);
        foreach (var digest in digests)
        {
            deliveries.Add((uint)(digest >> 32));
        }
    }

    private void AddScopes(Column times, NativeBuffer<int> scopes)
    {
        scopes.Reserve(scopes.Count + times.Count);
        foreach (var slot in times.Slots)
        {
            scopes.Add(_scope.Of(contract.EventTime.Micros(slot)));
        }
    }

    /// <summary>Odd, so that no value is multiplied away.</summary>
    private static ulong SaltOf(string name) => XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(name)) | 1;

    private static Span<ulong> Start(NativeBuffer<ulong> digests, int rows, ulong seed)
    {
        var start = digests.Count;
        digests.Reserve(start + rows);
        digests.Count = start + rows;
        var added = digests.Span(start, rows);
        added.Fill(seed);
        return added;
    }

    /// <summary>The values of a column as 64-bit numbers: slots, or digests of normalised text.</summary>
    private ReadOnlySpan<ulong> Values(ContractField field, Column column)
    {
        if (_values.Length < column.Count)
        {
            _values = new ulong[column.Count];
        }

        var values = _values.AsSpan(0, column.Count);
        if (column.Schema.IsBytes)
        {
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = column.IsNull(row) ? 0 : XxHash3.HashToUInt64(Normaliser.Apply(field.Normalisation, column.Bytes(row), ref _text));
            }
        }
        else if (field.Type == ColumnType.Double)
        {
            var slots = column.Slots;
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = Mix(slots[row] == long.MinValue ? 0 : (ulong)slots[row]); // -0.0 equals 0.0
            }
        }
        else
        {
            var slots = column.Slots;
            for (var row = 0; row < values.Length; row++)
            {
                values[row] = Mix((ulong)slots[row]);
            }
        }

        return values;
    }

    /// <summary>Spreads numbers that differ in few bits; one to one (the finaliser of MurmurHash3).</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xFF51_AFD7_ED55_8CCD;
        value = (value ^ (value >> 33)) * 0xC4CE_B9FE_1A85_EC53;
        return value ^ (value >> 33);
    }

    private static void Fold(Span<ulong> digests, ReadOnlySpan<ulong> values, Column column, ulong salt)
    {
        for (var row = 0; row < values.Length; row++)
        {
            if (column.NullCount > 0 && column.IsNull(row))
            {
                continue;
            }

            var high = Math.BigMul(digests[row] ^ values[row], salt, out var low);
            digests[row] = high ^ low ^ values[row];
        }
    }
}
