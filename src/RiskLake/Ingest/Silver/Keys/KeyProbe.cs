using System.Buffers.Binary;

namespace RiskLake.Ingest.Silver.Keys;

/// <summary>Takes an entry that was found: the position in the list that was searched for, and the entry's bytes.</summary>
internal delegate void KeyFound(int position, ReadOnlySpan<byte> entry);

/// <summary>Looks up a sorted list of keys in a key file: few keys by filter and search, many by reading both side by side.</summary>
internal static class KeyProbe
{
    /// <summary>Fewer keys than this share of a scope's entries are looked up one by one.</summary>
    private const int Many = 4;

    /// <param name="keys">What to look for; of equal keys the first position is told.</param>
    /// <param name="file">Where.</param>
    /// <param name="entryBytes">Size of its entries.</param>
    /// <param name="found">Hears of every entry of every key that is there, in the order of the list, then of the file.</param>
    /// <param name="shift">Number that is added to the scopes of the list.</param>
    public static void Find(IKeyList keys, KeyFileReader file, int entryBytes, KeyFound found, int shift = 0)
    {
        foreach (var (scope, start, end) in keys.Scopes)
        {
            if (file.Section(scope + shift) is not { } section)
            {
                continue;
            }

            if ((long)(end - start) * Many >= section.Entries || section.FilterPages == 0)
            {
                Merge(keys, start, end, file, section, entryBytes, found);
            }
            else
            {
                Search(keys, start, end, file, section, entryBytes, found);
            }
        }
    }

    private static void Merge(IKeyList keys, int start, int end, KeyFileReader file, KeySection section, int entryBytes, KeyFound found)
    {
        var position = start;
        var block = file.BlockOf(section, keys.Key(start));
        for (; block < section.Blocks && position < end; block++)
        {
            var bytes = file.Block(section, block);
            for (var at = 0; at < bytes.Length && position < end; at += entryBytes)
            {
                var key = BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
                while (position < end && keys.Key(position) < key)
                {
                    position++;
                }

                if (position < end && keys.Key(position) == key)
                {
                    found(position, bytes.Slice(at, entryBytes));
                }
            }
        }
    }

    private static void Search(IKeyList keys, int start, int end, KeyFileReader file, KeySection section, int entryBytes, KeyFound found)
    {
        for (var position = start; position < end; position++)
        {
            var key = keys.Key(position);
            if ((position == start || keys.Key(position - 1) != key) && file.MayHold(section, key))
            {
                Search(key, position, file, section, entryBytes, found);
            }
        }
    }

    private static void Search(ulong key, int position, KeyFileReader file, KeySection section, int entryBytes, KeyFound found)
    {
        for (var block = file.BlockOf(section, key); block < section.Blocks; block++)
        {
            var bytes = file.Block(section, block);
            var (low, high) = (0, bytes.Length / entryBytes);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = At(bytes, middle, entryBytes) < key ? (middle + 1, high) : (low, middle);
            }

            for (; low < bytes.Length / entryBytes; low++)
            {
                if (At(bytes, low, entryBytes) != key)
                {
                    return;
                }

                found(position, bytes.Slice(low * entryBytes, entryBytes));
            }
        }
    }

    private static ulong At(ReadOnlySpan<byte> bytes, int entry, int entryBytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(entry * entryBytes)..]);
}
