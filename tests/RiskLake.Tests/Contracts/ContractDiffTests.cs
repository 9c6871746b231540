using CsCheck;
using RiskLake.Contracts;
using RiskLake.Lake.Columns;

namespace RiskLake.Tests.Contracts;

public sealed class ContractDiffTests
{
    private static readonly ContractField Id = new() { Name = "id", Type = ColumnType.String, Required = true };
    private static readonly ContractField At = new() { Name = "at", Type = ColumnType.Timestamp, Required = true,
        Role = FieldRole.EventTime };

    private static Contract Of(params IReadOnlyList<ContractField> fields) => new()
    {
        Name = "c", Dataset = "cs", Id = "c", Version = "v1", Sha256 = "", Key = ["id"], OpenContent = true, Fields = [Id, At, .. fields],
    };

    private static (bool Backward, bool Forward) Verdict(Contract before, Contract after)
    {
        var diff = ContractDiff.Between(before, after);
        return (diff.BackwardCompatible, diff.ForwardCompatible);
    }

    private static ContractField Number(long? low = null, long? high = null, bool exclusive = false, long? step = null,
        bool required = false) => new()
    {
        Name = "x",
        Type = ColumnType.Int64,
        Required = required,
        Minimum = low is { } l ? new(l, exclusive, "") : null,
        Maximum = high is { } h ? new(h, exclusive, "") : null,
        MultipleOf = step,
    };

    private static ContractField Decimal(int precision, int scale) =>
        new() { Name = "x", Type = ColumnType.Decimal, Precision = precision, Scale = scale };

    private static ContractField Text(params IReadOnlyList<string> values) =>
        new() { Name = "x", Type = ColumnType.String, AllowedValues = values };

    public static TheoryData<string, string, string, bool, bool> Matrix => new()
    {
        { "add optional", "", "number", true, true },
        { "add required", "", "required", false, true },
        { "remove optional", "number", "", true, true },
        { "remove required", "required", "", true, false },
        { "relax required", "required", "number", true, false },
        { "require", "number", "required", false, true },
        { "enum add", "a", "ab", true, false },
        { "enum remove", "ab", "a", false, true },
        { "enum introduced", "text", "a", false, true },
        { "enum dropped", "a", "text", true, false },
        { "pattern added", "text", "p1", false, true },
        { "pattern removed", "p1", "text", true, false },
        { "pattern changed", "p1", "p2", false, false },
        { "min raised", "0..", "1..", false, true },
        { "min lowered", "1..", "0..", true, false },
        { "inclusive to exclusive", "0..", "0<..", false, true },
        { "equal by lattice", "0<..", "1..", true, true },
        { "tick finer", "*10", "*5", true, false },
        { "tick coarser", "*5", "*10", false, true },
        { "tick other", "*4", "*6", false, false },
        { "text to number", "text", "number", false, false },
        { "int to double", "number", "double", false, false },
        { "i32 to double", "i32", "double", true, false },
        { "i32 to decimal", "i32", "d18.2", true, false },
        { "i64 to decimal", "number", "d18.0", false, false },
        { "decimal wider", "d10.2", "d12.4", true, false },
        { "decimal scale for digits", "d10.2", "d10.4", false, false },
        { "decimal to double", "d10.2", "double", false, false },
        { "zone named", "naive", "tokyo", true, false },
        { "zone changed", "seoul", "tokyo", false, false },
        { "length tightened", "len5", "len4", false, true },
        { "normalised otherwise", "text", "upper", false, false },
    };

