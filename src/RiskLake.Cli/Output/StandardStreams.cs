using System.Runtime.InteropServices;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli.Output;

/// <summary>
/// The three descriptors a process begins with. One that was closed by whoever started it is never used: the runtime may have opened
/// something else under its number since, even a file of the lake.
/// </summary>
internal static partial class StandardStreams
{
    private const int GetFlags = 1;
    private const int CloseOnExec = 1;

    /// <summary>Where results go; a failure to write ends the command with an error instead of a trace.</summary>
    public static Stream Output() => new ResultStream(IsGiven(1) ? Console.OpenStandardOutput() : null);

    /// <summary>Where messages go; when nobody can read them, nothing else can be done about it.</summary>
    public static Stream Error() => new MessageStream(IsGiven(2) ? Console.OpenStandardError() : null);

    /// <summary>What <c>-</c> names as an input.</summary>
    public static Stream Input() => IsGiven(0) ? Console.OpenStandardInput() : throw new RiskLakeException(
        ErrorCode.InputUnreadable, "-", "a closed standard input", "a stream with the records", "pipe the records in, or name a file");

    // What comes from outside outlived exec; everything the runtime opens does not.
    private static bool IsGiven(int descriptor) => fcntl(descriptor, GetFlags) is >= 0 and var flags && (flags & CloseOnExec) == 0;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int descriptor, int command);

    private abstract class WriteOnlyStream : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public static bool IsFailure(Exception exception) => exception is IOException or UnauthorizedAccessException or ObjectDisposedException;
    }

    /// <summary>Fails once, with an error; what comes after the failure goes nowhere, so that closing it fails no more.</summary>
    private sealed class ResultStream(Stream? inner) : WriteOnlyStream
    {
        private bool _isBroken;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_isBroken || buffer.IsEmpty)
            {
                return;
            }

            if (inner is null)
            {
                throw Broken("a closed standard output", null);
            }

            try
            {
                inner.Write(buffer);
            }
            catch (Exception exception) when (IsFailure(exception))
            {
                throw Broken(exception.InnerException?.Message ?? exception.Message, exception);
            }
        }

        public override void Flush()
        {
            try
            {
                inner?.Flush();
            }
            catch (Exception exception) when (IsFailure(exception))
            {
                throw Broken(exception.InnerException?.Message ?? exception.Message, exception);
            }
        }

        private RiskLakeException Broken(string found, Exception? cause)
        {
            _isBroken = true;
            return new RiskLakeException(
                ErrorCode.OutputFailed,
                "standard output",
                found,
                "a stream that takes the results",
                "what the command decided stands in the lake and is not repeated: `runs show` and `runs list` tell it",
                cause);
        }
    }

    private sealed class MessageStream(Stream? inner) : WriteOnlyStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                inner?.Write(buffer);
            }
            catch (Exception exception) when (IsFailure(exception))
            {
                // The exit code still tells.
            }
        }

        public override void Flush()
        {
        }
    }
}
