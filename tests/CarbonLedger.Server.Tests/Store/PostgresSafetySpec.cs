using CarbonLedger.Server.EmbeddedPostgres;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Npgsql;
using Xunit.Abstractions;

namespace CarbonLedger.Server.Tests.Store;

public sealed class PostgresSafetySpec(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task The_embedded_server_may_hold_the_register() => Assert.Null(await ReasonAsync());

    [Fact]
    public async Task A_server_without_fsync_is_refused() => Assert.Contains("fsync = off", await ReasonAsync("fsync=off"));

    [Fact]
    public async Task A_server_without_full_page_writes_is_refused() =>
        Assert.Contains("full_page_writes = off", await ReasonAsync("full_page_writes=off"));

    [Fact]
    public async Task A_server_that_acknowledges_before_the_disk_has_it_is_refused() =>
        Assert.Contains("synchronous_commit = off", await ReasonAsync("synchronous_commit=off"));

    [Fact]
    public async Task A_read_only_server_is_refused()
    {
        // Once read-only from the start, the database could not be created.
        await (await EmbeddedPostgresServer.StartAsync(folder.Options(), output.WriteLine, CancellationToken.None)).DisposeAsync();

        Assert.Contains("read_only", await ReasonAsync("default_transaction_read_only=on"));
    }

    [Fact]
    public async Task A_server_in_recovery_is_refused()
    {
        await (await EmbeddedPostgresServer.StartAsync(folder.Options(), output.WriteLine, CancellationToken.None)).DisposeAsync();
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "postgres", "standby.signal"), "");

        Assert.Contains("in recovery", await ReasonAsync());
    }

    public void Dispose() => folder.Dispose();

    private async Task<string?> ReasonAsync(params string[] settings)
    {
        await using var server = await EmbeddedPostgresServer.StartAsync(folder.Options() with { ExtraSettings = settings }, output.WriteLine, CancellationToken.None);
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return await PostgresSafety.ReasonToRefuseAsync(connection, CancellationToken.None);
    }
}
