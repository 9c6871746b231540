using RiskLake.Errors;

namespace RiskLake.Sources;

/// <summary>The ways an input as a whole can fail.</summary>
internal static class InputErrors
{
    public const string KnownFormats = "a JSON array, NDJSON, CSV with a header row that names fields of the contract, or Parquet";

    public static RiskLakeException Missing(string argument, string found, string expected) =>
        new(ErrorCode.InputMissing, argument, found, expected, "check the path; relative paths start at the working folder");

    public static RiskLakeException Unreadable(string path, Exception cause) => cause is FileNotFoundException or DirectoryNotFoundException
        ? new(ErrorCode.InputMissing, path, "no such file", "a file", "check the path", cause)
        : Damaged(path, cause.Message, "a file that can be read to its end", cause);

    public static RiskLakeException Damaged(string path, string found, string expected, Exception? cause = null) =>
        new(ErrorCode.InputUnreadable, path, found, expected, "deliver the file again; nothing of it was published", cause);

    /// <summary>An address where a path belongs.</summary>
    public static RiskLakeException Address(string option, string found, string scheme, string next) => new(
        ErrorCode.CommandLineInvalid, option, $"'{found}', an address of {scheme}", "a file or folder of this machine", next);

    /// <summary>A name in a CSV header that is a field's but for case or space.</summary>
    public static RiskLakeException Misspelt(string path, string found, string field) => new(
        ErrorCode.InputFormatUnknown,
        path,
        $"the column '{found}', and none named '{field}'",
        "the names of the contract's fields: case counts, and so does space",
        $"write '{field}' in the header, without space around it");

    public static RiskLakeException NoHeader(string path, string found) => new(
        ErrorCode.InputFormatUnknown,
        path,
        $"a first row without a field of the contract: '{found}'",
        KnownFormats,
        "begin the file with a row of the contract's field names; `risklake contract show` lists them");

    public static RiskLakeException UnknownFormat(string path, string found) => new(
        ErrorCode.InputFormatUnknown,
        path,
        found,
        KnownFormats,
        "name the file .ndjson, .json, .csv or .parquet, or convert it");
}
