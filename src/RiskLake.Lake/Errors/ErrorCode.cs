namespace RiskLake.Lake.Errors;

/// <summary>
/// Permanent error numbers, printed as <c>RL</c> and four digits. The thousands say the category: 1 usage, 2 contract, 3 input
/// and sources, 4 quality, 5 storage, 6 engine, 7 risk, 8 cluster, 9 our bug. A number is never given to another meaning.
/// </summary>
internal enum ErrorCode
{
    [Error("The command line could not be understood", "An option or argument is unknown, missing or malformed.", ExitCode = 2)]
    CommandLineInvalid = 1001,

    [Error("A run id is not allowed", "Run ids are [A-Za-z0-9][A-Za-z0-9._-]{0,127}, unique ignoring case; backfill-, risk-, ack- (as prefixes) and limits belong to the lake's own runs.", ExitCode = 2)]
    RunIdInvalid = 1002,

    [Error("No such run", "The run id does not stand in the lake log.", ExitCode = 2)]
    RunUnknown = 1003,

    [Error("No such lake version", "The version lies beyond the newest entry of the lake log, or its files were vacuumed.", ExitCode = 2)]
    LakeVersionUnknown = 1004,

    [Error("A configuration file is invalid", "YAML that does not parse, an unknown or repeated key, or a value of the wrong kind.", ExitCode = 2)]
    ConfigurationInvalid = 1101,

    [Error("A configuration file is missing", "The file named by an option or by another file does not exist.", ExitCode = 2)]
    ConfigurationMissing = 1102,

    [Error("A threshold is missing or invalid", "Every threshold of the gate must be present and in range: a gate that can never close is refused.", ExitCode = 2)]
    ThresholdInvalid = 1103,

    [Error("A calendar file is invalid", "A rule file, or a list of known differences, breaks the language of calendars.", ExitCode = 2)]
    CalendarInvalid = 1201,

    [Error("No such calendar", "No rule file and no alias has that name.", ExitCode = 2)]
    CalendarUnknown = 1202,

    [Error("The calendar does not know", "The answer lies outside the dates for which the calendar's facts are complete.", ExitCode = 2)]
    CalendarOutsideKnown = 1203,

    [Error("Not a session", "The market is closed on that date, or at that instant, and the question needs a session.", ExitCode = 2)]
    NotASession = 1204,

    [Error("Not a trading minute", "The market does not trade at that instant, and the question needs a trading minute.", ExitCode = 2)]
    NotATradingMinute = 1205,

    [Error("The calendar has no such rule", "Its rules do not say what was asked for, such as a settlement lag.", ExitCode = 2)]
    CalendarRuleMissing = 1206,

    [Error("A file of calendar answers is invalid", "The CSV file does not have the expected header, or a row is not a session in UTC.", ExitCode = 2)]
    CalendarAnswersInvalid = 1207,

    [Error("A contract is invalid", "The contract breaks a rule of ODCS v3.1 or of the strict decoder.", ExitCode = 2)]
    ContractInvalid = 2001,

    [Error("No such contract", "The dataset is not in the registry.", ExitCode = 2)]
    ContractUnknown = 2002,

    [Error("The input does not exist", "A path is missing or a pattern matches nothing.", ExitCode = 3)]
    InputMissing = 3001,

    [Error("The input cannot be read", "The file cannot be opened, or its compression or container is damaged.", ExitCode = 3)]
    InputUnreadable = 3002,

    [Error("The input format cannot be told", "Neither the name nor the content says which format this is.", ExitCode = 3)]
    InputFormatUnknown = 3003,

    [Error("The input changed while it was read", "Its digest at the start and at the end differ.", ExitCode = 3)]
    InputChanged = 3004,

    [Error("The source's answer is not data", "The body is neither what was asked for nor an error the source documents; its beginning is shown.", ExitCode = 3)]
    SourceAnswer = 3101,

    [Error("The source's limit is reached", "A quota of requests is used up; the error says when to ask again.", ExitCode = 3)]
    SourceLimit = 3102,

    [Error("The source wants a key", "A key is missing, malformed, or not registered. Keys come from the environment or a file, never from the command line.", ExitCode = 2)]
    SourceKey = 3103,

    [Error("The source refuses programs", "A page that wants to see a browser, or an address that is shut out. It is not got round.", ExitCode = 3)]
    SourceRefused = 3104,

