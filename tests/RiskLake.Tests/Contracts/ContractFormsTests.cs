using System.Text.RegularExpressions;
using RiskLake.Contracts;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Tests.Contracts;

public sealed class ContractFormsTests
{
    // As the system before this one wrote it, to the letter.
    private const string Short = """
        contracts:
          market_event:
            version: v1
            compatibility: backward
            required_fields:
              - event_id
              - symbol
              - price
              - volume
              - ts_event
              - ts_ingest
              - source
            schema:
              event_id: string
              symbol: string
              price: float
              volume: integer
              ts_event: timestamp
              ts_ingest: timestamp
              source: string
        """;

    private static string Odcs => File.ReadAllText(ConfigFolder.Shipped("contracts/market_event.v1.odcs.yaml"));

    [Fact]
    public void Both_forms_of_market_event_are_one_contract()
    {
        var longForm = ContractRegistry.Load(ConfigFolder.Shipped("data_contracts.yaml"));
        var shortForm = ConfigFolder.Registry(Short);
        Assert.Equal(ContractHash.Write(longForm.All[0]).ToString(), ContractHash.Write(shortForm.All[0]).ToString());
        Assert.Equal(longForm.All[0].Sha256, shortForm.All[0].Sha256);

        // The shipped registry holds other contracts too, so registries are compared that hold this one alone.
        using var folder = new ConfigFolder();
        folder.Write("contracts/market_event.v1.odcs.yaml", Odcs);
        var alone = ContractRegistry.Load(folder.Write("data_contracts.yaml", """
            contracts:
              market_event:
                dataset: market_events
                version: v1
                compatibility: backward
                contract: contracts/market_event.v1.odcs.yaml
            """));
        Assert.Equal(alone.Sha256, shortForm.Sha256);
    }

    [Fact]
    public void The_digest_of_market_event_v1_is_for_ever() =>
        Assert.Equal("e0ee75d37229bbb0b7de72f62bad70ebc64c36606829a587f7d4bef40368c2ae",
            ContractRegistry.Load(ConfigFolder.Shipped("data_contracts.yaml")).All[0].Sha256);

    [Fact]
    public void Renaming_every_column_changes_names_and_nothing_else()
    {
        var renamed = Odcs;
        string[] names = ["event_id", "symbol", "price", "volume", "ts_event", "ts_ingest", "source"];
        foreach (var name in names)
        {
            renamed = renamed.Replace($"      - name: {name}\n", $"      - name: X_{name}_\u00e9\n", StringComparison.Ordinal);
        }

        var before = ConfigFolder.Accept(Odcs, "market_event");
        var after = ConfigFolder.Accept(renamed, "market_event");
        Assert.Equal("X_event_id_\u00e9", Assert.Single(after.Key));
        Assert.Equal("X_ts_event_\u00e9", after.EventTime.Name);
        Assert.All(after.Fields, field => Assert.StartsWith("X_", field.Name, StringComparison.Ordinal));
        for (var i = 0; i < names.Length; i++)
        {
            Assert.Equal(before.Fields[i], after.Fields[i] with { Name = names[i], AllowedValues = before.Fields[i].AllowedValues });
        }
    }

    [Fact]
    public void The_short_form_says_everything_the_long_one_does()
    {
        var contract = ConfigFolder.Registry("""
            contracts:
              fixing:
                dataset: fx_fixings
                version: v2
                compatibility: FULL_TRANSITIVE
                id: urn:test:fixing
                required_fields: [pair, tenor, fixed_at]
                key: [pair, tenor]
                roles: {event_time: fixed_at}
                delivery: snapshot
                delivery_fields: seen_by
                normalise: {pair: [trim, upper], tenor: lower}
                open_content: false
                scope: year
                max_ingest_lag: 12h
                max_ingest_lead: PT5M
                schema:
                  tenor: {type: string, values: [spot, 1w, 1m], max_length: 4}
                  pair: {type: string, pattern: '^\w{6}$'}
                  rate: {type: 'decimal(12,6)', exclusive_minimum: 0, multiple_of: 0.000001}
                  fixed_at: {type: timestamp, zone: Europe/London, precision: truncate}
                  seen_by: string
                  quotes: {type: integer, minimum: 0, maximum: 0x10, coerce: true}
                  final: boolean
                  value_date: {type: date, minimum: '2000-01-01'}
            """).Get("fx_fixings");
        Assert.Equal("pair tenor", string.Join(' ', contract.Key));
        Assert.Equal("urn:test:fixing v2 FullTransitive Snapshot False",
            $"{contract.Id} {contract.Version} {contract.Compatibility} {contract.Delivery} {contract.OpenContent}");
        Assert.Equal((KeyScope.Year, 12d, 5d), (contract.Scope, contract.MaxIngestLag.TotalHours, contract.MaxIngestLead.TotalMinutes));
        var fields = contract.Fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        Assert.Equal("spot 1w 1m", string.Join(' ', fields["tenor"].AllowedValues));
        Assert.Equal((4, Normalisation.Lower), (fields["tenor"].MaxLength, fields["tenor"].Normalisation));
        Assert.Equal("^[0-9A-Za-z_]{6}\\z", fields["pair"].Pattern);
        Assert.Equal((ColumnType.Decimal, 12, 6, 1L),
            (fields["rate"].Type, fields["rate"].Precision, fields["rate"].Scale, fields["rate"].MultipleOf));
        Assert.Equal(new Bound(0, Exclusive: true, "0"), fields["rate"].Minimum);
        Assert.Equal(("Europe/London", true, FieldRole.EventTime),
            (fields["fixed_at"].DefaultZone, fields["fixed_at"].TruncatePrecision, fields["fixed_at"].Role));
        Assert.True(fields["seen_by"].IsDelivery);
        Assert.Equal((16L, true), (fields["quotes"].Maximum!.Value.Slot, fields["quotes"].Coerce));
        Assert.Equal(ColumnType.Boolean, fields["final"].Type);
        Assert.Equal((ColumnType.Date, 10957L), (fields["value_date"].Type, fields["value_date"].Minimum!.Value.Slot));
    }

