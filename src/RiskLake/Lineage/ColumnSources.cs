using System.Text.Json.Nodes;
using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;

namespace RiskLake.Lineage;

/// <summary>
/// Says of each column which columns it is made from: silver from bronze, gold from silver. Follows from the contract: no field's
/// name is known here.
/// </summary>
internal sealed class ColumnSources(Contract contract, LineageDatasets datasets)
{
    private readonly string _time = contract.EventTime.Name;
    private readonly string _arrival = contract.PartitionTime.Name;

    /// <summary>The column lineage of a table; null for one whose columns are the received ones.</summary>
    public JsonObject? Of(Layer layer, string dataset) => (layer, dataset) switch
    {
        (Layer.Silver, _) => Silver(),
        (Layer.Gold, Quality.QualityMetrics.Dataset) => QualityMetrics(),
        (Layer.Gold, GoldStage.MarketBars) => Bars(),
        (Layer.Gold, GoldStage.Returns) => Returns(),
        (Layer.Gold, GoldStage.RiskSummary) => Risk(),
        (Layer.Gold, Quality.SessionCompleteness.Dataset) => Sessions(),
        (Layer.Gold, SignalSummary.Dataset) => Signals(),
        _ => null,
    };

    private JsonObject Silver()
    {
        var table = new Table(Layer.Bronze, contract.Dataset, datasets);
        foreach (var field in contract.Fields)
        {
            if (field.Normalisation == Normalisation.None)
            {
                table.Copy(field.Name, field.Name);
            }
            else
            {
                table.Make(field.Name, "TRANSFORMATION", field.Normalisation.ToString().ToLowerInvariant(), field.Name);
            }
        }

        string[] lag = _arrival == _time ? [_time] : [_time, _arrival];
        table.Make(SilverStage.WindowStart, "TRANSFORMATION", "start of the window that holds the event", _time);
        table.Make(SilverStage.IsLate, "TRANSFORMATION", "whether the record arrived later than allowed", lag);
        table.Make(
            SilverStage.Flags,
            "TRANSFORMATION",
            "findings about the record",
            Quality.SessionRules.AppliesTo(contract) ? [.. lag, Symbol] : lag);
        table.Affect("FILTER", "each key once over the lake", [.. contract.Key]);
        table.Affect("SORT", "symbol, event time, key", Order());
        return table.Facet();
    }

    private JsonObject QualityMetrics()
    {
        var table = new Table(Layer.Bronze, contract.Dataset, datasets);
        string[] key = [.. contract.Key];
        table.Make("events_total", "AGGREGATION", "records", key);
        table.Make("events_deduped", "AGGREGATION", "distinct keys", key);
        table.Make("duplicate_rate", "AGGREGATION", "1 - distinct keys / records", key);
        table.Make("duplicate_status", "AGGREGATION", "the rate against its limit", key);
        string[] content = [.. contract.Fields.Where(field => !field.IsDelivery).Select(field => field.Name)];
        table.Make("already_published", "AGGREGATION", "records equal to events of other runs", content);
        table.Make("conflicts", "AGGREGATION", "records that contradict the owners of their events", content);
        table.Make("conflict_rate", "AGGREGATION", "those that contradict other runs / records", content);
        table.Make("conflict_status", "AGGREGATION", "the rate against its limit", content);
        string[] late = [.. key, _time, _arrival];
        table.Make("late_count", "AGGREGATION", "late among distinct keys", late);
        table.Make("late_rate", "AGGREGATION", "their share", late);
        table.Make("late_status", "AGGREGATION", "the share against its limit", late);

        AddTimes(table, hasRunTime: true);
        return table.Facet();
    }

    private JsonObject Bars()
    {
        var table = SymbolTable();
        table.Make("window_start", "TRANSFORMATION", "start of the window that holds the event", _time);
        foreach (var (name, what) in new[] { ("open", "first"), ("high", "greatest"), ("low", "least"), ("close", "last") })
        {
            table.Make(name, "AGGREGATION", what, Price);
        }

        if (contract.Field(FieldRole.Volume) is { } volume)
        {
            table.Make("vwap", "AGGREGATION", "sum of price * volume / sum of volume", Price, volume.Name);
            table.Make("volume", "AGGREGATION", "sum", volume.Name);
            table.Make("volume_status", "AGGREGATION", "whether the volumes can be summed", volume.Name);
        }

        table.Make("trades", "AGGREGATION", "count", [.. contract.Key]);
        table.Affect("GROUP_BY", "symbol and window", Symbol, _time);
        table.Affect("SORT", "event time, key", [_time, .. contract.Key]);
        AddTimes(table, hasRunTime: false);
        return table.Facet();
    }

    private JsonObject Returns()
    {
        var table = SymbolTable();
        table.Copy("ts_event", _time);
        var names = GoldStage.Schema(GoldStage.Returns, contract).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in contract.Key.Where(name => name != Symbol && name != _time))
        {
            table.Copy(names.Contains("key_" + name) ? "key_" + name : name, name);
        }

