using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace RiskLake.Bench;

/// <summary>What a finished process cost. Peak memory is the largest of the process and its children, never their sum.</summary>
internal sealed record Cost(int ExitCode, double Seconds, double CpuSeconds, long PeakBytes);

/// <summary>
/// A child process measured by the kernel: <c>wait4</c> reports exact CPU time and peak memory, with nothing polled. Linux only.
/// </summary>
/// <remarks>
/// A process counts the peak of the one it was started from as its own, so this program must stay small: whatever needs much memory
/// (DuckDB, generating data) runs in a child as well.
/// </remarks>
internal static partial class Child
{
    private const short SetProcessGroup = 2;
    private const int OpaqueBytes = 512;
    private const int Kill = 9;

    private static int _running;

    /// <summary>Ends the running child with this process: it is in a group of its own, which the terminal does not reach.</summary>
    public static IDisposable[] EndWithThisProcess() =>
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, _ => KillRunning()))];

    /// <summary>
    /// Runs a shell command in its own process group, stdout to a file and stderr to the same with <c>.err</c>; kills it when the
    /// time is up.
    /// </summary>
    public static unsafe Cost Run(string command, string outputPath, TimeSpan limit)
    {
        var attributes = stackalloc byte[OpaqueBytes];
        var prepared = posix_spawnattr_init((nint)attributes)
            + posix_spawnattr_setflags((nint)attributes, SetProcessGroup)
            + posix_spawnattr_setpgroup((nint)attributes, 0);
        Debug.Assert(prepared == 0);
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(e => $"{e.Key}={e.Value}");
        string?[] arguments = ["/bin/sh", "-c", $"exec {command} >\"$0\" 2>\"$0.err\" </dev/null", outputPath, null];

        var started = Stopwatch.GetTimestamp();
        var failure = posix_spawn(out var pid, "/bin/sh", 0, (nint)attributes, arguments, [.. environment, null]);
        if (failure != 0)
        {
            throw new InvalidOperationException(FormattableString.Invariant($"Could not start '{command}': error {failure}."));
        }

        using var deadline = new Timer(_ => KillRunning(), state: null, limit, Timeout.InfiniteTimeSpan);
        _running = pid;
        var ended = wait4(pid, out var status, 0, out var usage);
        _running = 0;
        if (ended != pid)
        {
            throw new InvalidOperationException($"Lost '{command}' while waiting for it.");
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var exitCode = (status & 0x7F) == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F);
        return new Cost(exitCode, seconds, usage.CpuSeconds, usage.PeakKilobytes * 1024);
    }

    private static void KillRunning()
    {
        if (_running is var pid and > 0)
        {
            _ = kill(-pid, Kill);
        }
    }

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_init(nint attributes);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setflags(nint attributes, short flags);

    [LibraryImport("libc")]
    private static partial int posix_spawnattr_setpgroup(nint attributes, int group);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(
        out int pid, string path, nint actions, nint attributes, string?[] arguments, string?[] environment);

    [LibraryImport("libc")]
    private static partial int wait4(int pid, out int status, int options, out Usage usage);

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);

    /// <summary><c>struct rusage</c>: sixteen longs after the two times.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 18 * sizeof(long))]
    private readonly struct Usage
    {
        private readonly long _userSeconds;
        private readonly long _userMicros;
        private readonly long _systemSeconds;
        private readonly long _systemMicros;
        private readonly long _peakKilobytes;

        public double CpuSeconds => _userSeconds + _systemSeconds + ((_userMicros + _systemMicros) / 1e6);

        public long PeakKilobytes => _peakKilobytes;
    }
}
