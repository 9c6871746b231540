using System.Runtime.InteropServices;
using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver.Keys;

/// <summary>One bronze record of a run in its key index.</summary>
/// <param name="Key">Digest of its key.</param>
/// <param name="Content">Digest of its content.</param>
/// <param name="Hour">Hour of its bronze file, since the epoch.</param>
/// <param name="Delivery">Digest of its delivery columns: two records that agree in all three are the same row of silver.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly record struct KeyEntry(ulong Key, ulong Content, int Hour, uint Delivery);

/// <summary>
/// The key index of a run: an entry for each of its bronze records, by scope and key, those of one event in the order of the input. It
/// follows from the run's bronze and contract alone, so that what other runs do never changes it.
/// </summary>
internal static class RunKeys
{
    public static readonly int EntryBytes = Marshal.SizeOf<KeyEntry>();

    /// <summary>Writes the index of a run to a folder of staging; null for a run without records.</summary>
    /// <param name="context">The run.</param>
    /// <param name="order">Its rows in order.</param>
    /// <param name="keys">Their digests and partitions.</param>
    /// <param name="hours">Hour of each partition, by ordinal.</param>
    public static StagedIndex? Write(StagingContext context, KeyOrder order, BronzeKeys keys, IReadOnlyDictionary<int, int> hours)
    {
        if (order.Count == 0)
        {
            return null;
        }

        var path = Path.Combine(context.Folder, "keys");
        return LakeStore.Guard(path, () =>
        {
            using var writer = new KeyFileWriter(path, EntryBytes);
            var hourOf = Enumerable.Range(0, hours.Keys.Max() + 1).Select(ordinal => hours.GetValueOrDefault(ordinal)).ToArray();
            foreach (var (scope, start, end) in order.Scopes)
            {
                writer.Begin(scope, end - start);
                for (var position = start; position < end; position++)
                {
                    var row = order.Rows[position];
                    var entry = new KeyEntry(
                        keys.Digests.Keys[row], keys.Digests.Contents[row], hourOf[keys.PartitionOfRow[row]], keys.Digests.Deliveries[row]);
                    writer.Add(MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref entry, 1)));
                }
            }

            return Seal(context, writer, []);
        });
    }

    /// <summary>Finishes a key file in staging.</summary>
    public static StagedIndex Seal(StagingContext context, KeyFileWriter writer, IReadOnlyList<string> names)
    {
        var (sha256, head, _) = writer.Finish(names);
        writer.Dispose();
        File.SetUnixFileMode(writer.Path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        context.Storage.SyncFile("stage.keys", writer.Path);
        return new StagedIndex(writer.Path, writer.Entries, sha256, head);
    }

    /// <summary>Reads a whole index: its scopes, and for each the entries.</summary>
    public static IEnumerable<(int Scope, KeyEntry[] Entries)> Read(KeyFileReader reader)
    {
        foreach (var section in reader.Sections)
        {
            for (var block = 0; block < section.Blocks; block++)
            {
                yield return (section.Scope, MemoryMarshal.Cast<byte, KeyEntry>(reader.Block(section, block)).ToArray());
            }
        }
    }

    /// <summary>Appends a number for each event of an index, see <see cref="EventId.Digest"/>.</summary>
    public static void ReadEvents(string path, KeyIndex index, NativeBuffer<ulong> events)
    {
        using var reader = new KeyFileReader(path, index);
        foreach (var (scope, entries) in Read(reader))
        {
            foreach (var entry in entries)
            {
                var number = new EventId(scope, entry.Key).Digest;
                if (events.Count == 0 || events[events.Count - 1] != number)
                {
                    events.Add(number);
                }
            }
        }
    }
}

/// <summary>The keys of an index that is held in memory whole.</summary>
internal sealed class LoadedKeys : IKeyList, IDisposable
{
    private readonly List<(int Scope, int Start, int End)> _scopes = [];

    public NativeBuffer<KeyEntry> Entries { get; } = new();

    public IReadOnlyList<(int Scope, int Start, int End)> Scopes => _scopes;

    public static LoadedKeys Empty() => new();

    public static LoadedKeys Load(KeyFileReader reader)
    {
        var loaded = new LoadedKeys();
        foreach (var (scope, entries) in RunKeys.Read(reader))
        {
            var start = checked((int)loaded.Entries.Count);
            loaded.Entries.AddRange(entries);
            if (loaded._scopes.Count > 0 && loaded._scopes[^1].Scope == scope)
            {
                start = loaded._scopes[^1].Start;
                loaded._scopes.RemoveAt(loaded._scopes.Count - 1);
            }

            loaded._scopes.Add((scope, start, checked((int)loaded.Entries.Count)));
        }

        return loaded;
    }

    public ulong Key(int position) => Entries[position].Key;

    /// <summary>Where the entries of an event begin and end; an empty stretch when it is not among them.</summary>
    public (int Start, int End) Find(int scope, ulong key)
    {
        foreach (var (at, start, end) in _scopes)
        {
            if (at == scope)
            {
                var (low, high) = (start, end);
                while (low < high)
                {
                    var middle = (low + high) / 2;
                    (low, high) = Key(middle) < key ? (middle + 1, high) : (low, middle);
                }

                var last = low;
                while (last < end && Key(last) == key)
                {
                    last++;
                }

                return (low, last);
            }
        }

        return (0, 0);
    }

    public void Dispose() => Entries.Dispose();
}
