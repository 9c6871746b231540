using System.Runtime.InteropServices;

namespace RiskLake.Cli;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the command to stop, the second stops it where it is, and so does time if something (a read
/// from a pipe nobody writes to) does not hear. The lake survives all of them.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private Timer? _end;
    private int _exitCode;
    private volatile bool _isPatient;

    public Interruption() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, Cli.ExitCode.Interrupted)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, Cli.ExitCode.Terminated)),
    ];

    public CancellationToken Token => _source.Token;

    /// <summary>130 or 143 once a signal has arrived, else 0.</summary>
    public int ExitCode => Volatile.Read(ref _exitCode);

    /// <summary>From now on the first signal asks only: the command ends when it has finished what it is at.</summary>
    public void Wait() => _isPatient = true;

    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _end?.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        if (Interlocked.Exchange(ref _exitCode, exitCode) != 0)
        {
            Environment.Exit(exitCode);
        }

        _end = _isPatient ? null : new Timer(_ => Environment.Exit(exitCode), null, Grace, Timeout.InfiniteTimeSpan);
        _source.Cancel();
    }
}
