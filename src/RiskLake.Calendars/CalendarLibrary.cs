using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Reflection;
using RiskLake.Calendars.Rules;
using static System.FormattableString;

namespace RiskLake.Calendars;

/// <summary>The calendars that can be had: those that come with the package, and those of a folder, which win.</summary>
/// <remarks>
/// A file <c>ID.yaml</c> holds the calendar <c>ID</c>. A file of the folder replaces the one of the package whole; with
/// <c>inherits</c> it names only what differs, and a file that inherits its own id builds on the package's. Files are read when
/// they are first asked for and not again. Safe for use by several threads.
/// </remarks>
public sealed class CalendarLibrary
{
    private const string ResourcePrefix = "calendars/";
    private const string Extension = ".yaml";
    private const int MaxInheritance = 8;

    private readonly string? _folder;
    private readonly SortedDictionary<string, RuleFile> _files = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, CalendarRules> _rules = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, ExchangeCalendar> _calendars = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lazy<Dictionary<string, string>> _aliases;

    private CalendarLibrary(string? folder)
    {
        _folder = folder;
        _aliases = new Lazy<Dictionary<string, string>>(ReadAliases);
        foreach (var resource in Assembly.GetExecutingAssembly().GetManifestResourceNames())
        {
            if (resource.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            {
                _files[IdOf(resource)] = RuleFile.OfPackage(resource);
            }
        }

        if (folder is null)
        {
            return;
        }

        var own = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var path in RuleFilesOf(folder))
        {
            var id = IdOf(path);
            if (!own.Add(id))
            {
                throw new CalendarException(CalendarFault.RuleFile, $"two files of calendar {id} differ in case only", path, line: null);
            }

            _files[id] = new RuleFile(path, IsPackaged: false);
        }
    }

    /// <summary>The calendars that come with the package.</summary>
    public static CalendarLibrary BuiltIn { get; } = new(folder: null);

    /// <summary>The ids of all calendars, in alphabetical order.</summary>
    public ImmutableArray<string> Ids => [.. _files.Keys];

    /// <summary>The package's calendars under those of a folder.</summary>
    public static CalendarLibrary Load(string folder) => new(folder);

    /// <summary>The rules of all calendars, by id. Reads every file, so it also finds the errors in all of them.</summary>
    public ImmutableArray<CalendarRules> List()
    {
        _ = _aliases.Value;
        Parallel.ForEach(_files.Keys, id =>
        {
            try
            {
                RulesOf(id);
            }
            catch (CalendarException)
            {
                // Met again below, where the first file in order is the one that is reported.
            }
        });
        return [.. _files.Keys.Select(RulesOf)];
    }

    /// <summary>The calendar with an id or alias, in any case of letters.</summary>
    /// <exception cref="CalendarException">There is none, or its rule file is wrong.</exception>
    public ExchangeCalendar Get(string idOrAlias) =>
        _calendars.GetOrAdd(Resolve(idOrAlias), id => ExchangeCalendar.Build(RulesOf(id), CalendarView.Default));

    /// <summary>Several calendars, by id or alias, taken together.</summary>
    public JointCalendar Join(JointKind kind, params IEnumerable<string> idsOrAliases) =>
        JointCalendar.Join(kind, [.. idsOrAliases.Select(Get)]);

    /// <summary>Settlement of a market.</summary>
    /// <param name="idOrAlias">The market.</param>
    /// <param name="payment">Ids of bank calendars in place of those the market's rules name; null keeps them.</param>
    public Settlement Settlement(string idOrAlias, IEnumerable<string>? payment = null)
    {
        var exchange = Get(idOrAlias);
        return new Settlement(exchange, [.. (payment ?? exchange.Rules.Payment).Select(Get)]);
    }

