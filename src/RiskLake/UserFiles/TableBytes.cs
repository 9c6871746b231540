using RiskLake.Ingest.Sources;

namespace RiskLake.UserFiles;

/// <summary>The whole content of a file, decompressed where it is compressed; damage of the container is an error.</summary>
internal static class TableBytes
{
    private const int FirstBytes = 1 << 20;

    public static byte[] Read(InputFile file)
    {
        if (Directory.Exists(file.Path))
        {
            throw InputErrors.Missing("--input", "a folder", "a CSV or Parquet file, or -");
        }

        using var handle = InputBytes.Open(file);
        var compression = Compressions.Detect(handle, file);
        if (compression == Compressions.None)
        {
            using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            return ReadAll(file, target => stream.Read(target));
        }

        using var digest = new FileDigest();
        using var raw = new RawStream(handle, digest);
        using var content = Compressions.Open(compression, raw);
        return ReadAll(file, target => Compressions.Read(content, target, file));
    }

    public static byte[] Read(Stream stream) => ReadAll(new InputFile("-", "stdin"), target => stream.Read(target));

    private static byte[] ReadAll(InputFile file, ReadInto read)
    {
        var bytes = new byte[FirstBytes];
        var length = 0;
        while (true)
        {
            int taken;
            try
            {
                taken = read(bytes.AsSpan(length));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw InputErrors.Unreadable(file.Path, e);
            }

            if (taken == 0)
            {
                Array.Resize(ref bytes, length);
                return bytes;
            }

            length += taken;
            if (length == bytes.Length)
            {
                if (length == Array.MaxLength)
                {
                    throw InputErrors.Damaged(file.Path, "more than two gigabytes of content", "a file that fits into memory");
                }

                Array.Resize(ref bytes, (int)Math.Min(2L * length, Array.MaxLength));
            }
        }
    }

    private delegate int ReadInto(Span<byte> target);
}
