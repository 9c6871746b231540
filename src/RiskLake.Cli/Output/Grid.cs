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

    /// <summary>A text is not shortened below this; a table that would still be too wide stays whole, and wraps.</summary>
    private const int Narrowest = 12;

    private readonly List<Cell[]> _lines = [];

    /// <summary>Spaces before every line.</summary>
    public int Indent { get; init; }

    public void Add(params Cell[] cells) => _lines.Add(cells);

    /// <summary>Writes the lines; where they are wider than <paramref name="width"/>, the longest texts are shortened. Numbers never are.</summary>
    public void WriteTo(TextWriter writer, int width = int.MaxValue)
    {
        var widths = Narrow(Widths(), width);
        foreach (var line in _lines)
        {
            writer.Write(new string(' ', Indent));
            var last = Array.FindLastIndex(line, cell => cell.Text.Length > 0);
            for (var i = 0; i <= last; i++)
            {
                WriteCell(writer, line[i], widths[i], isLast: i == last);
            }

            writer.WriteLine();
        }
    }

    private int[] Widths()
    {
        var widths = new int[_lines.Count == 0 ? 0 : _lines.Max(line => line.Length)];
        foreach (var line in _lines)
        {
            for (var i = 0; i < line.Length; i++)
            {
                widths[i] = Math.Max(widths[i], line[i].Text.Length);
            }
        }

        return widths;
    }

    private int[] Narrow(int[] whole, int width)
    {
        int[] widths = [.. whole];
        var excess = width == int.MaxValue ? 0 : Indent + widths.Sum() + (Gap.Length * (widths.Length - 1)) - width;
        while (excess > 0)
        {
            var widest = -1;
            for (var i = 0; i < widths.Length; i++)
            {
                if (widths[i] > Narrowest && !IsRight(i) && (widest < 0 || widths[i] > widths[widest]))
                {
                    widest = i;
                }
            }

            if (widest < 0)
            {
                return whole;
            }

            widths[widest]--;
            excess--;
        }

        return widths;
    }

    private bool IsRight(int column) => _lines.Exists(line => column < line.Length && line[column].IsRight);

    private static void WriteCell(TextWriter writer, Cell cell, int width, bool isLast)
    {
        var text = cell.Text.Length <= width ? cell.Text : cell.Text[..(width - 1)] + "…";
        var padding = new string(' ', width - text.Length);
        if (cell.IsRight)
        {
            writer.Write(padding);
        }

        writer.Write(cell.Paint is { } paint ? paint(text) : text);
        if (!isLast)
        {
            writer.Write(cell.IsRight ? Gap : padding + Gap);
        }
    }
}
