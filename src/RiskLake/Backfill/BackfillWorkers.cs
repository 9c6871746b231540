using System.Globalization;
using System.Runtime.ExceptionServices;
using RiskLake.Lake;
using RiskLake.Lake.Errors;
using RiskLake.Lake.Storage;

namespace RiskLake.Backfill;

/// <summary>One run to be made.</summary>
/// <param name="Item">Its line in the manifest.</param>
/// <param name="Make">Makes it; told how many runs are made at the same time.</param>
internal sealed record BackfillJob(BackfillItem Item, Func<int, BackfillItem> Make);

/// <summary>Makes runs, several at a time, until all are begun or somebody says stop.</summary>
/// <param name="storage">Where the lake is kept.</param>
/// <param name="cancel">File that asks for an end.</param>
/// <param name="failFast">Whether a run that is not done is an end.</param>
/// <param name="finished">Hears of each run, on its thread.</param>
/// <param name="ct">Stops; runs that were begun are finished.</param>
internal sealed class BackfillWorkers(IStorage storage, string cancel, bool failFast, Action<BackfillItem> finished, CancellationToken ct)
{
    /// <returns>Why not all were begun; empty when all were.</returns>
    public string Work(IReadOnlyList<BackfillJob> jobs, int parallel)
    {
        var next = -1;
        var stop = "";
        var threads = Math.Min(parallel, jobs.Count);
        Exception? broken = null;
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(Run) { IsBackground = true, Name = "risklake-backfill" }).ToArray();
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        if (broken is not null)
        {
            ExceptionDispatchInfo.Throw(broken);
        }

        return stop;

        void Run()
        {
            try
            {
                while (stop.Length == 0 && Interlocked.Increment(ref next) is var i && i < jobs.Count)
                {
                    if (ct.IsCancellationRequested || LakeStore.Guard(() => storage.Exists("backfill.cancel", cancel)))
                    {
                        stop = ct.IsCancellationRequested ? "interrupted" : "cancelled";
                        return;
                    }

                    var item = Make(jobs[i], threads);
                    finished(item);
                    if (failFast && !item.IsDone)
                    {
                        stop = "stopped";
                    }
                }
            }
            catch (Exception e)
            {
                broken = e;
                stop = "failed";
            }
        }
    }

    private static BackfillItem Make(BackfillJob job, int threads)
    {
        try
        {
            return LakeStore.Guard(() => job.Make(threads));
        }
        catch (Exception e)
        {
            // A day that fails, in whatever way, must not stop the others; if nothing works any more, writing the manifest will say so.
            var code = (e as RiskLakeException)?.Code ?? ErrorCode.Internal;
            var text = e is RiskLakeException ? e.Message : $"{e.GetType().Name}: {e.Message}";
            return job.Item with
            {
                Status = DayStatus.Failed,
                Error = string.Create(CultureInfo.InvariantCulture, $"RL{(int)code:0000} {text}"),
                ErrorExit = code == ErrorCode.RunLocked || code == ErrorCode.LakeConflict ? 5 : 3,
            };
        }
    }
}
