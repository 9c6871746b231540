namespace RiskLake.Cli.Output;

/// <summary>One cell: its text as it is measured, and as it is shown.</summary>
internal readonly record struct Cell(string Text, bool IsRight = false, Func<string, string>? Paint = null)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>Lines of cells under each other, aligned by the widest.</summary>
internal sealed class Grid
{
    private const string Gap = "  ";

    private readonly List<Cell[]> _lines = [];

    /// <summary>Spaces before every line.</summary>
    public int Indent { get; init; }

    public bool IsEmpty => _lines.Count == 0;

    public void Add(params Cell[] cells) => _lines.Add(cells);

    /// <summary>Writes the lines; a line that is wider than <paramref name="width"/> has its last cells cut.</summary>
    public void WriteTo(TextWriter writer, int width = int.MaxValue)
    {
        var widths = new int[_lines.Count == 0 ? 0 : _lines.Max(line => line.Length)];
        foreach (var line in _lines)
        {
            for (var i = 0; i < line.Length; i++)
            {
                widths[i] = Math.Max(widths[i], line[i].Text.Length);
            }
        }

        foreach (var line in _lines)
        {
            var room = width - Indent;
            writer.Write(new string(' ', Indent));
            for (var i = 0; i < line.Length && room > 0; i++)
            {
                var last = i == line.Length - 1 || Array.TrueForAll(line[(i + 1)..], cell => cell.Text.Length == 0);
                room -= WriteCell(writer, line[i], widths[i], last, room);
                if (last)
                {
                    break;
                }

                writer.Write(Gap);
                room -= Gap.Length;
            }

            writer.WriteLine();
        }
    }

    private static int WriteCell(TextWriter writer, Cell cell, int width, bool last, int room)
    {
        var text = cell.Text.Length <= room ? cell.Text : room > 1 ? cell.Text[..(room - 1)] + "…" : "";
        var padding = new string(' ', Math.Max(0, Math.Min(width, room) - text.Length));
        if (cell.IsRight)
        {
            writer.Write(padding);
        }

        writer.Write(cell.Paint is { } paint ? paint(text) : text);
        if (!cell.IsRight && !last)
        {
            writer.Write(padding);
        }

        return Math.Max(width, text.Length);
    }
}
