using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace CarbonLedger.Server.Tests.Crash;

/// <summary>Keeps what a server logs, as an operator would read it.</summary>
public sealed class KeptLog : ILoggerProvider
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> lines = [];

    public string[] Errors => [.. lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Text)];

    public string[] Warnings => [.. lines.Where(l => l.Level >= LogLevel.Warning).Select(l => l.Text)];

    public ILogger CreateLogger(string categoryName) => new Logger(lines);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<(LogLevel Level, string Text)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((logLevel, $"{formatter(state, exception)} {exception}"));
    }
}
