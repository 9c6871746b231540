using System.Data.Common;
using System.Reflection;

namespace RiskLake.Cli.Query;

/// <summary>Reads maps whose values may be null; the bindings, left to themselves, refuse those.</summary>
internal static class MapValues
{
    private static readonly MethodInfo s_read = typeof(DbDataReader).GetMethod(nameof(DbDataReader.GetFieldValue))!;

    /// <summary>How to read a column of a type; null when any reading will do.</summary>
    public static Func<DbDataReader, int, object?>? Reader(Type type)
    {
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Dictionary<,>)
            || type.GetGenericArguments() is not [var key, { IsValueType: true } number]
            || Nullable.GetUnderlyingType(number) is not null)
        {
            return null;
        }

        var read = s_read.MakeGenericMethod(typeof(Dictionary<,>).MakeGenericType(key, typeof(Nullable<>).MakeGenericType(number)));
        return (reader, column) =>
        {
            try
            {
                return read.Invoke(reader, [column]);
            }
            catch (TargetInvocationException wrapped) when (wrapped.InnerException is { } cause)
            {
                throw new InvalidOperationException(cause.Message, cause);
            }
        };
    }
}
