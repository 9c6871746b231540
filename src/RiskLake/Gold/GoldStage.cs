using RiskLake.Contracts;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Risk;

namespace RiskLake.Gold;

/// <summary>Options of gold that change its numbers.</summary>
internal sealed record GoldOptions(long WindowMicros, int VolatilityWindow, double VolatilityWarn, double VolatilityCritical);

/// <summary>Risk of one symbol, as <c>risk_summary</c> holds it.</summary>
/// <param name="Symbol">Instrument.</param>
/// <param name="Volatility">Sample standard deviation of the latest returns; null when there are too few.</param>
/// <param name="ValueAtRisk">Type 7 quantile of the returns at 1 - 0.95, signed: a loss is negative; null without returns.</param>
/// <param name="Status"><c>ok</c>, <c>warn</c>, <c>critical</c> or <c>no_data</c>.</param>
/// <param name="Observations">Returns used.</param>
internal sealed record SymbolRisk(string Symbol, double? Volatility, double? ValueAtRisk, string Status, long Observations);

/// <summary>What the gold stage wrote.</summary>
internal sealed record GoldResult(IReadOnlyList<StagedFile> Files, IReadOnlyList<SymbolRisk> Risk, long? ValuationTime)
{
    /// <summary>The signals that the risk carries.</summary>
    public IReadOnlyList<KeyValuePair<string, double?>> Signals { get; init; } = [];
}

/// <summary>
/// Computes a run's gold from its own deduplicated events: bars, returns and the risk summary per symbol. One pass over the merged
/// silver, symbol by symbol; every sum runs in the order of event time and key.
/// </summary>
internal sealed class GoldStage(StagingContext context, GoldOptions options, long? asOf)
{
    public const string MarketBars = "market_bars";
    public const string Returns = "returns";
    public const string RiskSummary = "risk_summary";

    /// <summary>Values of the configured signals, ordered by name.</summary>
    public IReadOnlyList<KeyValuePair<string, double?>> Signals { get; init; } = [];

    private readonly Contract _contract = context.Contract;
    private readonly PartitionHour _partition = asOf is { } micros ? PartitionHour.Of(micros) : default;

    /// <summary>Whether a contract has what bars and risk need.</summary>
    public static bool Applies(Contract contract) => contract.Field(FieldRole.Symbol) is not null && contract.Field(FieldRole.Price) is not null;

    /// <summary>Columns of a dataset that this stage writes.</summary>
    public static IReadOnlyList<ColumnSchema> Schema(string dataset, Contract contract) => dataset switch
    {
        MarketBars => BarBuilder.Schema(contract),
        Returns => ReturnRows.Schema(contract),
        RiskSummary => RiskSchema,
        SignalSummary.Dataset => SignalSummary.Schema,
        _ => throw new ArgumentOutOfRangeException(nameof(dataset), dataset, "no such dataset"),
    };

    /// <param name="files">The run's events, in files sorted as silver is.</param>
    /// <param name="valuationTime">Greatest event time among them.</param>
    /// <param name="observe">Sees the events of each symbol on the way; null when nobody asks.</param>
    public GoldResult Write(IReadOnlyList<string> files, long? valuationTime, Action<SymbolEvents>? observe = null)
    {
        var summary = asOf is { } known && SignalVintages.AreOf(_contract) ? new SignalSummary(context, known, valuationTime).Write(files) : null;
        if (!Applies(_contract) || files.Count == 0)
        {
            return new GoldResult([.. summary is null ? [] : new[] { summary }], [], valuationTime);
        }

        var common = new GoldColumns(_contract.Dataset, context.RunId, asOf, valuationTime);
        using var bars = new GoldWriter(context, MarketBars, BarBuilder.Schema(_contract), []);
        using var returns = new GoldWriter(context, Returns, ReturnRows.Schema(_contract), [.. Ingest.Bronze.BronzeStage.DistinctColumns(_contract), "simple_return"]);
        var barBuilder = new BarBuilder(bars, common, options.WindowMicros, _contract.EventTime);
        var returnRows = new ReturnRows(returns, common, _contract);
        var risk = new List<SymbolRisk>();
        using (var merge = new SymbolMerge(_contract, files))
        {
            foreach (var events in ReadAhead.Of(merge.Next))
            {
                using (events)
                {
                    var prices = Prices(events);
                    barBuilder.Add(events, prices);
                    var simple = Risk.Returns.Simple(prices);
                    returnRows.Add(events, prices, simple);
                    risk.Add(Summarise(events.Symbol, simple));
                    observe?.Invoke(events);
                }
            }
        }

        var staged = new List<StagedFile>();
        staged.AddRange(new[] { bars.Seal(_partition), returns.Seal(_partition), WriteRisk(risk, common), summary }.OfType<StagedFile>());
        return new GoldResult(staged, risk, valuationTime) { Signals = Signals };
    }

