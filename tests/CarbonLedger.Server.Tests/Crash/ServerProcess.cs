using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace CarbonLedger.Server.Tests.Crash;

/// <summary>The real server program as a process of its own, on a free port, so that it can be killed.</summary>
public sealed partial class ServerProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();
    private readonly ConcurrentQueue<string> errors = new();
    private string? keyFile;

    private ServerProcess(Process process) => this.process = process;

    public Uri Url { get; private set; } = null!;

    public int ExitCode => process.ExitCode;

    /// <summary>Everything the program wrote.</summary>
    public string Output => string.Join('\n', output);

    public static Task<ServerProcess> OnDatabaseAsync(string connectionString)
    {
        // Without a folder of its own the program would keep its signing key in the user's.
        var keyFile = Path.Combine(Path.GetTempPath(), $"carbonledger-key-{Guid.NewGuid():N}.pem");
        return StartAsync(keyFile, ("ConnectionStrings__Ledger", connectionString), ("Ledger__SigningKeyFile", keyFile));
    }

    /// <summary>The signing key is kept in the folder.</summary>
    public static Task<ServerProcess> OnDatabaseAsync(string connectionString, string folder) =>
        StartAsync(null, ("ConnectionStrings__Ledger", connectionString), ("Ledger__DataFolder", folder));

    public static Task<ServerProcess> OnFolderAsync(string folder) => StartAsync(null, ("Ledger__DataFolder", folder));

    /// <summary>Runs the program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string connectionString, params string[] arguments)
    {
        using var server = new ServerProcess(Launch(arguments, ("ConnectionStrings__Ledger", connectionString)));
        server.Listen(new TaskCompletionSource<Uri>());
        await server.ExitedAsync();
        return (server.ExitCode, server.Output);
    }

    /// <summary>Runs the program where it must not start.</summary>
    /// <returns>How it ended, and the lines that it wrote to the standard error.</returns>
    public static async Task<(int ExitCode, string[] Errors)> RefusedAsync(string[] arguments, params (string Name, string Value)[] settings)
    {
        using var server = new ServerProcess(Launch(arguments, settings));
        server.Listen(new TaskCompletionSource<Uri>());
        await server.ExitedAsync();
        return (server.ExitCode, [.. server.errors]);
    }

    /// <summary>As <c>kill -9</c>: the process has no chance to do anything more.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await ExitedAsync();
    }

    /// <summary>Asks for an orderly end.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async Task ExitedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
        if (keyFile is not null)
        {
            File.Delete(keyFile);
        }
    }

    private static async Task<ServerProcess> StartAsync(string? keyFile, params (string Name, string Value)[] settings)
    {
        var server = new ServerProcess(Launch([], settings)) { keyFile = keyFile };
        var serving = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Listen(serving);
        try
        {
            server.Url = await serving.Task.WaitAsync(Patience);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    private static Process Launch(string[] arguments, params (string Name, string Value)[] settings)
    {
        var dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo(dotnet, ["exec", Path.Combine(AppContext.BaseDirectory, "CarbonLedger.Server.dll"), "--urls", "http://127.0.0.1:0", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    private void Listen(TaskCompletionSource<Uri> serving)
    {
        void Hear(string? line)
        {
            if (line is null)
            {
                serving.TrySetException(new InvalidOperationException($"The server ended before it served: {Output}"));
                return;
            }

            output.Enqueue(line);
            if (Serves().Match(line) is { Success: true } match)
            {
                serving.TrySetResult(new Uri(match.Groups[1].Value));
            }
        }

        process.OutputDataReceived += (_, e) => Hear(e.Data);
        process.ErrorDataReceived += (_, e) =>
        {
            output.Enqueue(e.Data ?? "");
            if (e.Data is { } line)
            {
                errors.Enqueue(line);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    [GeneratedRegex(@"serves at (http://\S+) ")]
    private static partial Regex Serves();
}
