using Microsoft.Win32.SafeHandles;
using ZstdSharp;

namespace RiskLake.Ingest.Sources;

/// <summary>Tells compressed files by their first bytes and opens them so that damage cannot pass for an end.</summary>
internal static class Compressions
{
    public const string None = "none";
    public const string Gzip = "gzip";
    public const string Zstd = "zstd";

    private static ReadOnlySpan<byte> GzipMagic => [0x1F, 0x8B];

    private static ReadOnlySpan<byte> ZstdMagic => [0x28, 0xB5, 0x2F, 0xFD];

    private static ReadOnlySpan<byte> SkippableMagic => [0x2A, 0x4D, 0x18];

    public static string Detect(SafeFileHandle handle, InputFile file)
    {
        try
        {
            Span<byte> magic = stackalloc byte[4];
            magic = magic[..RandomAccess.Read(handle, magic, 0)];
            return magic.StartsWith(GzipMagic) ? Gzip
                : magic.SequenceEqual(ZstdMagic) || IsSkippableFrame(magic) ? Zstd
                : None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputErrors.Unreadable(file.Path, e);
        }
    }

    /// <summary>The compression that a file's name promises, or <see cref="None"/>.</summary>
    public static string Promised(string name) => Path.GetExtension(name).ToUpperInvariant() switch
    {
        ".GZ" or ".GZIP" => Gzip,
        ".ZST" or ".ZSTD" => Zstd,
        _ => None,
    };

    public static Stream Open(string compression, RawStream raw) => compression == Gzip
        ? new GzipContent(raw)
        : new DecompressionStream(raw, leaveOpen: true, checkEndOfStream: true);

    /// <summary>Reads decompressed bytes; whatever a decompressor complains about is damage of the input.</summary>
    public static int Read(Stream stream, Span<byte> target, InputFile file)
    {
        try
        {
            return stream.Read(target);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ZstdException or NotSupportedException)
        {
            throw InputErrors.Damaged(file.Path, e.Message, "a compressed file that is whole and whose checksum agrees", e);
        }
    }

    private static bool IsSkippableFrame(ReadOnlySpan<byte> magic) =>
        magic.Length == 4 && (magic[0] & 0xF0) == 0x50 && magic[1..].SequenceEqual(SkippableMagic);
}
