using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>What a value of a snapshot is, compared with the snapshots before it.</summary>
/// <param name="VintageMicros">When this value first came; the snapshot's own time if it is new.</param>
/// <param name="IsFirst">Whether no other value came before it.</param>
/// <param name="IsRestated">Whether this snapshot replaces another value.</param>
internal readonly record struct VintageVerdict(long VintageMicros, bool IsFirst, bool IsRestated)
{
    /// <summary>Whether the value came with an earlier snapshot already.</summary>
    public bool IsUnchanged { get; init; }
}

/// <summary>Bytes about to be judged.</summary>
/// <param name="Sha256">Their digest.</param>
/// <param name="IsTimeStated">Whether the user says when they came, instead of the clock.</param>
/// <param name="IsKnown">Whether they had landed before.</param>
internal readonly record struct SeriesArrival(string Sha256, bool IsTimeStated, bool IsKnown);

/// <summary>
/// The vintages of one series as its snapshots brought them: for each bar, which content came when. A row that comes again unchanged
/// keeps the time of its first arrival; one that changed is a vintage of its own. Asking again for a snapshot gives the same answers.
/// </summary>
/// <remarks>
/// Of arrivals timed by the clock a later one never brings an earlier vintage of a series, nor the same one: a clock that was set
/// back, or stands, is corrected by as little as possible. A time that the user states is taken as stated.
/// </remarks>
internal sealed class SeriesVintages
{
    private const int ArrivalBytes = 16;
    private const int CheckBytes = 16;
    private const int EarlierRowBytes = 24;
    private const int RowBytes = 32;

    private readonly string _path;
    private readonly string _series;
    private readonly ulong _arrival;
    private readonly SeriesArrival _told;
    private readonly SortedDictionary<long, List<Vintage>> _bars = [];
    private readonly Dictionary<long, Vintage> _decided = [];
    private readonly List<(ulong Arrival, long Micros)> _arrivals = [];
    private long _latestEarlier = long.MinValue;
    private long? _effective;
    private bool _isKnown;
    private bool _isChanged;

