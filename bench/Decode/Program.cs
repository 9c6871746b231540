using System.Diagnostics;
using System.Globalization;
using RiskLake.Contracts;
using RiskLake.Ingest.Decoding;
using RiskLake.Ingest.Sources;
using RiskLake.Lake.Columns;

// Measures the decoder alone: NDJSON of market events from a file in the page cache into columns that are dropped.
// Usage: Decode <file> [records to generate when the file is missing] [threads] [rounds]
var path = args[0];
var records = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1_000_000;
var threads = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 2;
var rounds = args.Length > 3 ? int.Parse(args[3], CultureInfo.InvariantCulture) : 5;
if (!File.Exists(path))
{
    Generate(path, records);
}

var contract = new Contract
{
    Name = "market_event",
    Dataset = "market_events",
    Id = "market_event",
    Version = "v1",
    Sha256 = "",
    Key = ["event_id"],
    Fields =
    [
        new() { Name = "event_id", Type = ColumnType.String, Required = true, MinLength = 1 },
        new() { Name = "symbol", Type = ColumnType.String, Required = true, MinLength = 1, Role = FieldRole.Symbol },
        new() { Name = "price", Type = ColumnType.Double, Required = true, Minimum = new Bound(0, true, "0"), Role = FieldRole.Price },
        new() { Name = "volume", Type = ColumnType.Int64, Required = true, Minimum = new Bound(0, false, "0"), Role = FieldRole.Volume },
        new() { Name = "ts_event", Type = ColumnType.Timestamp, Required = true, Role = FieldRole.EventTime },
        new() { Name = "ts_ingest", Type = ColumnType.Timestamp, Required = true, Role = FieldRole.IngestTime },
        new() { Name = "source", Type = ColumnType.String, Required = true, Role = FieldRole.Source },
    ],
};
var inputs = new[] { new InputFile(Path.GetFullPath(path), Path.GetFileName(path)) };
for (var round = 0; round < rounds; round++)
{
    var cpu = Process.GetCurrentProcess().TotalProcessorTime;
    var watch = Stopwatch.StartNew();
    var decoded = Decoder.Decode(
        inputs, contract, new DecodeOptions { Threads = threads }, null, chunk => chunk.Dispose(), CancellationToken.None)[0];
    var seconds = watch.Elapsed.TotalSeconds;
    var cpuSeconds = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{decoded.RecordsDecoded} decoded, {decoded.RecordsRejected} rejected, {decoded.Bytes / 1e6:F0} MB in {seconds:F3} s: {decoded.Bytes / 1e6 / seconds:F0} MB/s, {decoded.Bytes / 1e6 / cpuSeconds:F0} MB per CPU second, peak {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:F0} MB"));
}

static void Generate(string path, int records)
{
    var random = new Random(20250120);
    using var writer = new StreamWriter(path);
    writer.NewLine = "\n";
    var at = new DateTime(2025, 1, 20, 14, 30, 0, DateTimeKind.Utc);
    for (var i = 0; i < records; i++)
    {
        at = at.AddTicks(10 * random.Next(1, 4600));
        var price = (random.Next(5_000, 50_000) / 100m).ToString(CultureInfo.InvariantCulture);
        var ingest = at.AddMilliseconds(random.Next(1, 3000));
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"event_id":"evt-{{i:D9}}","symbol":"SYM{{random.Next(200):D3}}","price":{{price}},"volume":{{random.Next(1, 1000)}},"ts_event":"{{at:yyyy-MM-ddTHH:mm:ss.ffffff}}Z","ts_ingest":"{{ingest:yyyy-MM-ddTHH:mm:ss.FFFFFF}}Z","source":"sim"}"""));
    }
}
