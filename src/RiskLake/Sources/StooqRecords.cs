using System.Globalization;
using System.IO.Hashing;
using System.Text;
using NodaTime;
using RiskLake.Calendars;
using RiskLake.Errors;

namespace RiskLake.Sources;

/// <summary>Reads bodies of bars and writes their records, series by series.</summary>
internal sealed class StooqRecords(
    StooqOptions options, string seriesFolder, string landed, long ingestMicros, StooqTarget target, CanonicalRecords records, SourceTally tally,
    Func<string, string?> marketOf)
{
    /// <summary>Code of a row with more or fewer values than its header has columns.</summary>
    private const string ReasonOfCount = "column_count";

    // An hour that occurs twice holds 24 labels of five minutes, twice; a file with more is not what it seems.
    private const int MostAmbiguousRows = 256;

    // Events older than this are beyond what the contract of market events takes, ten years and a little.
    private const long MostEventAgeDays = 3660;

    private readonly WarsawTime _warsaw = new();
    private readonly List<(byte[] Line, long Number, LocalDateTime Local)> _twice = [];
    private readonly byte[] _ingest = Encoding.UTF8.GetBytes(LandingLedger.Instant(ingestMicros));
    private SeriesVintages? _series;
    private ExchangeCalendar? _calendar;
    private byte[] _ticker = [];
    private byte[] _period = [];
    private string _received = "";
    private string _symbol = "";
    private string? _market;

    public void Reject(ReadOnlySpan<byte> bytes) => records.Reject(bytes);

    /// <summary>Keeps what was learnt of the last series, when all is read.</summary>
    public void Complete() => _series?.Save();

    /// <summary>Reads one body; what comes before its header is skipped.</summary>
    public void Read(SourceLines lines, string fileName, string place, CancellationToken ct)
    {
        StooqHeader? header = null;
        while (header is null && lines.Next())
        {
            header = StooqHeader.Read(lines.Span);
        }

        if (header is null)
        {
            tally.Refused++;
            records.Reject(Encoding.UTF8.GetBytes($"{place}: no header"));
            return;
        }

        var (fileTicker, filePeriod) = FromName(fileName);
        var ticker = options.Symbol is { } given ? Encoding.UTF8.GetBytes(given) : fileTicker;
        var cells = new Range[header.Count + 1];
        while (lines.Next())
        {
            if ((lines.Number & 0xFFFF) == 0)
            {
                ct.ThrowIfCancellationRequested();
            }

            if (lines.Span.Trim(" \t"u8).IsEmpty)
            {
                continue;
            }

            tally.Rows++;
            var count = Split(lines.Span, header.Delimiter, cells);
            if (lines.IsCut || count > header.Count || count < header.LeastCount)
            {
                records.Reject(lines.Span[..Math.Min(lines.Span.Length, StooqAnswers.ExcerptBytes)], ReasonOfCount);
                continue;
            }

            Add(header, new StooqBar(header, lines.Span, cells.AsSpan(0, count)), lines.Span, lines.Number, place, ticker, filePeriod);
        }

        FlushTwice(header, place);
    }

    /// <summary>Ticker and period of a history, from the name Stooq gives it: <c>aapl_us_d.csv</c>.</summary>
    internal static (byte[] Ticker, byte[] Period) FromName(string fileName)
    {
        var stem = Path.GetFileName(fileName.Replace('\\', '/'));
        var dot = stem.LastIndexOf('.');
        stem = dot > 0 ? stem[..dot] : stem;
        var period = "d";
        if (stem.Length > 2 && stem[^2] == '_' && "dwmqy".Contains(char.ToLowerInvariant(stem[^1]), StringComparison.Ordinal))
        {
            period = stem[^1..].ToLowerInvariant();
            stem = stem[..^2];
        }

        return (Encoding.UTF8.GetBytes(stem.Replace('_', '.')), Encoding.UTF8.GetBytes(period));
    }

    private static int Split(ReadOnlySpan<byte> line, byte delimiter, Span<Range> cells)
    {
        var count = 0;
        var start = 0;
        for (var i = 0; i <= line.Length; i++)
        {
            if (i == line.Length || line[i] == delimiter)
            {
                if (count == cells.Length)
                {
                    return count + 1;
                }

                cells[count++] = start..i;
                start = i + 1;
            }
        }

        return count;
    }

    private void Add(
        StooqHeader header, StooqBar bar, ReadOnlySpan<byte> line, long number, string place, ReadOnlySpan<byte> ticker, ReadOnlySpan<byte> filePeriod)
    {
        ticker = options.Symbol is null && header.Has(StooqColumn.Ticker) ? bar[StooqColumn.Ticker] : ticker;
        var period = header.Has(StooqColumn.Period) ? bar[StooqColumn.Period] : options.Period is not null
            ? Encoding.ASCII.GetBytes(options.Period) : filePeriod;
        RequirePeriod(header, bar, place, number);
        if (_series is null || !ticker.SequenceEqual(_ticker) || !period.SequenceEqual(_period))
        {
            FlushTwice(header, place);
            Change(ticker, period);
        }

        Span<byte> date = stackalloc byte[10];
        Span<byte> time = stackalloc byte[8];
        if (!StooqText.TryDate(bar[StooqColumn.Date], date) || !Local(date, default, out var day))
        {
            // Not a day: the bar time stays as it came, and the contract says what is wrong with it.
            FlushTwice(header, place);
            Write(bar, number, place, bar[StooqColumn.Date], bar[StooqColumn.Date], null, "day"u8);
            return;
        }

        if (!IsIntraday(bar))
        {
            var start = day.InUtc().ToInstant().ToUnixTimeTicks() / 10;
            Write(bar, number, place, date, default, start, "day"u8);
            return;
        }

        if (!StooqText.TryTime(bar[StooqColumn.Time], time) || !Local(date, time, out var local))
        {
            FlushTwice(header, place);
            Write(bar, number, place, date, bar[StooqColumn.Time], null, "once"u8);
            return;
        }

        if (_warsaw.IsAmbiguous(local) && _twice.Count < MostAmbiguousRows)
        {
            _twice.Add((line.ToArray(), number, local));
            return;
        }

        FlushTwice(header, place);
        Write(bar, number, place, date, Wall(date, time), _warsaw.Micros(local), "once"u8);
    }

    /// <summary>Rows with times of day in a file that does not say how long a bar is: seven bars would pass for one day.</summary>
    private void RequirePeriod(StooqHeader header, StooqBar bar, string place, long number)
    {
        if (!header.Has(StooqColumn.Period) && options.Period is null && bar[StooqColumn.Time].IndexOfAnyExcept("0: "u8) >= 0)
        {
            throw new RiskLakeException(
                ErrorCode.SourceAnswer,
                FormattableString.Invariant($"{place}:{number}"),
                $"the time of day '{Encoding.UTF8.GetString(bar[StooqColumn.Time])}', and no column <PER>: the period of the bars is not stated",
                "daily bars, or bars of a stated number of minutes",
                "say the minutes with --period, such as --period 60");
        }
    }

    private bool IsIntraday(StooqBar bar) => _period is [>= (byte)'0' and <= (byte)'9', ..] && !bar[StooqColumn.Time].IsEmpty;

    /// <summary>Decides the bars of an hour that occurs twice: told apart only if the labels start over exactly once.</summary>
    private void FlushTwice(StooqHeader header, string place)
    {
        if (_twice.Count == 0)
        {
            return;
        }

        var turns = Enumerable.Range(1, _twice.Count - 1).Where(i => _twice[i].Local <= _twice[i - 1].Local).ToArray();
        var isDecided = turns.Length == 1 && _twice[turns[0]].Local <= _twice[0].Local;
        var cells = new Range[header.Count + 1];
        Span<byte> date = stackalloc byte[10];
        Span<byte> time = stackalloc byte[8];
        for (var i = 0; i < _twice.Count; i++)
        {
            var (line, number, local) = _twice[i];
            var count = Split(line, header.Delimiter, cells);
            var bar = new StooqBar(header, line, cells.AsSpan(0, count));
            StooqText.TryDate(bar[StooqColumn.Date], date);
            StooqText.TryTime(bar[StooqColumn.Time], time);
            long? micros = isDecided ? WarsawTime.Micros(local, i >= turns[0]) : null;
            Write(bar, number, place, date, Wall(date, time), micros, isDecided ? i >= turns[0] ? "second"u8 : "first"u8 : "once"u8);
        }

        _twice.Clear();
    }

    private static byte[] Wall(ReadOnlySpan<byte> date, ReadOnlySpan<byte> time) => [.. date, (byte)'T', .. time];

    private static bool Local(ReadOnlySpan<byte> date, ReadOnlySpan<byte> time, out LocalDateTime local)
    {
        local = default;
        var (year, month, day) = (Number(date[..4]), Number(date[5..7]), Number(date[8..]));
        if (year is < 1 or > 9998 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        var (hour, minute, second) = time.IsEmpty ? (0, 0, 0) : (Number(time[..2]), Number(time[3..5]), Number(time[6..]));
        if (hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        local = new LocalDateTime(year, month, day, hour, minute, second);
        return true;
    }

    private static int Number(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var digit in digits)
        {
            value = (value * 10) + digit - '0';
        }

        return value;
    }

    private void Change(ReadOnlySpan<byte> ticker, ReadOnlySpan<byte> period)
    {
        _series?.Save();
        _ticker = ticker.ToArray();
        _period = period.ToArray();
        _received = Encoding.UTF8.GetString(ticker);
        _symbol = _received.Trim().ToUpperInvariant();
        _series = SeriesVintages.Open(
            seriesFolder,
            $"stooq|{_symbol}|{Encoding.UTF8.GetString(period).ToLowerInvariant()}|{options.Adjustment}",
            new SeriesArrival(landed, options.IsArrivalStated, options.IsArrivalKnown));
        var market = options.Market ?? marketOf(_symbol);
        if (market != _market)
        {
            _market = market;
            _calendar = target == StooqTarget.Events && market is not null ? CalendarLibrary.BuiltIn.Get(market) : null;
        }
    }

    private void Write(
        StooqBar bar, long number, string place, ReadOnlySpan<byte> date, ReadOnlySpan<byte> wall, long? micros, ReadOnlySpan<byte> clock)
    {
        var verdict = micros is { } time ? _series!.Decide(time, Content(bar), ingestMicros) : new VintageVerdict(ingestMicros, true, false);
        tally.Unchanged += verdict.IsUnchanged ? 1 : 0;
        tally.Restated += verdict.IsRestated ? 1 : 0;
        if (target == StooqTarget.Events)
        {
            WriteEvent(bar, date, verdict, micros is not null && clock.SequenceEqual("day"u8));
            return;
        }

        var vintage = verdict.VintageMicros == ingestMicros ? _ingest : Encoding.UTF8.GetBytes(LandingLedger.Instant(verdict.VintageMicros));
        records.Begin();
        records.Text("source"u8, "stooq"u8);
        records.Text("symbol"u8, _received);
        records.Text("frequency"u8, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(_period).ToLowerInvariant()));
        if (micros is { } known)
        {
            records.Text("bar_time"u8, Encoding.UTF8.GetBytes(LandingLedger.Instant(known)));
        }
        else
        {
            records.Text("bar_time"u8, wall);
        }

        records.Text("adjustment"u8, options.Adjustment);
        records.Text("vintage"u8, vintage);
        records.Text("session"u8, date);
        if (_market is not null)
        {
            records.Text("market"u8, _market);
        }

        records.Text("clock"u8, clock);
        records.Number("open"u8, bar[StooqColumn.Open]);
        records.Number("high"u8, bar[StooqColumn.High]);
        records.Number("low"u8, bar[StooqColumn.Low]);
        records.Number("close"u8, bar[StooqColumn.Close]);
        WriteQuantities(bar[StooqColumn.Volume], OpenInterest(bar));
        records.Text("landed"u8, landed);
        records.Text("origin"u8, string.Create(CultureInfo.InvariantCulture, $"{place}:{number}"));
        records.Text("ts_ingest"u8, vintage);
        records.End();
    }

    private void WriteQuantities(ReadOnlySpan<byte> volume, ReadOnlySpan<byte> openInterest)
    {
        var (isVolume, isInterest) = (StooqQuantity.IsTooLong(volume), StooqQuantity.IsTooLong(openInterest));
        records.Number("volume"u8, isVolume ? default : volume);
        records.Number("open_interest"u8, isInterest ? default : openInterest);
        if (isVolume || isInterest)
        {
            tally.NotHeld++;
            records.Text("not_held"u8, (isVolume ? "volume=" + Encoding.ASCII.GetString(volume) : "")
                + (isVolume && isInterest ? " " : "") + (isInterest ? "open_interest=" + Encoding.ASCII.GetString(openInterest) : ""));
        }
    }

    private void WriteEvent(StooqBar bar, ReadOnlySpan<byte> date, VintageVerdict verdict, bool isDaily)
    {
        if (!isDaily || _period is not [(byte)'D' or (byte)'d'])
        {
            tally.Leave(isDaily ? "not_daily" : "intraday_or_no_date");
        }
        else if (!verdict.IsFirst)
        {
            tally.Leave("restated");
        }
        else if (!StooqText.TryWhole(bar[StooqColumn.Volume], out var volume))
        {
            tally.Leave(bar[StooqColumn.Volume].IsEmpty ? "no_volume" : "fractional_volume");
        }
        else if (_calendar is null)
        {
            tally.Leave("no_market");
        }
        else if (DateOnly.ParseExact(Encoding.UTF8.GetString(date), "yyyy-MM-dd", CultureInfo.InvariantCulture) is var day && !_calendar.Knows(day))
        {
            tally.Leave("outside_calendar");
        }
        else if (!_calendar.IsSession(day))
        {
            tally.Leave("not_a_session");
        }
        else if (LandingLedger.Micros(_calendar.Close(day)) is var close && verdict.VintageMicros - close > MostEventAgeDays * 86_400_000_000)
        {
            tally.Leave("older_than_events_may_be");
        }
        else
        {
            records.Begin();
            records.Text("event_id"u8, string.Create(CultureInfo.InvariantCulture, $"stooq:{_symbol}:{day:yyyy-MM-dd}:{options.Adjustment}"));
            records.Text("symbol"u8, _received);
            records.Number("price"u8, bar[StooqColumn.Close]);
            records.Number("volume"u8, volume);
            records.Text("ts_event"u8, LandingLedger.Instant(close));
            records.Text("ts_ingest"u8, LandingLedger.Instant(verdict.VintageMicros));
            records.Text("source"u8, "stooq"u8);
            records.End();
        }
    }

    // Bulk files write 0 where per-symbol files have no such column: the same fact.
    private static ReadOnlySpan<byte> OpenInterest(StooqBar bar) =>
        bar[StooqColumn.OpenInterest] is var cell && cell.SequenceEqual("0"u8) ? default : cell;

    private static ulong Content(StooqBar bar)
    {
        Span<byte> bytes = stackalloc byte[512];
        var length = 0;
        ReadOnlySpan<StooqColumn> columns = [StooqColumn.Open, StooqColumn.High, StooqColumn.Low, StooqColumn.Close, StooqColumn.Volume];
        foreach (var column in columns)
        {
            length = Append(bytes, length, bar[column]);
        }

        return XxHash3.HashToUInt64(bytes[..Append(bytes, length, OpenInterest(bar))]);

        static int Append(Span<byte> bytes, int length, ReadOnlySpan<byte> cell)
        {
            var value = StooqText.Shortest(cell);
            value = value[..Math.Min(value.Length, 80)];
            value.CopyTo(bytes[length..]);
            bytes[length + value.Length] = (byte)'|';
            return length + value.Length + 1;
        }
    }
}
