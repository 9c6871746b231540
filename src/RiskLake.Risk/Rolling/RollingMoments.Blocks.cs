using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RiskLake.Risk;

/// <summary>The blocks that windows are put together from.</summary>
public static partial class RollingMoments
{
    private static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;

    // Two chains of dependent additions run side by side: forwards over a block, whose windows are completed by what the block before
    // left behind, and backwards over a block for the one after it.
    private sealed class Kernel
    {
        public const int Lanes = 4;

        private readonly int _window;
        private readonly bool _means;
        private readonly double _scale;
        private readonly double[] _reciprocal;
        private readonly double[] _merge;

        // [k]: mean and squares, about the edge value, of the k observations before the edge.
        private (double Mean, double Squares)[] _tails;
        private (double Mean, double Squares)[] _next;

        public Kernel(int window, int ddof, bool means)
        {
            _window = window;
            _means = means;
            _scale = 1.0 / (window - ddof);
            _reciprocal = new double[window + 1];
            _merge = new double[window + 1];
            _tails = new (double, double)[window + 1];
            _next = new (double, double)[window + 1];
            for (var k = 1; k <= window; k++)
            {
                _reciprocal[k] = 1.0 / k;
                _merge[k] = k * (double)(window - k) / window;
            }

            // Nothing lies before the first block.
            Array.Fill(_tails, (double.NaN, double.NaN));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Walk(ReadOnlySpan<double> block, double nextOrigin, Span<double> result)
        {
            var (window, means, scale, tails, next) = (_window, _means, _scale, _tails, _next);
            var (reciprocal, merge) = (_reciprocal, _merge);
            var origin = block[0];
            var (mean, squares, backMean, backSquares) = (0.0, 0.0, 0.0, 0.0);
            for (var i = 0; i < block.Length; i++)
            {
                var count = i + 1;
                var part = reciprocal[count];
                var value = block[i] - origin;
                var step = value - mean;
                mean += step * part;
                squares += step * (value - mean);

                var backValue = block[block.Length - count] - nextOrigin;
                var backStep = backValue - backMean;
                backMean += backStep * part;
                backSquares += backStep * (backValue - backMean);
                next[count] = (backMean, backSquares);

                var rest = window - count;
                if (rest == 0)
                {
                    result[i] = Finite(means ? origin + mean : Math.Sqrt(squares * scale));
                    break;
                }

                var tail = tails[rest];
                var gap = tail.Mean - mean;
                result[i] = Finite(means
                    ? origin + mean + (gap * rest * reciprocal[window])
                    : Math.Sqrt((tail.Squares + squares + (gap * gap * merge[count])) * scale));
            }

            (_tails, _next) = (next, tails);
        }

        // Blocks in the lanes of vectors: each lane does what Walk does, in the same order, so that not a bit differs. Returns where
        // Walk must go on, with its tails in place.
        public int WalkInLanes(ReadOnlySpan<double> series, Span<double> result)
        {
            var tails = new (Vector256<double> Mean, Vector256<double> Squares)[_window + 1];
            var next = new (Vector256<double> Mean, Vector256<double> Squares)[_window + 1];

            // Memory is read and written in one stream: the lanes' strides stay in these buffers.
            var reading = new double[(2 * Lanes * _window) + 1];
            var writing = new double[Lanes * _window];
            Array.Fill(tails, (Vector256.Create(double.NaN), Vector256.Create(double.NaN)));

            // The first turn finishes the first block, which has no tails, and prepares the tails of blocks 1 to 4; what it writes over
            // blocks 1 to 3 is written again. Each further turn takes the next four.
            var (block, full) = (0, series.Length / _window);
            for (var more = true; more;)
            {
                var following = block == 0 ? 1 : block + Lanes;
                more = following + Lanes <= full;
                var at = block * _window;
                series.Slice(at, Math.Min(reading.Length, series.Length - at)).CopyTo(reading);
                WalkFour(reading, more ? following - 1 - block : 0, tails, next, writing);
                writing.CopyTo(result[at..]);
                (tails, next) = (next, tails);
                block = following;
            }

            Walk(series.Slice((block - 1) * _window, _window), At(series, block * _window), new double[_window]);
            return block * _window;
        }

        private static double At(ReadOnlySpan<double> series, int index) => index < series.Length ? series[index] : 0.0;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void WalkFour(
            ReadOnlySpan<double> series,
            int backBlock,
            (Vector256<double> Mean, Vector256<double> Squares)[] tails,
            (Vector256<double> Mean, Vector256<double> Squares)[] next,
            Span<double> result)
        {
            var (window, means, scale, reciprocal, merge) = (_window, _means, Vector256.Create(_scale), _reciprocal, _merge);
            var last = Vector256.Create(reciprocal[window]);
            var backStart = (backBlock * window) + window;
            var origin = Gather(series, 0, window);
            var nextOrigin = Gather(series, backStart, window);
            var (mean, squares, backMean, backSquares) =
                (Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero, Vector256<double>.Zero);
            for (var i = 0; i < window; i++)
            {
                var count = i + 1;
                var part = Vector256.Create(reciprocal[count]);
                var value = Gather(series, i, window) - origin;
                var step = value - mean;
                mean += step * part;
                squares += step * (value - mean);

                var backValue = Gather(series, backStart - count, window) - nextOrigin;
                var backStep = backValue - backMean;
                backMean += backStep * part;
                backSquares += backStep * (backValue - backMean);
                next[count] = (backMean, backSquares);

                var rest = window - count;
                var tail = tails[rest];
                var gap = tail.Mean - mean;
                var merged = means
                    ? origin + mean + (gap * Vector256.Create((double)rest) * last)
                    : Vector256.Sqrt((tail.Squares + squares + (gap * gap * Vector256.Create(merge[count]))) * scale);
                if (rest == 0)
                {
                    merged = means ? origin + mean : Vector256.Sqrt(squares * scale);
                }

                // Anything that is not finite becomes NaN.
                merged = Vector256.ConditionalSelect(
                    Vector256.LessThan(Vector256.Abs(merged), Vector256.Create(double.PositiveInfinity)), merged, Vector256.Create(double.NaN));
                result[i] = merged[0];
                result[window + i] = merged[1];
                result[(2 * window) + i] = merged[2];
                result[(3 * window) + i] = merged[3];
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<double> Gather(ReadOnlySpan<double> series, int start, int stride) =>
            Vector256.Create(series[start], series[start + stride], series[start + (2 * stride)], series[start + (3 * stride)]);
    }
}
