using System.Globalization;
using System.Text;

namespace RiskLake.Tests.Decoding;

/// <summary>A file of records and what random damage made of it: for every byte that is left, which record it came from.</summary>
internal sealed class DamagedText
{
    private const string Structure = "\"\"\"',,{}[]:\n\n\r;\\";

    private readonly List<byte> _bytes = [];
    private readonly List<(int Record, int Place)> _origin = [];
    private readonly List<byte[]> _records = [];

    /// <summary>The layouts records come in.</summary>
    public static IReadOnlyList<string> Layouts { get; } =
        ["ndjson", "json", "json-lines", "json-pretty", "json-sequence", "csv", "csv-quoted", "csv-lines"];

    public byte[] Bytes => [.. _bytes];

    public int Records => _records.Count;

    public long Length(int record) => _records[record].Length;

    /// <summary>Records of which every byte is still there, in place, where a reader can find it.</summary>
    public IReadOnlySet<int> Whole { get; private set; } = new HashSet<int>();

    /// <summary>Bytes that are left of each record that is not whole.</summary>
    public IReadOnlyDictionary<int, int> Left { get; private set; } = new Dictionary<int, int>();

    public static string Key(int record) => "evt-" + record.ToString("D5", CultureInfo.InvariantCulture);

    /// <summary>A file as its writer made it.</summary>
    public static DamagedText Of(string layout, int records, Random random)
    {
        var text = new DamagedText();
        var isCsv = layout.StartsWith("csv", StringComparison.Ordinal);
        text.Add(isCsv ? "event_id,symbol,price,volume,ts_event,ts_ingest,source\n" : layout is "json" or "json-lines" or "json-pretty" ? "[" : "");
        for (var i = 0; i < records; i++)
        {
            text.Add((layout, i) switch
            {
                ("json", > 0) => ",",
                ("json-lines", _) => i > 0 ? ",\n" : "\n",
                ("json-pretty", _) => i > 0 ? ",\n  " : "\n  ",
                ("json-sequence", _) => "\u001E",
                _ => "",
            });
            text.AddRecord(isCsv ? Row(layout, i, random) : Json(layout, i, random));
            text.Add(layout is "ndjson" or "json-sequence" || isCsv ? "\n" : "");
        }

        text.Add(layout switch { "json" => "]", "json-lines" or "json-pretty" => "\n]\n", _ => "" });
        return text;
    }

    /// <summary>Damages the file once.</summary>
    public void Damage(Random random)
    {
        var at = random.Next(_bytes.Count);
        var length = Math.Min(_bytes.Count - at, 1 + random.Next(random.Next(2) == 0 ? 20 : 1500));
        switch (random.Next(6))
        {
            case 0:
                Insert(at, [(byte)Structure[random.Next(Structure.Length)]]);
                break;
            case 1:
                at = Near(at, random);
                Remove(at, 1);
                break;
            case 2:
                at = Near(at, random);
                Remove(at, 1);
                Insert(at, [(byte)Structure[random.Next(Structure.Length)]]);
                break;
            case 3:
                Remove(at, length);
                break;
            case 4:
                var copy = _bytes.GetRange(at, length);
                var origin = _origin.GetRange(at, length);
                var to = random.Next(_bytes.Count + 1);
                _bytes.InsertRange(to, copy);
                _origin.InsertRange(to, origin);
                break;
            default:
                Insert(Near(at, random), [(byte)Structure[random.Next(Structure.Length)]]);
                break;
        }
    }

    /// <summary>Finds out what is left of the records.</summary>
    public void Judge(bool isCsv)
    {
        var left = new Dictionary<int, int>();
        var whole = new HashSet<int>();
        for (var i = 0; i < _origin.Count; i++)
        {
            var (record, place) = _origin[i];
            if (record < 0)
            {
                continue;
            }

            left[record] = left.GetValueOrDefault(record) + 1;
            if (place == 0 && IsWhole(i, record) && (isCsv ? IsRow(i, _records[record].Length) : !IsValue(i) && !HasTail(i + _records[record].Length)))
            {
                whole.Add(record);
            }
        }

        foreach (var record in whole)
        {
            left.Remove(record);
        }

        (Whole, Left) = (whole, left);
    }