    [Fact]
    public void Customary_meaning_follows_the_role_and_yields_to_the_contract()
    {
        var contract = ConfigFolder.Registry("""
            contracts:
              quote:
                version: v1
                required_fields: [id, t, px]
                key: id
                roles: {event_time: t, price: px}
                schema:
                  id: string
                  t: timestamp
                  px: {type: float, minimum: -100}
                  price: float
                  symbol: string
            """).Get("quote");
        var fields = contract.Fields.ToDictionary(field => field.Name, StringComparer.Ordinal);
        Assert.Equal("quotes", contract.Dataset);
        Assert.Equal(new Bound(BitConverter.DoubleToInt64Bits(-100), Exclusive: false, "-100"), fields["px"].Minimum);
        Assert.Equal((null, FieldRole.None), (fields["price"].Minimum, fields["price"].Role));
        Assert.Equal(Normalisation.None, fields["symbol"].Normalisation);
        Assert.Equal(1, fields["id"].MinLength);
    }

    [Fact]
    public void One_timestamp_is_the_event_time_without_a_word()
    {
        var contract = ConfigFolder.Accept("""
            apiVersion: v3.1.0
            kind: DataContract
            id: holdings
            version: v1
            status: active
            schema:
              - name: holdings
                properties:
                  - {name: book, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
                  - {name: asset, physicalType: VARCHAR(12), required: true, primaryKey: true, primaryKeyPosition: 2}
                  - {name: held_at, physicalType: TIMESTAMPTZ, required: true}
                  - {name: quantity, physicalType: 'DECIMAL(18,4)'}
            """);
        Assert.Equal("held_at", contract.EventTime.Name);
        Assert.Equal("held_at", contract.PartitionTime.Name);
        Assert.Equal(12, contract.Fields[1].MaxLength);
        Assert.False(contract.OpenContent);
    }

    [Theory]
    [InlineData("timezone: true", null)]
    [InlineData("timezone: false", "Etc/UTC")]
    [InlineData("timezone: false, defaultTimezone: Asia/Tokyo", "Asia/Tokyo")]
    [InlineData("defaultTimezone: Asia/Tokyo", "Asia/Tokyo")]
    [InlineData("minimum: '2000-01-01T00:00:00Z'", null)]
    public void A_zone_is_assumed_only_where_the_contract_names_one(string options, string? zone)
    {
        var text = Odcs.Replace("logicalTypeOptions: {timezone: true}", $"logicalTypeOptions: {{{options}}}", StringComparison.Ordinal);
        Assert.Equal(zone, ConfigFolder.Accept(text, "market_event").EventTime.DefaultZone);
    }

    [Theory]
    [InlineData("i8", -128L, 127L)]
    [InlineData("u16", 0L, 65535L)]
    [InlineData("i32", -2147483648L, 2147483647L)]
    public void An_integer_format_is_a_range(string format, long low, long high)
    {
        var text = Odcs.Replace("{minimum: 0, format: i64}", $"{{format: {format}}}", StringComparison.Ordinal);
        var volume = ConfigFolder.Accept(text, "market_event").Field(FieldRole.Volume)!;
        Assert.Equal((low, high), (volume.Minimum!.Value.Slot, volume.Maximum!.Value.Slot));
    }

    [Theory]
    [InlineData("required_fields: [id, tt]", "C023")]
    [InlineData("required_fields: [id, t, t]", "C010")]
    [InlineData("required_fields: [id]", "C036")]
    [InlineData("key: [nothing]", "C023")]
    [InlineData("roles: {event_time: t, price: t}", "C036")]
    [InlineData("roles: {event_tim: t}", "C002")]
    [InlineData("normalise: {idd: trim}", "C023")]
    [InlineData("normalise: {id: shout}", "C004")]
    [InlineData("schema: {id: strng, t: timestamp}", "C006")]
    [InlineData("schema: {id: 'decimal(40,2)', t: timestamp}", "C013")]
    [InlineData("compatibility: backwards", "C006")]
    [InlineData("version: 1", "C004")]
    [InlineData("version: ../v1", "C039")]
    [InlineData("dataset: Has Space", "C039")]
    [InlineData("lookback: soon", "C004")]
    [InlineData("contract: x.yaml", "C002")]
    public void A_slip_in_the_short_form_is_told_with_its_line(string line, string rule)
    {
        var lines = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["version"] = "version: v1",
            ["required_fields"] = "required_fields: [id, t]",
            ["key"] = "key: id",
            ["schema"] = "schema: {id: string, t: timestamp}",
        };
        lines[line.Split(':')[0]] = line;
        var text = "contracts:\n  quote:\n" + string.Concat(lines.Values.Select(entry => $"    {entry}\n"));
        var refusal = Assert.Throws<RiskLakeException>(() => ConfigFolder.Registry(text));
        Assert.True(refusal.Code is ErrorCode.ConfigurationInvalid or ErrorCode.ContractInvalid);
        Assert.Contains(rule, refusal.InnerException!.Message, StringComparison.Ordinal);
        Assert.Matches(new Regex(@"data_contracts\.yaml:[1-9]\z", RegexOptions.NonBacktracking), refusal.Place);
    }
}
