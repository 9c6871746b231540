using System.CommandLine;
using System.Security.Cryptography;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Errors;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake data fetch</c> and <c>risklake data landed</c>: what sources deliver, and what they delivered.</summary>
internal static class SourceCommands
{
    /// <summary>Writes what a source answers to files; `run --source` takes them from there.</summary>
    public static Command Fetch(CommandContext context)
    {
        var source = new Argument<string>("source") { Description = "stooq, fred (values of today) or alfred (all vintages)." };
        source.AcceptOnlyFromAmong("stooq", "fred", "alfred");
        var ids = new Argument<string[]>("ids") { Description = "Tickers of Stooq or series of FRED.", Arity = ArgumentArity.OneOrMore };
        var folder = new Option<string>("--to") { Description = "Folder for the files.", HelpName = "folder", DefaultValueFactory = _ => "." };
        var keyFile = new Option<string?>("--key-file")
        {
            Description = "File that holds the key. Default: FRED_API_KEY or STOOQ_API_KEY in the environment.",
            HelpName = "file",
        };
        var isRaw = new Option<bool>("--raw") { Description = "Stooq: prices without corrections (run them with --adjustment raw)." };
        var permitted = new Option<bool>("--licence-permits-storing") { Description = "FRED: you have the owner's permission to store the series." };
        var catalogue = new Option<string?>("--series-catalogue") { Description = "Default: config/fred_series.yaml here, else the shipped copy.", HelpName = "file" };
        var address = new Option<string?>("--base-url") { Description = "Another address of the source's service.", HelpName = "url" };
        var timeout = new Option<int>("--timeout") { Description = "Seconds one request may take.", HelpName = "n", DefaultValueFactory = _ => 60 };
        var interval = new Option<int>("--interval") { Description = "Milliseconds between two requests.", HelpName = "n", DefaultValueFactory = _ => 1000 };
        var command = new Command("fetch", "Ask Stooq, FRED or ALFRED over the network; nothing else does.")
        {
            source, ids, folder, keyFile, isRaw, permitted, catalogue, address, timeout, interval,
        };
        command.SetAction(parsed =>
        {
            var isStooq = parsed.GetValue(source) == "stooq";
            var key = SourceKey.Find(isStooq ? StooqClient.KeyVariable : FredClient.KeyVariable, parsed.GetValue(keyFile), Environment.GetEnvironmentVariable);
            var series = isStooq ? null : FredCatalogue.Load(CommonOptions.Configuration(parsed.GetValue(catalogue), "fred_series.yaml"));
            foreach (var id in isStooq ? [] : parsed.GetValue(ids)!)
            {
                series!.Require(id, parsed.GetValue(permitted));
            }

            if (!isStooq && key is not { IsFredForm: true })
            {
                throw new RiskLakeException(
                    ErrorCode.SourceKey, FredClient.KeyVariable, key is null ? "no key" : "a key of another form", "32 lower-case letters and digits",
                    "get one at https://fred.stlouisfed.org/docs/api/api_key.html; put it into the environment or a file named with --key-file");
            }

            // Chance only scatters pauses: it changes no result.
            using var http = new SourceHttp(
                new SourceHttpOptions
                {
                    Clock = context.Clock,
                    Random = () => RandomNumberGenerator.GetInt32(1 << 24) / (double)(1 << 24),
                    Timeout = TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(timeout))),
                    Interval = TimeSpan.FromMilliseconds(Math.Max(0, parsed.GetValue(interval))),
                },
                key);
            if (!isStooq && context.Terminal.Verbosity != Output.Verbosity.Quiet)
            {
                context.Terminal.Error.WriteLine(FredCatalogue.Notice);
            }

            var rows = context.Rows(parsed, "id", "file", "bytes", "sha256");
            foreach (var id in parsed.GetValue(ids)!)
            {
                foreach (var body in Bodies(id))
                {
                    rows.Write([id, Keep(parsed.GetValue(folder)!, body), body?.Bytes.Length, body is null ? null : Convert.ToHexStringLower(SHA256.HashData(body.Bytes))]);
                }
            }

            rows.Finish();
            return ExitCode.Done;

            IEnumerable<FetchedBody?> Bodies(string id) => isStooq
                ? [new StooqClient(http, parsed.GetValue(address) ?? StooqClient.DefaultAddress).History(id, parsed.GetValue(isRaw), context.Token)]
                : Vintages(new FredClient(http, parsed.GetValue(address) ?? FredClient.DefaultAddress), id);

            IEnumerable<FetchedBody?> Vintages(FredClient client, string id) =>
                parsed.GetValue(source) == "fred" ? client.Latest(id, context.Token) : client.Vintages(id, context.Token);
        });
        return command;
    }

    /// <summary>The landing ledger.</summary>
    public static Command Landed(CommandContext context)
    {
        var command = new Command("landed", "What sources delivered: when first seen, from where, and its digest.") { context.Options.OutputRoot };
        command.SetAction(parsed =>
        {
            var rows = context.Rows(parsed, "first_seen", "source", "name", "bytes", "sha256", "origin");
            foreach (var entry in new LandingLedger(context.RootOf(parsed), context.Clock).Entries())
            {
                rows.Write([LandingLedger.Instant(entry.FirstSeenMicros), entry.Source, entry.Name, entry.Bytes, entry.Sha256, entry.Origin]);
            }

            rows.Finish();
            return ExitCode.Done;
        });
        return command;
    }

    private static string? Keep(string folder, FetchedBody? body)
    {
        if (body is null)
        {
            return null;
        }

        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, Path.GetFileName(body.Name));
        File.WriteAllBytes(path, body.Bytes);
        return path;
    }
}
