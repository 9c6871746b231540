using System.Security.Cryptography;
using System.Text.Json;
using RiskLake.Contracts;
using RiskLake.Ingest.Bronze;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Quarantine;
using RiskLake.Lake;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Silver;

/// <summary>
/// Writes the records of a run that contradict the owner of their event. A file of them is a function of which records these are: it
/// holds the losers as they were received, in the order of their places in the inputs, and nothing of what they lost to.
/// </summary>
/// <param name="context">The run whose records they are, and where files are staged.</param>
/// <param name="witness">Is shown the keys.</param>
internal sealed class Conflicts(StagingContext context, KeyWitness witness)
{
    private readonly List<Loser> _losers = [];

    private Contract Contract => context.Contract;

    /// <summary>Adds records of the run that is prepared, by their numbers in the order of the input.</summary>
    public void Add(SilverPlan plan, BronzeKeys keys, IReadOnlyList<BronzeSource> bronze)
    {
        var wanted = new SortedSet<int>(plan.WitnessRows);
        for (var row = 0; row < plan.Verdicts.Count; row++)
        {
            if ((Verdict)plan.Verdicts[row] == Verdict.Conflict)
            {
                wanted.Add(row);
            }
        }

        var rows = BronzeRows.Fetch(Contract, bronze, keys.PartitionOfRow, wanted, normalise: false);
        foreach (var row in wanted)
        {
            witness.See(Contract, new EventId(keys.Digests.Scopes[row], keys.Digests.Keys[row]), rows.Batch, rows.RowOf(row));
            if ((Verdict)plan.Verdicts[row] == Verdict.Conflict)
            {
                _losers.Add(Lost(rows.Batch, rows.RowOf(row)));
            }
        }
    }

    /// <summary>Adds what a file holds, but for the records of some events, of which it adds those that conflict now.</summary>
    /// <param name="before">The file; null when the run had none.</param>
    /// <param name="touch">The events.</param>
    /// <param name="bronze">The run's bronze file of an hour.</param>
    public void Replace(string? before, Touch touch, Func<int, string> bronze)
    {
        var passedOver = new HashSet<(string File, long Line, string Sha256)>();
        foreach (var hour in touch.ConflictHours.Order())
        {
            BronzeEvents.Read(Contract, bronze(hour), touch.Conflicts.ContainsKey, (batch, digests, rows) =>
            {
                foreach (var row in rows)
                {
                    var at = new EventId(digests.Scopes[row], digests.Keys[row]);
                    var record = Lost(batch, row);
                    passedOver.Add((record.File, record.Line, record.Sha256));
                    if (touch.Conflicts[at].Contains(digests.Contents[row]))
                    {
                        witness.See(Contract, at, batch, row);
                        _losers.Add(record);
                    }
                }
            });
        }

        if (before is not null)
        {
            _losers.AddRange(Read(before).Where(record => !passedOver.Contains((record.File, record.Line, record.Sha256))));
        }
    }

    /// <summary>Adds the records of some events whose contents are those of losers.</summary>
    public void Add(IReadOnlyDictionary<EventId, HashSet<ulong>> losers, string bronze) =>
        BronzeEvents.Read(Contract, bronze, losers.ContainsKey, (batch, digests, rows) =>
        {
            foreach (var row in rows)
            {
                var at = new EventId(digests.Scopes[row], digests.Keys[row]);
                if (losers[at].Contains(digests.Contents[row]))
                {
                    witness.See(Contract, at, batch, row);
                    _losers.Add(Lost(batch, row));
                }
            }
        });

    /// <summary>Seals the file; null when no record conflicts.</summary>
    public StagedFile? Finish(PartitionHour partition)
    {
        using var table = new QuarantineTable(context, "conflicts");
        _losers.Sort();
        foreach (var loser in _losers)
        {
            table.AddConflict(loser.File, loser.Line, loser.Raw, loser.Sha256, loser.Reasons);
        }

        return table.Finish(partition) is { } staged ? staged with { File = staged.File with { Part = DataFile.SilverPart } } : null;
    }

    private static IEnumerable<Loser> Read(string path)
    {
        using var reader = new ParquetTableReader(path);
        using var batch = new RecordBatch(QuarantineTable.Schema);
        for (var group = 0; group < reader.RowGroups; group++)
        {
            batch.Clear();
            reader.Read(group, batch);
            for (var row = 0; row < batch.RowCount; row++)
            {
                yield return new Loser(
                    batch[BronzeStage.SourceFile].Text(row), batch[RejectSchema.SourceLine].Slot(row), batch[RejectSchema.Raw].Bytes(row).ToArray(),
                    batch[RejectSchema.RawSha256].Text(row), batch[RejectSchema.Reasons].Text(row));
            }
        }
    }

    private Loser Lost(RecordBatch batch, int row)
    {
        var raw = RecordJson.Write(Contract, batch, row);
        return new Loser(
            batch[BronzeStage.SourceFile].Text(row), batch[BronzeStage.SourceLine].Slot(row), raw, Convert.ToHexStringLower(SHA256.HashData(raw)),
            Reasons(batch, row));
    }

    private string Reasons(RecordBatch batch, int row)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartArray();
            json.WriteStartObject();
            json.WriteString("code", QuarantineTable.ConflictCode);
            json.WriteString("column", string.Join(", ", Contract.Key));
            json.WriteString("found", string.Join(", ", Contract.Key.Select(name => RecordJson.Text(batch[name], row))));
            json.WriteString("expected", "the content of the record that owns the event");
            json.WriteEndObject();
            json.WriteEndArray();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private sealed record Loser(string File, long Line, byte[] Raw, string Sha256, string Reasons) : IComparable<Loser>
    {
        public int CompareTo(Loser? other)
        {
            var result = string.CompareOrdinal(File, other!.File);
            result = result != 0 ? result : Line.CompareTo(other.Line);
            return result != 0 ? result : Raw.AsSpan().SequenceCompareTo(other.Raw);
        }
    }
}