    private static IReadOnlyList<ColumnSchema> RiskSchema { get; } =
    [
        new("symbol", ColumnType.String),
        new("volatility_5m", ColumnType.Double, Nullable: true),
        new("value_at_risk_95", ColumnType.Double, Nullable: true),
        new("volatility_status", ColumnType.String),
        new("observations", ColumnType.Int64),
        new("volatility_window", ColumnType.Int64),
        new("signals", ColumnType.Map),
        new(GoldColumns.Dataset, ColumnType.String),
        new(GoldColumns.RunId, ColumnType.String),
        new(GoldColumns.RunTime, ColumnType.Timestamp, Nullable: true),
        .. GoldColumns.Times,
    ];

    private static double[] Prices(SymbolEvents events)
    {
        var column = events.Price;
        var scale = PowerOfTen(column.Schema.Scale);
        var prices = new double[events.Order.Length];
        for (var i = 0; i < prices.Length; i++)
        {
            prices[i] = Number(column, events.Order[i], scale);
        }

        return prices;
    }

    /// <summary>A numeric value as a double; NaN where there is none. A quotient by a power of ten up to 10^18 is correctly rounded below 2^53.</summary>
    internal static double Number(Column column, int row, double scale) => column.IsNull(row) ? double.NaN : column.Schema.Type switch
    {
        ColumnType.Double => column.Double(row),
        ColumnType.Decimal => column.Slot(row) / scale,
        _ => column.Slot(row),
    };

    /// <summary>Exact up to 10^22.</summary>
    internal static double PowerOfTen(int exponent)
    {
        var power = 1.0;
        for (var i = 0; i < exponent; i++)
        {
            power *= 10;
        }

        return power;
    }

    private static void AppendNullable(Column column, double? value)
    {
        if (value is { } number)
        {
            column.Append(number);
        }
        else
        {
            column.AppendNull();
        }
    }

    /// <summary>A series with a return that is not a number (a price of zero, a missing price) has no risk numbers rather than wrong ones. Sorts the returns.</summary>
    private SymbolRisk Summarise(string symbol, double[] returns)
    {
        if (Array.Exists(returns, value => !double.IsFinite(value)))
        {
            return new SymbolRisk(symbol, null, null, "no_data", returns.Length);
        }

        var volatility = RollingVolatility.Latest(returns, options.VolatilityWindow);
        double? valueAtRisk = null;
        if (returns.Length > 0)
        {
            Array.Sort(returns);
            valueAtRisk = Quantile.Type7(returns, 1 - 0.95);
        }

        var status = volatility is not { } value ? "no_data"
            : value >= options.VolatilityCritical ? "critical"
            : value >= options.VolatilityWarn ? "warn" : "ok";
        return new SymbolRisk(symbol, volatility, valueAtRisk, status, returns.Length);
    }

    private StagedFile? WriteRisk(List<SymbolRisk> risk, GoldColumns common)
    {
        if (risk.Count == 0)
        {
            return null;
        }

        using var batch = new RecordBatch(RiskSchema);
        var signals = NumberMap.Of([.. Signals]);
        foreach (var row in risk)
        {
            batch["symbol"].Append(row.Symbol);
            AppendNullable(batch["volatility_5m"], row.Volatility);
            AppendNullable(batch["value_at_risk_95"], row.ValueAtRisk);
            batch["volatility_status"].Append(row.Status);
            batch["observations"].Append(row.Observations);
            batch["volatility_window"].Append((long)options.VolatilityWindow);
            batch["signals"].Append(signals.AsSpan());
        }

        common.AppendDataset(batch, risk.Count);
        common.AppendRunId(batch, risk.Count);
        common.AppendTimes(batch, risk.Count);
        using var table = new StagedTable(context, Layer.Gold, RiskSummary, "rows", RiskSchema, []);
        table.WriteAll(batch);
        return table.Seal(_partition);
    }
}
