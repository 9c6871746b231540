using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RiskLake.Calendars;
using RiskLake.Contracts;
using RiskLake.Ingest.Silver;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Quality;

namespace RiskLake.Runs;

/// <summary>
/// The configuration under which silver rows of a run are derived from its bronze: fields, key and scope of its contract, lateness,
/// window, and the sessions of its symbols' markets. The lake keeps it under its digest, so that whoever changes which of the run's
/// records are silver can write them as the run itself would.
/// </summary>
internal static class RowConfiguration
{
    private const string Form = "row-configuration/1";

    /// <summary>The configuration of rows, and the rules they follow from.</summary>
    /// <param name="contract">Contract of the records.</param>
    /// <param name="options">Lateness and window.</param>
    /// <param name="sessions">Sessions of the symbols; null where they mean nothing.</param>
    public static (byte[] Bytes, RowRules Rules) Of(Contract contract, SilverOptions options, SessionRules? sessions)
    {
        var bytes = Write(contract, options, sessions);
        return (bytes, new RowRules(Convert.ToHexStringLower(SHA256.HashData(bytes)), contract, new Lazy<SilverOptions>(options)));
    }

    /// <summary>Writes a configuration to a folder of staging.</summary>
    public static StagedConfiguration Stage(IStorage storage, string folder, byte[] bytes, string sha256)
    {
        var path = Path.Combine(folder, $"configuration-{sha256}.json");
        storage.WriteFile("stage.configuration", path, bytes);
        return new StagedConfiguration(path, sha256, bytes.Length);
    }

    /// <summary>The rules of a run's rows, as the lake keeps them.</summary>
    public static RowRules Read(LakeStore lake, RunState run, int threads)
    {
        var sha256 = run.Configuration ?? throw new RiskLakeException(
            ErrorCode.LakeDamaged, $"run {run.RunId}", "no configuration of its rows", "the digest of one", "run `risklake doctor`");
        var path = lake.Paths.Absolute(LakePaths.Configuration(sha256));
        var bytes = lake.Storage.ReadFile("configuration.read", path)
            ?? throw LakeLog.Damaged(path, "no such file", "the configuration that the log names");
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == sha256
            ? Read(bytes, sha256, threads)
            : throw LakeLog.Damaged(path, "bytes with another digest", $"the digest {sha256}, which is its name");
    }

    public static RowRules Read(byte[] bytes, string sha256, int threads)
    {
        var json = JsonNode.Parse(bytes)!;
        if ((string?)json["form"] != Form)
        {
            throw new RiskLakeException(
                ErrorCode.LakeTooNew, LakePaths.Configuration(sha256), $"form {json["form"]}", Form,
                "use the version of risklake that wrote it, or a later one");
        }

        var contract = ReadContract(json["contract"]!);
        return new RowRules(sha256, contract, new Lazy<SilverOptions>(() => new SilverOptions
        {
            LateMicros = (long?)json["late_micros"],
            WindowMicros = (long)json["window_micros"]!,
            Threads = threads,
            Flags = json["sessions"] is { } sessions ? ReadSessions(contract, sessions) : null,
        }));
    }