    private SeriesVintages(string path, string series, SeriesArrival told)
    {
        _path = path;
        _series = series;
        _told = told;
        _arrival = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(told.Sha256));
    }

    /// <summary>The vintages known of a series.</summary>
    /// <param name="folder">Folder of all series.</param>
    /// <param name="series">Name: source, symbol, frequency, adjustment.</param>
    /// <param name="told">What is known of the bytes about to be judged.</param>
    public static SeriesVintages Open(string folder, string series, SeriesArrival told)
    {
        var digest = XxHash128.Hash(Encoding.UTF8.GetBytes(series));
        var name = Convert.ToHexStringLower(digest);
        var known = new SeriesVintages(Path.Combine(folder, name[..2], name), series, told);
        known.Load();
        return known;
    }

    /// <summary>Whether a file of vintages is what was once written.</summary>
    public static bool IsWhole(byte[] bytes)
    {
        if (bytes.Length < 4)
        {
            return false;
        }

        var head = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return head >= 0
            ? head <= bytes.Length - 4 && (bytes.Length - 4 - head) % EarlierRowBytes == 0
            : bytes.Length > CheckBytes + 8
                && XxHash128.Hash(bytes.AsSpan(0, bytes.Length - CheckBytes)).AsSpan().SequenceEqual(bytes.AsSpan(bytes.Length - CheckBytes));
    }

    /// <param name="bar">When the bar was, in microseconds since the epoch.</param>
    /// <param name="content">Digest of its values.</param>
    /// <param name="snapshot">When the snapshot came.</param>
    public VintageVerdict Decide(long bar, ulong content, long snapshot)
    {
        if (!_bars.TryGetValue(bar, out var vintages))
        {
            _bars[bar] = vintages = [];
        }

        var time = _effective ??= Effective(snapshot);
        var at = _decided.TryGetValue(bar, out var before) ? vintages.IndexOf(before) : Find(vintages, content, time);
        if (at < 0)
        {
            at = Insert(vintages, content, time);
        }

        _decided[bar] = vintages[at];

        // Two values for one bar in one snapshot: the first is known, the contract's key will find the second.
        var isOwn = vintages[at].Arrival == _arrival || vintages[at].Micros == time;
        return new VintageVerdict(vintages[at].Micros, at == 0 && vintages[at].Content == content, at > 0 && isOwn) { IsUnchanged = !isOwn };
    }

    /// <summary>Keeps what was learnt.</summary>
    public void Save()
    {
        if (!_isChanged)
        {
            return;
        }

        var name = Encoding.UTF8.GetBytes(_series);
        var rows = _bars.Values.Sum(list => list.Count);
        var bytes = new byte[8 + name.Length + (ArrivalBytes * _arrivals.Count) + (rows * RowBytes) + CheckBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, -name.Length);
        name.CopyTo(bytes, 4);
        var at = 4 + name.Length;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), _arrivals.Count);
        at += 4;
        foreach (var (arrival, micros) in _arrivals)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), arrival);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at + 8), micros);
            at += ArrivalBytes;
        }

        foreach (var (bar, vintages) in _bars)
        {
            foreach (var vintage in vintages)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), bar);
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at + 8), vintage.Micros);
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + 16), vintage.Content);
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + 24), vintage.Arrival);
                at += RowBytes;
            }
        }

        XxHash128.Hash(bytes.AsSpan(0, at), bytes.AsSpan(at));
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var temporary = _path + ".new";
        File.WriteAllBytes(temporary, bytes);
        if (File.Exists(_path))
        {
            File.Replace(temporary, _path, null);
        }
        else
        {
            File.Move(temporary, _path);
        }

        _isChanged = false;
    }

    /// <summary>When the bytes came, as far as this series is concerned: later than whatever came before, unless the user says when.</summary>
    private long Effective(long snapshot)
    {
        if (_told.IsTimeStated)
        {
            return snapshot;
        }

        if (_arrivals.Find(known => known.Arrival == _arrival) is { Arrival: not 0 } before)
        {
            _isKnown = true;
            return before.Micros;
        }

        if (_told.IsKnown && snapshot <= _latestEarlier)
        {
            // From a time when arrivals were not noted: then the clock was believed.
            _isKnown = true;
            return snapshot;
        }

        var latest = Math.Max(_latestEarlier, _arrivals.Count > 0 ? _arrivals[^1].Micros : long.MinValue);
        var time = snapshot > latest ? snapshot : latest + 1;
        _arrivals.Add((_arrival, time));
        _isChanged = true;
        return time;
    }

    /// <summary>The vintage that has this content already; -1 when it is a new one.</summary>
    private int Find(List<Vintage> vintages, ulong content, long time)
    {
        var at = vintages.FindLastIndex(known => known.Micros <= time);
        if (_told.IsTimeStated)
        {
            return at >= 0 && (vintages[at].Content == content || vintages[at].Micros == time) ? at : -1;
        }

        var own = _isKnown ? vintages.FindIndex(known => known.Content == content && known.Arrival == _arrival) : -1;
        if (own >= 0)
        {
            return own;
        }

        // What stands after this time was stated by the user; it is corrected, too, by what comes later.
        var last = vintages.Count - 1;
        return at >= 0 && vintages[at].Content == content && (_isKnown || at == last) ? at
            : last >= 0 && last > at && vintages[last].Content == content ? last
            : -1;
    }

    private int Insert(List<Vintage> vintages, ulong content, long time)
    {
        _isChanged = true;
        if (_told.IsTimeStated)
        {
            var at = vintages.FindLastIndex(known => known.Micros <= time) + 1;
            vintages.Insert(at, new Vintage(time, content, _arrival));
            return at;
        }

        var micros = vintages.Count > 0 ? Math.Max(time, vintages[^1].Micros + 1) : time;
        vintages.Add(new Vintage(micros, content, _arrival));
        return vintages.Count - 1;
    }

    private void Load()
    {
        if (!File.Exists(_path))
        {
            return;
        }

        var bytes = File.ReadAllBytes(_path);
        if (!IsWhole(bytes))
        {
            throw Damaged("bytes that are not those once written", "a whole file");
        }

        var head = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        var at = 4 + Math.Abs(head);
        if (Encoding.UTF8.GetString(bytes.AsSpan(4, at - 4)) != _series)
        {
            throw Damaged("the vintages of another series", $"those of {_series}");
        }

        var isEarlier = head >= 0;
        if (!isEarlier)
        {
            var count = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
            at += 4;
            for (var i = 0; i < count; i++, at += ArrivalBytes)
            {
                _arrivals.Add((BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)), BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 8))));
            }
        }

        var size = isEarlier ? EarlierRowBytes : RowBytes;
        for (; at + size <= bytes.Length; at += size)
        {
            var row = bytes.AsSpan(at, size);
            var bar = BinaryPrimitives.ReadInt64LittleEndian(row);
            if (!_bars.TryGetValue(bar, out var vintages))
            {
                _bars[bar] = vintages = [];
            }

            var vintage = new Vintage(
                BinaryPrimitives.ReadInt64LittleEndian(row[8..]), BinaryPrimitives.ReadUInt64LittleEndian(row[16..]),
                isEarlier ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(row[24..]));
            vintages.Add(vintage);
            if (vintage.Arrival == 0)
            {
                _latestEarlier = Math.Max(_latestEarlier, vintage.Micros);
            }
        }
    }

    private RiskLakeException Damaged(string found, string expected) => new(
        ErrorCode.LakeDamaged, _path, found, expected,
        "restore the file from a copy of the lake; without it every value would count as new");

    /// <summary>One content of a bar.</summary>
    /// <param name="Micros">Since when it is known.</param>
    /// <param name="Content">Digest of its values.</param>
    /// <param name="Arrival">Which bytes brought it; 0 for those of an earlier form of the file.</param>
    private readonly record struct Vintage(long Micros, ulong Content, ulong Arrival);
}
