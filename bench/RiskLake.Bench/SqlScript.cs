using System.Diagnostics;
using System.Globalization;
using DuckDB.NET.Data;

namespace RiskLake.Bench;

/// <summary>
/// A DuckDB script, run in this process: statements with <c>${name}</c> placeholders. A statement under a comment
/// <c>-- for each: QUERY</c> runs once per row of that query, with the row's columns as further placeholders.
/// </summary>
internal static class SqlScript
{
    private const string ForEach = "-- for each: ";

    /// <summary>Runs the statements in order, their times to stderr; rows of SELECT statements go to stdout as CSV.</summary>
    public static void Run(string path, IReadOnlyDictionary<string, string> values)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        foreach (var block in File.ReadAllText(path).Split(";\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n');
            var rows = lines.FirstOrDefault(line => line.StartsWith(ForEach, StringComparison.Ordinal));
            var statement = string.Join('\n', lines.Where(line => !line.StartsWith("--", StringComparison.Ordinal))).Trim();
            var started = Stopwatch.GetTimestamp();
            if (rows is null)
            {
                Print(Execute(connection, Fill(statement, values)), statement);
            }
            else
            {
                foreach (var row in Execute(connection, Fill(rows[ForEach.Length..], values)))
                {
                    var here = Fill(Fill(statement, row), values);
                    Directory.CreateDirectory(Path.GetDirectoryName(Between(here, "to '", "'"))!);
                    Execute(connection, here);
                }
            }

            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds,8:0.000} s  {statement.Split('\n')[0]}"));
        }
    }

    public static void PrintVersion()
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Console.Out.WriteLine($"DuckDB {Execute(connection, "select version() as version")[0]["version"]}");
    }

    private static string Fill(string statement, IReadOnlyDictionary<string, string> values) =>
        values.Aggregate(statement, (text, value) => text.Replace("${" + value.Key + "}", value.Value, StringComparison.Ordinal));

    private static string Between(string text, string from, string to)
    {
        var start = text.LastIndexOf(from, StringComparison.Ordinal) + from.Length;
        return text[start..text.IndexOf(to, start, StringComparison.Ordinal)];
    }

    private static List<Dictionary<string, string>> Execute(DuckDBConnection connection, string statement)
    {
        using var command = connection.CreateCommand();
        command.CommandText = statement;
        using var reader = command.ExecuteReader();
        var rows = new List<Dictionary<string, string>>();
        while (reader.Read())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(
                reader.GetName,
                column => Convert.ToString(reader.GetValue(column), CultureInfo.InvariantCulture) ?? "",
                StringComparer.Ordinal));
        }

        return rows;
    }

    private static void Print(List<Dictionary<string, string>> rows, string statement)
    {
        if (!statement.StartsWith("select", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        foreach (var row in rows)
        {
            Console.Out.WriteLine(string.Join(',', row.Select(cell => $"{cell.Key}={cell.Value}")));
        }
    }
}
