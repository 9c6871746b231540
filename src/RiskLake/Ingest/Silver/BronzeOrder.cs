using RiskLake.Contracts;
using RiskLake.Ingest.Bronze;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>
/// The order of a run's records, as its bronze tells it: by input, then line; records that share a line, by hour, then as received.
/// </summary>
internal static class BronzeOrder
{
    /// <param name="contract">Contract of the rows.</param>
    /// <param name="sources">Bronze files in the order of their hours, each in the order of the input.</param>
    /// <param name="inputs">Names of the inputs, in order.</param>
    /// <param name="keys">Receives the digests and partitions of all rows.</param>
    public static void Read(Contract contract, IReadOnlyList<BronzeSource> sources, IReadOnlyList<string> inputs, BronzeKeys keys)
    {
        var ranks = inputs.Select((name, rank) => (name, rank)).GroupBy(input => input.name).ToDictionary(group => group.Key, group => group.First().rank);
        var rows = new List<Place>();
        var digests = new List<EventDigests>();
        foreach (var source in sources)
        {
            digests.Add(Read(contract, source, ranks, rows));
        }

        rows.Sort();
        foreach (var row in rows)
        {
            keys.Digests.Add(digests[row.Source], row.Local, 1);
            keys.PartitionOfRow.Add(sources[row.Source].Ordinal);
        }

        digests.ForEach(digest => digest.Dispose());

        EventDigests Read(Contract of, BronzeSource source, Dictionary<string, int> rankOf, List<Place> places)
        {
            var result = new EventDigests();
            var hasher = new EventHasher(of);
            using var reader = new ParquetTableReader(source.Path);
            using var batch = new RecordBatch(
                [.. of.Fields.Select(field => field.Column), new(BronzeStage.SourceFile, ColumnType.String), new(BronzeStage.SourceLine, ColumnType.Int64)]);
            var local = 0;
            for (var group = 0; group < reader.RowGroups; group++)
            {
                batch.Clear();
                reader.Read(group, batch);
                hasher.Add(batch, result);
                for (var row = 0; row < batch.RowCount; row++)
                {
                    var rank = rankOf.GetValueOrDefault(batch[BronzeStage.SourceFile].Text(row), int.MaxValue);
                    places.Add(new Place(rank, batch[BronzeStage.SourceLine].Slot(row), digests.Count, local++));
                }
            }

            return result;
        }
    }

    private readonly record struct Place(int Input, long Line, int Source, int Local) : IComparable<Place>
    {
        public int CompareTo(Place other) =>
            Input != other.Input ? Input.CompareTo(other.Input)
            : Line != other.Line ? Line.CompareTo(other.Line)
            : Source != other.Source ? Source.CompareTo(other.Source)
            : Local.CompareTo(other.Local);
    }
}
