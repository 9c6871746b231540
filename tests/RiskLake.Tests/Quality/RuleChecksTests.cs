using CsCheck;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Ingest.Bronze;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Quality;

namespace RiskLake.Tests.Quality;

/// <summary>The contract's own rules against a naive count over plain rows.</summary>
public sealed class RuleChecksTests
{
    private sealed record Row(string? Venue, long? Size, double? Price, int Hour, bool IsRepeat);

    private static readonly QualityRule[] Rules =
    [
        new() { Id = "nulls", Metric = RuleMetric.NullValues, Columns = ["venue"], Operator = RuleOperator.LessOrEqual, Limit = 2 },
        new()
        {
            Id = "missing",
            Metric = RuleMetric.MissingValues,
            Columns = ["venue"],
            MissingValues = ["", "n/a"],
            Operator = RuleOperator.Less,
            Limit = 30,
            Percent = true,
        },
        new()
        {
            Id = "missing_size",
            Metric = RuleMetric.MissingValues,
            Columns = ["size"],
            MissingValues = ["-1", "1.0", "x"],
            Operator = RuleOperator.Equal,
            Severity = Severity.Warning,
        },
        new()
        {
            Id = "invalid",
            Metric = RuleMetric.InvalidValues,
            Columns = ["venue"],
            ValidValues = ["XNYS", "XNAS"],
            Operator = RuleOperator.Between,
            Limit = 0,
            UpperLimit = 3,
        },
        new()
        {
            Id = "pattern",
            Metric = RuleMetric.InvalidValues,
            Columns = ["venue"],
            Pattern = "^X[A-Z]+$",
            Operator = RuleOperator.NotEqual,
            Limit = 1,
            Severity = Severity.Info,
        },
        new()
        {
            Id = "invalid_price",
            Metric = RuleMetric.InvalidValues,
            Columns = ["price"],
            ValidValues = ["0", "2.5e0"],
            Operator = RuleOperator.Greater,
            Limit = 1,
            Percent = true,
        },
        new() { Id = "groups", Metric = RuleMetric.DuplicateValues, Columns = ["venue", "size"], Operator = RuleOperator.GreaterOrEqual, Limit = 1 },
        new()
        {
            Id = "prices",
            Metric = RuleMetric.DuplicateValues,
            Columns = ["price"],
            Operator = RuleOperator.NotBetween,
            Limit = 0.5,
            UpperLimit = 50,
            Percent = true,
        },
        new() { Id = "rows", Metric = RuleMetric.RowCount, Operator = RuleOperator.Greater, Limit = 3 },
        new()
        {
            Id = "query",
            Metric = RuleMetric.Other,
            Definition = "select 1",
            Operator = RuleOperator.Equal,
            NotExecuted = "sql rules are not executed yet",
        },
    ];

    private static readonly Contract Contract = new()
    {
        Name = "quote",
        Dataset = "quotes",
        Id = "urn:test:quote",
        Version = "v1",
        Fields =
        [
            new() { Name = "id", Type = ColumnType.Int64, Required = true },
            new() { Name = "happened", Type = ColumnType.Timestamp, Required = true, Role = FieldRole.EventTime },
            new() { Name = "venue", Type = ColumnType.String },
            new() { Name = "size", Type = ColumnType.Int64 },
            new() { Name = "price", Type = ColumnType.Double },
        ],
        Key = ["id"],
        Rules = Rules,
        Sha256 = "0",
    };

    private static Gen<Row[]> GenRows { get; } = Gen.Select(
        OneOf<string?>(null, "", "n/a", "XNYS", "XNAS", "XLON", "lower"),
        OneOf<long?>(null, -1, 1, 2, 3),
        OneOf<double?>(null, 0.0, -0.0, 2.5, 7),
        Gen.Int[0, 2],
        Gen.Frequency((4, Gen.Const(false)), (1, Gen.Const(true))),
        (venue, size, price, hour, isRepeat) => new Row(venue, size, price, hour, isRepeat)).Array[0, 40];

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    [Fact]
    public void Every_rule_counts_what_a_plain_loop_counts() => GenRows.Sample(
        rows =>
        {
            var results = Evaluate(rows);
            var first = rows.Where(row => !row.IsRepeat).ToArray();
            var expected = new Dictionary<string, long>
            {
                ["nulls"] = first.Count(row => row.Venue is null),
                ["missing"] = first.Count(row => row.Venue is null or "" or "n/a"),
                ["missing_size"] = first.Count(row => row.Size is null or -1 or 1),
                ["invalid"] = first.Count(row => row.Venue is not (null or "XNYS" or "XNAS")),
                ["pattern"] = first.Count(row => row.Venue is not null && !row.Venue.StartsWith('X')),
                ["invalid_price"] = first.Count(row => row.Price is not (null or 0 or 2.5)),
                ["groups"] = first.GroupBy(row => (row.Venue, row.Size)).Count(group => group.Count() > 1),
                ["prices"] = first.GroupBy(row => row.Price + 0.0).Count(group => group.Count() > 1),
                ["rows"] = 0,
                ["query"] = 0,
            };
            Assert.Equal(Rules.Select(rule => rule.Id), results.Select(result => result.Rule));
            foreach (var (rule, result) in Rules.Zip(results))
            {
                Check(rule, result, expected[rule.Id], first.Length);
            }
        },
        iter: 150,
        threads: 1);

    [Fact]
    public void A_rule_over_nothing_is_never_green()
    {
        var results = Evaluate([]);
        Assert.All(results.Take(9), result => Assert.Equal((CheckStatus.NoData, 0L, (double?)null), (result.Status, result.EvaluatedRows, result.Observed)));
        Assert.Equal(CheckStatus.NotExecuted, results[9].Status);
        Assert.False(results[9].Blocks);
    }

