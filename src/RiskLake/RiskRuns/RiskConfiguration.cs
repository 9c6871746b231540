using System.Text;
using System.Text.Json.Nodes;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Contracts.Configuration;
using RiskLake.Desk.Limits;
using RiskLake.Desk.Portfolios;
using RiskLake.Lake.Errors;

namespace RiskLake.RiskRuns;

/// <summary>The configuration of a run of risk, read and checked.</summary>
internal sealed record RiskConfiguration(
    ContractRegistry Contracts, SymbolList Symbols, CalendarLibrary Calendars, RiskSettings Settings, DeskBooks Desk)
{
    /// <summary>The text of each file that was read, by name: with it a run can be made again where the files are gone.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    public static RiskConfiguration Load(RiskRunRequest request)
    {
        try
        {
            var files = new ConfigurationFiles(request);
            var symbols = SymbolList.Load(files.Open(ConfigurationFiles.Symbols, request.SymbolsPath)!);
            var settings = RiskSettingsFile.Load(files.Open(ConfigurationFiles.Settings, request.SettingsPath)!);
            return new RiskConfiguration(
                ContractRegistry.Load(request.ContractsPath),
                symbols,
                request.CalendarsPath is { } folder ? CalendarLibrary.Load(folder) : CalendarLibrary.BuiltIn,
                settings,
                DeskBooks.Load(request, symbols, files)) { Files = files.Texts };
        }
        catch (CalendarException error)
        {
            throw CalendarErrors.Coded(error);
        }
    }
}

/// <summary>The files that say what a run of risk measures: those of paths, or those that a run's record holds.</summary>
internal sealed class ConfigurationFiles(RiskRunRequest request)
{
    public const string Settings = "settings";
    public const string Symbols = "symbols";
    public const string Portfolios = "portfolios";
    public const string Limits = "limits";

    /// <summary>A file above this is not kept in records: a log entry is read by every command.</summary>
    private const int MostCharacters = 1 << 16;

    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <summary>The texts of the files opened so far.</summary>
    public IReadOnlyDictionary<string, string> Texts => _texts;

    /// <summary>Opens a file: the recorded one where a record is given, else that of the path; null without either.</summary>
    public ConfigFile? Open(string name, string? path)
    {
        var file = request.Recorded?.GetValueOrDefault(name) is { } text ? ConfigFile.Parse($"{name} of the record", Encoding.UTF8.GetBytes(text))
            : path is not null ? ConfigFile.Read(path)
            : null;
        if (file is not null)
        {
            _texts[name] = file.Text;
        }

        return file;
    }

    /// <summary>The texts as a record keeps them.</summary>
    public static JsonObject Record(IReadOnlyDictionary<string, string> texts) => new(texts
        .Where(pair => pair.Value.Length <= MostCharacters)
        .Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));

    /// <summary>The texts that a record keeps; empty of records that keep none.</summary>
    public static Dictionary<string, string> Recorded(JsonNode configuration) => configuration["files"] is JsonObject files
        ? files.ToDictionary(pair => pair.Key, pair => (string)pair.Value!, StringComparer.Ordinal)
        : [];
}
