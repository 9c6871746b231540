using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ParquetSharp;
using ParquetSharp.Schema;

namespace RiskLake.Ingest.Decoding;

/// <summary>
/// A column that lies below groups: lists, structures, maps, in whatever depth. Its leaves are put together again, row by row, and spelt
/// as JSON, as the same data would come in NDJSON.
/// </summary>
internal sealed class ParquetNested : IDisposable
{
    private readonly Element _root;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;

    /// <param name="node">The column in the file's schema.</param>
    /// <param name="leaves">Descriptors and readers of its leaves, in the order of the schema.</param>
    /// <param name="plan">What is decoded.</param>
    public ParquetNested(Node node, IReadOnlyList<(ColumnDescriptor Descriptor, ColumnReader Reader)> leaves, DecodePlan plan)
    {
        var next = 0;
        _root = Build(node, 0, 0, () =>
        {
            var (descriptor, reader) = leaves[next++];
            return new ParquetLeaf(new ParquetColumn(descriptor, 0, plan, isLeaf: true), reader);
        });
        _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    private enum Shape
    {
        Leaf,
        Structure,
        List,
        Map,
    }

    /// <summary>The value of the next row.</summary>
    public ReadOnlySpan<byte> Next()
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        WriteField(_root);
        _json.Flush();
        return _buffer.WrittenSpan;
    }

    public void Dispose()
    {
        _json.Dispose();
        _root.Dispose();
    }

    private static Element Build(Node node, int definition, int repetition, Func<ParquetLeaf> nextLeaf)
    {
        definition += node.Repetition == Repetition.Required ? 0 : 1;
        repetition += node.Repetition == Repetition.Repeated ? 1 : 0;
        if (node is not GroupNode group)
        {
            return new Element(node.Name, node.Repetition, Shape.Leaf, [], nextLeaf(), definition, repetition);
        }

        var children = group.Fields.Select(child => Build(child, definition, repetition, nextLeaf)).ToArray();
        using var logical = group.LogicalType;
        var isWrapper = children is [{ Repetition: Repetition.Repeated }];
        var shape = logical.Type == LogicalTypeEnum.List && isWrapper ? Shape.List
            : logical.Type == LogicalTypeEnum.Map && isWrapper && children[0].Children.Length == 2
                && children[0].Children[0].Leaf is { IsText: true } ? Shape.Map
            : Shape.Structure;
        return new Element(node.Name, node.Repetition, shape, children, null, definition, repetition);
    }

    private void WriteField(Element element)
    {
        var first = element.FirstLeaf;
        if (element.Repetition == Repetition.Repeated)
        {
            WriteRepeated(element, WriteContent);
        }
        else if (element.Repetition == Repetition.Optional && first.Definition < element.Definition)
        {
            element.Skip();
            _json.WriteNullValue();
        }
        else
        {
            WriteContent(element);
        }
    }

    private void WriteContent(Element element)
    {
        switch (element.Shape)
        {
            case Shape.Leaf:
                element.Leaf!.Write(_json);
                break;
            case Shape.List:
                // In the present form an element is the one child of the repeated group, in older ones the group itself.
                WriteRepeated(element.Children[0], item =>
                {
                    if (item is { Shape: Shape.Structure, Children.Length: 1 })
                    {
                        WriteField(item.Children[0]);
                    }
                    else
                    {
                        WriteContent(item);
                    }
                });
                break;
            case Shape.Map:
                WriteMap(element.Children[0]);
                break;
            default:
                _json.WriteStartObject();
                foreach (var child in element.Children)
                {
                    _json.WritePropertyName(child.Name);
                    WriteField(child);
                }

                _json.WriteEndObject();
                break;
        }
    }

    private void WriteRepeated(Element element, Action<Element> write)
    {
        _json.WriteStartArray();
        ForEach(element, write);
        _json.WriteEndArray();
    }

    private void WriteMap(Element entries)
    {
        _json.WriteStartObject();
        ForEach(entries, entry =>
        {
            _json.WritePropertyName(entry.Children[0].Leaf!.TakeText());
            WriteField(entry.Children[1]);
        });
        _json.WriteEndObject();
    }

    private static void ForEach(Element element, Action<Element> act)
    {
        var first = element.FirstLeaf;
        if (first.Definition < element.Definition)
        {
            element.Skip();
            return;
        }

        do
        {
            act(element);
        }
        while (first.Goes(element.RepetitionLevel));
    }

    /// <summary>A field of the schema, with the levels from which it is there, and from which it comes again.</summary>
    private sealed record Element(
        string Name, Repetition Repetition, Shape Shape, Element[] Children, ParquetLeaf? Leaf, int Definition, int RepetitionLevel) : IDisposable
    {
        public ParquetLeaf FirstLeaf => Leaf ?? Children[0].FirstLeaf;

        /// <summary>Goes over an entry that says that there is nothing.</summary>
        public void Skip()
        {
            Leaf?.Skip();
            foreach (var child in Children)
            {
                child.Skip();
            }
        }

        public void Dispose()
        {
            Leaf?.Dispose();
            foreach (var child in Children)
            {
                child.Dispose();
            }
        }
    }
}

/// <summary>The entries of one leaf below groups, one after the other.</summary>
internal sealed unsafe class ParquetLeaf(ParquetColumn column, ColumnReader reader) : IDisposable
{
    private const int BatchEntries = 4096;

    private readonly short[] _definitions = new short[BatchEntries];
    private readonly short[] _repetitions = new short[BatchEntries];
    private readonly ParquetJson _spelling = new();
    private readonly ParquetVector _values = new(column, BatchEntries);
    private int _entries;
    private int _entry;
    private int _value;
    private bool _atEnd;

    public bool IsText => column.Kind == ParquetKind.Text;

    /// <summary>How much of the path to the leaf is there in this entry.</summary>
    public int Definition => Fill() ? _definitions[_entry] : throw new InvalidDataException("a nested column has fewer rows than its row group says");

    /// <summary>Whether the next entry belongs to the same field that comes again.</summary>
    public bool Goes(int repetition) => Fill() && _repetitions[_entry] == repetition;

    public void Write(Utf8JsonWriter json)
    {
        if (Definition < column.MaxDefinitionLevel)
        {
            json.WriteNullValue();
            _entry++;
            return;
        }

        json.WriteRawValue(_spelling.Value(_values, _value++), skipInputValidation: true);
        _entry++;
    }

    public string TakeText()
    {
        var text = Definition < column.MaxDefinitionLevel ? "" : System.Text.Encoding.UTF8.GetString(_values.Text(_value), _values.Length(_value++));
        _entry++;
        return text;
    }

    public void Skip()
    {
        _value += Definition == column.MaxDefinitionLevel ? 1 : 0;
        _entry++;
    }

    public void Dispose()
    {
        _values.Dispose();
        _spelling.Dispose();
        reader.Dispose();
    }

    private bool Fill()
    {
        if (_entry == _entries && !_atEnd)
        {
            (_entry, _value) = (0, 0);
            _entries = _values.FillEntries(reader, _definitions, _repetitions);
            _atEnd = _entries == 0;
        }

        return _entry < _entries;
    }
}
