using RiskLake.Desk.Limits;
using RiskLake.Desk.Portfolios;
using RiskLake.Gold;
using RiskLake.History;
using RiskLake.Lake;
using RiskLake.Lake.Columns;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Risk;
using RiskLake.Runs;

namespace RiskLake.RiskRuns;

/// <summary>What is asked about a number that moved.</summary>
internal sealed record ExplanationRequest
{
    /// <summary>Lake and configuration.</summary>
    public required RiskRunRequest Run { get; init; }

    /// <summary>A symbol, portfolio or node.</summary>
    public required LimitScope Subject { get; init; }

    public required string Measure { get; init; }

    public required string Method { get; init; }

    public required Confidence Confidence { get; init; }

    public required DateOnly From { get; init; }

    public required DateOnly To { get; init; }

    /// <summary>What was known on either side, in microseconds; null for what the run of the date knew, else for all the lake holds.</summary>
    public long? FromAsOf { get; init; }

    public long? ToAsOf { get; init; }

    /// <summary>Settings, method and confidence of the old number, where they were others.</summary>
    public string? FromSettingsPath { get; init; }

    /// <summary>An attempt of the run of the date instead of the last; null for the last, or on one date for the one before it.</summary>
    public int? FromAttempt { get; init; }

    public int? ToAttempt { get; init; }

    public string? FromMethod { get; init; }

    public Confidence? FromConfidence { get; init; }
}

/// <summary>Everything beside prices and weights that decides a number.</summary>
internal sealed record ExplanationParameters(RiskSettings Settings, string Method, Confidence Confidence);

/// <summary>What one side of an explanation rests on.</summary>
/// <param name="Date">Valuation date.</param>
/// <param name="RunId">The published run whose knowledge is used; null without one.</param>
/// <param name="LakeVersion">The version read.</param>
/// <param name="AsOfMicros">What arrived later is not read; null for all of the version.</param>
/// <param name="Published">The number that run published; null without one.</param>
internal sealed record ExplanationSide(DateOnly Date, string? RunId, long LakeVersion, long? AsOfMicros, double? Published)
{
    /// <summary>Which attempt of the run; null without a run.</summary>
    public int? Attempt { get; init; }

    /// <summary>The version that attempt was published at.</summary>
    public long? Written { get; init; }
}

/// <summary>Why a number moved.</summary>
internal sealed record Explanation
{
    public required ExplanationSide From { get; init; }

    public required ExplanationSide To { get; init; }

    public required string Unit { get; init; }

    public required Attribution Attribution { get; init; }

    /// <summary>Symbols with their weights or exposures before and after.</summary>
    public required IReadOnlyList<(string Symbol, double Before, double After)> Weights { get; init; }
}

/// <summary>Explains numbers of the lake: reads what was known on either side, and measures step by step.</summary>
internal sealed class RiskExplanation
{
    private readonly ExplanationRequest _request;
    private readonly LakeStore _lake;
    private readonly RiskConfiguration _configuration;
    private readonly RiskSettings _before;
    private readonly CancellationToken _ct;

    private RiskExplanation(ExplanationRequest request, LakeStore lake, CancellationToken ct)
    {
        _request = request;
        _lake = lake;
        _ct = ct;
        _configuration = RiskConfiguration.Load(request.Run);
        _before = request.FromSettingsPath is { } path ? RiskSettingsFile.Load(path) : _configuration.Settings;
    }

    public static Explanation Explain(ExplanationRequest request, TimeProvider clock, IStorage storage, CancellationToken ct)
    {
        if (request.From > request.To)
        {
            throw new RiskLakeException(
                ErrorCode.CommandLineInvalid, "--from", FormattableString.Invariant($"{request.From:yyyy-MM-dd}, after {request.To:yyyy-MM-dd}"),
                "a date not after --to", "swap the dates");
        }

        var lake = LakeStore.Open(request.Run.OutputRoot, storage, clock);
        return LakeStore.Guard(lake.Root, () => new RiskExplanation(request, lake, ct).Explain());
    }

    private Explanation Explain()
    {
        var current = Side(_request.To, _request.ToAsOf, _request.ToAttempt, "--to-attempt");
        var old = Side(_request.From, _request.FromAsOf, FromAttempt(current), "--from-attempt");
        var settings = _configuration.Settings;
        var (earlier, tradedThen) = Series(old, _before);
        var (later, tradedNow) = Series(current, settings);
        var was = new ExplanationParameters(_before, _request.FromMethod ?? _request.Method, _request.FromConfidence ?? _request.Confidence);
        var now = new ExplanationParameters(settings, _request.Method, _request.Confidence);
        var explained = _request.Subject.Kind == LimitScope.Symbol
            ? new SymbolExplanation(_request).Explain((earlier, old.Date, was), (later, current.Date, now))
            : new PortfolioExplanation(_request, _configuration.Desk.Portfolios).Explain(
                (earlier, old.Date, was), (later, current.Date, now), (tradedThen, tradedNow), First(_request.From, _before), First(_request.From, settings));
        return new Explanation
        {
            From = old with { Published = Published(old, was) },
            To = current with { Published = Published(current, now) },
            Unit = explained.Unit,
            Attribution = explained.Attribution,
            Weights = explained.Weights,
        };
    }

