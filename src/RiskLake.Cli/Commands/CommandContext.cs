using System.CommandLine;
using RiskLake.Cli.Output;
using RiskLake.Contracts.Configuration;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Cli.Commands;

/// <summary>What every command works with: where to write, what the common options say, when to stop.</summary>
internal sealed record CommandContext(Terminal Terminal, CommonOptions Options, CancellationToken Token)
{
    /// <summary>Lets an interrupted command finish what it is at, however long it takes; a second signal still ends it.</summary>
    public Action WaitWhenInterrupted { get; init; } = () => { };

    public TimeProvider Clock { get; } = TimeProvider.System;

    public PosixStorage Disk { get; } = new();

    public IStorage Storage => Disk;

    public LakeStore Lake(ParseResult parsed) => LakeStore.Open(RootOf(parsed), Storage, Clock);

    /// <summary>A lake that must be there already.</summary>
    public LakeStore ExistingLake(ParseResult parsed)
    {
        var lake = Lake(parsed);
        return lake.Exists ? lake : throw new RiskLakeException(
            ErrorCode.LakeMissing,
            lake.Root,
            Directory.Exists(lake.Root) ? "a folder without a lake log" : "no such folder",
            "a lake that something was published to",
            $"name another folder with --output-root, or fill this one: `{Terminal.CommandName} run`");
    }

    /// <summary>The lake at the version asked for, of which the files are still there.</summary>
    public LakeSnapshot SnapshotOf(ParseResult parsed, LakeStore lake)
    {
        var newest = lake.Snapshot();
        if (parsed.GetValue(Options.LakeVersion) is not { } version || version >= newest.OldestVersion || version == 0)
        {
            return lake.Snapshot(parsed.GetValue(Options.LakeVersion));
        }

        throw new RiskLakeException(
            ErrorCode.LakeVersionUnknown, "--lake-version", $"version {version}, whose files were vacuumed",
            $"{newest.OldestVersion} to {newest.Version}", "name a version whose files are kept");
    }

    public string RootOf(ParseResult parsed)
    {
        // Help of a group asks for completions where no command with the option was parsed.
        var root = parsed.GetValue(Options.OutputRoot) ?? "";
        return root.Length > 0 ? root : throw new RiskLakeException(
            ErrorCode.CommandLineInvalid, "--output-root", "an empty path", "a folder", "name the folder of the lake");
    }

    public OutputFormat Format(ParseResult parsed) => Options.FormatOf(parsed);

    public RowWriter Rows(ParseResult parsed, params IReadOnlyList<string> columns) => RowWriter.Create(Format(parsed), Terminal, columns);

    /// <summary>Rows of which a table, too, shows all: a result that is cut is not one.</summary>
    public RowWriter AllRows(ParseResult parsed, params IReadOnlyList<string> columns) =>
        RowWriter.Create(Format(parsed), Terminal, columns, tableRows: int.MaxValue);

    /// <summary>The run with an id, ignoring case.</summary>
    public RunState Run(LakeSnapshot snapshot, string runId) => snapshot.Runs.TryGetValue(runId, out var run)
        ? run
        : throw new RiskLakeException(
            ErrorCode.RunUnknown,
            "run id",
            $"'{(runId.Length > 140 ? runId[..140] + "…" : runId)}'",
            "a run of this lake",
            Spelling.Nearest(runId, snapshot.Runs.Keys) is { } nearest ? $"did you mean '{nearest}'?" : $"`{Terminal.CommandName} runs list` names them");
}
