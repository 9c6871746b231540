using System.Globalization;

namespace RiskLake.Trials.Silver.Histories;

/// <summary>What becomes of a record of a published run.</summary>
internal enum Role
{
    Own,
    Duplicate,
    AlreadyPublished,
    Conflict,
}

/// <summary>A record of a run's bronze, the line of its input it stands in, and what becomes of it.</summary>
internal sealed record Judged(int Line, Received Record, Role Role);

/// <summary>How many of a run's records became what.</summary>
internal sealed record RoleCounts(long Own, long Duplicates, long AlreadyPublished, long Conflicts)
{
    public static RoleCounts Of(IReadOnlyList<Judged> records)
    {
        return new RoleCounts(Count(Role.Own), Count(Role.Duplicate), Count(Role.AlreadyPublished), Count(Role.Conflict));

        long Count(Role role) => records.Count(record => record.Role == role);
    }
}

/// <summary>A row of silver: the owner's first record, under the owner's configuration.</summary>
internal sealed record SilverRow(string Owner, Received Record, RowConfiguration Configuration)
{
    public bool IsLate => Record.Lag > TimeSpan.FromSeconds(Configuration.LateSeconds);

    public long Flags => (IsLate ? 1 : 0) + (Record.Lag < TimeSpan.Zero ? 2 : 0);

    public DateTime WindowStart =>
        DateTime.UnixEpoch + TimeSpan.FromTicks((Record.Happened - DateTime.UnixEpoch).Ticks / Window * Window);

    public string Symbol => Record.Symbol.Trim().ToUpperInvariant();

    /// <summary>Path of the file the row stands in.</summary>
    public string Path =>
        $"silver/market_events/contract_version=v{Configuration.Version}/{LiteralLake.Hour(Record.Arrived)}/run_id={Owner}.parquet";

    /// <summary>Columns and values, by name.</summary>
    public string Text
    {
        get
        {
            var columns = new SortedDictionary<string, string>(Record.Columns(Configuration.Version), StringComparer.Ordinal)
            {
                ["event_id"] = Record.Id,
                ["ts_ingest"] = Received.Micros(Record.Arrived).ToString(CultureInfo.InvariantCulture),
                ["window_start"] = Received.Micros(WindowStart).ToString(CultureInfo.InvariantCulture),
                ["is_late"] = IsLate ? "1" : "0",
                ["dq_flags"] = Flags.ToString(CultureInfo.InvariantCulture),
                ["bronze_run_id"] = Owner,
            };
            return string.Join(' ', columns.Select(column => $"{column.Key}={column.Value}"));
        }
    }

    /// <summary>What the event was, whoever delivered it and when.</summary>
    public string Content =>
        Record.Id + string.Concat(Record.Columns(Configuration.Version).Select(column => $" {column.Key}={column.Value}"));

    private long Window => TimeSpan.FromMinutes(Configuration.WindowMinutes).Ticks;
}

/// <summary>
/// The rule of ownership word for word: silver and the conflicts are a function of the published runs' records, places and
/// configurations. Everything is computed anew each time it is asked for; nothing is remembered but who was published, in what order.
/// </summary>
internal sealed class LiteralLake(KeyScope scope)
{
    private readonly List<Place> _places = [];
    private readonly Dictionary<string, Delivery> _deliveries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<(string, string), SilverRow>> _gold = new(StringComparer.Ordinal);
    private readonly HashSet<string> _moved = new(StringComparer.Ordinal);
    private Dictionary<(string, string), SilverRow> _silver = [];

    /// <summary>Runs that hold a place, the least first.</summary>
    public IReadOnlyList<string> Published => [.. _places.SelectMany(place => place.Order())];

    /// <summary>Runs that were blocked and have nothing published; their bronze takes part in nothing.</summary>
    public IEnumerable<string> Blocked => _deliveries.Keys.Where(run => !IsPublished(run)).Order(StringComparer.Ordinal);

