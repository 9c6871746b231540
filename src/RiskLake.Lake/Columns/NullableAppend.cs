namespace RiskLake.Lake.Columns;

/// <summary>Appends what may be absent, as a null.</summary>
internal static class NullableAppend
{
    private static readonly int s_epoch = new DateOnly(1970, 1, 1).DayNumber;

    public static void AppendOrNull(this Column column, string? value)
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

    public static void AppendOrNull(this Column column, long? value)
    {
        if (value is { } slot)
        {
            column.Append(slot);
        }
        else
        {
            column.AppendNull();
        }
    }

    public static void AppendOrNull(this Column column, double? value) =>
        column.AppendOrNull(value is { } number ? BitConverter.DoubleToInt64Bits(number) : null);

    public static void AppendOrNull(this Column column, DateOnly? value) =>
        column.AppendOrNull(value is { } day ? (long?)(day.DayNumber - s_epoch) : null);

    /// <summary>A date that is there.</summary>
    public static void Append(this Column column, DateOnly value) => column.AppendOrNull(value);

    /// <summary>A date back from its slot.</summary>
    public static DateOnly Date(this Column column, int row) => DateOnly.FromDayNumber((int)column.Slot(row) + s_epoch);
}