    [Fact]
    public void Values_of_a_rule_are_read_as_values_of_the_column()
    {
        var amount = new ContractField { Name = "amount", Type = ColumnType.Decimal, Precision = 9, Scale = 2 };
        var day = new ContractField { Name = "day", Type = ColumnType.Date };
        var time = new ContractField { Name = "time", Type = ColumnType.Timestamp };
        using var batch = new RecordBatch([amount.Column, day.Column, time.Column]);
        batch["amount"].Append(1250L);
        batch["day"].Append(20_108L);
        batch["time"].Append(1_737_367_200_000_000L);
        Assert.True(new ValueSet(amount, ["12.5"]).Contains(batch["amount"], 0));
        Assert.False(new ValueSet(amount, ["12.505", "99999999999999999999999999", "x"]).Contains(batch["amount"], 0));
        Assert.True(new ValueSet(day, ["2025-01-20"]).Contains(batch["day"], 0));
        Assert.True(new ValueSet(time, ["2025-01-20T11:00:00+01:00"]).Contains(batch["time"], 0));
        Assert.Equal(["12.50", "2025-01-20", "2025-01-20T10:00:00Z"], batch.Columns.Select(column => ValueSet.Text(column, 0)));
    }

    private static void Check(QualityRule rule, CheckResult result, long failed, int rows)
    {
        if (rule.NotExecuted is not null)
        {
            Assert.Equal((CheckStatus.NotExecuted, 0L, false), (result.Status, result.EvaluatedRows, result.IsBlocking));
            return;
        }

        Assert.Equal((rule.Id, failed, rows), (rule.Id, result.FailedRows, (int)result.EvaluatedRows));
        if (rows == 0)
        {
            Assert.Equal(CheckStatus.NoData, result.Status);
            return;
        }

        double observed = rule.Metric == RuleMetric.RowCount ? rows : rule.Percent ? 100.0 * failed / rows : failed;
        Assert.Equal(observed, result.Observed);
        var breach = rule.Severity == Severity.Error ? CheckStatus.Failed : CheckStatus.Warned;
        var holds = Holds(rule, rule.Metric == RuleMetric.RowCount ? rows : failed, rows);
        Assert.Equal(holds ? CheckStatus.Passed : breach, result.Status);
        Assert.Equal(rule.Severity == Severity.Error && !holds, result.Blocks);
    }

    /// <summary>The rule in words: a count, or a hundred times it beside so many times the limit, as decimal numbers.</summary>
    private static bool Holds(QualityRule rule, long counted, int rows)
    {
        var (value, scale) = rule.Percent ? (100m * counted, (decimal)rows) : (counted, 1m);
        var (lower, upper) = ((decimal)rule.Limit * scale, (decimal)rule.UpperLimit * scale);
        return rule.Operator switch
        {
            RuleOperator.Equal => value == lower,
            RuleOperator.NotEqual => value != lower,
            RuleOperator.Greater => value > lower,
            RuleOperator.GreaterOrEqual => value >= lower,
            RuleOperator.Less => value < lower,
            RuleOperator.LessOrEqual => value <= lower,
            RuleOperator.Between => value >= lower && value <= upper,
            RuleOperator.NotBetween => value < lower || value > upper,
            _ => false,
        };
    }

    /// <summary>Writes the rows to one bronze file for each hour, as the bronze stage would, and evaluates the rules over them.</summary>
    private static IReadOnlyList<CheckResult> Evaluate(Row[] rows)
    {
        var folder = Directory.CreateTempSubdirectory("risklake-rules-").FullName;
        try
        {
            using var partitions = new NativeBuffer<int>();
            using var repeated = new NativeBuffer<byte>();
            foreach (var row in rows)
            {
                partitions.Add(row.Hour);
                repeated.Add(row.IsRepeat ? (byte)1 : (byte)0);
            }

            var sources = rows.Select(row => row.Hour).Distinct().Select(hour => Write(folder, hour, rows.Where(row => row.Hour == hour).ToArray())).ToArray();
            return RuleChecks.Evaluate(Contract, sources, partitions, repeated);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static BronzeSource Write(string folder, int hour, Row[] rows)
    {
        var path = Path.Combine(folder, $"{hour}.parquet");
        using var batch = new RecordBatch(BronzeStage.Schema(Contract));
        foreach (var row in rows)
        {
            batch["id"].Append((long)batch["id"].Count);
            batch["happened"].Append(hour * 3_600_000_000L);
            AppendText(batch["venue"], row.Venue);
            Append(batch["size"], row.Size);
            Append(batch["price"], row.Price is { } price ? BitConverter.DoubleToInt64Bits(price) : null);
            batch[BronzeStage.SourceFile].Append("quotes.ndjson");
            batch[BronzeStage.SourceLine].Append(1L);
        }

        using var writer = new ParquetTableWriter(path, batch.Schema, new Dictionary<string, string>(), []);
        var half = rows.Length / 2;
        if (half > 0)
        {
            writer.WriteRowGroup(batch, 0, half);
        }

        writer.WriteRowGroup(batch, half, rows.Length - half);
        writer.Finish();
        return new BronzeSource(path, new PartitionHour(hour), hour);
    }

    private static void AppendText(Column column, string? value)
    {
        if (value is null)
        {
            column.AppendNull();
        }
        else
        {
            column.Append(value);
        }
    }

    private static void Append(Column column, long? slot)
    {
        if (slot is { } value)
        {
            column.Append(value);
        }
        else
        {
            column.AppendNull();
        }
    }
}
