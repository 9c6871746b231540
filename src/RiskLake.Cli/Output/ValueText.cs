using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RiskLake.Cli.Output;

/// <summary>Spells one value of a result, for people and for programs; always the same, whatever the machine's culture.</summary>
internal static class ValueText
{
    private const string TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'";

    /// <summary>Leaves text readable: what is escaped is what JSON demands.</summary>
    public static JsonWriterOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The value as text in full precision; null stays null.</summary>
    public static string? Plain(object? value) => value switch
    {
        null or DBNull => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        DateTime time => time.ToString(TimestampFormat, CultureInfo.InvariantCulture),
        DateTimeOffset time => time.UtcDateTime.ToString(TimestampFormat, CultureInfo.InvariantCulture),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        TimeSpan span => span.ToString("c", CultureInfo.InvariantCulture),
        byte[] bytes => Convert.ToBase64String(bytes),
        Stream stream => Convert.ToBase64String(ReadAll(stream)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        JsonNode or IEnumerable => ToJson(value),
        _ => value.ToString(),
    };

    /// <summary>One line for a table: nothing in it can move the cursor.</summary>
    public static string OneLine(object? value)
    {
        var text = value is byte[] bytes ? Readable(bytes) : value is Stream stream ? Readable(ReadAll(stream)) : Plain(value) ?? "null";
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && !text.AsSpan().ContainsAnyInRange('\u007f', '\u009f'))
        {
            return text;
        }

        var line = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                < ' ' or (>= '\u007f' and <= '\u009f') => line.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}"),
                _ => line.Append(c),
            };
        }

        return line.ToString();
    }

    /// <summary>Whether the value reads best flush right.</summary>
    public static bool IsNumber(object? value) =>
        value is double or float or decimal or BigInteger or sbyte or byte or short or ushort or int or uint or long or ulong;

    /// <summary>Writes the value as JSON. What JSON has no number for (NaN, infinities) becomes its name.</summary>
    public static void WriteJson(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null or DBNull:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double or float:
                json.WriteStringValue(Plain(value));
                break;
            case sbyte or byte or short or ushort or int or uint or long or ulong or decimal or BigInteger:
                json.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case JsonNode node:
                node.WriteTo(json);
                break;
            case IDictionary map:
                json.WriteStartObject();
                foreach (DictionaryEntry entry in map)
                {
                    json.WritePropertyName(Plain(entry.Key) ?? "null");
                    WriteJson(json, entry.Value);
                }

                json.WriteEndObject();
                break;
            case IEnumerable items and not string and not byte[]:
                json.WriteStartArray();
                foreach (var item in items)
                {
                    WriteJson(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Plain(value));
                break;
        }
    }

    private static string ToJson(object value)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Json))
        {
            WriteJson(json, value);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string Readable(byte[] bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return "\\x" + Convert.ToHexStringLower(bytes);
        }
    }

    private static byte[] ReadAll(Stream stream)
    {
        stream.Position = 0;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
