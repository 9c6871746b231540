using System.Buffers.Text;
using System.Diagnostics;

namespace RiskLake.Bench;

/// <summary>One delivery; times in microseconds since the open, the price in hundredths.</summary>
internal readonly record struct Event(ulong Id, int Symbol, bool LowerCase, long Cents, int Volume, long Happened, long Ingested)
{
    /// <summary>How many kinds of malformed lines there are.</summary>
    public const int Faults = 7;

    /// <summary>Writes the event as a line; a fault of -1 is none. Returns the length.</summary>
    public int Format(Span<byte> line, ReadOnlySpan<byte> symbol, DateTime open, int fault)
    {
        var text = new Line(line);
        text.Put("{\"event_id\":\""u8);
        text.PutHex(Id);
        if (fault == 2)
        {
            text.Put("\",\"price\":"u8);
        }
        else
        {
            text.Put("\",\"symbol\":\""u8);
            text.Put(symbol);
            text.Put("\",\"price\":"u8);
        }

        text.Put(fault == 0 ? "\""u8 : fault == 1 ? "-"u8 : ""u8);
        text.PutNumber(Cents / 100);
        text.Put("."u8);
        text.PutDigits(Cents % 100, 2);
        text.Put(fault == 0 ? "\""u8 : ""u8);
        text.Put(",\"volume\":"u8);
        if (fault == 3)
        {
            text.Put("null"u8);
        }
        else
        {
            text.PutNumber(Volume);
            text.Put(fault == 4 ? ".5"u8 : ""u8);
        }

        if (fault == 5)
        {
            // Cut off in the middle, as by a writer that died.
            text.Put(",\"ts_event\":\"2025-\n"u8);
            return text.Length;
        }

        text.Put(",\"ts_event\":\""u8);
        text.PutTime(open, Happened);
        text.Put(fault == 6 ? "\",\"ts_ingest\":\""u8 : "Z\",\"ts_ingest\":\""u8);
        text.PutTime(open, Ingested);
        text.Put("Z\",\"source\":\"bench\"}\n"u8);
        return text.Length;
    }

    private ref struct Line(Span<byte> bytes)
    {
        private readonly Span<byte> _bytes = bytes;

        public int Length { get; private set; }

        public void Put(ReadOnlySpan<byte> text)
        {
            text.CopyTo(_bytes[Length..]);
            Length += text.Length;
        }

        public void PutNumber(long value)
        {
            var fits = Utf8Formatter.TryFormat(value, _bytes[Length..], out var written);
            Debug.Assert(fits);
            Length += written;
        }

        public void PutDigits(long value, int digits)
        {
            for (var digit = digits - 1; digit >= 0; digit--, value /= 10)
            {
                _bytes[Length + digit] = (byte)('0' + (value % 10));
            }

            Length += digits;
        }

        public void PutHex(ulong value)
        {
            for (var digit = 15; digit >= 0; digit--, value >>= 4)
            {
                _bytes[Length + digit] = "0123456789abcdef"u8[(int)(value & 15)];
            }

            Length += 16;
        }

        /// <summary>A time of the session's date, to the microsecond, without a zone.</summary>
        public void PutTime(DateTime open, long micros)
        {
            var ofDay = (open.TimeOfDay.Ticks / TimeSpan.TicksPerMicrosecond) + micros;
            PutDigits(open.Year, 4);
            Put("-"u8);
            PutDigits(open.Month, 2);
            Put("-"u8);
            PutDigits(open.Day, 2);
            Put("T"u8);
            PutDigits(ofDay / 3_600_000_000, 2);
            Put(":"u8);
            PutDigits(ofDay / 60_000_000 % 60, 2);
            Put(":"u8);
            PutDigits(ofDay / 1_000_000 % 60, 2);
            Put("."u8);
            PutDigits(ofDay % 1_000_000, 6);
        }
    }
}
