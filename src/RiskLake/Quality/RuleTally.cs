using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text.RegularExpressions;
using RiskLake.Contracts;
using RiskLake.Lake.Columns;

namespace RiskLake.Quality;

/// <summary>Counts what one rule asks for, row by row.</summary>
internal abstract class RuleTally(QualityRule rule) : IDisposable
{
    public QualityRule Rule { get; } = rule;

    /// <summary>What the rule counted so far: rows, or groups of rows.</summary>
    public virtual long Failed { get; protected set; }

    /// <summary>The tally of a rule; null for one that nobody evaluates.</summary>
    public static RuleTally? For(QualityRule rule, Contract contract) => rule.Metric switch
    {
        RuleMetric.NullValues => new ValueTally(rule, static (column, row) => column.IsNull(row)),
        RuleMetric.MissingValues => new ValueTally(rule, Missing(rule, Field(rule, contract))),
        RuleMetric.InvalidValues => new ValueTally(rule, Invalid(rule, Field(rule, contract))),
        RuleMetric.DuplicateValues => new GroupTally(rule),
        RuleMetric.RowCount => new RowTally(rule),
        _ => null,
    };

    /// <summary>Takes the chosen rows of a batch into account.</summary>
    public abstract void Add(RecordBatch batch, ReadOnlySpan<int> rows);

    public virtual void Dispose()
    {
    }

    private static ContractField Field(QualityRule rule, Contract contract) => contract.Fields.First(field => field.Name == rule.Columns[0]);

    private static Func<Column, int, bool> Missing(QualityRule rule, ContractField field)
    {
        var missing = new ValueSet(field, rule.MissingValues);
        return (column, row) => column.IsNull(row) || missing.Contains(column, row);
    }

    private static Func<Column, int, bool> Invalid(QualityRule rule, ContractField field)
    {
        var valid = rule.ValidValues.Count == 0 ? null : new ValueSet(field, rule.ValidValues);
        var pattern = rule.Pattern is null ? null : new Regex(rule.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        return (column, row) => !column.IsNull(row)
            && ((valid is not null && !valid.Contains(column, row)) || (pattern is not null && !pattern.IsMatch(ValueSet.Text(column, row))));
    }

    private sealed class RowTally(QualityRule rule) : RuleTally(rule)
    {
        public override void Add(RecordBatch batch, ReadOnlySpan<int> rows)
        {
        }
    }

    private sealed class ValueTally(QualityRule rule, Func<Column, int, bool> fails) : RuleTally(rule)
    {
        public override void Add(RecordBatch batch, ReadOnlySpan<int> rows)
        {
            var column = batch[Rule.Columns[0]];
            foreach (var row in rows)
            {
                Failed += fails(column, row) ? 1 : 0;
            }
        }
    }

    /// <summary>Counts groups by digests of 128 bits: 16 bytes a row, and no two groups of a lake are ever taken for one.</summary>
    private sealed class GroupTally(QualityRule rule) : RuleTally(rule)
    {
        private readonly NativeBuffer<UInt128> _digests = new();
        private readonly XxHash128 _hash = new();

        public override long Failed
        {
            get => Groups();
            protected set => throw new NotSupportedException();
        }

        public override void Add(RecordBatch batch, ReadOnlySpan<int> rows)
        {
            var columns = Rule.Columns.Select(name => batch[name]).ToArray();
            foreach (var row in rows)
            {
                foreach (var column in columns)
                {
                    Add(column, row);
                }

                _digests.Add(_hash.GetCurrentHashAsUInt128());
                _hash.Reset();
            }
        }

        public override void Dispose()
        {
            _digests.Dispose();
            base.Dispose();
        }

        /// <summary>Each value with its length, so that neighbours cannot run into one another; -1 is the length of null.</summary>
        private void Add(Column column, int row)
        {
            Span<byte> number = stackalloc byte[sizeof(long)];
            if (column.IsNull(row))
            {
                BinaryPrimitives.WriteInt64LittleEndian(number, -1);
                _hash.Append(number);
                return;
            }

            var bytes = column.Schema.IsBytes ? column.Bytes(row) : default;
            BinaryPrimitives.WriteInt64LittleEndian(number, column.Schema.IsBytes ? bytes.Length : sizeof(long));
            _hash.Append(number);
            if (column.Schema.IsBytes)
            {
                _hash.Append(bytes);
                return;
            }

            var slot = column.Slot(row);
            var isNegativeZero = column.Schema.Type == ColumnType.Double && slot == long.MinValue;
            BinaryPrimitives.WriteInt64LittleEndian(number, isNegativeZero ? 0 : slot);
            _hash.Append(number);
        }

        private long Groups()
        {
            var digests = _digests.AsSpan();
            digests.Sort();
            long groups = 0;
            for (var i = 1; i < digests.Length; i++)
            {
                groups += digests[i] == digests[i - 1] && (i == 1 || digests[i - 1] != digests[i - 2]) ? 1 : 0;
            }

            return groups;
        }
    }
}
