using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Quality;

namespace RiskLake.History;

/// <summary>
/// The daily bars of silver, each in the vintage that was known: the greatest one that had arrived. Bars on days without a session have
/// no say.
/// </summary>
internal sealed class BarPrices(HistoryRequest request, Markets markets, IReadOnlyList<(DataFile File, Contract Contract)> files)
{
    private const string Source = "source";
    private const string Symbol = "symbol";
    private const string Frequency = "frequency";
    private const string Adjustment = "adjustment";
    private const string Vintage = "vintage";
    private const string Session = "session";
    private const string Market = "market";

    private static readonly ColumnSchema[] Projection =
    [
        new(Symbol, ColumnType.String, Nullable: true),
        new(Source, ColumnType.String, Nullable: true),
        new(Frequency, ColumnType.String, Nullable: true),
        new(Adjustment, ColumnType.String, Nullable: true),
        new(Vintage, ColumnType.Timestamp, Nullable: true),
        new(Session, ColumnType.Date, Nullable: true),
        new(Market, ColumnType.String, Nullable: true),
        new("open", ColumnType.Double, Nullable: true),
        new("high", ColumnType.Double, Nullable: true),
        new("low", ColumnType.Double, Nullable: true),
        new("close", ColumnType.Double, Nullable: true),
        new("ts_ingest", ColumnType.Timestamp, Nullable: true),
        new(SilverStage.Flags, ColumnType.Int64, Nullable: true),
    ];

    /// <summary>Whether a contract describes bars in vintages: it has the columns of the contract of market bars.</summary>
    public static bool Applies(Contract contract) =>
        Projection.Where(column => column.Name is not (SilverStage.Flags or Market or "open" or "high" or "low"))
            .All(column => contract.Fields.Any(field => field.Name == column.Name && field.Type == column.Type))
        && contract.Key.Contains(Vintage);

    public SeriesCollector Read(CancellationToken ct)
    {
        var all = new SeriesCollector((_, _) => false);
        for (var i = 0; i < files.Count; i++)
        {
            using var reader = request.Lake.Files.Open(files[i].File);
            using var batch = new RecordBatch(Projection);
            for (var group = 0; group < reader.RowGroups; group++)
            {
                ct.ThrowIfCancellationRequested();
                batch.Clear();
                reader.Read(group, batch);
                Add(batch, all);
            }
        }

        return all;
    }

    private void Add(RecordBatch batch, SeriesCollector all)
    {
        var (symbols, sources, adjustments) = (batch[Symbol], batch[Source], batch[Adjustment]);
        var (vintages, sessions, ingests) = (batch[Vintage], batch[Session], batch["ts_ingest"]);
        var (open, high, low, close, flags) = (batch["open"], batch["high"], batch["low"], batch["close"], batch[SilverStage.Flags]);
        var (frequencies, named) = (batch[Frequency], batch[Market]);
        Dictionary<int, Candidate>? series = null;
        SessionClock? clock = null;
        var of = -1;
        for (var row = 0; row < batch.RowCount; row++)
        {
            var session = (int)sessions.Slot(row) + DayZero;
            if (!frequencies.Bytes(row).SequenceEqual("d"u8) || session < request.From.DayNumber || session > request.Through.DayNumber
                || close.IsNull(row) || vintages.Slot(row) > request.AsOf || ingests.Slot(row) > request.AsOf)
            {
                continue;
            }

            // The row before may be one that was passed over: the series is that of the row it was found for.
            if (series is null || !SameSeries(row, of))
            {
                of = row;
                var symbol = symbols.Text(row);
                series = all.Sessions(symbol, sources.Text(row), adjustments.Text(row));
                clock = markets.ClockOf(symbol, named.IsNull(row) ? null : named.Text(row));
            }

            if (!named.IsNull(row))
            {
                all.Name(symbols.Text(row), named.Text(row));
            }

            if (CloseOf(clock!.Calendar, DateOnly.FromDayNumber(session)) is { } time)
            {
                var price = new SessionPrice(
                    session, Number(open, row), Number(high, row), Number(low, row), close.Double(row), time, ingests.Slot(row),
                    flags.IsNull(row) ? 0 : flags.Slot(row));
                all.Add(series, new Candidate(price, vintages.Slot(row), 0, 0, row));
            }
            else if (clock.Calendar.Knows(DateOnly.FromDayNumber(session)))
            {
                all.AddOffSession(symbols.Text(row), sources.Text(row), adjustments.Text(row), session);
            }
        }

        bool SameSeries(int row, int other) =>
            Same(symbols, row, other) && Same(sources, row, other) && Same(adjustments, row, other) && Same(named, row, other);
    }

    private static int DayZero { get; } = new DateOnly(1970, 1, 1).DayNumber;

    private static bool Same(Column column, int row, int other) =>
        column.IsNull(row) == column.IsNull(other) && (column.IsNull(row) || column.Bytes(row).SequenceEqual(column.Bytes(other)));

    private static double Number(Column column, int row) => column.IsNull(row) ? double.NaN : column.Double(row);

    private static long? CloseOf(ExchangeCalendar calendar, DateOnly session) =>
        calendar.Knows(session) && calendar.IsSession(session) ? SessionClock.Micros(calendar.Close(session)) : null;
}
