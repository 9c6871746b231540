using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RiskLake.Tests.Sources;

/// <summary>What the server does with one request.</summary>
internal sealed record Reply(int Status, string Body)
{
    public string ContentType { get; init; } = "application/json";

    public string? Header { get; init; }

    /// <summary>Sent instead of <see cref="Body"/>, as it stands.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>Announces more than it sends, then closes.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Resets the connection without an answer.</summary>
    public bool IsReset { get; init; }

    /// <summary>Never answers.</summary>
    public bool IsSilent { get; init; }
}

/// <summary>A small HTTP server on 127.0.0.1 that answers as it is told.</summary>
internal sealed class LocalServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, int, Reply> _answer;
    private readonly Task _loop;
    private int _count;

    /// <param name="answer">The reply to an address and the number of the request, from 0.</param>
    public LocalServer(Func<string, int, Reply> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = Task.Run(Serve);
    }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Addresses that were asked for, in order.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        try
        {
            _loop.Wait(TimeSpan.FromSeconds(5));
        }
        catch (AggregateException)
        {
        }

        _stop.Dispose();
    }

    private async Task Serve()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = Task.Run(() => Handle(client));
        }
    }

    private async Task Handle(TcpClient client)
    {
        using (client)
        {
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var first = await reader.ReadLineAsync(_stop.Token) ?? "";
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 })
            {
            }

            var address = first.Split(' ').ElementAtOrDefault(1) ?? "";
            Requests.Enqueue(address);
            var reply = _answer(address, Interlocked.Increment(ref _count) - 1);
            if (reply.IsSilent)
            {
                await Task.Delay(TimeSpan.FromMinutes(1), _stop.Token);
            }

            if (reply.IsReset)
            {
                client.Client.LingerState = new LingerOption(true, 0);
                return;
            }

            var body = reply.Bytes ?? Encoding.UTF8.GetBytes(reply.Body);
            var head = string.Create(
                CultureInfo.InvariantCulture,
                $"HTTP/1.1 {reply.Status} X\r\nContent-Type: {reply.ContentType}\r\nContent-Length: {body.Length + (reply.IsTruncated ? 50 : 0)}\r\n{reply.Header}Connection: close\r\n\r\n");
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
            await stream.WriteAsync(body, _stop.Token);
            await stream.FlushAsync(_stop.Token);
        }
    }
}
