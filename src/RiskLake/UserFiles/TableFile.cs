using System.Globalization;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.UserFiles;

/// <summary>What a cell without a value is.</summary>
internal enum EmptyCell
{
    /// <summary>An error that names its place.</summary>
    Refuse,

    /// <summary>Not a number (NaN): the caller decides what becomes of its row.</summary>
    Absent,
}

/// <summary>
/// One CSV or Parquet file of the user, plain or compressed, read for its numbers; no contract stands behind it. A cell is a number or it
/// is refused by its place: nothing is guessed, skipped or filled.
/// </summary>
internal abstract class TableFile(string path, IReadOnlyList<string> names)
{
    /// <summary>As the user named it.</summary>
    public string Path { get; } = path;

    /// <summary>The columns, in the order of the file.</summary>
    public IReadOnlyList<string> Names { get; } = names;

    /// <summary>What its prices are, where that is known: <c>close</c> or <c>last</c>.</summary>
    public virtual string? PriceKind => null;

    /// <summary>Rows of data.</summary>
    public abstract int Rows { get; }

    /// <summary>Opens a file; <c>-</c> is standard input.</summary>
    public static TableFile Open(string path, Func<Stream> standardInput)
    {
        if (path.Length == 0)
        {
            throw InputErrors.Missing("--input", "an empty path", "a CSV or Parquet file, or -");
        }

        var content = path == "-" ? TableBytes.Read(standardInput()) : TableBytes.Read(new InputFile(path, path));
        return content.AsSpan().StartsWith("PAR1"u8) ? ParquetTable.Open(path, content) : CsvTable.Parse(path, content);
    }

    /// <summary>Every cell of a column as a number; what a cell spells as NaN or infinity is that.</summary>
    public double[] Numbers(int column, EmptyCell empty)
    {
        var texts = Texts(column);
        var numbers = new double[texts.Count];
        for (var row = 0; row < numbers.Length; row++)
        {
            if (TryNumber(texts[row], out numbers[row]))
            {
                continue;
            }

            var isAbsent = IsAbsent(texts[row], empty);
            if (isAbsent && empty == EmptyCell.Absent)
            {
                numbers[row] = double.NaN;
            }
            else
            {
                throw new RiskLakeException(
                    ErrorCode.CellInvalid,
                    PlaceOf(row, column),
                    texts[row].Length == 0 ? "an empty cell" : $"'{Excerpt(texts[row])}'{SpellingOf(texts[row])}",
                    "a number such as -12.5 or 3e-4: a point before the decimals, no separators, no unit",
                    isAbsent || IsAbsent(texts[row], EmptyCell.Absent)
                        ? "correct the file; --missing, where a command has it, says what becomes of empty cells"
                        : "correct the file, or name another column");
            }
        }

        return numbers;
    }

    /// <summary>Whether every cell of a column that has a value is a number, and there is one.</summary>
    public bool IsNumeric(int column)
    {
        var hasNumber = false;
        foreach (var text in Texts(column))
        {
            if (TryNumber(text, out _))
            {
                hasNumber = true;
            }
            else if (!IsAbsent(text, EmptyCell.Absent))
            {
                return false;
            }
        }

        return hasNumber;
    }

    /// <summary>Whether a column holds a number beside a text: one that nobody would pass over on purpose.</summary>
    public bool IsPartlyNumeric(int column)
    {
        var texts = Texts(column);
        return texts.Any(text => TryNumber(text, out _)) && !IsNumeric(column);
    }

    /// <summary>Every cell of a column as it is written; a null is empty.</summary>
    public abstract IReadOnlyList<string> Texts(int column);

    /// <summary>Where a cell is, for people.</summary>
    public string PlaceOf(int row, int column) => $"{Path}:{LineOf(row)}, column {NameOf(column)}";

    /// <summary>The name of a column, for people; the number of one without.</summary>
    public string NameOf(int column) => Names[column].Length > 0 ? Excerpt(Names[column]) : FormattableString.Invariant($"{column + 1}, which has no name");

    /// <summary>The column whose name is one of some, apart from case, blanks, points, dashes and underscores; the first of them that is there.</summary>
    public int? FindNamed(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            int[] found = [.. Enumerable.Range(0, Names.Count).Where(column => Folded(Names[column]) == Folded(name))];
            if (found.Length == 1)
            {
                return found[0];
            }
        }

        return null;
    }

    /// <summary>A column by name or 1-based number; null when there is none.</summary>
    public int? Find(string nameOrNumber)
    {
        for (var i = 0; i < Names.Count; i++)
        {
            if (string.Equals(Names[i], nameOrNumber, StringComparison.Ordinal))
            {
                return i;
            }
        }

        var folded = Enumerable.Range(0, Names.Count).Where(i => string.Equals(Names[i], nameOrNumber, StringComparison.OrdinalIgnoreCase)).ToList();
        return folded.Count == 1 ? folded[0]
            : int.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= Names.Count
            ? number - 1
            : null;
    }

    /// <summary>A column that must be there.</summary>
    public int Get(string option, string nameOrNumber) => Find(nameOrNumber) ?? throw new RiskLakeException(
        ErrorCode.ColumnUnknown,
        option,
        $"'{nameOrNumber}'",
        $"a column of {Path} by name or number: {string.Join(", ", Names.Select(Excerpt))}",
        Contracts.Configuration.Spelling.Suggest(nameOrNumber, Names));

    /// <summary>The line a row stands on, or its number where there are no lines; from 1.</summary>
    protected abstract long LineOf(int row);

    protected static string Excerpt(string text) => text.Length > 40 ? text[..40] + "…" : text;

    private static string Folded(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    private static bool IsAbsent(string text, EmptyCell empty) =>
        text.Length == 0 || (empty == EmptyCell.Absent && text.ToUpperInvariant() is "NA" or "N/A" or "#N/A" or "NULL" or "NONE");

    /// <summary>What a cell looks like that people read as a number and this does not.</summary>
    private static string SpellingOf(string text) =>
        text.EndsWith('%') ? ", with a percent sign"
        : text.Contains(',', StringComparison.Ordinal) && text.All(c => c is (>= '0' and <= '9') or ',' or '.' or '-' or '+' or '\'' or ' ')
        ? ", with a comma between digits"
        : "";

    private static bool TryNumber(string text, out double number)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (text.Length > 0 && text[^1] is (>= '0' and <= '9') or '.' && double.TryParse(text, Style, CultureInfo.InvariantCulture, out number))
        {
            // A decimal too large for a double is not infinity.
            return double.IsFinite(number);
        }

        (var known, number) = text.ToUpperInvariant() switch
        {
            "NAN" => (true, double.NaN),
            "INF" or "+INF" or "INFINITY" or "+INFINITY" => (true, double.PositiveInfinity),
            "-INF" or "-INFINITY" => (true, double.NegativeInfinity),
            _ => (false, double.NaN),
        };
        return known;
    }
}
