using System.Text;

namespace RiskLake.Ingest.Sources;

/// <summary>What a column of a Stooq file holds.</summary>
internal enum StooqColumn
{
    Ticker,
    Period,
    Date,
    Time,
    Open,
    High,
    Low,
    Close,
    Volume,
    OpenInterest,
}

/// <summary>
/// The header line of a Stooq file: English, Polish, or the bulk form in angle brackets; with or without volume; separated by
/// commas or, where a spreadsheet saved it, semicolons or tabs.
/// </summary>
internal sealed class StooqHeader
{
    private static readonly Dictionary<string, StooqColumn> Names = new(StringComparer.Ordinal)
    {
        ["ticker"] = StooqColumn.Ticker,
        ["symbol"] = StooqColumn.Ticker,
        ["per"] = StooqColumn.Period,
        ["date"] = StooqColumn.Date,
        ["data"] = StooqColumn.Date,
        ["time"] = StooqColumn.Time,
        ["czas"] = StooqColumn.Time,
        ["open"] = StooqColumn.Open,
        ["otwarcie"] = StooqColumn.Open,
        ["high"] = StooqColumn.High,
        ["najwyzszy"] = StooqColumn.High,
        ["low"] = StooqColumn.Low,
        ["najnizszy"] = StooqColumn.Low,
        ["close"] = StooqColumn.Close,
        ["zamkniecie"] = StooqColumn.Close,
        ["vol"] = StooqColumn.Volume,
        ["volume"] = StooqColumn.Volume,
        ["wolumen"] = StooqColumn.Volume,
        ["openint"] = StooqColumn.OpenInterest,
        ["lop"] = StooqColumn.OpenInterest,
    };

    private readonly int[] _places;

    private StooqHeader(int[] places, int count, byte delimiter)
    {
        _places = places;
        Count = count;
        Delimiter = delimiter;
    }

    /// <summary>Columns in each row.</summary>
    public int Count { get; }

    /// <summary>Columns a row must have: volume and open interest at the end are left away, comma and all, where there are none.</summary>
    public int LeastCount
    {
        get
        {
            var least = Count;
            while (least - 1 == Place(StooqColumn.Volume) || least - 1 == Place(StooqColumn.OpenInterest))
            {
                least--;
            }

            return least;
        }
    }

    public byte Delimiter { get; }

    /// <summary>Bars carry their ticker and period in each row.</summary>
    public bool IsBulk => Has(StooqColumn.Ticker) && Has(StooqColumn.Period);

    /// <summary>The last quote of several symbols, not a history.</summary>
    public bool IsQuote => Has(StooqColumn.Ticker) && !Has(StooqColumn.Period);

    public bool Has(StooqColumn column) => _places[(int)column] >= 0;

    /// <summary>Place of a column in the row, or -1.</summary>
    public int Place(StooqColumn column) => _places[(int)column];

    /// <summary>The header that a line is, or null.</summary>
    public static StooqHeader? Read(ReadOnlySpan<byte> line)
    {
        line = line.StartsWith("\uFEFF"u8) ? line[3..] : line;
        var delimiter = line.Contains((byte)';') ? (byte)';' : line.Contains((byte)'\t') ? (byte)'\t' : (byte)',';
        var places = new int[Enum.GetValues<StooqColumn>().Length];
        Array.Fill(places, -1);
        var count = 0;
        foreach (var range in line.Split(delimiter))
        {
            if (!Names.TryGetValue(Plain(line[range]), out var column) || places[(int)column] >= 0)
            {
                return null;
            }

            places[(int)column] = count++;
        }

        var isComplete = places[(int)StooqColumn.Date] >= 0 && places[(int)StooqColumn.Close] >= 0;
        return isComplete ? new StooqHeader(places, count, delimiter) : null;
    }

    /// <summary>A name in lower case without brackets, quotes and Polish marks, whether it came as UTF-8 or in code page 1250.</summary>
    private static string Plain(ReadOnlySpan<byte> name)
    {
        var isUtf8 = System.Text.Unicode.Utf8.IsValid(name);
        var text = isUtf8 ? Encoding.UTF8.GetString(name) : Encoding.Latin1.GetString(name);
        var plain = new StringBuilder(text.Length);
        foreach (var c in text.Trim().Trim('"', '<', '>'))
        {
            plain.Append(c switch
            {
                // Code page 1250 has ż, ź and ś where Latin 1 has ¿, Ÿ and œ's neighbours.
                'ż' or 'Ż' or '¿' or '¯' or 'ź' or 'Ź' or '\u009F' or '\u008F' => 'z',
                'ś' or 'Ś' or '\u009C' or '\u008C' => 's',
                'ę' or 'Ę' or 'ê' => 'e',
                'ą' or 'Ą' or '¹' => 'a',
                'ć' or 'Ć' or 'æ' => 'c',
                _ => char.ToLowerInvariant(c),
            });
        }

        return plain.ToString();
    }
}
