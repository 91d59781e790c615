using System.Text.Json;
using CarbonLedger.Server.EmbeddedPostgres;

namespace CarbonLedger.PostgresHost;

/// <summary>Owns an embedded PostgreSQL in a process of its own, so that tests can kill the owner or run it as another user.</summary>
/// <remarks>
/// Reads the options as one line of JSON, answers one line (connection string and postmaster, or the error), stops when its input ends.
/// </remarks>
internal static class Program
{
    private static async Task<int> Main()
    {
        var options = JsonSerializer.Deserialize<EmbeddedPostgresOptions>(Console.ReadLine()!)!;
        try
        {
            await using var server = await EmbeddedPostgresServer.StartAsync(options, Console.Error.WriteLine, CancellationToken.None);
            Console.WriteLine($"ready {server.ProcessId} {server.ConnectionString}");
            await Console.In.ReadToEndAsync();
            return 0;
        }
        catch (EmbeddedPostgresException e)
        {
            Console.WriteLine($"failed {e.GetType().Name} {e.Message}");
            return 1;
        }
    }
}
