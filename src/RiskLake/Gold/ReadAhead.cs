using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace RiskLake.Gold;

/// <summary>Fetches what comes next on a thread of its own while the last is worked on; the order stays.</summary>
internal static class ReadAhead
{
    private const int Ahead = 2;

    /// <param name="next">Gives the next item, or null after the last.</param>
    public static IEnumerable<T> Of<T>(Func<T?> next)
        where T : class, IDisposable
    {
        using var items = new BlockingCollection<T>(Ahead);
        using var stop = new CancellationTokenSource();
        ExceptionDispatchInfo? failure = null;
        var reader = new Thread(Read) { IsBackground = true, Name = "gold read-ahead" };
        reader.Start();
        try
        {
            foreach (var item in items.GetConsumingEnumerable())
            {
                yield return item;
            }

            failure?.Throw();
        }
        finally
        {
            stop.Cancel();
            reader.Join();
            while (items.TryTake(out var left))
            {
                left.Dispose();
            }
        }

        void Read()
        {
            try
            {
                while (next() is { } item)
                {
                    items.Add(item, stop.Token);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The consumer stopped early; its own exception is on the way.
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                items.CompleteAdding();
            }
        }
    }
}
