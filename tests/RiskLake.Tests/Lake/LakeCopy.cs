using RiskLake.Lake.Storage;

namespace RiskLake.Tests.Lake;

/// <summary>Copies a lake, hard links and all.</summary>
/// <remarks>Without a process: until a fork becomes another program it holds every lock that is held here, and other tests wait for one.</remarks>
internal static class LakeCopy
{
    public static void Make(string source, string target)
    {
        var storage = new PosixStorage();
        var first = new Dictionary<(ulong Device, ulong Inode), string>();
        Directory.CreateDirectory(target);
        foreach (var path in Directory.EnumerateFileSystemEntries(source, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, path));
            var identity = storage.Identify("test", path)!.Value;
            if (identity.IsDirectory)
            {
                Directory.CreateDirectory(copy);
            }
            else if (first.TryGetValue((identity.Device, identity.Inode), out var earlier))
            {
                storage.Link("test", earlier, copy);
            }
            else
            {
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(path, copy);
                first.Add((identity.Device, identity.Inode), copy);
            }
        }
    }
}
