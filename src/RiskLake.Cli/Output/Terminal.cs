using System.Text;

namespace RiskLake.Cli.Output;

/// <summary>How much is said beside the results.</summary>
internal enum Verbosity
{
    Quiet,
    Normal,
    Verbose,
}

/// <summary>The two streams of the process: results go to <see cref="Out"/>, everything else to <see cref="Error"/>.</summary>
internal sealed class Terminal : IDisposable
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private Terminal(TextWriter output, TextWriter error, Ink outInk, Ink errorInk)
    {
        Out = output;
        Error = error;
        OutInk = outInk;
        ErrorInk = errorInk;
    }

    /// <summary>Results. Buffered: flushed by <see cref="Dispose"/>, and before anything is asked of the reader.</summary>
    public TextWriter Out { get; }

    /// <summary>Messages, progress and errors.</summary>
    public TextWriter Error { get; }

    public Ink OutInk { get; }

    public Ink ErrorInk { get; }

    public bool IsErrorTerminal { get; private init; }

    public bool IsOutTerminal { get; private init; }

    /// <summary>Columns of the terminal results are written to; unlimited when they go to a file or a pipe.</summary>
    public int Width { get; private init; } = int.MaxValue;

    public Verbosity Verbosity { get; set; } = Verbosity.Normal;

    /// <summary>How the reader started the program, for messages that say what to type next.</summary>
    public string CommandName { get; private init; } = "risklake";

    public static Terminal Open()
    {
        var isOut = !Console.IsOutputRedirected;
        var isError = !Console.IsErrorRedirected;
        var mayColour = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new Terminal(
            new StreamWriter(StandardStreams.Output(), Utf8, 1 << 15),
            new StreamWriter(StandardStreams.Error(), Utf8, 1 << 10) { AutoFlush = true },
            new Ink(isOut && mayColour),
            new Ink(isError && mayColour))
        {
            IsOutTerminal = isOut,
            IsErrorTerminal = isError && mayColour,
            Width = isOut && Console.WindowWidth is > 0 and var columns ? columns : int.MaxValue,
            CommandName = Environment.GetEnvironmentVariable("RISKLAKE_COMMAND") is { Length: > 0 } name ? name : "risklake",
        };
    }

    /// <summary>Says something beside the results, unless asked to be quiet.</summary>
    public void Say(string message)
    {
        if (Verbosity > Verbosity.Quiet)
        {
            Error.WriteLine(message);
        }
    }

    /// <summary>Says something only a reader who asked for more wants to know.</summary>
    public void SayMore(string message)
    {
        if (Verbosity == Verbosity.Verbose)
        {
            Error.WriteLine(ErrorInk.Dim(message));
        }
    }

    /// <summary>Hands over what is written so far, when another error is about to be told: one is enough.</summary>
    public void TryFlush()
    {
        try
        {
            Out.Flush();
        }
        catch (Lake.Errors.RiskLakeException)
        {
            // The stream is broken from here on and takes everything.
        }
    }

    public void Dispose()
    {
        TryFlush();
        Out.Dispose();
        Error.Dispose();
    }
}

/// <summary>Colours text, or leaves it plain where colours are not wanted.</summary>
internal readonly record struct Ink(bool IsColoured)
{
    public string Bold(string text) => Paint(text, "1");

    public string Dim(string text) => Paint(text, "2");

    public string Red(string text) => Paint(text, "31");

    public string Green(string text) => Paint(text, "32");

    public string Yellow(string text) => Paint(text, "33");

    public string Alarm(string text) => Paint(text, "1;31");

    /// <summary>Paints a status word: good is green, to be looked at yellow, bad red, the rest plain.</summary>
    public string Status(string word) => word switch
    {
        "ok" or "passed" or "published" or "verified" => Green(word),
        "warn" or "warned" or "published_with_breach" or "no_data" or "inputs_missing" => Yellow(word),
        "critical" or "failed" or "blocked" or "differs" => Red(word),
        "withdrawn" or "not_applicable" or "not_executed" => Dim(word),
        _ => word,
    };

    private string Paint(string text, string code) => IsColoured && text.Length > 0 ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
