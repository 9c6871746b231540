using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace RiskLake.Sources;

/// <summary>What a value of a snapshot is, compared with the snapshots before it.</summary>
/// <param name="VintageMicros">When this value first came; the snapshot's own time if it is new.</param>
/// <param name="IsFirst">Whether no other value came before it.</param>
/// <param name="IsRestated">Whether this snapshot replaces another value.</param>
internal readonly record struct VintageVerdict(long VintageMicros, bool IsFirst, bool IsRestated);

/// <summary>
/// The vintages of one series as its snapshots brought them: for each bar, which content came when. A row that comes again unchanged
/// keeps the time of its first arrival; one that changed is a vintage of its own. Asking again for a snapshot gives the same answers.
/// </summary>
internal sealed class SeriesVintages
{
    private const int RowBytes = 24;

    private readonly string _path;
    private readonly string _series;
    private readonly SortedDictionary<long, List<(long Vintage, ulong Content)>> _bars = [];
    private bool _isChanged;

    private SeriesVintages(string path, string series)
    {
        _path = path;
        _series = series;
    }

    /// <summary>The vintages known of a series.</summary>
    /// <param name="folder">Folder of all series.</param>
    /// <param name="series">Name: source, symbol, frequency, adjustment.</param>
    public static SeriesVintages Open(string folder, string series)
    {
        var digest = XxHash128.Hash(Encoding.UTF8.GetBytes(series));
        var name = Convert.ToHexStringLower(digest);
        var known = new SeriesVintages(Path.Combine(folder, name[..2], name), series);
        known.Load();
        return known;
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

        var at = vintages.FindLastIndex(known => known.Vintage <= snapshot);
        if (at >= 0 && (vintages[at].Content == content || vintages[at].Vintage == snapshot))
        {
            // Two values for one bar in one snapshot: the first is known, the contract's key will find the second.
            var isOther = vintages[at].Content != content;
            return new VintageVerdict(vintages[at].Vintage, at == 0 && !isOther, at > 0 && vintages[at].Vintage == snapshot);
        }

        vintages.Insert(at + 1, (snapshot, content));
        _isChanged = true;
        return new VintageVerdict(snapshot, at < 0, at >= 0);
    }

    /// <summary>Keeps what was learnt.</summary>
    public void Save()
    {
        if (!_isChanged)
        {
            return;
        }

        var name = Encoding.UTF8.GetBytes(_series);
        var bytes = new byte[4 + name.Length + (_bars.Values.Sum(list => list.Count) * RowBytes)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, name.Length);
        name.CopyTo(bytes, 4);
        var at = 4 + name.Length;
        foreach (var (bar, vintages) in _bars)
        {
            foreach (var (vintage, content) in vintages)
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), bar);
                BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at + 8), vintage);
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at + 16), content);
                at += RowBytes;
            }
        }

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

    private void Load()
    {
        if (!File.Exists(_path))
        {
            return;
        }

        var bytes = File.ReadAllBytes(_path);
        var at = 4 + BinaryPrimitives.ReadInt32LittleEndian(bytes);
        if (Encoding.UTF8.GetString(bytes.AsSpan(4, at - 4)) != _series)
        {
            throw new Errors.RiskLakeException(
                Errors.ErrorCode.LakeDamaged, _path, "the vintages of another series", $"those of {_series}", "restore the file from a copy");
        }

        for (; at + RowBytes <= bytes.Length; at += RowBytes)
        {
            var bar = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            if (!_bars.TryGetValue(bar, out var vintages))
            {
                _bars[bar] = vintages = [];
            }

            vintages.Add((BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 8)), BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at + 16))));
        }
    }
}
