using ParquetSharp;
using RiskLake.Columns;

namespace RiskLake.Decoding;

/// <summary>Some consecutive values of one Parquet column, copied out of the library's memory.</summary>
internal sealed unsafe class ParquetVector(ParquetColumn column, int rows) : IDisposable
{
    private const long JulianDayOf1970 = 2_440_588;
    private const long MaxDays = 4_000_000;

    private readonly bool[] _present = new bool[rows];
    private readonly long[] _slots = new long[rows];
    private readonly NativeBuffer<byte> _bytes = new();
    private int _filled;

    public ParquetColumn Column { get; } = column;

    public bool IsNull(int row) => !_present[row];

    /// <summary>A fixed-width value: an integer, the bits of a double, or units of a timestamp.</summary>
    public long Slot(int row) => _slots[row];

    public int Length(int row) => (int)(_slots[row] & Columns.Column.MaxBytes);

    /// <summary>First byte of a text; <see cref="ByteScan.Padding"/> bytes can be read behind each text, the first of them is zero.</summary>
    public byte* Text(int row) => _bytes.Pointer + (_slots[row] >> 24);

    /// <summary>Reads the next rows of a column.</summary>
    /// <returns>False when the column has fewer rows than its group says.</returns>
    public bool Fill(ColumnReader reader)
    {
        while (_filled < rows)
        {
            var read = reader switch
            {
                ColumnReader<bool> source => Read(source, value => value ? 1 : 0),
                ColumnReader<int> source => Read(source, value => Column.Kind == ParquetKind.UnsignedInteger ? (uint)value : value),
                ColumnReader<long> source => Read(source, value => value),
                ColumnReader<float> source => Read(source, value => BitConverter.DoubleToInt64Bits(value)),
                ColumnReader<double> source => Read(source, BitConverter.DoubleToInt64Bits),
                ColumnReader<Int96> source => Read(source, Nanoseconds),
                ColumnReader<ByteArray> source => Read(source, value => Copy(value.Pointer, value.Length)),
                ColumnReader<FixedLenByteArray> source => Read(source, value => Copy(value.Pointer, Column.FixedLength)),
                _ => 0,
            };
            if (read == 0)
            {
                return false;
            }
        }

        // Behind the last text.
        Copy(0, 0);
        return true;
    }

    public void Dispose() => _bytes.Dispose();

    private int Read<T>(ColumnReader<T> reader, Func<T, long> convert)
        where T : unmanaged
    {
        var wanted = rows - _filled;
        var levels = new short[wanted];
        var values = new T[wanted];
        var read = (int)reader.ReadBatch(wanted, levels, [], values, out _);
        var next = 0;
        for (var i = 0; i < read; i++, _filled++)
        {
            if (levels[i] == Column.MaxDefinitionLevel)
            {
                _present[_filled] = true;
                _slots[_filled] = convert(values[next++]);
            }
        }

        return read;
    }

    private long Copy(nint pointer, int length)
    {
        if (length > Columns.Column.MaxBytes)
        {
            throw new InvalidDataException("a value is longer than 16 MiB");
        }

        var offset = _bytes.Count;
        _bytes.AddRange(new ReadOnlySpan<byte>((byte*)pointer, length));
        _bytes.Add(0);
        _bytes.Reserve(_bytes.Count + ByteScan.Padding);
        return (offset << 24) | (uint)length;
    }

    /// <summary>Saturates where the result does not fit: such an instant is out of range in any case.</summary>
    private static long Nanoseconds(Int96 value)
    {
        var day = (long)(uint)value.C - JulianDayOf1970;
        var nanos = (Int128)Math.Clamp(day, -MaxDays, MaxDays) * 86_400_000_000_000 + (long)(((ulong)(uint)value.B << 32) | (uint)value.A);
        return nanos > long.MaxValue ? long.MaxValue : nanos < long.MinValue ? long.MinValue : (long)nanos;
    }
}
