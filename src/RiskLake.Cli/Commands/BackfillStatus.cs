using System.CommandLine;
using RiskLake.Backfill;
using RiskLake.Cli.Output;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;
using RiskLake.Runs;

namespace RiskLake.Cli.Commands;

/// <summary><c>risklake backfill status</c> and <c>cancel</c>.</summary>
internal static class BackfillStatus
{
    private const string Step = "backfill.cancel";

    public static Command Build(CommandContext context)
    {
        var dates = new BackfillDates(isRequired: false);
        var command = new Command("status", "What the lake log says of a backfill; without dates, of all backfills.") { dates.Start, dates.End, context.Options.OutputRoot };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var manifests = new ManifestFile(lake);
            if (parsed.GetValue(dates.Start) is null && parsed.GetValue(dates.End) is null)
            {
                List(context, parsed, lake, manifests);
                return ExitCode.Done;
            }

            var (start, end) = dates.Of(parsed);
            var manifest = manifests.Derive(Require(manifests, RunId.OfBackfill(start, end)));
            BackfillRows.Write(context.Rows(parsed, BackfillRows.Columns), manifest);
            context.Terminal.Out.Flush();
            context.Terminal.Say(BackfillRows.Summary(manifest with { State = State(lake, manifest) }));
            return ExitCode.Done;
        });
        return command;
    }

    public static Command BuildCancel(CommandContext context)
    {
        var dates = new BackfillDates(isRequired: true);
        var command = new Command("cancel", "Ask a running backfill to begin no further day.") { dates.Start, dates.End, context.Options.OutputRoot };
        command.SetAction(parsed =>
        {
            var lake = context.ExistingLake(parsed);
            var (start, end) = dates.Of(parsed);
            var manifests = new ManifestFile(lake);
            var manifest = Require(manifests, RunId.OfBackfill(start, end));
            try
            {
                using var held = lake.LockRun(manifest.Id, TimeSpan.Zero, context.Token);
                if (manifest.State is not "finished")
                {
                    manifests.Write(manifests.Derive(manifest) with { State = "cancelled" });
                    lake.DiscardStaging(manifest.Id);
                }

                context.Terminal.Say(manifest.State is "finished" ? "it has finished already" : "nobody is at work on it; it is marked cancelled and can be resumed");
            }
            catch (RiskLakeException busy) when (busy.Code == ErrorCode.RunLocked)
            {
                lake.Storage.WriteFile(Step, Path.Combine(lake.Paths.StagingOf(manifest.Id), BackfillRunner.CancelFile), ReadOnlyMemory<byte>.Empty);
                context.Terminal.Say("asked: the days that run are finished, no further day is begun");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void List(CommandContext context, ParseResult parsed, LakeStore lake, ManifestFile manifests)
    {
        var rows = context.Rows(parsed, "backfill_id", "state", "start_date", "end_date", "calendar", "runs_requested", "runs_completed", "runs_failed", "outside_range");
        foreach (var id in manifests.List())
        {
            var manifest = manifests.Derive(Require(manifests, id));
            var json = manifest.ToJson();
            rows.Write(
            [
                id, State(lake, manifest), (string)json["start_date"]!, (string)json["end_date"]!, manifest.Calendar, (int)json["runs_requested"]!,
                (int)json["runs_completed"]!, (int)json["runs_failed"]!, manifest.OutsideRange,
            ]);
        }

        rows.Finish();
    }

    /// <summary>A manifest that says "running" although nobody holds the lock was left by a process that died.</summary>
    private static string State(LakeStore lake, BackfillManifest manifest)
    {
        if (manifest.State is not ("running" or "slicing"))
        {
            return manifest.State;
        }

        try
        {
            // The file of a dead process's lock is still there: taking it changes nothing.
            var path = lake.Paths.RunLock(manifest.Id);
            using var held = lake.Storage.Exists(Step, path) ? lake.Storage.TryLock(Step, path) : null;
            return held is not null || !lake.Storage.Exists(Step, path) ? "interrupted" : manifest.State;
        }
        catch (StorageException)
        {
            return manifest.State; // A lake that may only be read cannot be asked.
        }
    }

    private static BackfillManifest Require(ManifestFile manifests, string id) => manifests.Read(id) ?? throw new RiskLakeException(
        ErrorCode.RunUnknown, "backfill", $"'{id}'", "a backfill of this lake", "'backfill status' without dates lists them");
}
