using RiskLake.Lake.Columns;

namespace RiskLake.Lake;

/// <summary>The whole lake at one version, read from the lake log alone. Immutable.</summary>
internal sealed record LakeSnapshot
{
    /// <summary>A lake nothing was ever published to.</summary>
    public static LakeSnapshot Empty { get; } = new()
    {
        Version = 0,
        Digest = string.Empty,
        Runs = new Dictionary<string, RunState>(StringComparer.OrdinalIgnoreCase),
        TableStates = new SortedDictionary<string, TableState>(StringComparer.Ordinal),
        OldestVersion = 1,
        Segments = [],
        FollowsPlaces = true,
    };

    /// <summary>Number of the newest entry; 0 for an empty lake.</summary>
    public required long Version { get; init; }

    /// <summary>Digest of the newest entry; empty for an empty lake.</summary>
    public required string Digest { get; init; }

    /// <summary>Runs by id, ignoring case; withdrawn ones too.</summary>
    public required IReadOnlyDictionary<string, RunState> Runs { get; init; }

    /// <summary>Segments of key indexes in force, of all datasets, each dataset's by version.</summary>
    public required IReadOnlyList<KeySegment> Segments { get; init; }

    /// <summary>Whether silver follows from bronze and places; not so in a lake of an earlier version that was not mended yet.</summary>
    public required bool FollowsPlaces { get; init; }

    /// <summary>Oldest version whose files are all still kept.</summary>
    public required long OldestVersion { get; init; }

    /// <summary>Tables by name, such as <c>silver/market_events</c>, in ordinal order.</summary>
    public required IReadOnlyDictionary<string, TableState> TableStates { get; init; }

    /// <summary>Tables that ever held a file, ordered by name.</summary>
    public IEnumerable<(Layer Layer, string Dataset)> Tables => TableStates.Values.Select(table => (table.Layer, table.Dataset));

    /// <summary>Live files of a table, ordered by run id and path.</summary>
    public IEnumerable<DataFile> Files(Layer layer, string dataset) =>
        Runs.Values.OrderBy(run => run.RunId, StringComparer.Ordinal)
            .SelectMany(run => run.Files)
            .Where(file => file.Layer == layer && string.Equals(file.Dataset, dataset, StringComparison.Ordinal));

    /// <summary>Columns of a table's files, partition columns apart; null when there is no such table.</summary>
    public IReadOnlyList<ColumnSchema>? Schema(Layer layer, string dataset) =>
        TableStates.TryGetValue($"{DataFile.LayerName(layer)}/{dataset}", out var table) ? table.Columns : null;
}

/// <summary>A table as it stands in one version of the lake.</summary>
internal sealed record TableState
{
    public required Layer Layer { get; init; }

    public required string Dataset { get; init; }

    /// <summary>Newest version of the table's Delta log.</summary>
    public required long DeltaVersion { get; init; }

    /// <summary>Identity of the Delta table.</summary>
    public required Guid Id { get; init; }

    /// <summary>When the table was made, in milliseconds since the epoch.</summary>
    public required long CreatedMs { get; init; }

    /// <summary>Every column any of its files has had, in order of appearance.</summary>
    public required IReadOnlyList<ColumnSchema> Columns { get; init; }

    /// <summary>Table name, such as <c>silver/market_events</c>.</summary>
    public string Name => $"{DataFile.LayerName(Layer)}/{Dataset}";
}
