using System.Text;
using ZstdSharp;

namespace RiskLake.Ingest.Sources;

/// <summary>
/// Writes records as NDJSON, compressed with zstd, in one fixed spelling. Values are passed on as they came: what is not a number
/// goes as text, what is not a record goes as a string, and the contract's decoder refuses it with its reason and its bytes.
/// </summary>
internal sealed class CanonicalRecords : IDisposable
{
    private const int FlushAt = 60 << 10;
    private const int CompressionLevel = 3;

    private readonly CompressionStream _target;
    private byte[] _bytes = new byte[2 * FlushAt];
    private int _length;
    private bool _isFirst;

    public CanonicalRecords(Stream target) => _target = new CompressionStream(target, CompressionLevel, leaveOpen: true);

    /// <summary>Records written, those for quarantine included.</summary>
    public long Count { get; private set; }

    public void Begin()
    {
        Raw("{"u8);
        _isFirst = true;
    }

    public void End()
    {
        Raw("}\n"u8);
        Count++;
        if (_length >= FlushAt)
        {
            Flush();
        }
    }

    public void Text(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Name(name);
        Quoted(value);
    }

    public void Text(ReadOnlySpan<byte> name, string value) => Text(name, Encoding.UTF8.GetBytes(value));

    /// <summary>A number as it came, text if it is none, nothing if there is nothing.</summary>
    public void Number(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return;
        }

        Name(name);
        if (StooqText.IsNumber(value))
        {
            Raw(value);
        }
        else
        {
            Quoted(value);
        }
    }

    public void Flag(ReadOnlySpan<byte> name, bool value)
    {
        Name(name);
        Raw(value ? "true"u8 : "false"u8);
    }

    /// <summary>Bytes that are no record: the decoder puts them in quarantine.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="code">Why, as a code of the decoder's; null leaves it to the decoder.</param>
    public void Reject(ReadOnlySpan<byte> bytes, string? code = null)
    {
        Quoted(code is null ? bytes : [0, .. Encoding.ASCII.GetBytes(code), 0, .. bytes]);
        Raw("\n"u8);
        Count++;
        if (_length >= FlushAt)
        {
            Flush();
        }
    }

    public void Dispose()
    {
        Flush();
        _target.Dispose();
    }

    private void Flush()
    {
        _target.Write(_bytes, 0, _length);
        _length = 0;
    }

    private void Name(ReadOnlySpan<byte> name)
    {
        Raw(_isFirst ? "\""u8 : ",\""u8);
        _isFirst = false;
        Raw(name);
        Raw("\":"u8);
    }

    private void Quoted(ReadOnlySpan<byte> value)
    {
        Raw("\""u8);
        if (value.IndexOfAnyInRange((byte)0, (byte)0x1F) < 0 && !value.ContainsAny((byte)'"', (byte)'\\'))
        {
            Raw(value);
        }
        else
        {
            foreach (var unit in value)
            {
                if (unit is < 0x20 or (byte)'"' or (byte)'\\')
                {
                    Raw(Encoding.ASCII.GetBytes($"\\u{unit:x4}"));
                }
                else
                {
                    Raw([unit]);
                }
            }
        }

        Raw("\""u8);
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}
