using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using RiskLake.Columns;
using RiskLake.Contracts;

namespace RiskLake.Silver;

/// <summary>Digests of rows: one of the key, one of everything that equal events share.</summary>
internal sealed class EventDigests : IDisposable
{
    public NativeBuffer<ulong> Keys { get; } = new();

    public NativeBuffer<ulong> Contents { get; } = new();

    public void Dispose()
    {
        Keys.Dispose();
        Contents.Dispose();
    }
}

/// <summary>
/// Digests the key and the content of events. Content is the normalised fields without the delivery ones, by field name, nulls left
/// out: so a field that another contract version does not have equals null.
/// </summary>
/// <remarks>The digests are XXH3 of 64 bits; key digests are kept in the lake's key indices, so their form never changes.</remarks>
internal sealed class EventHasher(Contract contract)
{
    private const long ContentSeed = 0x5269736B4C616B65;

    private readonly ContractField[] _key = contract.Key.Select(name => contract.Fields.First(field => field.Name == name)).ToArray();
    private readonly (ContractField Field, ulong Salt)[] _content = contract.Fields
        .Where(field => !field.IsDelivery)
        .OrderBy(field => field.Name, StringComparer.Ordinal)
        .Select(field => (field, XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(field.Name))))
        .ToArray();

    /// <summary>Digests every row of a batch that holds the contract's fields, received or normalised.</summary>
    public void Add(RecordBatch records, EventDigests digests)
    {
        var key = _key.Select(field => (Field: field, Column: records[field.Name])).ToArray();
        var content = _content.Select(field => (field.Field, field.Salt, Column: records[field.Field.Name])).ToArray();
        var scratch = new RowBytes();
        digests.Keys.Reserve(digests.Keys.Count + records.RowCount);
        digests.Contents.Reserve(digests.Contents.Count + records.RowCount);
        for (var row = 0; row < records.RowCount; row++)
        {
            scratch.Clear();
            foreach (var (field, column) in key)
            {
                scratch.Add(field, column, row);
            }

            digests.Keys.Add(XxHash3.HashToUInt64(scratch.Bytes));
            scratch.Clear();
            foreach (var (field, salt, column) in content)
            {
                if (!column.IsNull(row))
                {
                    scratch.Add(salt);
                    scratch.Add(field, column, row);
                }
            }

            digests.Contents.Add(XxHash3.HashToUInt64(scratch.Bytes, ContentSeed));
        }
    }

    /// <summary>The bytes of one row, each value with its length, so that neighbours cannot run into one another.</summary>
    private sealed class RowBytes
    {
        private byte[] _bytes = new byte[512];
        private byte[] _text = new byte[256];
        private int _length;

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

        public void Clear() => _length = 0;

        public void Add(ulong value)
        {
            Reserve(sizeof(ulong));
            BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(_length), value);
            _length += sizeof(ulong);
        }

        public void Add(ContractField field, Column column, int row)
        {
            if (!column.Schema.IsBytes)
            {
                var slot = column.Slot(row);
                Add((ulong)(field.Type == ColumnType.Double && slot == long.MinValue ? 0 : slot)); // -0.0 equals 0.0
                return;
            }

            var text = Normaliser.Apply(field.Normalisation, column.Bytes(row), ref _text);
            Add((ulong)text.Length);
            Reserve(text.Length);
            text.CopyTo(_bytes.AsSpan(_length));
            _length += text.Length;
        }

        private void Reserve(int more)
        {
            if (_length + more > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + more));
            }
        }
    }
}