    private static byte[] Write(Contract contract, SilverOptions options, SessionRules? sessions)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, LogEntryFormat.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("form", Form);
            json.WritePropertyName("contract");
            WriteContract(json, contract);
            LogEntryFormat.WriteNullable(json, "late_micros", options.LateMicros);
            json.WriteNumber("window_micros", options.WindowMicros);
            json.WritePropertyName("sessions");
            WriteSessions(json, sessions);
            json.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    private static void WriteContract(Utf8JsonWriter json, Contract contract)
    {
        json.WriteStartObject();
        json.WriteString("name", contract.Name);
        json.WriteString("dataset", contract.Dataset);
        json.WriteString("id", contract.Id);
        json.WriteString("version", contract.Version);
        json.WriteString("sha256", contract.Sha256);
        json.WriteString("delivery", contract.Delivery.ToString());
        json.WriteBoolean("open_content", contract.OpenContent);
        json.WriteString("scope", contract.Scope.ToString());
        json.WriteStartArray("key");
        foreach (var name in contract.Key)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteStartArray("fields");
        foreach (var field in contract.Fields)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WriteString("type", field.Type.ToString());
            json.WriteNumber("precision", field.Precision);
            json.WriteNumber("scale", field.Scale);
            json.WriteBoolean("required", field.Required);
            json.WriteString("role", field.Role.ToString());
            json.WriteBoolean("delivery", field.IsDelivery);
            json.WriteNumber("normalise", (int)field.Normalisation);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static Contract ReadContract(JsonNode json) => new()
    {
        Name = (string)json["name"]!,
        Dataset = (string)json["dataset"]!,
        Id = (string)json["id"]!,
        Version = (string)json["version"]!,
        Sha256 = (string)json["sha256"]!,
        Delivery = Enum.Parse<Delivery>((string)json["delivery"]!),
        OpenContent = (bool)json["open_content"]!,
        Scope = Enum.Parse<KeyScope>((string)json["scope"]!),
        Key = [.. json["key"]!.AsArray().Select(name => (string)name!)],
        Fields =
        [
            .. json["fields"]!.AsArray().Select(field => new ContractField
            {
                Name = (string)field!["name"]!,
                Type = Enum.Parse<ColumnType>((string)field["type"]!),
                Precision = (int)field["precision"]!,
                Scale = (int)field["scale"]!,
                Required = (bool)field["required"]!,
                Role = Enum.Parse<FieldRole>((string)field["role"]!),
                IsDelivery = (bool)field["delivery"]!,
                Normalisation = (Normalisation)(int)field["normalise"]!,
            }),
        ],
    };

    private static void WriteSessions(Utf8JsonWriter json, SessionRules? sessions)
    {
        if (sessions is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("time_zones", ExchangeCalendar.TimeZoneVersion);
        json.WriteStartArray("symbols");
        foreach (var (symbol, market) in sessions.Symbols.OrderBy(entry => entry.Symbol, StringComparer.Ordinal))
        {
            json.WriteStartArray();
            json.WriteStringValue(symbol);
            json.WriteStringValue(market);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartObject("calendars");
        foreach (var market in sessions.Markets)
        {
            json.WriteStartArray(market);
            foreach (var text in sessions.Library.TextsOf(market))
            {
                json.WriteStartArray();
                json.WriteStringValue(text.Name);
                json.WriteStringValue(text.Text);
                json.WriteEndArray();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static SessionRules ReadSessions(Contract contract, JsonNode json)
    {
        var texts = json["calendars"]!.AsObject().ToDictionary(
            market => market.Key,
            market => (IReadOnlyList<CalendarText>)[.. market.Value!.AsArray().Select(text => new CalendarText((string)text![0]!, (string)text[1]!))],
            StringComparer.Ordinal);
        var symbols = json["symbols"]!.AsArray().Select(entry => ((string)entry![0]!, (string)entry[1]!)).ToArray();
        return SessionRules.Restore(contract, symbols, CalendarLibrary.OfTexts(texts));
    }
}

/// <summary>Rules of runs' rows by their digests: those of the run at work, the others as the lake keeps them.</summary>
internal sealed class RowRulesBook(LakeStore lake, int threads, RowRules? own = null)
{
    private readonly Dictionary<string, RowRules> _known = own is null
        ? new(StringComparer.Ordinal)
        : new(StringComparer.Ordinal) { [own.Sha256] = own };

    public RowRules Of(RunState run)
    {
        if (run.Configuration is null || !_known.TryGetValue(run.Configuration, out var rules))
        {
            rules = RowConfiguration.Read(lake, run, threads);
            _known.Add(rules.Sha256, rules);
        }

        return rules;
    }
}