    /// <summary>A row stands between line ends. What is written before it may have opened a quote, which is then not closed.</summary>
    private bool IsRow(int start, int length) =>
        (start == 0 || _bytes[start - 1] == '\n')
        && (start + length == _bytes.Count || _bytes[start + length] == '\n'
            || (_bytes[start + length] == '\r' && start + length + 1 < _bytes.Count && _bytes[start + length + 1] == '\n'));

    /// <summary>What stands behind a name and a colon cannot be told from the value of a member.</summary>
    private bool IsValue(int start)
    {
        while (start > 0 && _bytes[start - 1] is (byte)' ' or (byte)'\n' or (byte)'\r')
        {
            start--;
        }

        return start > 0 && _bytes[start - 1] == ':';
    }

    /// <summary>The end of a text behind a record cannot be told from the rest of its own last value.</summary>
    private bool HasTail(int end)
    {
        var quotes = 0;
        for (; end < _bytes.Count && _bytes[end] is not ((byte)'{' or (byte)'}'); end++)
        {
            quotes += _bytes[end] == '"' ? 1 : 0;
        }

        return end < _bytes.Count && _bytes[end] == '}' && quotes % 2 == 1;
    }

    private bool IsWhole(int start, int record)
    {
        var length = _records[record].Length;
        for (var i = 0; i < length; i++)
        {
            if (start + i >= _origin.Count || _origin[start + i] != (record, i))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Most damage that breaks a grammar is near what it is made of.</summary>
    private int Near(int at, Random random)
    {
        if (random.Next(3) > 0)
        {
            for (var i = at; i < _bytes.Count; i++)
            {
                if (Structure.Contains((char)_bytes[i], StringComparison.Ordinal))
                {
                    return i;
                }
            }
        }

        return at;
    }

    private static string Json(string layout, int i, Random random)
    {
        var json = $"{{\"event_id\":\"{Key(i)}\",\"symbol\":\"{Symbol(random)}\",\"price\":{Price(random)},\"volume\":{random.Next(1, 999)},"
            + $"\"ts_event\":\"{Time(i, 0)}\",\"ts_ingest\":\"{Time(i, 1)}\",\"source\":\"{(random.Next(5) == 0 ? "a{b}\\\",\\\"c[d]:e" : "sim")}\"}}";
        return layout == "json-pretty" ? json.Replace(",\"", ",\n    \"", StringComparison.Ordinal) : json;
    }

    private static string Row(string layout, int i, Random random)
    {
        var source = layout == "csv-lines" && random.Next(3) > 0 ? "\"a note, with\nline \"\"ends\"\"\n\nin it\"" : "sim";
        string[] cells = [Key(i), Symbol(random), Price(random), random.Next(1, 999).ToString(CultureInfo.InvariantCulture), Time(i, 0), Time(i, 1), source];
        return layout == "csv-quoted" ? string.Join(',', cells.Select(cell => $"\"{cell}\"")) : string.Join(',', cells);
    }

    private static string Symbol(Random random) => new[] { "AAPL", "MSFT", "BRK.B", "SPY" }[random.Next(4)];

    private static string Price(Random random) => (random.Next(1000, 99_999) / 100m).ToString(CultureInfo.InvariantCulture);

    private static string Time(int i, int lag) =>
        new DateTime(2025, 1, 20, 14, 30, 0, DateTimeKind.Utc).AddSeconds((7 * i) + lag).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private void Add(string text)
    {
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            _bytes.Add(value);
            _origin.Add((-1, 0));
        }
    }

    private void AddRecord(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < bytes.Length; i++)
        {
            _bytes.Add(bytes[i]);
            _origin.Add((_records.Count, i));
        }

        _records.Add(bytes);
    }

    private void Insert(int at, byte[] bytes)
    {
        _bytes.InsertRange(at, bytes);
        _origin.InsertRange(at, bytes.Select(_ => (-1, 0)));
    }

    private void Remove(int at, int length)
    {
        _bytes.RemoveRange(at, length);
        _origin.RemoveRange(at, length);
    }
}
