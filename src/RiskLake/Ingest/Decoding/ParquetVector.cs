using ParquetSharp;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>Some consecutive values of one Parquet column, copied out of the library's memory.</summary>
internal sealed unsafe class ParquetVector(ParquetColumn column, int rows) : IDisposable
{
    private const long JulianDayOf1970 = 2_440_588;
    private const long MaxDays = 4_000_000;
    private const long NanosPerDay = 86_400_000_000_000;

    private readonly bool[] _present = new bool[rows];
    private readonly long[] _slots = new long[rows];
    private readonly short[] _nanos = column.Physical == PhysicalType.Int96 ? new short[rows] : [];
    private readonly NativeBuffer<byte> _bytes = new();
    private int _filled;

    public ParquetColumn Column { get; } = column;

    public bool IsNull(int row) => !_present[row];

    /// <summary>A fixed-width value: an integer, the bits of a double, or units of a timestamp.</summary>
    public long Slot(int row) => _slots[row];

    /// <summary>Nanoseconds of a timestamp beyond its last whole microsecond, where the type has them beside.</summary>
    public int Nanos(int row) => _nanos.Length == 0 ? 0 : _nanos[row];

    public int Length(int row) => (int)(_slots[row] & Lake.Columns.Column.MaxBytes);

    /// <summary>First byte of a text; <see cref="ByteScan.Padding"/> bytes can be read behind each text, the first of them is zero.</summary>
    public byte* Text(int row) => _bytes.Pointer + (_slots[row] >> 24);

    /// <summary>Reads the next rows of a column.</summary>
    /// <returns>False when the column has fewer rows than its group says.</returns>
    public bool Fill(ColumnReader reader)
    {
        while (_filled < rows)
        {
            var wanted = rows - _filled;
            if (Read(reader, new short[wanted], []) == 0)
            {
                return false;
            }
        }

        // Behind the last text.
        Copy(0, 0);
        return true;
    }

    /// <summary>Reads the next entries of a leaf below groups; the values that are there are numbered on their own.</summary>
    /// <returns>How many entries there are; 0 at the end only.</returns>
    public int FillEntries(ColumnReader reader, short[] definitions, short[] repetitions)
    {
        _bytes.Clear();
        _filled = 0;
        Array.Fill(_present, true);
        var read = Read(reader, definitions, repetitions);
        Copy(0, 0);
        return read;
    }

    /// <summary>Gives the next row a text.</summary>
    public void Add(ReadOnlySpan<byte> text)
    {
        fixed (byte* start = text)
        {
            _slots[_filled] = Copy((nint)start, text.Length);
        }

        _present[_filled++] = true;
    }

    /// <summary>Ends the texts.</summary>
    public void EndTexts() => Copy(0, 0);

    public void Dispose() => _bytes.Dispose();

    private int Read(ColumnReader reader, short[] definitions, short[] repetitions)
    {
        return reader switch
        {
            ColumnReader<bool> source => Take(source, value => value ? 1 : 0),
            ColumnReader<int> source => Take(source, value => Column.Kind == ParquetKind.UnsignedInteger ? (uint)value : value),
            ColumnReader<long> source => Take(source, value => value),
            ColumnReader<float> source => Take(source, value => BitConverter.DoubleToInt64Bits(value)),
            ColumnReader<double> source => Take(source, BitConverter.DoubleToInt64Bits),
            ColumnReader<Int96> source => Take(source, Microseconds),
            ColumnReader<ByteArray> source => Take(source, value => Copy(value.Pointer, value.Length)),
            ColumnReader<FixedLenByteArray> source => Take(source, value => Copy(value.Pointer, Column.FixedLength)),
            _ => 0,
        };

        int Take<T>(ColumnReader<T> source, Func<T, long> convert)
            where T : unmanaged
        {
            var values = new T[definitions.Length];
            var read = (int)source.ReadBatch(definitions.Length, definitions, repetitions, values, out var count);
            var next = 0;
            for (var i = 0; i < (repetitions.Length > 0 ? count : read); i++, _filled++)
            {
                if (repetitions.Length > 0 || definitions[i] == Column.MaxDefinitionLevel)
                {
                    _present[_filled] = true;
                    _slots[_filled] = convert(values[next++]);
                }
            }

            return read;
        }
    }

    private long Copy(nint pointer, int length)
    {
        if (length > Lake.Columns.Column.MaxBytes)
        {
            throw new InvalidDataException("a value is longer than 16 MiB");
        }

        var offset = _bytes.Count;
        _bytes.AddRange(new ReadOnlySpan<byte>((byte*)pointer, length));
        _bytes.Add(0);
        _bytes.Reserve(_bytes.Count + ByteScan.Padding);
        return (offset << 24) | (uint)length;
    }

    /// <summary>
    /// A Julian day and nanoseconds of that day. What lies beyond the years that are stored, or is no time of a day, becomes an instant
    /// that is out of range in any case.
    /// </summary>
    private long Microseconds(Int96 value)
    {
        var day = (uint)value.C - JulianDayOf1970;
        var nanos = (long)(((ulong)(uint)value.B << 32) | (uint)value.A);
        if (nanos is < 0 or >= NanosPerDay || day is < -MaxDays or > MaxDays)
        {
            return long.MaxValue;
        }

        _nanos[_filled] = (short)(nanos % 1000);
        return (day * TimestampText.MicrosPerDay) + (nanos / 1000);
    }
}
