using System.Collections.Immutable;
using RiskLake.Calendars.Rules;

namespace RiskLake.Calendars;

/// <summary>A list of places where calendars differ from somebody else's answers on purpose, each with its reason.</summary>
/// <remarks>
/// The file maps a calendar's id to a list of entries <c>{field, dates | from and through, confidence, applied, why}</c>; <c>field</c>
/// is <c>missing</c>, <c>extra</c>, <c>open</c>, <c>close</c>, <c>break</c>, or a list of them. An entry with <c>applied: false</c>
/// records a doubt that the rules do not act on, so it explains nothing.
/// </remarks>
public sealed class KnownDifferences
{
    private static readonly string[] s_fields = ["missing", "extra", "open", "close", "break"];

    private readonly ImmutableDictionary<string, ImmutableArray<Entry>> _entries;

    private KnownDifferences(ImmutableDictionary<string, ImmutableArray<Entry>> entries) => _entries = entries;

    /// <summary>Reads a file.</summary>
    /// <exception cref="CalendarException">The file breaks the form or cannot be read.</exception>
    public static KnownDifferences Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CalendarException(CalendarFault.RuleFile, e.Message, path, line: null, e);
        }
    }

    /// <summary>Why a calendar differs in a place on purpose, or null if the list does not say.</summary>
    public string? Explain(string calendarId, SessionDifference difference)
    {
        var field = difference.Field switch
        {
            DifferenceField.Missing => 0,
            DifferenceField.Extra => 1,
            DifferenceField.Open => 2,
            DifferenceField.Close => 3,
            _ => 4,
        };
        foreach (var entry in _entries.GetValueOrDefault(calendarId, []))
        {
            if (entry.Applied && entry.Fields.Contains(field) && entry.Covers(difference.Session))
            {
                return entry.Why;
            }
        }

        return null;
    }

    internal static KnownDifferences Parse(string file, ReadOnlySpan<byte> bytes)
    {
        var entries = ImmutableDictionary.CreateBuilder<string, ImmutableArray<Entry>>(StringComparer.OrdinalIgnoreCase);
        foreach (var (id, list) in RuleNode.Parse(file, bytes).Map())
        {
            entries[id] = [.. list.List(ReadEntry)];
        }

        return new KnownDifferences(entries.ToImmutable());
    }

    private static Entry ReadEntry(RuleNode node)
    {
        node.Only("field", "dates", "from", "through", "confidence", "applied", "why");
        var field = node.Need("field");
        var dates = node.Get("dates")?.List(d => d.Date());
        if (dates is null == node.Get("from") is null || dates is null == node.Get("through") is null)
        {
            throw node.Error("an entry has either `dates` or `from` and `through`");
        }

        node.Get("confidence")?.OneOf("high", "medium", "low");
        return new Entry(
            field.Items is null ? [field.OneOf(s_fields)] : [.. field.List(f => f.OneOf(s_fields))],
            dates is null ? [] : [.. dates],
            node.Get("from")?.Date(),
            node.Get("through")?.Date(),
            node.Get("applied")?.Boolean() ?? true,
            node.Need("why").String());
    }

    private sealed record Entry(
        ImmutableArray<int> Fields, ImmutableHashSet<DateOnly> Dates, DateOnly? From, DateOnly? Through, bool Applied, string Why)
    {
        public bool Covers(DateOnly date) => Dates.Contains(date) || (date >= From && date <= Through);
    }
}
