using System.Text;
using RiskLake.Tests.Sources;

namespace RiskLake.EndToEnd;

/// <summary>A key goes into requests and nowhere else: everything that the program says and leaves behind is searched for it.</summary>
public sealed class SecretTests : IDisposable
{
    private const string Key = "abcdefghijklmnopqrstuvwxyz012345";
    private const string Malformed = "QWERTYUIOPasdfghjkl0123";

    private readonly Workspace _workspace = new();
    private readonly StringBuilder _said = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void No_key_is_in_any_output_record_or_file()
    {
        using var server = new LocalServer(Answer);
        var keyFile = Path.Combine(Directory.CreateTempSubdirectory("risklake-key-").FullName, "key");
        File.WriteAllText(keyFile, Key + "\n");
        try
        {
            Fetch(0, Key, "fred", "DGS10", "--base-url", server.Address);
            Fetch(0, Key, "alfred", "PAYEMS", "--base-url", server.Address, "-o", "json");
            Fetch(0, null, "fred", "SOFR", "--base-url", server.Address, "--key-file", keyFile);
            Fetch(0, Key, "stooq", "aapl.us", "--base-url", server.Address);
            foreach (var trouble in new[] { "DFF", "EFFR", "FEDFUNDS", "DGS2", "DGS30", "T10YIE" })
            {
                Fetch(null, Key, "fred", trouble, "--base-url", server.Address);
            }

            Fetch(null, Key, "stooq", "echo.us", "--base-url", server.Address);
            Fetch(null, Key, "stooq", "page.us", "--base-url", server.Address);
            Fetch(2, Malformed, "fred", "DGS10", "--base-url", server.Address);
            Fetch(2, Key, "fred", "DGS1O", "--base-url", server.Address);
        }
        finally
        {
            File.Delete(keyFile);
        }

        Assert.Contains(server.Requests, address => address.Contains($"api_key={Key}", StringComparison.Ordinal));
        Assert.Contains(server.Requests, address => address.Contains($"apikey={Key}", StringComparison.Ordinal));
        string[] inputs = ["--input", "DGS10.json", "--input", "PAYEMS.json", "--input", "SOFR.json"];
        Say(0, ["run", "--source", "fred", .. inputs, "--run-id", "signals", "--summary-json", "s.json", "-v"]);
        Say(0, "run", "--source", "stooq", "--input", "aapl_us_d.csv", "--run-id", "bars", "-v");
        Say(0, "data", "landed", "-o", "json");
        Say(0, "data", "sql", "select * from silver.external_signals", "-o", "csv");
        Say(0, "quarantine", "list", "-o", "json");

        Search("what was said", _said.ToString());
        var files = Directory.GetFiles(_workspace.Folder, "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => file.Contains("_landing", StringComparison.Ordinal));
        Assert.Contains(files, file => file.EndsWith("openlineage.ndjson", StringComparison.Ordinal));
        Assert.All(files, file =>
        {
            Search("the name of a file", file);
            Search(file, Encoding.Latin1.GetString(File.ReadAllBytes(file)));
        });
        Assert.Contains("***", File.ReadAllText(Path.Combine(_workspace.Folder, "DGS10.json")), StringComparison.Ordinal);
    }

    private static void Search(string where, string text)
    {
        foreach (var secret in new[] { Key, Malformed, Convert.ToBase64String(Encoding.ASCII.GetBytes(Key)) })
        {
            Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"the key is in {where}");
        }
    }

    /// <summary>A server that quotes what it was asked for, in everything it says.</summary>
    private static Reply Answer(string address, int request)
    {
        var asked = address.Split('?')[^1];
        string From(string end) =>
            asked.Split('&').FirstOrDefault(part => part.StartsWith($"realtime_{end}=", StringComparison.Ordinal))?.Split('=')[1] ?? "2026-01-07";
        bool Asks(string what) => address.Contains(what, StringComparison.OrdinalIgnoreCase);
        return Asks("aapl.us") ? new Reply(200, "Date,Open,High,Low,Close,Volume\r\n2026-01-02,1,1,1,1,1\r\n")
            : Asks("echo.us") ? new Reply(200, $"<html>{address}</html>")
            : Asks("page.us") ? new Reply(200, $"{address}\r\nsomething")
            : Asks("=DFF") ? new Reply(400, $$"""{"error_code":400,"error_message":"Bad Request.  The value {{asked}} of api_key is not registered."}""")
            : Asks("=EFFR") ? new Reply(400, $"<error code=\"400\" message=\"Bad {address.Replace("&", "&amp;", StringComparison.Ordinal)}\"/>")
            : Asks("FEDFUNDS") ? new Reply(302, address) { Header = $"Location: http://127.0.0.1:1{address}\r\n" }
            : Asks("DGS2") ? new Reply(200, $"{{\"observations\":[{{\"asked\":\"{address}\"") { ContentType = "text/plain" }
            : Asks("DGS30") ? new Reply(429, address) { Header = "Retry-After: 3600\r\n" }
            : Asks("T10YIE") ? new Reply(404, $"<html>{address}</html>")
            : Asks("vintagedates") ? new Reply(200, $$"""{"asked":"{{asked}}","vintage_dates":["2026-01-07"]}""")
            : new Reply(200, $$"""
                {"realtime_start":"{{From("start")}}","realtime_end":"{{From("end")}}","asked":"{{asked}}","count":1,"observations":[
                {"realtime_start":"2026-01-07","realtime_end":"2026-01-07","date":"2025-12-24","value":"4.15"}]}
                """);
    }

    private void Fetch(int? exitCode, string? key, params string[] arguments)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["RISKLAKE_DEBUG"] = "1" };
        if (key is not null)
        {
            environment["FRED_API_KEY"] = environment["STOOQ_API_KEY"] = key;
        }

        var outcome = Cli.Run(_workspace.Folder, environment, ["data", "fetch", .. arguments, "--interval", "1", "-v"]);
        var isExpected = exitCode is { } expected ? outcome.ExitCode == expected : outcome.ExitCode > 1;
        Assert.True(isExpected, $"{string.Join(' ', arguments)}: {outcome.ExitCode} {outcome.Error}");
        _said.Append(outcome.Out).Append(outcome.Error);
    }

    private void Say(int exitCode, params string[] arguments)
    {
        var outcome = _workspace.Run(arguments).Ends(exitCode);
        _said.Append(outcome.Out).Append(outcome.Error);
    }
}
