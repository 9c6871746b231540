using System.Buffers.Binary;
using System.Runtime.InteropServices;
using RiskLake.Columns;
using RiskLake.Errors;
using RiskLake.Lake;

namespace RiskLake.Silver;

/// <summary>
/// The key digests of one run: first those of its silver rows, then those of its bronze records that silver holds elsewhere. With it
/// a new run asks "who has this key" without opening a data file.
/// </summary>
internal static class KeyIndexFile
{
    private const ulong Magic = 0x3130_5945_4B4C_5221; // "!RLKEY01"
    private const int HeaderBytes = 24;

    /// <summary>Writes an index to staging.</summary>
    public static StagedIndex Write(StagingContext context, NativeBuffer<ulong> silver, NativeBuffer<ulong> elsewhere)
    {
        var path = Path.Combine(context.Folder, "keys");
        return LakeStore.Guard(path, () => Write(context, path, silver, elsewhere));
    }

    private static StagedIndex Write(StagingContext context, string path, NativeBuffer<ulong> silver, NativeBuffer<ulong> elsewhere)
    {
        using (var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0))
        {
            Span<byte> header = stackalloc byte[HeaderBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
            BinaryPrimitives.WriteInt64LittleEndian(header[8..], silver.Count);
            BinaryPrimitives.WriteInt64LittleEndian(header[16..], elsewhere.Count);
            stream.Write(header);
            Write(stream, silver);
            Write(stream, elsewhere);
        }

        var (sha256, _) = StagedTable.Digest(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        context.Storage.SyncFile("stage.keys", path);
        return new StagedIndex(path, silver.Count + elsewhere.Count, sha256);
    }

    /// <summary>Reads an index; the parts asked for are appended to the buffers, null buffers are skipped.</summary>
    public static void Read(string path, NativeBuffer<ulong>? silver, NativeBuffer<ulong>? elsewhere)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
            Span<byte> header = stackalloc byte[HeaderBytes];
            stream.ReadExactly(header);
            var silverCount = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
            var elsewhereCount = BinaryPrimitives.ReadInt64LittleEndian(header[16..]);
            if (BinaryPrimitives.ReadUInt64LittleEndian(header) != Magic || stream.Length != HeaderBytes + ((silverCount + elsewhereCount) * sizeof(ulong)))
            {
                throw new InvalidDataException("not a key index of this version");
            }

            Read(stream, silver, silverCount);
            Read(stream, elsewhere, elsewhereCount);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new RiskLakeException(ErrorCode.LakeDamaged, path, e.Message, "a readable key index", "run 'risklake doctor'", e);
        }
    }

    private static void Write(FileStream stream, NativeBuffer<ulong> keys)
    {
        const int Step = 1 << 20;
        for (long start = 0; start < keys.Count; start += Step)
        {
            stream.Write(MemoryMarshal.AsBytes(keys.Span(start, (int)Math.Min(Step, keys.Count - start))));
        }
    }

    private static void Read(FileStream stream, NativeBuffer<ulong>? keys, long count)
    {
        const int Step = 1 << 20;
        if (keys is null)
        {
            stream.Seek(count * sizeof(ulong), SeekOrigin.Current);
            return;
        }

        keys.Reserve(keys.Count + count);
        for (long done = 0; done < count; done += Step)
        {
            var length = (int)Math.Min(Step, count - done);
            stream.ReadExactly(MemoryMarshal.AsBytes(keys.Span(keys.Count, length)));
            keys.Count += length;
        }
    }
}
