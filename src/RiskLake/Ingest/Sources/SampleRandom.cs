namespace RiskLake.Ingest.Sources;

/// <summary>
/// Random numbers that are the same on every machine: SplitMix64 on integers, and from there only addition, multiplication,
/// division and square root, which IEEE 754 rounds in one way. <c>Log</c>, <c>Exp</c>, <c>Sin</c> and <c>Pow</c> differ in their
/// last bits between CPUs, so the usual transformations to a normal are out.
/// </summary>
/// <remarks>A stream is named by what it is for, so that a draw never depends on what else was drawn before it.</remarks>
internal struct SampleRandom(ulong key)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = key;

    /// <summary>The key of a stream below <paramref name="parent"/>.</summary>
    public static ulong Key(ulong parent, long index) => Mix(Mix(parent + Golden) ^ unchecked((ulong)index * Golden));

    /// <inheritdoc cref="Key(ulong, long)"/>
    public static ulong Key(ulong parent, string name)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var character in name)
        {
            hash = unchecked((hash ^ character) * 0x100000001B3);
        }

        return Key(parent, unchecked((long)hash));
    }

    public ulong Next() => Mix(_state = unchecked(_state + Golden));

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [0, <paramref name="bound"/>).</summary>
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>Close to a standard normal: twelve uniforms have variance one. The tails end at six deviations.</summary>
    public double Normal()
    {
        var sum = 0UL;
        for (var word = 0; word < 3; word++)
        {
            var lanes = Next();
            sum += (lanes & 0xFFFF) + ((lanes >> 16) & 0xFFFF) + ((lanes >> 32) & 0xFFFF) + (lanes >> 48);
        }

        // Each lane is uniform on the midpoints of 65,536 equal steps.
        return ((sum + 6.0) / 65536.0) - 6.0;
    }

    /// <summary>Student's t with five degrees of freedom, scaled to unit variance: the fat tails of market returns.</summary>
    public double FatTailed()
    {
        var numerator = Normal();
        var squares = 0.0;
        for (var degree = 0; degree < 5; degree++)
        {
            var normal = Normal();
            squares += normal * normal;
        }

        // The variance of t5 is 5/3; a divisor near zero would make one price absurd.
        return numerator / Math.Sqrt(Math.Max(squares, 0.05) / 5.0) * Math.Sqrt(0.6);
    }

    private static ulong Mix(ulong value)
    {
        value = unchecked((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9);
        value = unchecked((value ^ (value >> 27)) * 0x94D049BB133111EB);
        return value ^ (value >> 31);
    }
}
