using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;
using ParquetSharp;

namespace RiskLake.Lake.Columns;

/// <summary>Gathers exact minimum, maximum and null count of a column while it is written.</summary>
internal sealed class StatisticsBuilder(ColumnSchema schema)
{
    private long _nulls;
    private bool _any;
    private long _min;
    private long _max;
    private byte[] _minBytes = [];
    private byte[] _maxBytes = [];

    public void AddNulls(long count) => _nulls += count;

    public ColumnStatistics Build() => schema.Type == ColumnType.String
        ? new ColumnStatistics(schema.Name, schema.Type, _nulls, _any, 0, 0, _any ? _minBytes : null, _any ? _maxBytes : null)
        : new ColumnStatistics(schema.Name, schema.Type, _nulls, _any, _min, _max, null, null);

    /// <summary>Adds fixed-width values in their slot form.</summary>
    public void Add(ReadOnlySpan<long> slots)
    {
        if (slots.IsEmpty)
        {
            return;
        }

        var (min, max) = _any ? (_min, _max) : (slots[0], slots[0]);
        foreach (var slot in slots)
        {
            min = Math.Min(min, slot);
            max = Math.Max(max, slot);
        }

        (_min, _max, _any) = (min, max, true);
    }

    /// <summary>Adds doubles in order: which zero is smallest depends on nothing but the values.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        var (min, max) = _any ? (BitConverter.Int64BitsToDouble(_min), BitConverter.Int64BitsToDouble(_max)) : (values[0], values[0]);
        foreach (var value in values)
        {
            min = value < min ? value : min;
            max = value > max ? value : max;
        }

        (_min, _max, _any) = (BitConverter.DoubleToInt64Bits(min), BitConverter.DoubleToInt64Bits(max), true);
    }

    /// <summary>Adds texts. Eight leading bytes decide almost every comparison; the whole text is looked at only where they are equal.</summary>
    public unsafe void Add(ReadOnlySpan<ByteArray> texts)
    {
        if (texts.IsEmpty || schema.Type == ColumnType.Binary)
        {
            return;
        }

        const int Ahead = 12;
        var (min, max, last) = (0, 0, 0);
        var (minPrefix, maxPrefix) = (Prefix(texts[0]), Prefix(texts[0]));
        for (var i = 1; i < texts.Length; i++)
        {
            if (Sse.IsSupported && i + Ahead < texts.Length)
            {
                Sse.Prefetch0((void*)texts[i + Ahead].Pointer); // Sorted rows lie all over the arena.
            }

            if (texts[i].Pointer == texts[last].Pointer && texts[i].Length == texts[last].Length)
            {
                continue; // One value, held once. An empty one takes no room: the next begins where it does.
            }

            last = i;
            var prefix = Prefix(texts[i]);
            if (prefix < minPrefix || (prefix == minPrefix && Bytes(texts[i]).SequenceCompareTo(Bytes(texts[min])) < 0))
            {
                (min, minPrefix) = (i, prefix);
            }
            else if (prefix > maxPrefix || (prefix == maxPrefix && Bytes(texts[i]).SequenceCompareTo(Bytes(texts[max])) > 0))
            {
                (max, maxPrefix) = (i, prefix);
            }
        }

        _minBytes = !_any || Bytes(texts[min]).SequenceCompareTo(_minBytes) < 0 ? Bytes(texts[min]).ToArray() : _minBytes;
        _maxBytes = !_any || Bytes(texts[max]).SequenceCompareTo(_maxBytes) > 0 ? Bytes(texts[max]).ToArray() : _maxBytes;
        _any = true;
    }

    private static unsafe ReadOnlySpan<byte> Bytes(ByteArray text) => new((void*)text.Pointer, text.Length);

    /// <summary>The first eight bytes as a number that orders as they do; shorter texts are filled with zeros.</summary>
    private static unsafe ulong Prefix(ByteArray text)
    {
        if (text.Length >= sizeof(ulong))
        {
            var bytes = *(ulong*)text.Pointer;
            return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(bytes) : bytes;
        }

        var prefix = 0UL;
        for (var i = 0; i < sizeof(ulong); i++)
        {
            prefix = (prefix << 8) | (i < text.Length ? ((byte*)text.Pointer)[i] : 0u);
        }

        return prefix;
    }
}
