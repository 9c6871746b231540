using RiskLake.Lake.Storage;

namespace RiskLake.Lake;

/// <summary>
/// Remembers which folders gained or lost a name, to make them durable together: the first sync writes the file system's journal,
/// the others find it written.
/// </summary>
internal sealed class DurableFolders(IStorage storage, string step)
{
    private readonly SortedSet<string> _changed = new(StringComparer.Ordinal);

    /// <summary>Creates the folder of a file about to be made, and notes what changed.</summary>
    public void Prepare(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        foreach (var parent in storage.CreateDirectory(step, folder))
        {
            _changed.Add(parent);
        }

        _changed.Add(folder);
    }

    /// <summary>Removes a file, and the folders it leaves empty, up to but not including <paramref name="top"/>.</summary>
    public void DeleteAndPrune(string label, string path, string top)
    {
        storage.Delete(label, path);
        var folder = Path.GetDirectoryName(path)!;

        // A folder that is gone already was removed by a process that died before it came to the one above.
        while (folder.Length > top.Length && (storage.DeleteEmptyDirectory(label, folder) || !storage.Exists(label, folder)))
        {
            _changed.Remove(folder);
            folder = Path.GetDirectoryName(folder)!;
        }

        if (storage.Exists(label, folder))
        {
            _changed.Add(folder);
        }
    }

    /// <summary>Makes all changes durable.</summary>
    public void Sync()
    {
        foreach (var folder in _changed)
        {
            storage.SyncDirectory(step, folder);
        }

        _changed.Clear();
    }
}
