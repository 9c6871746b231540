using System.Buffers;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>Writes rejected records in the columns of <see cref="RejectSchema"/>.</summary>
internal sealed class RejectWriter : IDisposable
{
    private readonly ArrayBufferWriter<byte> _reasons = new();
    private readonly Utf8JsonWriter _json;
    private readonly int _maxRecordBytes;

    public RejectWriter(int maxRecordBytes)
    {
        _maxRecordBytes = maxRecordBytes;
        _json = new Utf8JsonWriter(_reasons, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <summary>Appends a record whose bytes are all at hand.</summary>
    public void Append(RecordBatch rejects, long line, long? offset, ReadOnlySpan<byte> raw, IReadOnlyList<Violation> violations)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(raw, digest);
        Append(rejects, line, offset, raw[..Math.Min(raw.Length, _maxRecordBytes)], raw.Length, digest, violations);
    }

    /// <summary>Appends a record of which only the beginning, the length and the digest are at hand.</summary>
    public void Append(
        RecordBatch rejects,
        long line,
        long? offset,
        ReadOnlySpan<byte> head,
        long length,
        ReadOnlySpan<byte> sha256,
        IReadOnlyList<Violation> violations)
    {
        var columns = rejects.Columns;
        columns[0].Append(line);
        if (offset is { } bytes)
        {
            columns[1].Append(bytes);
        }
        else
        {
            columns[1].AppendNull();
        }

        columns[2].Append(head);
        columns[3].Append(length);
        columns[4].Append(Convert.ToHexStringLower(sha256));
        columns[5].Append(violations[0].Code.Name);
        columns[6].Append(Reasons(violations));
    }

    public void Dispose() => _json.Dispose();

    private ReadOnlySpan<byte> Reasons(IReadOnlyList<Violation> violations)
    {
        _reasons.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartArray();
        foreach (var violation in violations)
        {
            _json.WriteStartObject();
            _json.WriteString("code", violation.Code.Name);
            _json.WriteString("column", violation.Column);
            _json.WriteString("found", violation.Found);
            _json.WriteString("expected", violation.Expected);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        _json.Flush();
        return _reasons.WrittenSpan;
    }
}
