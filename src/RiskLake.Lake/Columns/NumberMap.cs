using System.Buffers.Binary;
using System.Text;

namespace RiskLake.Lake.Columns;

/// <summary>A name and its number, as a value of a map column holds them.</summary>
/// <param name="Start">First byte of the name within the value.</param>
/// <param name="Length">Bytes of the name.</param>
/// <param name="Number">The number; null where there is none.</param>
internal readonly record struct NumberEntry(int Start, int Length, double? Number);

/// <summary>
/// Values of <see cref="ColumnType.Map"/> in memory: for each entry the length of its name, the name in UTF-8, whether there is a
/// number, and its bits.
/// </summary>
internal static class NumberMap
{
    private const int NumberBytes = 1 + sizeof(double);

    /// <summary>A value; entries stay in the order given. Names must differ: readers take a map for a function.</summary>
    public static byte[] Of(IReadOnlyCollection<KeyValuePair<string, double?>> entries)
    {
        var bytes = new byte[entries.Sum(entry => sizeof(int) + Encoding.UTF8.GetByteCount(entry.Key) + NumberBytes)];
        var at = 0;
        foreach (var (name, number) in entries)
        {
            var length = Encoding.UTF8.GetBytes(name, bytes.AsSpan(at + sizeof(int)));
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), length);
            at += sizeof(int) + length;
            bytes[at] = number is null ? (byte)0 : (byte)1;
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(at + 1), number ?? 0);
            at += NumberBytes;
        }

        return bytes;
    }

    /// <summary>The entries of a value.</summary>
    public static List<NumberEntry> Read(ReadOnlySpan<byte> value)
    {
        var entries = new List<NumberEntry>();
        for (var at = 0; at < value.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(value[at..]);
            var number = at + sizeof(int) + length;
            entries.Add(new NumberEntry(at + sizeof(int), length, value[number] == 0 ? null : BinaryPrimitives.ReadDoubleLittleEndian(value[(number + 1)..])));
            at = number + NumberBytes;
        }

        return entries;
    }

    /// <summary>A value as names and numbers.</summary>
    public static Dictionary<string, double?> ToDictionary(ReadOnlySpan<byte> value)
    {
        var numbers = new Dictionary<string, double?>(StringComparer.Ordinal);
        foreach (var entry in Read(value))
        {
            numbers.Add(Encoding.UTF8.GetString(value.Slice(entry.Start, entry.Length)), entry.Number);
        }

        return numbers;
    }
}