    /// <summary>The knowledge of a side: that of the run of its date, or of an as-of time, or all.</summary>
    private ExplanationSide Side(DateOnly date, long? asOf, int? attempt, string option)
    {
        var snapshot = _lake.Snapshot();
        string[] ids = asOf is null ? [RiskRun.IdOf(date, null), RunId.OfRisk(date)] : [RiskRun.IdOf(date, asOf)];
        var run = ids.Select(id => snapshot.Runs.GetValueOrDefault(id)).Where(one => one is { IsPublished: true }).MaxBy(one => one!.Version);
        if (run is null)
        {
            return attempt is null
                ? new ExplanationSide(date, null, snapshot.Version, asOf, null)
                : throw NoAttempt(option, attempt.Value, FormattableString.Invariant($"a published run of risk of {date:yyyy-MM-dd}"));
        }

        var version = (attempt is null || attempt == run.Attempt ? _lake.ReadEntry(run.Version)["record"] : _lake.ReadAttempt(run.RunId, attempt.Value))
            ?["lake_version"] ?? throw NoAttempt(option, attempt!.Value, FormattableString.Invariant($"1 to {run.Attempt}, of run {run.RunId}"));
        return new ExplanationSide(date, run.RunId, (long)version["read"]!, asOf, null)
        {
            Attempt = attempt ?? run.Attempt,
            Written = (long)version["written"]!,
        };
    }

    /// <summary>
    /// On one date with the same knowledge and parameters there are two numbers only where the run was made again: its last attempt and
    /// the one before.
    /// </summary>
    private int? FromAttempt(ExplanationSide current)
    {
        var isSame = _request.From == _request.To && _request.FromAsOf == _request.ToAsOf && _request.FromSettingsPath is null
            && (_request.FromMethod ?? _request.Method) == _request.Method && (_request.FromConfidence ?? _request.Confidence) == _request.Confidence;
        if (!isSame || (_request.FromAttempt is { } asked && asked != current.Attempt))
        {
            return _request.FromAttempt;
        }

        return _request.FromAttempt is null && current.Attempt is > 1 and var attempt ? attempt - 1 : throw new RiskLakeException(
            ErrorCode.CommandLineInvalid, "--from",
            FormattableString.Invariant($"{_request.From:yyyy-MM-dd} and the same knowledge on both sides")
            + (current.RunId is { } id ? FormattableString.Invariant($", attempt {current.Attempt} of run {id}") : ", with no published run"),
            "two dates, or one that was known twice",
            "name another date with --to, another time with --from-as-of, or another attempt with --from-attempt");
    }

    private static RiskLakeException NoAttempt(string option, int attempt, string expected) => new(
        ErrorCode.RunUnknown, option, FormattableString.Invariant($"attempt {attempt}"), expected, "choose another attempt");

    /// <summary>The preferred series through a side's date, back to the window of the earlier date, and those of traded prices.</summary>
    private (IReadOnlyList<PriceSeries> Preferred, IReadOnlyList<PriceSeries> Traded) Series(ExplanationSide side, RiskSettings settings)
    {
        var request = _request.Run with { AsOfMicros = side.AsOfMicros };
        var history = RiskRun.Read(
            request, _configuration with { Settings = settings }, _lake, _lake.Snapshot(side.LakeVersion), side.Date, _ct);
        return (history.Preferred(First(side.Date, settings), side.Date), history.Traded);
    }

    private static DateOnly First(DateOnly date, RiskSettings settings) => RiskRun.FirstSession(date, settings);

    /// <summary>The number the side's run published; null where there is none.</summary>
    private double? Published(ExplanationSide side, ExplanationParameters parameters)
    {
        if (side.RunId is null)
        {
            return null;
        }

        var isSymbol = _request.Subject.Kind == LimitScope.Symbol;
        var isVolatility = isSymbol && _request.Measure == LimitedMeasure.Volatility;
        var table = !isSymbol ? PortfolioTables.Risk : isVolatility ? RiskTables.Volatility : RiskTables.Measures;
        var written = side.Written is { } version && version >= _lake.Snapshot().OldestVersion ? _lake.Snapshot(version) : _lake.Snapshot();
        foreach (var file in written.Runs[side.RunId].Files.Where(file => file.Dataset == table.Dataset))
        {
            using var reader = _lake.Files.Open(file);
            using var batch = new RecordBatch(table.Schema);
            for (var group = 0; group < reader.RowGroups; group++)
            {
                batch.Clear();
                var rows = reader.Read(group, batch);
                for (var row = 0; row < rows; row++)
                {
                    if (Number(batch, row, isSymbol, isVolatility, parameters) is { } value)
                    {
                        return value;
                    }
                }
            }
        }

        return null;
    }

    private double? Number(RecordBatch batch, int row, bool isSymbol, bool isVolatility, ExplanationParameters parameters)
    {
        bool Is(string column, string text) => !batch[column].IsNull(row) && batch[column].Text(row) == text;
        var isIt = Is("method", parameters.Method)
            && (isVolatility || (Is("confidence", parameters.Confidence.ToString()) && batch["horizon"].Slot(row) == 1))
            && (isSymbol
                ? Is("symbol", _request.Subject.Name) && (isVolatility || Is("measure", _request.Measure))
                : Is(_request.Subject.Kind == LimitScope.Portfolio ? "portfolio" : "path", _request.Subject.Name)
                    && Is("level", _request.Subject.Kind));
        var value = batch[isSymbol ? "value" : _request.Measure];
        return isIt && !value.IsNull(row) ? value.Double(row) : null;
    }
}
