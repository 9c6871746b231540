using System.Security.Cryptography;
using System.Text.RegularExpressions;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// Turns what the user named into the files to read. Arguments keep their order; the files of a folder or pattern follow in
/// ordinal order of their relative paths. A file that is named more than once is read once, at its first place.
/// </summary>
internal static partial class InputResolver
{
    private const string StandardInput = "-";

    /// <param name="arguments">Files, folders, patterns (<c>* ? [..] **</c>), or <c>-</c> for <paramref name="stdin"/>.</param>
    /// <param name="workingFolder">Where relative paths start.</param>
    /// <param name="landingFolder">Where the bytes of <paramref name="stdin"/> are kept, under their digest.</param>
    /// <param name="stdin">Standard input, if there is one.</param>
    public static IReadOnlyList<InputFile> Resolve(
        IReadOnlyList<string> arguments, string workingFolder, string? landingFolder, Stream? stdin)
    {
        var files = new List<InputFile>();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            foreach (var file in ResolveOne(argument, workingFolder, landingFolder, stdin))
            {
                if (paths.Add(file.Path))
                {
                    files.Add(file with { Name = UniqueName(file.Name, names) });
                }
            }
        }

        return files;
    }

    private static IEnumerable<InputFile> ResolveOne(string argument, string workingFolder, string? landingFolder, Stream? stdin)
    {
        if (argument == StandardInput)
        {
            return [Land(stdin, landingFolder, "stdin")];
        }

        if (Address().Match(argument) is { Success: true } address)
        {
            throw InputErrors.Address("--input", argument, address.Groups[1].Value,
                "copy the files here, such as with rclone or aws s3 cp, and name the copies");
        }

        if (argument.Length == 0)
        {
            throw InputErrors.Missing("--input", "an empty path", "a file, folder, pattern or -");
        }

        var path = Path.GetFullPath(argument, workingFolder);
        if (File.Exists(path))
        {
            return [Named(path, landingFolder)];
        }

        if (Directory.Exists(path))
        {
            RequireNoTable(path);
            return DeltaFolder.Is(path) ? DeltaFolder.Files(path, "")
                : FilesOf(argument, path, _ => true, "an empty folder", "a folder that holds at least one file");
        }

        if (!InputPattern.IsPattern(argument))
        {
            throw InputErrors.Missing(argument, "no such file or folder", "an existing file, folder or pattern");
        }

        var (root, pattern) = InputPattern.Split(path);
        if (DeltaFolder.Is(root))
        {
            throw new RiskLakeException(
                ErrorCode.InputFormatUnknown, argument, "a pattern over the files of a Delta table, of which some may be removed",
                    "the table's folder", $"name {root}");
        }

        return FilesOf(argument, root, pattern.Matches, "a pattern that matches no file", "a pattern that matches at least one file");
    }

    private static List<InputFile> FilesOf(string argument, string root, Func<string, bool> matches, string found, string expected)
    {
        var files = new List<InputFile>();
        if (Directory.Exists(root))
        {
            try
            {
                Collect(root, "", matches, files);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw InputErrors.Unreadable(root, e);
            }
        }

        if (files.Count == 0)
        {
            throw InputErrors.Missing(argument, found, expected);
        }

        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return files;
    }

    /// <summary>
    /// Names that begin with '.' or '_' are bookkeeping of whoever wrote the folder (<c>_SUCCESS</c>, <c>.part.crc</c>), not data.
    /// Linked folders are not entered: they can form loops.
    /// </summary>
    private static void Collect(string folder, string prefix, Func<string, bool> matches, List<InputFile> files)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry.Name[0] is '.' or '_')
            {
                continue;
            }

            var name = prefix + entry.Name;
            if (Directory.Exists(entry.FullName))
            {
                if (entry.LinkTarget is null)
                {
                    RequireNoTable(entry.FullName);
                    if (DeltaFolder.Is(entry.FullName))
                    {
                        files.AddRange(DeltaFolder.Files(entry.FullName, name + "/").Where(file => matches(file.Name)));
                        continue;
                    }

                    Collect(entry.FullName, name + "/", matches, files);
                }
            }
            else if (matches(name))
            {
                files.Add(new InputFile(entry.FullName, name));
            }
        }
    }

    /// <summary>Folders of table formats that keep files which are no longer, or not yet, part of the table.</summary>
    private static void RequireNoTable(string folder)
    {
        var metadata = Path.Combine(folder, "metadata");
        var found = Directory.Exists(Path.Combine(folder, ".hoodie")) ? "a Hudi table"
            : Directory.Exists(metadata) && Directory.EnumerateFiles(metadata, "*.metadata.json").Any() ? "an Iceberg table"
            : null;
        if (found is not null)
        {
            throw new RiskLakeException(
                ErrorCode.InputFormatUnknown, folder, $"{found}, whose files are not all part of its latest version",
                    "a folder of data files, or a Delta table",
                "write its rows to a folder of plain Parquet files with the engine that keeps it, and name that");
        }
    }

    [GeneratedRegex("^([A-Za-z][A-Za-z0-9+.-]+)://", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Address();

    private static string UniqueName(string name, HashSet<string> names)
    {
        var unique = name;
        for (var copy = 2; !names.Add(unique); copy++)
        {
            unique = FormattableString.Invariant($"{name}#{copy}");
        }

        return unique;
    }

    /// <summary>A named file; a pipe by that name is kept like standard input.</summary>
    private static InputFile Named(string path, string? landingFolder)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            var name = Path.GetFileName(path);
            return stream.CanSeek ? new InputFile(path, name) : Land(stream, landingFolder, name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputErrors.Unreadable(path, e);
        }
    }

    /// <summary>A stream can be read once only; what was read is kept so that the run can be verified later.</summary>
    private static InputFile Land(Stream? source, string? landingFolder, string name)
    {
        if (source is null || landingFolder is null)
        {
            throw InputErrors.Missing(name, "no stream that can be kept", "a stream, and a folder to keep its bytes in");
        }

        try
        {
            new Lake.Storage.Confinement(Path.GetDirectoryName(landingFolder)!).Require(landingFolder);
            Directory.CreateDirectory(landingFolder);
            var arriving = Path.Combine(landingFolder, FormattableString.Invariant($"arriving.{Environment.ProcessId}"));
            var digest = CopyWithDigest(source, arriving);
            var landed = Path.Combine(landingFolder, digest);
            LandingLedger.Settle(arriving, landed, Path.GetFileName(landed));
            return new InputFile(landed, name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RiskLakeException(
                ErrorCode.StorageFailed, landingFolder, e.Message, "a folder that can be written", "free space or choose another output root", e);
        }
    }

    private static string CopyWithDigest(Stream source, string path)
    {
        using var target = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[1 << 16];
        for (var read = source.Read(block); read > 0; read = source.Read(block))
        {
            hash.AppendData(block, 0, read);
            target.Write(block, 0, read);
        }

        target.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
