using RiskLake.Contracts;
using RiskLake.Lake.Columns;

namespace RiskLake.Gold;

/// <summary>
/// Builds <c>market_bars</c>: open, high, low, close, volume-weighted price, volume and number of events per symbol and window.
/// A bar without a usable volume has null volume and null vwap, and <c>volume_status</c> says why.
/// </summary>
internal sealed class BarBuilder(GoldWriter writer, GoldColumns common, long windowMicros, ContractField time)
{
    private const long MicrosPerMinute = 60_000_000;

    public static IReadOnlyList<ColumnSchema> Schema(Contract contract) =>
    [
        new("symbol", ColumnType.String),
        new("window_start", ColumnType.Timestamp),
        new("window_minutes", ColumnType.Int64),
        new("open", ColumnType.Double, Nullable: true),
        new("high", ColumnType.Double, Nullable: true),
        new("low", ColumnType.Double, Nullable: true),
        new("close", ColumnType.Double, Nullable: true),
        new("vwap", ColumnType.Double, Nullable: true),
        new("volume", contract.Field(FieldRole.Volume)?.Type == ColumnType.Int64 ? ColumnType.Int64 : ColumnType.Double, Nullable: true),
        new("trades", ColumnType.Int64),
        new("volume_status", ColumnType.String),
        new(GoldColumns.Dataset, ColumnType.String),
        new(GoldColumns.RunId, ColumnType.String),
        .. GoldColumns.Times,
    ];

    /// <summary>Adds the bars of a symbol; <paramref name="prices"/> are in the order of the events.</summary>
    public void Add(SymbolEvents events, double[] prices)
    {
        for (var start = 0; start < prices.Length;)
        {
            var window = Floor(time.Micros(events.Time.Slot(events.Order[start])));
            var end = start + 1;
            while (end < prices.Length && Floor(time.Micros(events.Time.Slot(events.Order[end]))) == window)
            {
                end++;
            }

            Append(events, prices, window, start, end);
            start = end;
        }
    }

    private long Floor(long micros)
    {
        var rest = micros % windowMicros;
        return micros - (rest < 0 ? rest + windowMicros : rest);
    }

    private void Append(SymbolEvents events, double[] prices, long window, int start, int end)
    {
        var batch = writer.Batch;
        double high = prices[start], low = prices[start];
        for (var i = start + 1; i < end; i++)
        {
            high = Math.Max(high, prices[i]);
            low = Math.Min(low, prices[i]);
        }

        batch["symbol"].Append(events.Symbol);
        batch["window_start"].Append(window);
        batch["window_minutes"].Append(windowMicros / MicrosPerMinute);
        GoldColumns.AppendFinite(batch["open"], prices[start]);
        GoldColumns.AppendFinite(batch["high"], high);
        GoldColumns.AppendFinite(batch["low"], low);
        GoldColumns.AppendFinite(batch["close"], prices[end - 1]);
        AppendVolume(batch, events, prices, start, end);
        batch["trades"].Append((long)(end - start));
        common.AppendDataset(batch, 1);
        common.AppendRunId(batch, 1);
        common.AppendTimes(batch, 1);
        writer.FlushIfFull();
    }

    private static void AppendVolume(RecordBatch batch, SymbolEvents events, double[] prices, int start, int end)
    {
        var status = events.Volume is { } volume ? Sum(volume, events, prices, start, end, batch) : "no_volume_field";
        if (status != "ok")
        {
            batch["vwap"].AppendNull();
            batch["volume"].AppendNull();
        }

        batch["volume_status"].Append(status);
    }

