using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// Where the raw bytes of a chunk's accepted records are, record by record, on request. They can be read while the chunk is consumed:
/// afterwards the block they stand in is used again.
/// </summary>
internal sealed unsafe class RawRecords : IDisposable
{
    private readonly NativeBuffer<Piece> _pieces = new();
    private readonly NativeBuffer<byte> _copies = new();

    /// <summary>
    /// What stands elsewhere in the input and gives the bytes their meaning: of CSV a digest of the header, else empty.
    /// </summary>
    public byte[] Header { get; set; } = [];

    public int Count => (int)_pieces.Count;

    public int Length(int record) => _pieces[record].Length;

    /// <summary>Notes a record that stands in the block; a byte can be read behind it.</summary>
    public void Add(byte* start, int length) => _pieces.Add(new Piece((long)start, length, IsCopy: false));

    /// <summary>Keeps a record that stands nowhere, such as a row of Parquet spelt as JSON.</summary>
    public void AddCopy(ReadOnlySpan<byte> record)
    {
        _pieces.Add(new Piece(_copies.Count, record.Length, IsCopy: true));
        _copies.AddRange(record);
        _copies.Add((byte)'\n');
    }

    /// <summary>
    /// Raw bytes of as many records from <paramref name="record"/> on as stand in one stretch, each followed by a line feed; only the
    /// line feed behind the last may be missing.
    /// </summary>
    /// <param name="record">First record wanted.</param>
    /// <param name="end">Record behind the last that is wanted.</param>
    /// <param name="next">First record that is not in the stretch.</param>
    public ReadOnlySpan<byte> Stretch(int record, int end, out int next)
    {
        var start = Start(record);
        var stop = start + _pieces[record].Length;
        for (next = record + 1; next < end && *stop == '\n' && Start(next) == stop + 1; next++)
        {
            stop = Start(next) + _pieces[next].Length;
        }

        return new ReadOnlySpan<byte>(start, (int)(stop - start) + (*stop == '\n' ? 1 : 0));
    }

    public void Dispose()
    {
        _pieces.Dispose();
        _copies.Dispose();
    }

    private byte* Start(int record) => _pieces[record] is { IsCopy: true } piece ? _copies.Pointer + piece.At : (byte*)_pieces[record].At;

    private readonly record struct Piece(long At, int Length, bool IsCopy);
}
