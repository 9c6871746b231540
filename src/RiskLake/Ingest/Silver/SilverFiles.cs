using System.Text;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Silver;

/// <summary>The files of a silver table at a version of the lake.</summary>
internal static class SilverFiles
{
    /// <summary>Paths of the files that may hold one of some texts in a column; all of them where none are given.</summary>
    public static IEnumerable<string> Holding(LakeStore lake, LakeSnapshot snapshot, string dataset, string column, IReadOnlyCollection<string>? texts)
    {
        var wanted = texts?.Select(Encoding.UTF8.GetBytes).ToArray();
        return snapshot.Files(Layer.Silver, dataset)
            .Where(file => wanted is null || file.Statistics.FirstOrDefault(known => known.Column == column) is not { } range || MayHold(range, wanted))
            .Select(file => lake.Files.Checked(Existing(lake, file)));
    }

    private static bool MayHold(ColumnStatistics range, byte[][] texts) => range is not { HasRange: true, MinBytes: { } min, MaxBytes: { } max }
        || Array.Exists(texts, text => text.AsSpan().SequenceCompareTo(min) >= 0 && text.AsSpan().SequenceCompareTo(max) <= 0);

    private static DataFile Existing(LakeStore lake, DataFile file) => File.Exists(lake.Paths.Absolute(file.DeltaPath)) ? file : throw new RiskLakeException(
        ErrorCode.LakeVersionUnknown, lake.Paths.Absolute(file.DeltaPath), "no such file: it was vacuumed, or lost", "the files of the version that is read",
        "`risklake lake verify` tells which; what was vacuumed cannot be read again");
}