    private static string Sum(Column volume, SymbolEvents events, double[] prices, int start, int end, RecordBatch batch)
    {
        var scale = GoldStage.PowerOfTen(volume.Schema.Scale);
        double turnover = 0, total = 0;
        Int128 whole = 0;
        for (var i = start; i < end; i++)
        {
            var row = events.Order[i];
            var size = GoldStage.Number(volume, row, scale);
            if (!double.IsFinite(size) || !double.IsFinite(prices[i]))
            {
                return "missing_volume";
            }

            turnover += prices[i] * size;
            total += size;
            whole += volume.Schema.Type == ColumnType.Int64 ? volume.Slot(row) : 0;
        }

        var isWhole = volume.Schema.Type == ColumnType.Int64;
        if ((isWhole && whole > long.MaxValue) || !double.IsFinite(turnover))
        {
            return "overflow";
        }

        if (isWhole)
        {
            batch["volume"].Append((long)whole);
        }
        else
        {
            batch["volume"].Append(total);
        }

        GoldColumns.AppendFinite(batch["vwap"], total == 0 ? double.NaN : turnover / (isWhole ? (double)whole : total));
        return "ok";
    }
}

/// <summary>Builds <c>returns</c>: each event's simple return over the one before it, per symbol.</summary>
internal sealed class ReturnRows(GoldWriter writer, GoldColumns common, Contract contract)
{
    private readonly (int Index, ColumnSchema Column)[] _keys = KeyColumns(contract);
    private readonly ContractField _time = contract.EventTime;

    public static IReadOnlyList<ColumnSchema> Schema(Contract contract) =>
    [
        new("symbol", ColumnType.String),
        new("ts_event", ColumnType.Timestamp),
        .. KeyColumns(contract).Select(key => key.Column),
        new("price", ColumnType.Double, Nullable: true),
        new("previous_price", ColumnType.Double, Nullable: true),
        new("simple_return", ColumnType.Double, Nullable: true),
        new(GoldColumns.Dataset, ColumnType.String),
        new(GoldColumns.RunId, ColumnType.String),
        .. GoldColumns.Times,
    ];

    /// <summary>Adds the returns of a symbol; prices and returns are in the order of the events.</summary>
    public void Add(SymbolEvents events, double[] prices, double[] returns)
    {
        for (var done = 0; done < returns.Length;)
        {
            var count = Math.Min(writer.Room, returns.Length - done);
            Append(events, prices, returns, done, count);
            done += count;
            writer.FlushIfFull();
        }
    }

    /// <summary>Key fields beside symbol and time, which have columns of their own; a name that gold uses itself gets the prefix <c>key_</c>.</summary>
    private static (int Index, ColumnSchema Column)[] KeyColumns(Contract contract)
    {
        string[] taken = ["symbol", "ts_event", "price", "previous_price", "simple_return", GoldColumns.Dataset, GoldColumns.RunId, GoldColumns.AsOf, GoldColumns.ValuationTime];
        return SymbolMerge.KeyFields(contract)
            .Select((field, index) => (Field: field, Index: index))
            .Where(key => key.Field.Role is not (FieldRole.Symbol or FieldRole.EventTime))
            .Select(key => (key.Index, taken.Contains(key.Field.Name) ? key.Field.Column with { Name = "key_" + key.Field.Name } : key.Field.Column))
            .ToArray();
    }

    private void Append(SymbolEvents events, double[] prices, double[] returns, int start, int count)
    {
        var batch = writer.Batch;
        batch["symbol"].AppendRepeated(events.Symbol, count);
        var times = batch["ts_event"];
        var price = batch["price"];
        var previous = batch["previous_price"];
        var simple = batch["simple_return"];
        for (var i = start; i < start + count; i++)
        {
            var row = events.Order[i + 1];
            times.Append(_time.Micros(events.Time.Slot(row)));
            for (var key = 0; key < _keys.Length; key++)
            {
                batch.Columns[2 + key].AppendFrom(events.Keys[_keys[key].Index], row);
            }

            GoldColumns.AppendFinite(price, prices[i + 1]);
            GoldColumns.AppendFinite(previous, prices[i]);
            GoldColumns.AppendFinite(simple, returns[i]);
        }

        common.AppendDataset(batch, count);
        common.AppendRunId(batch, count);
        common.AppendTimes(batch, count);
    }
}
