using System.Net;
using Polly;
using Polly.Retry;
using RiskLake.Lake.Errors;

namespace RiskLake.Ingest.Sources;

/// <summary>How a source is asked. Time and chance are parameters.</summary>
internal sealed record SourceHttpOptions
{
    public required TimeProvider Clock { get; init; }

    /// <summary>Numbers from 0 to 1 that scatter the pauses.</summary>
    public required Func<double> Random { get; init; }

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Least time between two requests.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The first pause before a request is repeated; it doubles.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The pause after 'too many requests', where the source does not say how long.</summary>
    public TimeSpan LimitPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause that is waited for rather than reported.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a request is repeated.</summary>
    public int Retries { get; init; } = 4;

    public long MostBytes { get; init; } = FredBody.MostBytes;
}

/// <summary>A response, whole.</summary>
internal sealed record SourceResponse(int Status, byte[] Body, TimeSpan? RetryAfter);

/// <summary>
/// Asks a source over HTTP: one request at a time, not too many, again with growing pauses where it may help. Redirects are not
/// followed, because an address carries the key.
/// </summary>
internal sealed class SourceHttp : IDisposable
{
    private readonly SourceHttpOptions _options;
    private readonly SourceKey? _key;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline<SourceResponse> _pipeline;
    private long _last;

    public SourceHttp(SourceHttpOptions options, SourceKey? key)
    {
        _options = options;
        _key = key;
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false })
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.AcceptEncoding.ParseAdd(Compressions.Gzip);
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("RiskLake/0.1");
        _pipeline = new ResiliencePipelineBuilder<SourceResponse> { TimeProvider = options.Clock }.AddRetry(new RetryStrategyOptions<SourceResponse>
        {
            MaxRetryAttempts = options.Retries,
            BackoffType = DelayBackoffType.Exponential,
            Delay = options.Pause,
            UseJitter = true,
            Randomizer = options.Random,
            ShouldHandle = arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is HttpRequestException or IOException or TimeoutException
                || (arguments.Outcome.Result is { } response && MayPass(response))),
            DelayGenerator = arguments => ValueTask.FromResult(
                arguments.Outcome.Result is { Status: 429 } limited ? limited.RetryAfter ?? options.LimitPause : arguments.Outcome.Result?.RetryAfter),
        }).Build();
    }

    /// <summary>The body of an address, whatever its status: what it means is for the source to say.</summary>
    /// <param name="address">Without the key.</param>
    /// <param name="keyParameter">What the key is called in the address; null sends none.</param>
    /// <param name="ct">Stops it.</param>
    public SourceResponse Get(string address, string? keyParameter, CancellationToken ct)
    {
        try
        {
            return _pipeline.ExecuteAsync(async token => await Ask(address, keyParameter, token), ct).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
        {
            // The cause is told, not kept: what others write into their exceptions may hold the address with the key.
            throw new RiskLakeException(
                ErrorCode.SourceUnavailable, address, Redact(e.Message), FormattableString.Invariant($"an answer within {_options.Timeout.TotalSeconds} s"),
                "repeat the command later, or download the file by hand and name it with --input");
        }
    }

    public string Redact(string text) => _key?.Redact(text) ?? text;

    public void Dispose() => _client.Dispose();

    private bool MayPass(SourceResponse response) =>
        (response.Status is 429 or 423 or 408 || response.Status >= 500) && !(response.RetryAfter > _options.LongestPause);

    private async Task<SourceResponse> Ask(string address, string? keyParameter, CancellationToken ct)
    {
        await Pace(ct);
        using var timeout = new CancellationTokenSource(_options.Timeout, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        try
        {
            var uri = new Uri(address + (keyParameter is null ? "" : _key?.Query(keyParameter)));
            using var response = await _client.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var body = Unpack(response, await Body(response, address, either.Token), address);
            var after = response.Headers.RetryAfter;
            return new SourceResponse(
                (int)response.StatusCode, _key?.Redact(body) ?? body, after?.Delta ?? (after?.Date is { } date && date > _options.Clock.GetUtcNow() ? date - _options.Clock.GetUtcNow() : null));
        }
        catch (OperationCanceledException late) when (timeout.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new TimeoutException("no whole answer in time", late);
        }
    }

    /// <summary>A body as the server packed it, under the checks of any packed file: an answer that is cut off is no answer.</summary>
    private byte[] Unpack(HttpResponseMessage response, byte[] body, string address)
    {
        var encodings = response.Content.Headers.ContentEncoding.Where(name => !name.Equals("identity", StringComparison.OrdinalIgnoreCase)).ToArray();
        if (encodings.Length == 0)
        {
            return body;
        }

        if (encodings is not [var encoding] || !encoding.Equals(Compressions.Gzip, StringComparison.OrdinalIgnoreCase))
        {
            throw new RiskLakeException(
                ErrorCode.SourceAnswer, address, $"a body packed as {string.Join(", ", encodings)}", "gzip, as asked, or none", "ask the owner of the service");
        }

        try
        {
            using var content = new GzipContent(new RawStream(
                (target, at) =>
                {
                    var part = body.AsSpan((int)at, (int)Math.Min(target.Length, body.Length - at));
                    part.CopyTo(target);
                    return part.Length;
                },
                null));
            using var unpacked = new MemoryStream();
            var block = new byte[1 << 16];
            for (var read = content.Read(block); read > 0; read = content.Read(block))
            {
                RequireLength(unpacked.Length + read, address);
                unpacked.Write(block, 0, read);
            }

            return unpacked.ToArray();
        }
        catch (InvalidDataException cut)
        {
            throw new IOException($"a damaged body ({cut.Message})", cut); // It may come whole the next time.
        }
    }

    private void RequireLength(long length, string address)
    {
        if (length > _options.MostBytes)
        {
            throw new RiskLakeException(
                ErrorCode.SourceAnswer, address, FormattableString.Invariant($"more than {_options.MostBytes} bytes"), "a shorter answer", "ask for less at once");
        }
    }

    private async Task Pace(CancellationToken ct)
    {
        if (_last != 0 && _options.Interval - _options.Clock.GetElapsedTime(_last) is { Ticks: > 0 } wait)
        {
            await Task.Delay(wait, _options.Clock, ct);
        }

        _last = _options.Clock.GetTimestamp();
    }

    private async Task<byte[]> Body(HttpResponseMessage response, string address, CancellationToken ct)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var block = new byte[1 << 16];
        for (var read = await stream.ReadAsync(block, ct); read > 0; read = await stream.ReadAsync(block, ct))
        {
            RequireLength(body.Length + read, address);
            body.Write(block, 0, read);
        }

        return body.ToArray();
    }
}
