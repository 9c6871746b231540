using RiskLake.Contracts;
using RiskLake.Gold;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Quality;

namespace RiskLake.History;

/// <summary>
/// The last price of each session from silver events of a contract with a symbol and a price. Events outside of sessions have no say.
/// </summary>
internal sealed class EventPrices(HistoryRequest request, Markets markets, IReadOnlyList<(DataFile File, Contract Contract)> files)
{
    public static bool Applies(Contract contract) => GoldStage.Applies(contract) && contract.EventTime.Type == ColumnType.Timestamp;

    public SeriesCollector Read(CancellationToken ct)
    {
        var all = new SeriesCollector(Wins);
        var parts = new SeriesCollector?[files.Count];
        Parallel.For(0, files.Count, new ParallelOptions { MaxDegreeOfParallelism = request.Threads, CancellationToken = ct }, i => parts[i] = ReadFile(i));
        foreach (var part in parts)
        {
            all.Merge(part!);
        }

        return all;
    }

    private SeriesCollector ReadFile(int index)
    {
        var (file, contract) = files[index];
        using var reader = request.Lake.Files.Open(file);
        using var batch = new RecordBatch(Projection(contract));
        var rows = new Rows(contract, batch, request, markets, new SeriesCollector(Wins), index);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            reader.Read(group, batch);
            rows.Add(group);
        }

        return rows.Collector;
    }

    /// <summary>The columns that are read, each once: without an ingest time an event arrives when it happens.</summary>
    private static IReadOnlyList<ColumnSchema> Projection(Contract contract)
    {
        ContractField?[] fields =
        [
            contract.Field(FieldRole.Symbol), contract.EventTime, contract.PartitionTime, contract.Field(FieldRole.Price), contract.Field(FieldRole.Source),
        ];
        return
        [
            .. fields.OfType<ContractField>().DistinctBy(field => field.Name).Select(field => field.Column),
            new(SilverStage.Flags, ColumnType.Int64, Nullable: true),
        ];
    }

    /// <summary>Of two events at one instant the one with the greater key is the last.</summary>
    private bool Wins(Candidate a, Candidate b)
    {
        if (a.File == b.File)
        {
            return (a.Group, a.Row).CompareTo((b.Group, b.Row)) > 0;
        }

        using var first = Keys(a);
        using var second = Keys(b);
        return SilverOrder.CompareKeys(first.Columns, 0, second.Columns, 0) > 0;
    }

    private RecordBatch Keys(Candidate candidate)
    {
        var (file, contract) = files[candidate.File];
        var schema = SymbolMerge.KeyFields(contract).Select(field => field.Column with { Nullable = true }).ToArray();
        using var reader = request.Lake.Files.Open(file);
        using var group = new RecordBatch(schema);
        reader.Read(candidate.Group, group);
        var row = new RecordBatch(schema);
        row.AppendFrom(group, candidate.Row);
        return row;
    }

    /// <summary>Goes through the rows of a file in their order.</summary>
    private sealed class Rows(Contract contract, RecordBatch batch, HistoryRequest request, Markets markets, SeriesCollector collector, int file)
    {
        private readonly Column _symbol = batch[contract.Field(FieldRole.Symbol)!.Name];
        private readonly Column _time = batch[contract.EventTime.Name];
        private readonly Column _ingest = batch[contract.PartitionTime.Name];
        private readonly Column _price = batch[contract.Field(FieldRole.Price)!.Name];
        private readonly Column _flags = batch[SilverStage.Flags];
        private readonly Column? _source = contract.Field(FieldRole.Source) is { } source ? batch[source.Name] : null;
        private readonly double _scale = GoldStage.PowerOfTen(contract.Field(FieldRole.Price)!.Scale);
        private readonly Dictionary<string, Dictionary<int, Candidate>> _sources = new(StringComparer.Ordinal);
        private byte[] _symbolBytes = [];
        private byte[] _sourceBytes = [];
        private string _symbolText = "";
        private string _sourceText = "";
        private SessionClock? _clock;
        private Dictionary<int, Candidate>? _sessions;
        private PlacedStretch _stretch;

        public SeriesCollector Collector => collector;

        public void Add(int group)
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (_symbol.IsNull(row) || _price.IsNull(row) || contract.PartitionTime.Micros(_ingest.Slot(row)) is var ingest && ingest > request.AsOf)
                {
                    continue;
                }

                Turn(row);
                var time = contract.EventTime.Micros(_time.Slot(row));
                var session = SeriesCollector.SessionOf(_clock!, time, ref _stretch);
                if (session >= request.From.DayNumber && session <= request.Through.DayNumber)
                {
                    // A price at the very close is the session's: silver, which counts trading minutes, says it came after them.
                    var flags = _flags.IsNull(row) ? 0 : _flags.Slot(row) & ~(long)QualityFlags.OutOfSession;
                    var price = GoldStage.Number(_price, row, _scale);
                    var at = new SessionPrice(session, double.NaN, double.NaN, double.NaN, price, time, ingest, flags);
                    collector.Add(_sessions!, new Candidate(at, time, file, group, row));
                }
                else if (session < 0 && _clock!.Place(time) is { Place: EventPlace.NonTradingDay, Day: var day }
                    && day >= request.From.DayNumber && day <= request.Through.DayNumber)
                {
                    collector.AddOffSession(_symbolText, _sourceText, PriceHistory.Undeclared, day);
                }
            }
        }

        private void Turn(int row)
        {
            var sameSymbol = _clock is not null && _symbol.Bytes(row).SequenceEqual(_symbolBytes);
            var source = _source is null || _source.IsNull(row) ? default : _source.Bytes(row);
            if (sameSymbol && source.SequenceEqual(_sourceBytes))
            {
                return;
            }

            if (!sameSymbol)
            {
                _symbolBytes = _symbol.Bytes(row).ToArray();
                _symbolText = _symbol.Text(row);
                _clock = markets.ClockOf(_symbolText, null);
                _stretch = default;
                _sources.Clear();
            }

            _sourceBytes = source.ToArray();
            _sourceText = System.Text.Encoding.UTF8.GetString(source);
            if (!_sources.TryGetValue(_sourceText, out _sessions))
            {
                _sessions = collector.Sessions(_symbolText, _sourceText, PriceHistory.Undeclared);
                _sources.Add(_sourceText, _sessions);
            }
        }
    }
}
