namespace RiskLake.Risk.Numerics;

/// <summary>Counter-based random numbers (Philox4x64-10): number i of a key is a function of i alone, whatever thread asks.</summary>
/// <remarks>
/// Uniforms are ((x >> 11) + 1/2) 2^-53, strictly inside (0, 1); normals come from them by the inverse distribution function, one per
/// uniform,
/// so that any draw can be made again alone. The sequence for key (seed, 0) equals numpy's Philox(key = seed).
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011).
/// </remarks>
public static class Philox
{
    private const ulong MultiplierA = 0xD2E7470EE14C6C93;
    private const ulong MultiplierB = 0xCA5A826395121157;
    private const ulong WeylA = 0x9E3779B97F4A7C15;
    private const ulong WeylB = 0xBB67AE8584CAA73B;

    /// <summary>The four words of one counter block under one key.</summary>
    public static (ulong W0, ulong W1, ulong W2, ulong W3) Block(
        ulong counter0, ulong counter1, ulong counter2, ulong counter3, ulong key0, ulong key1)
    {
        for (var round = 0; round < 10; round++)
        {
            var highA = Math.BigMul(MultiplierA, counter0, out var lowA);
            var highB = Math.BigMul(MultiplierB, counter2, out var lowB);
            (counter0, counter1, counter2, counter3) = (highB ^ counter1 ^ key0, lowB, highA ^ counter3 ^ key1, lowA);
            key0 += WeylA;
            key1 += WeylB;
        }

        return (counter0, counter1, counter2, counter3);
    }

    /// <summary>Word i of the sequence of a seed; stream 0 is numpy's sequence, whose counter starts at one.</summary>
    public static ulong Word(ulong seed, ulong stream, ulong index)
    {
        var block = Block((index >> 2) + 1, 0, stream, 0, seed, 0);
        return (index & 3) switch { 0 => block.W0, 1 => block.W1, 2 => block.W2, _ => block.W3 };
    }

    /// <summary>Uniform i of a seed and stream, in (0, 1).</summary>
    public static double Uniform(ulong seed, ulong stream, ulong index) => ToUniform(Word(seed, stream, index));

    /// <summary>Standard normal i of a seed and stream.</summary>
    public static double Normal(ulong seed, ulong stream, ulong index) => NormalDistribution.Quantile(Uniform(seed, stream, index));

    /// <summary>Consecutive standard normals of a seed and stream, starting at <paramref name="first"/>.</summary>
    public static void Normals(ulong seed, ulong stream, ulong first, Span<double> target)
    {
        for (var i = 0; i < target.Length;)
        {
            var index = first + (ulong)i;
            var block = Block((index >> 2) + 1, 0, stream, 0, seed, 0);
            ReadOnlySpan<ulong> words = [block.W0, block.W1, block.W2, block.W3];
            for (var k = (int)(index & 3); k < 4 && i < target.Length; k++)
            {
                target[i++] = NormalDistribution.Quantile(ToUniform(words[k]));
            }
        }
    }

    // The greatest word would round to one.
    private static double ToUniform(ulong word) => Math.Min(((word >> 11) + 0.5) * 1.1102230246251565e-16, 1.0 - 1.1102230246251565e-16);
}
