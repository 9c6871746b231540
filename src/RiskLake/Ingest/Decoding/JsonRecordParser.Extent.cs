namespace RiskLake.Ingest.Decoding;

/// <summary>Where a value ends, and whether it is a record, without taking anything into the row.</summary>
internal sealed unsafe partial class JsonRecordParser
{
    private bool _isMeasuring;
    private byte* _brokenAt;

    /// <summary>Where the last value that was measured in vain stopped to follow the grammar; null if it is nested too deep.</summary>
    public byte* BrokenAt => _brokenAt;

    /// <summary>Finds the end of the JSON value at <paramref name="start"/>.</summary>
    /// <param name="start">First byte of the value.</param>
    /// <param name="end">End of the text.</param>
    /// <param name="isRecord">Whether it is an object in which a field of the contract is named.</param>
    /// <returns>The address behind the value, or null where the text does not follow the grammar or ends inside the value.</returns>
    public byte* Extent(byte* start, byte* end, out bool isRecord)
    {
        _start = start;
        _end = end;
        _brokenAt = null;
        _isMeasuring = true;
        row.Begin();
        try
        {
            isRecord = false;
            return start < end && *start == '{' ? ObjectExtent(start + 1, ref isRecord) : SkipValue(start, 0);
        }
        finally
        {
            _isMeasuring = false;
        }
    }

    private byte* ObjectExtent(byte* p, ref bool isRecord)
    {
        p = ByteScan.SkipSpace(p, _end);
        if (p < _end && *p == '}')
        {
            return p + 1;
        }

        while (true)
        {
            p = ReadString(ByteScan.SkipSpace(p, _end), out var name);
            if (p is null)
            {
                return null;
            }

            isRecord |= name.Fault is null && _plan.IndexOf(new ReadOnlySpan<byte>(name.Start, (int)(name.End - name.Start))) >= 0;
            p = ReadColon(p);
            p = p is null ? null : MemberExtent(p);
            if (p is null)
            {
                return null;
            }

            p = ByteScan.SkipSpace(p, _end);
            if (p >= _end || *p is not ((byte)',' or (byte)'}'))
            {
                return Broken(p, "',' or '}'");
            }

            if (*p++ == '}')
            {
                return p;
            }
        }
    }

    /// <summary>A word for a number that JSON does not have costs a record its field, but not its place.</summary>
    private byte* MemberExtent(byte* p) => StartsWith(p, "NaN"u8) ? p + 3
        : StartsWith(p, "Infinity"u8) ? p + 8
        : StartsWith(p, "-Infinity"u8) ? p + 9
        : SkipValue(p, 1);
}
