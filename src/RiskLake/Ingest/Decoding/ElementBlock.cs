using System.Buffers;
using System.Security.Cryptography;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Columns;

namespace RiskLake.Ingest.Decoding;

/// <summary>Whole JSON values that do not stand in lines.</summary>
internal sealed unsafe class ElementBlock : ByteBlock
{
    private readonly Range[] _elements;

    public ElementBlock(int fileIndex, List<Range> elements, Block bytes, int length, long offset, long firstIndex)
        : base(fileIndex, elements.Count, bytes, length, offset, firstIndex)
    {
        _elements = ArrayPool<Range>.Shared.Rent(elements.Count);
        elements.CopyTo(_elements);
    }

    /// <summary>A piece of a broken text, taken off the front of the window.</summary>
    /// <param name="fileIndex">Position among the inputs.</param>
    /// <param name="piece">The piece.</param>
    /// <param name="content">Where it stands.</param>
    /// <param name="taken">How much to take off.</param>
    /// <param name="index">Its line or index.</param>
    /// <param name="isArray">Whether it stands in an array.</param>
    public static InputBlock Of(int fileIndex, JsonPiece piece, RecordStream content, int taken, long index, bool isArray = false)
    {
        var offset = content.Offset;
        if (piece.Kind == PieceKind.Value)
        {
            return new ElementBlock(fileIndex, [new Range(piece.Start, piece.Start + piece.Length)], content.Take(taken), taken, offset, index);
        }

        var bytes = content.Data.Slice(piece.Start, piece.Length);
        var code = piece.RunsOut ? ReasonCode.Truncated : isArray && bytes[0] != '{' ? ReasonCode.MalformedArray : ReasonCode.MalformedJson;
        var violation = new Violation(code, null, DecodePlan.Excerpt(bytes), isArray ? "elements between commas, then ']'" : "a whole JSON object");
        var head = bytes[..Math.Min(bytes.Length, content.KeptBytes)].ToArray();
        var block = new JudgedBlock(fileIndex, index, offset + piece.Start, head, bytes.Length, SHA256.HashData(bytes), violation);
        content.Skip(taken);
        return block;
    }

    public override long Parse(DecodeWorker worker, RecordBatch records, RecordBatch rejects)
    {
        var more = 0L;
        for (var i = 0; i < Records; i++)
        {
            var (start, end) = (_elements[i].Start.Value, _elements[i].End.Value);
            more += worker.ParseJson(Bytes.Pointer + start, Bytes.Pointer + end, FirstLine + i, Offset + start, records, rejects);
        }

        return -more;
    }

    public override void Dispose()
    {
        ArrayPool<Range>.Shared.Return(_elements);
        base.Dispose();
    }
}
