using System.Text;

namespace RiskLake.Reports;

/// <summary>Writes elements of HTML and SVG so that every page is well-formed XML too; all text is escaped here and nowhere else.</summary>
internal sealed class MarkupWriter
{
    private readonly StringBuilder _text = new(1 << 16);
    private readonly Stack<string> _open = new();

    /// <summary>Opens an element; an attribute without a value is left out.</summary>
    public MarkupWriter Open(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Begin(tag, attributes);
        _text.Append('>');
        _open.Push(tag);
        return this;
    }

    /// <summary>Closes the innermost element.</summary>
    public MarkupWriter Close()
    {
        _text.Append("</").Append(_open.Pop()).Append('>');
        return this;
    }

    /// <summary>Closes the innermost element and begins a new line, for readers of the source.</summary>
    public MarkupWriter CloseLine()
    {
        Close();
        _text.Append('\n');
        return this;
    }

    /// <summary>An element with text alone.</summary>
    public MarkupWriter Element(string tag, string text, params ReadOnlySpan<(string Name, string? Value)> attributes) =>
        Open(tag, attributes).Text(text).Close();

    /// <summary>An element without content.</summary>
    public MarkupWriter Empty(string tag, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        Begin(tag, attributes);
        _text.Append("/>");
        return this;
    }

    public MarkupWriter Text(string text)
    {
        Escape(_text, text);
        return this;
    }

    /// <summary>Text that is markup already: what another writer made, or the style sheet.</summary>
    public MarkupWriter Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    /// <exception cref="InvalidOperationException">An element is still open.</exception>
    public override string ToString() =>
        _open.Count == 0 ? _text.ToString() : throw new InvalidOperationException($"<{_open.Peek()}> is open.");

    /// <summary>Escapes text for content and for attributes; what XML cannot hold becomes U+FFFD.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 16);
        Escape(escaped, text);
        return escaped.ToString();
    }

    private void Begin(string tag, ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        _text.Append('<').Append(tag);
        foreach (var (name, value) in attributes)
        {
            if (value is not null)
            {
                _text.Append(' ').Append(name).Append("=\"");
                Escape(_text, value);
                _text.Append('"');
            }
        }
    }

    private static void Escape(StringBuilder target, string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => target.Append("&amp;"),
                '<' => target.Append("&lt;"),
                '>' => target.Append("&gt;"),
                '"' => target.Append("&quot;"),
                '\'' => target.Append("&#39;"),
                '\n' or '\t' => target.Append((char)rune.Value),
                < ' ' or (>= 0x7f and <= 0x9f) or 0xfffe or 0xffff => target.Append('\ufffd'),

                // Marks that turn the direction of writing would let a name rewrite the page around it.
                0x200e or 0x200f or (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069) => target.Append('\ufffd'),
                _ => target.Append(rune.ToString()),
            };
        }
    }
}