    public bool IsPublished(string run) => _places.Any(place => place.Find(run) is not null);

    public bool IsPresent(string run) => _deliveries.ContainsKey(run);

    /// <summary>The records in force of a run that is published or blocked.</summary>
    public Delivery Delivered(string run) => _deliveries[run];

    /// <summary>
    /// Publishes or restates. A restatement keeps its place; any other run goes to the end, or directly before the run it corrects.
    /// </summary>
    /// <param name="run">Run.</param>
    /// <param name="delivery">Its records.</param>
    /// <param name="corrects">The published run it corrects.</param>
    /// <param name="plannedBefore">The last run, where this one was planned at the same moment and is the earlier of the two.</param>
    public void Publish(string run, Delivery delivery, string? corrects = null, string? plannedBefore = null)
    {
        _deliveries[run] = delivery;
        if (!IsPublished(run))
        {
            if (corrects is not null)
            {
                _places.Select(place => place.Find(corrects)).First(place => place is not null)!.Before.Insert(0, new Place(run));
            }
            else
            {
                var index = plannedBefore is null ? _places.Count : _places.FindIndex(place => place.Run == plannedBefore);
                _places.Insert(index, new Place(run));
            }
        }

        Settle(run);
    }

    /// <summary>A blocked restatement changes nothing; any other blocked run has its bronze and no place.</summary>
    public void Block(string run, Delivery delivery)
    {
        if (!IsPublished(run))
        {
            _deliveries[run] = delivery;
        }
    }

    public void Withdraw(string run)
    {
        _deliveries.Remove(run);
        _gold.Remove(run);
        _moved.Remove(run);
        foreach (var place in _places.Select(place => place.Find(run)).Where(place => place is not null))
        {
            place!.Run = null;
        }

        Settle(null);
    }

    /// <summary>Makes a run's gold anew.</summary>
    public void Refresh(string run) => Settle(run);

    /// <summary>The role of each record of a run, in the order of its input.</summary>
    public IReadOnlyList<Judged> Roles(string run)
    {
        var owners = Owners(Published);
        return Judge(run, record => owners[record.Identity(scope)]);
    }

    /// <summary>The roles a blocked run's records have while it is judged: as if it came last.</summary>
    public IReadOnlyList<Judged> RolesIfLast(string run)
    {
        var owners = Owners([.. Published, run]);
        return Judge(run, record => owners[record.Identity(scope)]);
    }

    public RoleCounts Counts(string run) => RoleCounts.Of(Roles(run));

    /// <summary>Every row of silver, by the identity it answers.</summary>
    public Dictionary<(string, string), SilverRow> Silver() => Owners(Published).ToDictionary(
        owner => owner.Key, owner => new SilverRow(owner.Value.Run, owner.Value.First, _deliveries[owner.Value.Run].Configuration));

    /// <summary>Rows of silver in the order they have in their file, by the file's path.</summary>
    public SortedDictionary<string, List<string>> SilverFiles()
    {
        var files = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var file in Silver().Values.GroupBy(row => row.Path))
        {
            files.Add(file.Key, [.. Sorted(file).Select(row => row.Text)]);
        }

