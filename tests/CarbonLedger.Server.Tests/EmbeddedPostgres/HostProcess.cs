using System.Diagnostics;
using System.Text.Json;
using CarbonLedger.Server.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.EmbeddedPostgres;

/// <summary>A separate process that owns an embedded PostgreSQL: it can be killed, and can run as another user.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly Process process;

    private HostProcess(Process process) => this.process = process;

    public int PostmasterId { get; private set; }
    public string ConnectionString { get; private set; } = "";

    /// <summary>The host's one line when it could not start.</summary>
    public string Failure { get; private set; } = "";

    public int Id => process.Id;

    public static async Task<HostProcess> StartAsync(EmbeddedPostgresOptions options, string? program = null, string? user = null)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            ["exec", program ?? Path.Combine(AppContext.BaseDirectory, "CarbonLedger.PostgresHost.dll")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = options.DataFolder,
        };
        if (user is not null) start.UserName = user;
        var host = new HostProcess(Process.Start(start)!);
        var errors = host.process.StandardError.ReadToEndAsync();
        await host.process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(options));
        await host.process.StandardInput.FlushAsync();

        var answer = await host.process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The host died: {await errors}");
        var words = answer.Split(' ', 3);
        if (words[0] == "ready")
        {
            host.PostmasterId = int.Parse(words[1]);
            host.ConnectionString = words[2];
        }
        else
        {
            host.Failure = answer;
        }
        return host;
    }

    /// <summary>Lets it stop in order.</summary>
    public async Task StopAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
    }

    /// <summary>As <c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