    private static IReadOnlyList<ContractField> Named(string name) => name switch
    {
        "" => [],
        "number" => [Number()],
        "required" => [Number(required: true)],
        "i32" => [Number(int.MinValue, int.MaxValue)],
        "0.." => [Number(0)],
        "1.." => [Number(1)],
        "0<.." => [Number(0, exclusive: true)],
        "*10" => [Number(step: 10)],
        "*5" => [Number(step: 5)],
        "*4" => [Number(step: 4)],
        "*6" => [Number(step: 6)],
        "double" => [new() { Name = "x", Type = ColumnType.Double }],
        "d18.2" => [Decimal(18, 2)],
        "d18.0" => [Decimal(18, 0)],
        "d10.2" => [Decimal(10, 2)],
        "d12.4" => [Decimal(12, 4)],
        "d10.4" => [Decimal(10, 4)],
        "text" => [Text()],
        "a" => [Text("a")],
        "ab" => [Text("b", "a")],
        "p1" => [Text() with { Pattern = "a" }],
        "p2" => [Text() with { Pattern = "b" }],
        "len4" => [Text() with { MaxLength = 4 }],
        "len5" => [Text() with { MaxLength = 5 }],
        "upper" => [Text() with { Normalisation = Normalisation.Upper }],
        "naive" => [At with { Name = "x", Role = FieldRole.None }],
        "tokyo" => [At with { Name = "x", Role = FieldRole.None, DefaultZone = "Asia/Tokyo" }],
        "seoul" => [At with { Name = "x", Role = FieldRole.None, DefaultZone = "Asia/Seoul" }],
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Each_change_has_a_verdict_in_both_directions(string change, string before, string after, bool backward, bool forward)
    {
        Assert.NotEmpty(change);
        Assert.Equal((backward, forward), Verdict(Of(Named(before)), Of(Named(after))));
        Assert.Equal((forward, backward), Verdict(Of(Named(after)), Of(Named(before))));
    }

    [Fact]
    public void Nothing_changed_is_no_change()
    {
        var diff = ContractDiff.Between(Of(Number(0, 9, step: 3)), Of(Number(0, 9, step: 3)));
        Assert.Empty(diff.Changes);
        Assert.Equal(VersionBump.None, diff.Bump(CompatibilityMode.FullTransitive));
    }

    [Fact]
    public void Key_delivery_and_meaning_break_both_ways()
    {
        var before = Of(Number());
        foreach (var after in new[]
        {
            before with { Key = ["x"] }, before with { Dataset = "other" }, before with { Delivery = Delivery.Snapshot },
            Of(Number() with { Role = FieldRole.Volume }), Of(Number() with { IsDelivery = true }),
        })
        {
            Assert.Equal((false, false), Verdict(before, after));
        }

        Contract Currency(string code) => before with
        {
            Rules = [new() { Id = "schema.c.x.currency", Metric = RuleMetric.Other, Columns = ["x"], Definition = code,
                NotExecuted = "-" }],
        };
        Assert.Equal((false, false), Verdict(Currency("USD"), Currency("EUR")));
    }

    [Fact]
    public void A_closed_contract_minds_columns_it_does_not_know()
    {
        var closed = Of() with { OpenContent = false };
        Assert.Equal((true, false), Verdict(closed, Of(Number()) with { OpenContent = false }));
        Assert.Equal((false, true), Verdict(Of(Number()) with { OpenContent = false }, closed));
    }

    [Fact]
    public void A_rule_warns_and_breaks_nothing()
    {
        var ruled = Of() with { Rules = [new() { Id = "r", Metric = RuleMetric.RowCount, Operator = RuleOperator.Greater }] };
        var added = Assert.Single(ContractDiff.Between(Of(), ruled).Changes);
        Assert.Equal((ChangeEffect.Warns, ChangeEffect.Keeps), (added.Backward, added.Forward));
        var removed = Assert.Single(ContractDiff.Between(ruled, Of()).Changes);
        Assert.Equal((ChangeEffect.Keeps, ChangeEffect.Warns), (removed.Backward, removed.Forward));
    }

    [Theory]
    [InlineData(CompatibilityMode.None, true, VersionBump.Minor)]
    [InlineData(CompatibilityMode.Backward, true, VersionBump.Minor)]
    [InlineData(CompatibilityMode.ForwardTransitive, false, VersionBump.Major)]
    [InlineData(CompatibilityMode.Full, false, VersionBump.Major)]
    internal void The_mode_decides_what_is_major(CompatibilityMode mode, bool allowed, VersionBump bump)
    {
        var diff = ContractDiff.Between(Of(Number(1)), Of(Number(0)));
        Assert.Equal((allowed, bump), (diff.Allows(mode), diff.Bump(mode)));
    }

    [Theory]
    [InlineData("1.2.3", "1.2.4", VersionBump.Patch, true)]
    [InlineData("1.2.3", "1.2.4", VersionBump.Minor, false)]
    [InlineData("1.2.3", "1.3.0", VersionBump.Minor, true)]
    [InlineData("1.2.3", "2.0.0", VersionBump.Minor, true)]
    [InlineData("1.2.3", "1.9.9", VersionBump.Major, false)]
    [InlineData("v1", "v2", VersionBump.Major, true)]
    [InlineData("2.0.0", "1.9.9", VersionBump.Patch, false)]
    [InlineData("1.2.3", "1.2.3", VersionBump.None, true)]
    [InlineData("1.2.3", "1.2.3", VersionBump.Patch, false)]
    internal void A_version_rises_enough_or_not(string before, string after, VersionBump bump, bool enough) =>
        Assert.Equal(enough, ContractDiff.Rises(before, after, bump));

    [Fact]
    public void A_compatible_verdict_is_never_refuted_by_a_value()
    {
        var bound = Gen.Select(Gen.Int[-4, 4], Gen.Bool, (slot, exclusive) => new Bound(slot, exclusive, ""));
        var field = Gen.Select(
            bound.Nullable(), bound.Nullable(), Gen.Int[1, 4].Nullable(), Gen.Bool, Gen.Int[-3, 3].Array[0, 3],
            (low, high, step, required, values) => new ContractField
            {
                Name = "x", Type = ColumnType.Int64, Minimum = low, Maximum = high, MultipleOf = step, Required = required,
                AllowedValues = [.. values.Distinct().Select(value => value.ToString())],
            });
        Gen.Select(field, field).Sample(
            (before, after) =>
            {
                var (backward, forward) = Verdict(Of(before), Of(after));
                for (long? value = -6; value <= 6; value++)
                {
                    Refute(before, after, value, backward, forward);
                }

                Refute(before, after, null, backward, forward);
            },
            iter: 5_000);
    }

    private static void Refute(ContractField before, ContractField after, long? value, bool backward, bool forward)
    {
        var (old, next) = (Accepts(before, value), Accepts(after, value));
        Assert.False(backward && old && !next);
        Assert.False(forward && next && !old);
    }

    private static bool Accepts(ContractField field, long? value) => value is not { } number
        ? !field.Required
        : (field.Minimum is not { } low || (low.Exclusive ? number > low.Slot : number >= low.Slot))
            && (field.Maximum is not { } high || (high.Exclusive ? number < high.Slot : number <= high.Slot))
            && (field.MultipleOf is not { } step || number % step == 0)
            && (field.AllowedValues.Count == 0 || field.AllowedValues.Contains(number.ToString(), StringComparer.Ordinal));
}