        return files;
    }

    /// <summary>Distinct identities of a run, and those of them whose first record is late: by the run's own records alone.</summary>
    public (long Distinct, long Late) OwnRates(string run)
    {
        var delivery = _deliveries[run];
        var firsts = delivery.Bronze.Select(line => line.Record).DistinctBy(record => record.Identity(scope)).ToList();
        return (firsts.Count, firsts.Count(record => new SilverRow(run, record, delivery.Configuration).IsLate));
    }

    /// <summary>The rows a run's gold was made from: those of silver, when it was made, whose identity is among the run's.</summary>
    public IReadOnlyList<SilverRow> GoldRows(string run) => Sorted(_gold[run].Values);

    /// <summary>Whether an event of the run is no longer what its gold was made from.</summary>
    public bool MustBeStale(string run)
    {
        var silver = Silver();
        return _gold[run].Any(row => silver[row.Key].Content != row.Value.Content);
    }

    /// <summary>Whether any row of silver among the run's identities became another in any way since its gold was made.</summary>
    public bool MayBeStale(string run) => _moved.Contains(run);

    /// <summary>Folders of an hour.</summary>
    public static string Hour(DateTime time) => string.Create(
        CultureInfo.InvariantCulture, $"year={time.Year:D4}/month={time.Month:D2}/day={time.Day:D2}/hour={time.Hour:D2}");

    private static List<SilverRow> Sorted(IEnumerable<SilverRow> rows) =>
        [.. rows.OrderBy(row => row.Symbol, StringComparer.Ordinal).ThenBy(row => row.Record.Happened)
            .ThenBy(row => row.Record.Id, StringComparer.Ordinal)];

    /// <summary>Of each identity the published run with the least place that holds it, and that run's first record.</summary>
    private Dictionary<(string, string), (string Run, Received First, int Version)> Owners(IEnumerable<string> inOrder)
    {
        var owners = new Dictionary<(string, string), (string, Received, int)>();
        foreach (var run in inOrder)
        {
            foreach (var (_, record) in _deliveries[run].Bronze)
            {
                owners.TryAdd(record.Identity(scope), (run, record, _deliveries[run].Configuration.Version));
            }
        }

        return owners;
    }

    private List<Judged> Judge(string run, Func<Received, (string Run, Received First, int Version)> ownerOf)
    {
        var roles = new List<Judged>();
        var equalSeen = new HashSet<(string, string)>();
        var version = _deliveries[run].Configuration.Version;
        foreach (var (line, record) in _deliveries[run].Bronze)
        {
            var owner = ownerOf(record);
            var isEqual = AreEqual(record.Columns(version), owner.First.Columns(owner.Version));
            roles.Add(new Judged(line, record, isEqual switch
            {
                false => Role.Conflict,
                true when !equalSeen.Add(record.Identity(scope)) => Role.Duplicate,
                true => owner.Run == run ? Role.Own : Role.AlreadyPublished,
            }));
        }

        return roles;
    }

    /// <summary>The columns both versions have decide.</summary>
    private static bool AreEqual(Dictionary<string, string> left, Dictionary<string, string> right) =>
        left.All(column => !right.TryGetValue(column.Key, out var value) || value == column.Value);

    /// <summary>Notes what the new silver means for gold that was made before, and makes that of one run.</summary>
    private void Settle(string? made)
    {
        var silver = Silver();
        foreach (var run in Published)
        {
            var identities = _deliveries[run].Bronze.Select(line => line.Record.Identity(scope)).Distinct().ToList();
            if (run == made)
            {
                _gold[run] = identities.ToDictionary(identity => identity, identity => silver[identity]);
                _moved.Remove(run);
            }
            else if (identities.Exists(identity => !IsSame(_silver.GetValueOrDefault(identity), silver[identity])))
            {
                _moved.Add(run);
            }
        }

        _silver = silver;
    }

    /// <summary>A row that is derived anew under another configuration counts as another, though its values may be the same.</summary>
    private static bool IsSame(SilverRow? left, SilverRow right) =>
        left is not null && left.Configuration == right.Configuration && left.Path == right.Path && left.Text == right.Text;

    /// <summary>
    /// A place, and before it the places of its correctors, the latest first. One whose run left keeps its correctors in order.
    /// </summary>
    private sealed class Place(string run)
    {
        public string? Run { get; set; } = run;

        public List<Place> Before { get; } = [];

        public IEnumerable<string> Order() => Before.SelectMany(place => place.Order()).Concat(Run is null ? [] : [Run]);

        public Place? Find(string run) =>
            Run == run ? this : Before.Select(place => place.Find(run)).FirstOrDefault(place => place is not null);
    }
}
