using System.Collections.Concurrent;
using RiskLake.Lake.Errors;

namespace RiskLake.Lake.Storage;

/// <summary>
/// Keeps whoever follows a path of the lake inside the lake: a name may not leave its folder, and no symbolic link on the way may lead
/// out of the root. What lies above the root is the user's affair.
/// </summary>
internal sealed class Confinement(string root)
{
    private readonly ConcurrentDictionary<string, bool> _inside = new(StringComparer.Ordinal);
    private string? _realRoot;

    public string Root { get; } = Path.TrimEndingDirectorySeparator(root);

    /// <summary>Refuses a path whose folder lies outside; the last name itself is not followed.</summary>
    public void RequireFolderOf(string path)
    {
        if (path.Length == Root.Length && string.Equals(path, Root, StringComparison.Ordinal))
        {
            return;
        }

        if (!IsBelow(path))
        {
            throw Escape(path, "a path that is not below it");
        }

        RequireFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Refuses a path that leads outside, the last name followed.</summary>
    public void Require(string path)
    {
        RequireFolderOf(path);
        if (path.Length > Root.Length && Posix.Identify(path, out _) is { IsSymbolicLink: true })
        {
            RequireTarget(path);
        }
    }

    private void RequireFolder(string folder)
    {
        if (folder.Length <= Root.Length || _inside.ContainsKey(folder))
        {
            return;
        }

        RequireFolder(Path.GetDirectoryName(folder)!);
        if (Posix.Identify(folder, out _) is not { } found)
        {
            return; // It will be made, or the operation says that it is missing.
        }

        if (found.IsSymbolicLink)
        {
            RequireTarget(folder);
        }
        else if (found.IsDirectory)
        {
            _inside.TryAdd(folder, true);
        }
    }

    private void RequireTarget(string link)
    {
        _realRoot ??= Posix.RealPath(Root);
        if (Posix.RealPath(link) is not { } target || _realRoot is null
            || !(target.StartsWith(_realRoot, StringComparison.Ordinal) && (target.Length == _realRoot.Length || target[_realRoot.Length] == '/')))
        {
            throw Escape(link, $"a symbolic link to {Posix.RealPath(link) ?? "nowhere"}");
        }
    }

    private bool IsBelow(string path)
    {
        var top = Root == "/" ? 0 : Root.Length;
        if (!path.StartsWith(Root, StringComparison.Ordinal) || path.Length <= top + 1 || path[top] != '/')
        {
            return false;
        }

        foreach (var range in path.AsSpan(top + 1).Split('/'))
        {
            if (path.AsSpan(top + 1)[range] is "" or "." or "..")
            {
                return false;
            }
        }

        return true;
    }

    private static RiskLakeException Escape(string path, string found) => new(
        ErrorCode.LakePathEscapes,
        path,
        found,
        "a path that stays inside the lake",
        "nothing was followed: remove what leads outside, or restore the lake from a copy you trust");
}