    private static string[] RuleFilesOf(string folder)
    {
        try
        {
            var files = Directory.GetFiles(folder);
            Array.Sort(files, StringComparer.Ordinal);

            // Left aside silently, such a file would look as if it were in force.
            return Array.Find(files, f => f.EndsWith(".yml", StringComparison.OrdinalIgnoreCase)) is { } misnamed
                ? throw new CalendarException(CalendarFault.RuleFile, $"names of calendar files end in `{Extension}`", misnamed, line: null)
                : Array.FindAll(files, f => f.EndsWith(Extension, StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CalendarException(CalendarFault.RuleFile, e.Message, folder, line: null, e);
        }
    }

    private static string IdOf(string path) => Path.GetFileNameWithoutExtension(path);

    private string Resolve(string idOrAlias)
    {
        // A calendar asked for by its id does not make the library read all the others.
        if (_files.ContainsKey(idOrAlias))
        {
            return RulesOf(idOrAlias).Id;
        }

        return _aliases.Value.TryGetValue(idOrAlias, out var id)
            ? id
            : throw new CalendarException(
                CalendarFault.UnknownCalendar, $"no calendar is called `{idOrAlias}`; there are {string.Join(", ", _files.Keys)}");
    }

    // Reads each file up to its aliases only: a calendar asked for by another name must not cost the parsing of all.
    private Dictionary<string, string> ReadAliases()
    {
        var aliases = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (id, source) in _files)
        {
            foreach (var alias in RuleReader.ReadAliases(RuleNode.ParseKey(source.Name, source.Read(), "aliases")))
            {
                var other = _files.ContainsKey(alias) ? alias : aliases.GetValueOrDefault(alias, id);
                if (!string.Equals(other, id, StringComparison.OrdinalIgnoreCase))
                {
                    throw new CalendarException(CalendarFault.RuleFile, $"alias `{alias}` already names {other}", source.Name, line: null);
                }

                aliases[alias] = id;
            }
        }

        return aliases;
    }

    private CalendarRules RulesOf(string id) => _rules.GetOrAdd(id, key =>
    {
        var read = new List<(string File, byte[] Bytes)>();
        var root = ReadChain(_files[key], read, IdOf(_files[key].Name));
        var rules = RuleReader.Read(root, read);
        return rules.Id == IdOf(_files[key].Name)
            ? rules
            : throw root.Get("id")!.Error($"id `{rules.Id}` differs from the file's name");
    });

    private RuleNode ReadChain(RuleFile file, List<(string File, byte[] Bytes)> read, string id)
    {
        var bytes = file.Read();
        read.Add((file.Name, bytes));
        var root = RuleNode.Parse(file.Name, bytes);
        if (root.Get("inherits") is not { } inherits)
        {
            return root;
        }

        var parentId = inherits.String();
        var packaged = ResourcePrefix + parentId + Extension;
        var isOwn = string.Equals(parentId, id, StringComparison.OrdinalIgnoreCase);
        var parent = isOwn && !file.IsPackaged && Assembly.GetExecutingAssembly().GetManifestResourceInfo(packaged) is not null
            ? RuleFile.OfPackage(packaged)
            : _files.GetValueOrDefault(parentId);
        if (parent is null)
        {
            throw inherits.Error($"there is no calendar `{parentId}` to inherit");
        }

        if (read.Exists(r => r.File == parent.Name) || read.Count > MaxInheritance)
        {
            var chain = string.Join(", ", read.Select(r => r.File));
            throw inherits.Error(Invariant($"inheritance goes in a circle or deeper than {MaxInheritance}: {chain}"));
        }

        // A second name for the parent must not name the child too.
        return root.Over(ReadChain(parent, read, parentId), "aliases");
    }

    /// <summary>A rule file on disk or in the package.</summary>
    private sealed record RuleFile(string Name, bool IsPackaged)
    {
        public static RuleFile OfPackage(string resource) => new(resource, IsPackaged: true);

        public byte[] Read()
        {
            try
            {
                using var stream = IsPackaged
                    ? Assembly.GetExecutingAssembly().GetManifestResourceStream(Name)!
                    : new FileStream(Name, FileMode.Open, FileAccess.Read, FileShare.Read);
                if (stream.Length > RuleNode.MaxBytes)
                {
                    throw new CalendarException(
                        CalendarFault.RuleFile,
                        Invariant($"the file has {stream.Length} bytes; a calendar file has at most {RuleNode.MaxBytes}"),
                        Name,
                        line: null);
                }

                var bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                return bytes;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CalendarException(CalendarFault.RuleFile, e.Message, Name, line: null, e);
            }
        }
    }
}
