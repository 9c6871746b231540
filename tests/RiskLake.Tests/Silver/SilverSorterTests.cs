using CsCheck;
using RiskLake.Contracts;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Tests.Runs;

namespace RiskLake.Tests.Silver;

/// <summary>A partition sorted by way of scratch files is the same file, byte for byte, as one sorted in memory.</summary>
public sealed class SilverSorterTests
{
    private static readonly Contract Bars = ContractRegistry.Load(Path.Combine(TestDesk.RepositoryConfig, "data_contracts.yaml")).Get("market_bar");

    private static readonly Contract Signals = ContractRegistry.Load(Path.Combine(TestDesk.RepositoryConfig, "data_contracts.yaml")).Get("external_signal");

    [Fact]
    public void The_bytes_do_not_depend_on_the_memory() => Gen.Select(Gen.Int[0, 4].Array[0, 300], Gen.Int[1, 60], Gen.Bool).Sample(
        (draws, chunk, isBars) =>
        {
            var folder = Directory.CreateTempSubdirectory("risklake-sorter-").FullName;
            try
            {
                var contract = isBars ? Bars : Signals;
                var whole = Sort(contract, folder, "whole", draws, chunk, long.MaxValue, out var range);
                Assert.Equal(whole, Sort(contract, folder, "parts", draws, chunk, 0, out var same));
                Assert.Equal(range, same);
                Assert.DoesNotContain(Directory.GetFiles(folder), file => file.Contains("stretch", StringComparison.Ordinal));
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        },
        iter: 60,
        threads: 1);

    private static string? Sort(
        Contract contract, string folder, string name, int[] draws, int chunk, long budget, out (long Min, long Max)? range)
    {
        using var batch = new RecordBatch(SilverStage.Schema(contract));
        using var sorter = new SilverSorter(new StagingContext(new UnsyncedStorage(), folder, "run", contract), name, batch, budget);
        for (var row = 0; row < draws.Length; row++)
        {
            foreach (var column in batch.Columns)
            {
                Append(column, contract, draws[row], row);
            }

            if (row % chunk == chunk - 1)
            {
                // What is held never outgrows the budget by more than what was added since it was last looked at.
                sorter.SpillIfFull();
                Assert.True(batch.ByteSize <= budget);
            }
        }

        using var table = sorter.Write();
        range = sorter.EventTimes;
        return table?.Seal(default).File.Sha256;
    }

    /// <summary>Few symbols and times, so that all parts of the order decide; the row number keeps keys apart.</summary>
    private static void Append(Column column, Contract contract, int draw, int row)
    {
        var field = contract.Fields.FirstOrDefault(field => field.Name == column.Schema.Name);
        var decides = field?.Role is FieldRole.Symbol or FieldRole.EventTime;
        if (column.Schema.Nullable && (draw + row) % 3 == 0)
        {
            column.AppendNull();
        }
        else if (column.Schema.IsBytes)
        {
            column.Append(decides ? $"S{draw % 3}" : field?.Name == contract.Key[0] ? $"key {(row * 7) % 1009}" : $"text {draw}");
        }
        else
        {
            column.Append((long)(decides ? draw / 2 : (row * 7) % 1009));
        }
    }
}
