using System.Security.Cryptography;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>Digest of a file as it lies on disk, before any decompression.</summary>
internal static class InputDigest
{
    private const int BlockBytes = 1 << 20;

    public static (string Sha256, long Bytes) Compute(string path, CancellationToken ct)
    {
        try
        {
            using var stream = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var block = new byte[BlockBytes];
            var total = 0L;
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                var read = stream.Read(block);
                if (read == 0)
                {
                    return (Convert.ToHexStringLower(hash.GetHashAndReset()), total);
                }

                hash.AppendData(block, 0, read);
                total += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw InputErrors.Unreadable(path, e);
        }
    }
}
