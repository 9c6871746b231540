namespace RiskLake.Ingest.Decoding;

/// <summary>Why a record was rejected. The name is stored in quarantine and never given another meaning.</summary>
/// <param name="Name">Stable name, snake case.</param>
/// <param name="Description">What is wrong, for people.</param>
internal sealed record ReasonCode(string Name, string Description)
{
    public static readonly ReasonCode MalformedJson = new("malformed_json", "The record does not follow the grammar of JSON (RFC 8259).");
    public static readonly ReasonCode Truncated = new("truncated", "The input or the line ends inside the record.");
    public static readonly ReasonCode TrailingGarbage = new("trailing_garbage",
        "The JSON object is complete, but more text follows it in the same record.");
    public static readonly ReasonCode NotAnObject = new("not_an_object", "The record is a JSON value other than an object.");
    public static readonly ReasonCode MalformedArray = new("malformed_array",
        "The JSON array around the records is broken here; up to the next record that can be told, nothing can be read.");
    public static readonly ReasonCode NestingTooDeep = new("nesting_too_deep", "Arrays and objects are nested more than 64 deep.");
    public static readonly ReasonCode RecordTooLarge = new("record_too_large",
        "The record is longer than the limit; its beginning, length and digest are kept.");
    public static readonly ReasonCode InvalidUtf8 = new("invalid_utf8",
        "The text is not valid UTF-8, or escapes half of a surrogate pair.");
    public static readonly ReasonCode ControlCharacter = new("control_character", "A control character stands unescaped in the text.");
    public static readonly ReasonCode MalformedCsv = new("malformed_csv", "A quote stands where RFC 4180 does not allow one.");
    public static readonly ReasonCode ColumnCount = new("column_count", "The row has more or fewer values than the header has columns.");
    public static readonly ReasonCode DuplicateKey = new("duplicate_key", "A name occurs more than once in the record or in the header.");
    public static readonly ReasonCode UnknownField = new("unknown_field", "The contract does not know the field and is closed.");
    public static readonly ReasonCode MissingField = new("missing_field", "A required field is absent.");
    public static readonly ReasonCode NullValue = new("null_value", "A required field is null.");
    public static readonly ReasonCode TypeMismatch = new("type_mismatch", "The value is of another type than the contract says.");
    public static readonly ReasonCode NotInteger = new("not_integer", "The number has a fraction, but the contract says integer.");
    public static readonly ReasonCode TypeOverflow = new("type_overflow", "The number is beyond the range or precision of its type.");
    public static readonly ReasonCode NonFinite = new("non_finite", "The number is NaN, infinite, or beyond the range of a double.");
    public static readonly ReasonCode PrecisionLoss = new("precision_loss",
        "The value has more digits than the type can hold; nothing is rounded.");
    public static readonly ReasonCode InvalidTimestamp = new("invalid_timestamp",
        "The text is not an RFC 3339 timestamp, or names a date or time that does not exist.");
    public static readonly ReasonCode InvalidDate = new("invalid_date",
        "The text is not a date YYYY-MM-DD, or names one that does not exist.");
    public static readonly ReasonCode LeapSecond = new("leap_second",
        "Second 60: a leap second has no place on the time line that is stored.");
    public static readonly ReasonCode TimestampOutOfRange = new("timestamp_out_of_range",
        "The instant is outside of the years 0001 to 9999 in UTC.");
    public static readonly ReasonCode ZoneMissing = new("zone_missing", "The timestamp has no offset and the contract names no zone.");
    public static readonly ReasonCode LocalTimeSkipped = new("local_time_skipped",
        "The local time does not exist: clocks were set forward over it.");
    public static readonly ReasonCode LocalTimeAmbiguous = new("local_time_ambiguous",
        "The local time exists twice: clocks were set back over it.");
    public static readonly ReasonCode InvalidBase64 = new("invalid_base64", "The text of a binary field is not base64.");
    public static readonly ReasonCode OutOfRange = new("out_of_range", "The value is beyond a limit of the contract.");
    public static readonly ReasonCode TooShort = new("too_short", "The text has fewer characters than the contract asks for.");
    public static readonly ReasonCode TooLong = new("too_long", "The text has more characters than the contract allows.");
    public static readonly ReasonCode PatternMismatch = new("pattern_mismatch", "The text does not match the contract's pattern.");
    public static readonly ReasonCode ValueNotAllowed = new("value_not_allowed", "The value is not among those the contract lists.");
    public static readonly ReasonCode IngestLagExceeded = new("ingest_lag_exceeded",
        "The record arrived longer after its event than the contract allows.");
    public static readonly ReasonCode IngestLeadExceeded = new("ingest_lead_exceeded",
        "The record arrived longer before its event than the contract allows.");

    public static readonly ReasonCode NotMultiple = new("not_multiple", "The value is not a multiple of the step the contract names.");
    public static readonly ReasonCode AfterAsOf = new("after_as_of", "The record arrived after the time as of which the run is made.");

    /// <summary>Every code of the decoder, in the order of the documentation.</summary>
    public static IReadOnlyList<ReasonCode> All { get; } =
    [
        MalformedJson, Truncated, TrailingGarbage, NotAnObject, MalformedArray, NestingTooDeep, RecordTooLarge, InvalidUtf8,
        ControlCharacter, MalformedCsv, ColumnCount, DuplicateKey, UnknownField, MissingField, NullValue, TypeMismatch, NotInteger,
        TypeOverflow, NonFinite, PrecisionLoss, InvalidTimestamp, InvalidDate, LeapSecond, TimestampOutOfRange, ZoneMissing,
        LocalTimeSkipped, LocalTimeAmbiguous, InvalidBase64, OutOfRange, TooShort, TooLong, PatternMismatch, ValueNotAllowed,
        IngestLagExceeded, IngestLeadExceeded, NotMultiple, AfterAsOf,
    ];
}

/// <summary>One thing wrong with one record.</summary>
/// <param name="Code">What kind.</param>
/// <param name="Column">The field it concerns, or null when it concerns the record.</param>
/// <param name="Found">What stands there, shortened.</param>
/// <param name="Expected">What should stand there.</param>
internal readonly record struct Violation(ReasonCode Code, string? Column, string? Found, string? Expected);
