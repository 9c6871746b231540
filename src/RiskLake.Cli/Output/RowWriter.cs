using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RiskLake.Cli.Output;

/// <summary>How results are written.</summary>
internal enum OutputFormat
{
    /// <summary>Aligned, for people.</summary>
    Table,

    /// <summary>One array of objects, one per row, in full precision.</summary>
    Json,

    /// <summary>One object per line.</summary>
    Ndjson,

    /// <summary>RFC 4180 with a header row; null is empty, an empty text is quoted.</summary>
    Csv,
}

/// <summary>Writes the rows of one result, in the format asked for. <see cref="Finish"/> must be called, also after no row.</summary>
internal abstract class RowWriter(IReadOnlyList<string> columns)
{
    /// <summary>Rows a table shows unless told otherwise; the other formats show all.</summary>
    public const int TableRows = 200;

    protected IReadOnlyList<string> Columns { get; } = columns;

    public static RowWriter Create(OutputFormat format, Terminal terminal, IReadOnlyList<string> columns, int tableRows = TableRows) => format switch
    {
        OutputFormat.Json => new JsonRows(terminal.Out, columns, isArray: true),
        OutputFormat.Ndjson => new JsonRows(terminal.Out, columns, isArray: false),
        OutputFormat.Csv => new CsvRows(terminal.Out, columns),
        _ => new AlignedRows(terminal, columns, tableRows),
    };

    public abstract void Write(IReadOnlyList<object?> row);

    public virtual void Finish()
    {
    }
}

file sealed class JsonRows(TextWriter writer, IReadOnlyList<string> columns, bool isArray) : RowWriter(columns)
{
    private readonly ArrayBufferWriter<byte> _line = new();
    private bool _any;

    public override void Write(IReadOnlyList<object?> row)
    {
        if (isArray)
        {
            writer.Write(_any ? ",\n  " : "[\n  ");
        }

        _any = true;
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line, ValueText.Json))
        {
            json.WriteStartObject();
            for (var i = 0; i < Columns.Count; i++)
            {
                json.WritePropertyName(Columns[i]);
                ValueText.WriteJson(json, row[i]);
            }

            json.WriteEndObject();
        }

        writer.Write(Encoding.UTF8.GetString(_line.WrittenSpan));
        if (!isArray)
        {
            writer.Write('\n');
        }
    }

    public override void Finish()
    {
        if (isArray)
        {
            writer.Write(_any ? "\n]\n" : "[]\n");
        }
    }
}

file sealed class CsvRows : RowWriter
{
    private readonly TextWriter _writer;

    public CsvRows(TextWriter writer, IReadOnlyList<string> columns)
        : base(columns)
    {
        _writer = writer;
        Write(columns);
    }

    public override void Write(IReadOnlyList<object?> row)
    {
        for (var i = 0; i < row.Count; i++)
        {
            if (i > 0)
            {
                _writer.Write(',');
            }

            if (ValueText.Plain(row[i]) is { } text)
            {
                _writer.Write(text.Length == 0 || text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text);
            }
        }

        _writer.Write('\n');
    }
}

file sealed class AlignedRows(Terminal terminal, IReadOnlyList<string> columns, int tableRows) : RowWriter(columns)
{
    private readonly List<object?[]> _rows = [];
    private long _more;

    public override void Write(IReadOnlyList<object?> row)
    {
        if (_rows.Count < tableRows)
        {
            _rows.Add([.. row]);
        }
        else
        {
            _more++;
        }
    }

    public override void Finish()
    {
        var ink = terminal.OutInk;
        var grid = new Grid();
        var isRight = Enumerable.Range(0, Columns.Count).Select(i => _rows.Exists(row => ValueText.IsNumber(row[i]))).ToArray();
        grid.Add([.. Columns.Select((name, i) => new Cell(name, isRight[i], ink.Dim))]);
        foreach (var row in _rows)
        {
            grid.Add([.. row.Select((value, i) => Show(value, isRight[i], ink))]);
        }

        grid.WriteTo(terminal.Out, terminal.Width);
        terminal.Out.Flush();
        if (_more > 0)
        {
            terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{_more} more rows; -o csv, json or ndjson shows all"));
        }
    }

    private static Cell Show(object? value, bool isRight, Ink ink)
    {
        var text = ValueText.OneLine(value);
        return new Cell(text, isRight, value is null or DBNull ? ink.Dim : value is string ? ink.Status : null);
    }
}
