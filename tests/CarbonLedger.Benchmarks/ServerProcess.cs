using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CarbonLedger.Benchmarks;

/// <summary>The real server, as a process of its own.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly StringBuilder output;
    private bool disposed;

    private ServerProcess(Process process, StringBuilder output, int port) => (this.process, this.output, EndPoint) = (process, output, new IPEndPoint(IPAddress.Loopback, port));

    public int Id => process.Id;

    public IPEndPoint EndPoint { get; }

    public Uri Url => new($"http://{EndPoint}");

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<ServerProcess> StartAsync(params (string Name, string Value)[] settings)
    {
        var port = FreePort();
        var (process, output) = Launch(["--urls", $"http://127.0.0.1:{port}"], settings);
        var server = new ServerProcess(process, output, port);
        using var http = new HttpClient();
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var ready = await http.GetAsync(new Uri(server.Url, "/health/ready"));
                if (ready.IsSuccessStatusCode)
                {
                    return server;
                }
            }
            catch (HttpRequestException)
            {
                // not listening yet
            }

            if (process.HasExited || Stopwatch.GetElapsedTime(started) > StartMax)
            {
                throw new InvalidOperationException($"The server did not become ready:\n{output}");
            }

            await Task.Delay(10);
        }
    }

    /// <summary>Runs the server's program to its end and returns what it wrote.</summary>
    public static async Task<string> RunAsync(string argument, params (string Name, string Value)[] settings)
    {
        var (process, output) = Launch([argument], settings);
        using (process)
        {
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? output.ToString() : throw new InvalidOperationException($"The server ended with {process.ExitCode}:\n{output}");
        }
    }

    /// <summary>Stops it in order; a second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        if (!process.HasExited)
        {
            using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            {
                await kill.WaitForExitAsync();
            }

            using var patience = new CancellationTokenSource(StopMax);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
            }
        }

        process.Dispose();
    }

    private static (Process Process, StringBuilder Output) Launch(string[] arguments, (string Name, string Value)[] settings)
    {
        // The server's program stands beside ours: it is a project reference.
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "CarbonLedger.Server"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["Ledger__SigningKeyFile"] = Path.Combine(AppContext.BaseDirectory, "signing-key.pem"); // not the user's own
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var output = new StringBuilder();
        var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Append(e.Data);
        process.ErrorDataReceived += (_, e) => Append(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return (process, output);

        void Append(string? line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
