using System.Text.Json;

namespace RiskLake.Decoding;

/// <summary>An answer of a service: one object, none of the contract's, that holds the records in a list of one of its members.</summary>
internal static class Envelope
{
    /// <summary>Members down to the list of records, between points; null where the text is no such object.</summary>
    /// <param name="head">The beginning of the content, or all of it.</param>
    /// <param name="plan">The contract.</param>
    public static string? Find(ReadOnlySpan<byte> head, DecodePlan plan)
    {
        // What the end of the head cuts off ends the reading without an error.
        var reader = new Utf8JsonReader(head, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { AllowMultipleValues = true }));
        var open = new List<(string Name, bool IsList)>();
        var (name, found) = ("", (string?)null);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    name = reader.GetString()!;
                    found ??= plan.IndexOf(name) < 0 ? null : PathOf(open);
                }
                else if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    open.Add((name, reader.TokenType == JsonTokenType.StartArray));
                    name = "";
                }
                else if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                {
                    open.RemoveAt(open.Count - 1);
                    if (open.Count == 0)
                    {
                        return head[(int)reader.BytesConsumed..].TrimStart(" \t\r\n"u8).IsEmpty && found is { Length: > 0 } ? found : null;
                    }
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }

        return found is { Length: > 0 } ? found : null;
    }

    /// <summary>Where an object stands: in a list to which objects alone lead; empty where it stands elsewhere.</summary>
    private static string PathOf(List<(string Name, bool IsList)> open) =>
        open.Count >= 3 && !open[^1].IsList && open[^2].IsList && open.Take(open.Count - 2).All(container => !container.IsList)
            ? string.Join('.', open.Skip(1).Take(open.Count - 2).Select(container => container.Name)) : "";
}
