using System.Text;
using CsCheck;
using RiskLake.Lake.Columns;

namespace RiskLake.Tests.Lake;

/// <summary>The bounds of a text column are those of its values, the empty text among them: queries skip files by them.</summary>
public sealed class TextStatisticsTests
{
    private static readonly Gen<string> Text = Gen.OneOf(Gen.Const(""), Gen.String[Gen.Char["ab żé"], 0, 10]);

    [Fact]
    public void Bounds_are_the_least_and_the_greatest_of_any_texts() =>
        Gen.Select(Text.Array[1, 20], Gen.Int[1, 7]).Sample(
            (texts, group) =>
            {
                var path = Path.GetTempFileName();
                try
                {
                    ColumnSchema[] schema = [new("text", ColumnType.String)];
                    using var batch = new RecordBatch(schema);
                    Array.ForEach(texts, text => batch["text"].Append(text));
                    using var writer = new ParquetTableWriter(path, schema, new Dictionary<string, string>(StringComparer.Ordinal), []);
                    for (var start = 0; start < texts.Length; start += group)
                    {
                        writer.WriteRowGroup(batch, start, Math.Min(group, texts.Length - start));
                    }

                    var bounds = writer.Finish().Statistics[0];
                    var ordered = texts.Select(Encoding.UTF8.GetBytes).Order(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b))).ToArray();
                    Assert.Equal(ordered[0], bounds.MinBytes!);
                    Assert.Equal(ordered[^1], bounds.MaxBytes!);
                }
                finally
                {
                    File.Delete(path);
                }
            },
            iter: 300, threads: 1);
}
