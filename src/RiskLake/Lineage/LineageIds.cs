using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace RiskLake.Lineage;

/// <summary>
/// OpenLineage wants run ids to be UUIDs. They are made from the run's own id and attempt (RFC 9562, version 5), so that whoever
/// knows those finds the events, and the same attempt has the same id everywhere.
/// </summary>
internal static class LineageIds
{
    private static readonly Guid Url = new("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

    /// <param name="jobNamespace">Separates installations that report to one collector.</param>
    /// <param name="runId">The run.</param>
    /// <param name="attempt">Number of the attempt.</param>
    /// <param name="tries">How often the attempt was begun before and came to nothing; a begun id is never used again.</param>
    public static Guid Run(string jobNamespace, string runId, int attempt, int tries)
    {
        var again = tries == 0 ? "" : FormattableString.Invariant($"/{tries + 1}");
        return Version5(Version5(Url, "urn:risklake:" + jobNamespace), FormattableString.Invariant($"{runId}/{attempt}{again}"));
    }

    /// <summary>The name-based UUID of a name in a namespace.</summary>
    public static Guid Version5(Guid space, string name)
    {
        var text = Encoding.UTF8.GetBytes(name);
        var bytes = new byte[16 + text.Length];
        space.TryWriteBytes(bytes, bigEndian: true, out _);
        text.CopyTo(bytes, 16);
#pragma warning disable CA5350 // Version 5 is defined by SHA-1; nothing rests on it being hard to forge.
        var digest = SHA1.HashData(bytes).AsSpan(0, 16);
#pragma warning restore CA5350
        var version = BinaryPrimitives.ReadUInt16BigEndian(digest[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(digest[6..], (ushort)((version & 0x0FFF) | 0x5000));
        digest[8] = (byte)((digest[8] & 0x3F) | 0x80);
        return new Guid(digest, bigEndian: true);
    }
}
