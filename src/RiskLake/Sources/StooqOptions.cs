namespace RiskLake.Sources;

/// <summary>What the user says about files of Stooq, because the files do not.</summary>
internal sealed record StooqOptions
{
    /// <summary>What prices and volumes are corrected for; a file does not say.</summary>
    public string Adjustment { get; init; } = "undeclared";

    /// <summary>Ticker of a history that does not carry one; null takes it from the file's name.</summary>
    public string? Symbol { get; init; }

    /// <summary>Calendar of the venue; null leaves it open, and gives no market events.</summary>
    public string? Market { get; init; }

    /// <summary>Minutes of a bar, in a file with times of day and no column that says so; null takes such a file for daily, or refuses it.</summary>
    public string? Period { get; init; }

    /// <summary>Reads the bars that follow a warning of the server instead of putting the body in quarantine.</summary>
    public bool TolerateWarnings { get; init; }

    /// <summary>Whether the user says when the files came, instead of the clock.</summary>
    public bool IsArrivalStated { get; init; }

    /// <summary>Whether the same bytes had landed before.</summary>
    public bool IsArrivalKnown { get; init; }

    public static IReadOnlyList<string> Periods { get; } = ["60", "30", "15", "5", "1"];

    public static IReadOnlyList<string> Adjustments { get; } = ["undeclared", "raw", "splits", "all"];
}

/// <summary>What became of the rows of landed files.</summary>
internal sealed record SourceTally
{
    /// <summary>Files, or members of archives.</summary>
    public long Bodies { get; set; }

    /// <summary>Bodies that hold nothing.</summary>
    public long Empty { get; set; }

    /// <summary>Bodies that are not data and go to quarantine.</summary>
    public long Refused { get; set; }

    /// <summary>Rows read.</summary>
    public long Rows { get; set; }

    /// <summary>Rows that came before, unchanged.</summary>
    public long Unchanged { get; set; }

    /// <summary>Rows that replace another value for the same bar.</summary>
    public long Restated { get; set; }

    /// <summary>Bars with a volume or an open interest of more digits than the column holds.</summary>
    public long NotHeld { get; set; }

    /// <summary>Rows that do not become records of the dataset, by reason.</summary>
    public SortedDictionary<string, long> Left { get; } = new(StringComparer.Ordinal);

    public void Leave(string reason) => Left[reason] = Left.GetValueOrDefault(reason) + 1;
}