    [Error("The source does not know what was asked for", "A series, symbol or period of that name does not exist there.", ExitCode = 2)]
    SourceUnknown = 3105,

    [Error("The source is not available", "It did not answer, or answered with an error of its own, more often than a request is repeated.", ExitCode = 3)]
    SourceUnavailable = 3106,

    [Error("The licence forbids storing", "The series' owner allows no copy without permission.", ExitCode = 2)]
    LicenceForbids = 3107,

    [Error("No such column", "A file read outside the lake has no column of that name or number, or several could be meant.", ExitCode = 2)]
    ColumnUnknown = 3201,

    [Error("A cell is not a number", "A file read outside the lake holds an empty cell, a text, or a row of another length where a number belongs.", ExitCode = 3)]
    CellInvalid = 3202,

    [Error("Rows are not in time order", "The date column of a file read outside the lake holds a time twice, goes back, or is not a time.", ExitCode = 3)]
    DatesUnordered = 3203,

    [Error("The quality gate blocked the run", "A check breached its limit.", ExitCode = 1)]
    GateBlocked = 4001,

    [Error("The storage failed", "The disk is full, read-only, or returned an error.", ExitCode = 3)]
    StorageFailed = 5001,

    [Error("Another process holds the run", "The run's lock could not be taken in time.", ExitCode = 5)]
    RunLocked = 5002,

    [Error("The lake is damaged", "A file, digest or log entry does not agree with the lake log.", ExitCode = 3)]
    LakeDamaged = 5003,

    [Error("The lake was written by a newer version", "Its log names a format version this build does not know.", ExitCode = 3)]
    LakeTooNew = 5004,

    [Error("There is no lake here", "The output root holds no lake log.", ExitCode = 3)]
    LakeMissing = 5005,

    [Error("The lake moved while the run was prepared", "Another run published an event this one also holds, more often than the run may retry.", ExitCode = 5)]
    LakeConflict = 5006,

    [Error("A staged file is not what it was announced as", "Its rows or its Parquet columns differ from the dataset's definition. Nothing was published.", ExitCode = 3)]
    StagedFileInvalid = 5007,

    [Error("A table's columns conflict", "A column would change its type, or takes the name of a partition column.", ExitCode = 2)]
    TableSchemaConflict = 5008,

    [Error("A path of the lake leads out of it", "A log entry, marker or symbolic link inside the lake names a place outside. Nothing was followed.", ExitCode = 3)]
    LakePathEscapes = 5009,

    [Error("The results could not be written", "Standard output is closed, or what it leads to is full. What the command decided stands.", ExitCode = 3)]
    OutputFailed = 5010,

    [Error("The lake is of an earlier version", "Its silver was decided by an earlier rule. It can be read; before anything is published `risklake doctor` brings it to the present one.", ExitCode = 3)]
    LakeOlder = 5011,

    [Error("The query failed", "DuckDB refused or could not finish the statement.", ExitCode = 2)]
    QueryInvalid = 6001,

    [Error("The engine failed", "DuckDB ran out of memory or could not read a file the lake log names.", ExitCode = 3)]
    EngineFailed = 6002,

    [Error("There are no prices", "The lake holds no event or bar of a session that the question could be about.", ExitCode = 3)]
    NoPrices = 7001,

    [Error("No such breach", "No episode of the limit holds the date, or several do and none was named.", ExitCode = 2)]
    BreachUnknown = 7101,

    [Error("No such measure", "What is asked about is not measured: an unknown symbol, portfolio, method or confidence.", ExitCode = 2)]
    MeasureUnknown = 7102,

    [Error("Records are not conserved", "What was read is not what was written plus what was set aside. Nothing was published.", ExitCode = 3)]
    ConservationBroken = 9001,

    [Error("Two keys share a digest", "Two different keys of one dataset have the same 64-bit digest. Nothing was published.", ExitCode = 3)]
    DigestCollision = 9002,

    [Error("Internal error", "A state that should not exist. Please report it.", ExitCode = 3)]
    Internal = 9999,
}

/// <summary>What <c>docs/errors.md</c> and the exit code say of an <see cref="ErrorCode"/>.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class ErrorAttribute(string title, string meaning) : Attribute
{
    public string Title { get; } = title;

    public string Meaning { get; } = meaning;

    /// <summary>Exit code of a process that ends with this error.</summary>
    public int ExitCode { get; set; }
}