        table.Make("price", "TRANSFORMATION", "as a double", Price);
        table.Make("previous_price", "TRANSFORMATION", "of the event before", Price);
        table.Make("simple_return", "TRANSFORMATION", "price / previous price - 1", Price);
        table.Affect("WINDOW", "per symbol in the order of event time and key", Order());
        AddTimes(table, hasRunTime: false);
        return table.Facet();
    }

    private JsonObject Risk()
    {
        var table = SymbolTable();
        table.Make("volatility_5m", "AGGREGATION", "sample standard deviation of the latest returns", Price);
        table.Make("value_at_risk_95", "AGGREGATION", "type 7 quantile of the returns at 0.05", Price);
        table.Make("volatility_status", "AGGREGATION", "the volatility against its levels", Price);
        table.Make("observations", "AGGREGATION", "number of returns", Price);
        if (datasets.SignalsPath is { } signals)
        {
            table.MakeOf(signals, "signals", "TRANSFORMATION", "latest value known at as_of", "name", "value");
        }

        table.Affect("GROUP_BY", "symbol", Symbol);
        table.Affect("SORT", "event time, key", [_time, .. contract.Key]);
        AddTimes(table, hasRunTime: true);
        return table.Facet();
    }

    private JsonObject Signals()
    {
        var table = new Table(Layer.Silver, contract.Dataset, datasets);
        foreach (var name in new[] { "name", "source", "period", "value", "missing_reason", "known_from", "known_basis", "units", "frequency" })
        {
            table.Make(name, "TRANSFORMATION", "of the latest observation", name);
        }

        table.Make("observations", "AGGREGATION", "periods known", "period");
        table.Make("status", "TRANSFORMATION", "whether there is a value", "value", "is_withdrawn", "known_from");
        table.Affect("FILTER", "known at as_of", "known_from", _arrival);
        table.Affect("GROUP_BY", "source and name", "source", "name");
        AddTimes(table, hasRunTime: true);
        return table.Facet();
    }

    private JsonObject Sessions()
    {
        var table = SymbolTable();
        table.Make("market", "TRANSFORMATION", "market the symbol is listed for", Symbol);
        table.Make("session", "TRANSFORMATION", "session that holds the event", Symbol, _time);
        table.Make("expected_minutes", "AGGREGATION", "trading minutes of the session", Symbol, _time);
        table.Make("observed_minutes", "AGGREGATION", "trading minutes with an event", Symbol, _time);
        table.Make("completeness", "AGGREGATION", "their share", Symbol, _time);
        table.Make("first_event", "AGGREGATION", "least", _time);
        table.Make("last_event", "AGGREGATION", "greatest", _time);
        table.Make("events", "AGGREGATION", "count", [.. contract.Key]);
        table.Make("out_of_session", "AGGREGATION", "count outside the trading minutes", Symbol, _time);
        table.Make("staleness_minutes", "AGGREGATION", "trading minutes since the last event", Symbol, _time);
        table.Affect("GROUP_BY", "symbol and session", Symbol, _time);
        AddTimes(table, hasRunTime: false);
        return table.Facet();
    }

    private string Symbol => contract.Field(FieldRole.Symbol)!.Name;

    private string Price => contract.Field(FieldRole.Price)!.Name;

    private string[] Order() => [.. contract.Field(FieldRole.Symbol) is { } symbol ? new[] { symbol.Name } : [], _time, .. contract.Key];

    private Table SymbolTable()
    {
        var table = new Table(Layer.Silver, contract.Dataset, datasets);
        table.Copy("symbol", Symbol);
        return table;
    }

    private void AddTimes(Table table, bool hasRunTime)
    {
        table.Make(GoldColumns.ValuationTime, "AGGREGATION", "greatest", _time);
        table.Make(GoldColumns.AsOf, "AGGREGATION", "greatest", _arrival);
        if (hasRunTime)
        {
            table.Make(GoldColumns.RunTime, "AGGREGATION", "greatest", _arrival);
        }
    }

    /// <summary>Collects the sources of one table's columns.</summary>
    private sealed class Table(Layer layer, string dataset, LineageDatasets datasets)
    {
        private readonly JsonObject _fields = [];
        private readonly JsonArray _dataset = [];
        private readonly string _source = datasets.TablePath(layer, dataset);

        public void Copy(string column, string from) => _fields[column] = Inputs("DIRECT", "IDENTITY", null, [from]);

        public void Make(string column, string subtype, string what, params string[] from) => _fields[column] = Inputs("DIRECT", subtype, what, from);

        /// <summary>A column made from another table than the rest.</summary>
        public void MakeOf(string table, string column, string subtype, string what, params string[] from) => _fields[column] = new JsonObject
        {
            ["inputFields"] = new JsonArray([.. from.Select(name => Input(table, "DIRECT", subtype, what, name))]),
        };

        public void Affect(string subtype, string what, params string[] from)
        {
            foreach (var name in from.Distinct(StringComparer.Ordinal))
            {
                _dataset.Add((JsonNode)Input(_source, "INDIRECT", subtype, what, name));
            }
        }

        public JsonObject Facet() => Facets.ColumnLineage(_fields, _dataset);

        private JsonObject Inputs(string type, string subtype, string? what, IEnumerable<string> from) => new()
        {
            ["inputFields"] = new JsonArray([.. from.Distinct(StringComparer.Ordinal).Select(name => Input(_source, type, subtype, what, name))]),
        };

        private static JsonObject Input(string table, string type, string subtype, string? what, string field)
        {
            var transformation = new JsonObject { ["type"] = type, ["subtype"] = subtype };
            if (what is not null)
            {
                transformation["description"] = what;
            }

            return new JsonObject
            {
                ["namespace"] = LineageDatasets.Namespace,
                ["name"] = table,
                ["field"] = field,
                ["transformations"] = new JsonArray(transformation),
            };
        }
    }
}
