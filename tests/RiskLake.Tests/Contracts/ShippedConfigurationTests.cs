using System.Runtime.CompilerServices;
using RiskLake.Contracts;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Contracts;

/// <summary>What the repository's own configuration says.</summary>
public sealed class ShippedConfigurationTests
{
    private static string Config(string name, [CallerFilePath] string here = "") =>
        Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "config", name);

    [Fact]
    public void Market_event_is_what_the_decoder_expects()
    {
        var contract = ContractRegistry.Load(Config("data_contracts.yaml")).Get("market_events");
        Assert.Equal("market_event", contract.Name);
        Assert.Equal("v1", contract.Version);
        Assert.Equal("event_id", Assert.Single(contract.Key));
        Assert.True(contract.OpenContent);
        Assert.Equal(Delivery.Stream, contract.Delivery);
        Assert.Equal(CompatibilityMode.Backward, contract.Compatibility);
        Assert.Equal("event_id symbol price volume ts_event ts_ingest source",
            string.Join(' ', contract.Fields.Select(field => field.Name)));
        Assert.All(contract.Fields, field => Assert.True(field.Required));
        Assert.Equal("ts_ingest", Assert.Single(contract.Fields, field => field.IsDelivery).Name);
        var price = contract.Field(FieldRole.Price)!;
        Assert.Equal(ColumnType.Double, price.Type);
        Assert.Equal(new Bound(BitConverter.DoubleToInt64Bits(0), Exclusive: true, "0"), price.Minimum);
        var volume = contract.Field(FieldRole.Volume)!;
        Assert.Equal(ColumnType.Int64, volume.Type);
        Assert.Equal(new Bound(0, Exclusive: false, "0"), volume.Minimum);
        Assert.Equal(Normalisation.Trim | Normalisation.Upper, contract.Field(FieldRole.Symbol)!.Normalisation);
        Assert.Equal("ts_event", contract.EventTime.Name);
        Assert.Equal("ts_ingest", contract.PartitionTime.Name);
        Assert.Null(contract.EventTime.DefaultZone);
        Assert.Empty(contract.Rules);
        Assert.Equal(64, contract.Sha256.Length);
    }

    [Fact]
    public void Thresholds_are_the_documented_ones()
    {
        var thresholds = Thresholds.Load(Config("risk_thresholds.yaml"));
        Assert.Equal(0.02, thresholds.MaxLateRate);
        Assert.Equal(0.01, thresholds.MaxDuplicateRate);
        Assert.Equal(0.05, thresholds.MaxQuarantineRate);
        Assert.Equal(0.03, thresholds.VolatilityWarn);
        Assert.Equal(0.07, thresholds.VolatilityCritical);
        Assert.Equal(300, thresholds.LateSeconds);
    }

    [Fact]
    public void The_desk_has_symbols_in_whole_ticks()
    {
        var symbols = SymbolList.Load(Config("symbols.yaml"));
        Assert.InRange(symbols.Entries.Count, 8, 12);
        Assert.All(symbols.Entries, entry => Assert.Equal(0, entry.StartPrice!.Value % entry.Tick));
        Assert.Equal("XNYS", symbols.Find("AAPL")!.Market);
    }

    [Fact]
    public void Symbols_of_ones_own_need_nothing_of_the_sample()
    {
        using var desk = new Runs.TestDesk();
        desk.Write("config/symbols.yaml", """
            defaults: {market: XNYS, currency: USD, tick: 0.01, sources: [x]}
            symbols:
              - {symbol: AAPL}
              - {symbol: MSFT, start_price: 400, annual_volatility: 0.2}
            """);
        Assert.Equal("published", (string)desk.Run(desk.Request(desk.WriteEvents([Decoding.MarketEvents.Good])) with { RunId = "own" }).Record["status"]!);
        var error = Assert.Throws<RiskLakeException>(() => desk.Run(desk.Request()));
        Assert.Equal((ErrorCode.ConfigurationInvalid, "symbol AAPL"), (error.Code, error.Place));
    }
}
