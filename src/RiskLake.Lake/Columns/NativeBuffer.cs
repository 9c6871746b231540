using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RiskLake.Lake.Columns;

/// <summary>A growable block of unmanaged memory: columns of many millions of values live outside the garbage collector. The owner disposes it.</summary>
internal sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    private T* _pointer;
    private long _capacity;

    public NativeBuffer(long capacity = 0)
    {
        NativeAllocator.Configure();
        if (capacity > 0)
        {
            Reserve(capacity);
        }
    }

    /// <summary>Number of elements in use.</summary>
    public long Count { get; set; }

    /// <summary>First element; moves when the buffer grows.</summary>
    public T* Pointer => _pointer;

    public T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _pointer[index];
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        set => _pointer[index] = value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(T value)
    {
        if (Count == _capacity)
        {
            Grow(Count + 1);
        }

        _pointer[Count++] = value;
    }

    public void AddRange(ReadOnlySpan<T> values)
    {
        Reserve(Count + values.Length);
        values.CopyTo(new Span<T>(_pointer + Count, values.Length));
        Count += values.Length;
    }

    /// <summary>Makes room for <paramref name="capacity"/> elements in all.</summary>
    public void Reserve(long capacity)
    {
        if (capacity > _capacity)
        {
            Grow(capacity);
        }
    }

    public Span<T> Span(long start, int length) => new(_pointer + start, length);

    /// <summary>The elements in use; they must be fewer than 2^31.</summary>
    public Span<T> AsSpan() => new(_pointer, checked((int)Count));

    public void Clear() => Count = 0;

    public void Dispose()
    {
        NativeMemory.Free(_pointer);
        _pointer = null;
        _capacity = 0;
        Count = 0;
    }

    private void Grow(long needed)
    {
        var capacity = Math.Max(needed, Math.Max(16, _capacity + (_capacity >> 1)));
        _pointer = (T*)NativeMemory.Realloc(_pointer, checked((nuint)capacity * (nuint)sizeof(T)));
        _capacity = capacity;
    }
}

/// <summary>
/// Keeps large blocks out of the C library's heap, so that what one stage frees goes back to the system before the next stage takes
/// as much again.
/// </summary>
internal static partial class NativeAllocator
{
    private const int MapThreshold = -3;
    private const int MapThresholdBytes = 1 << 20;

    private static readonly bool IsConfigured = TryConfigure();

    public static void Configure() => _ = IsConfigured;

    [LibraryImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int option, int value);

    /// <summary>Only glibc has the option; without it memory is merely given back later.</summary>
    private static bool TryConfigure()
    {
        try
        {
            return SetOption(MapThreshold, MapThresholdBytes) == 1;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }
}
