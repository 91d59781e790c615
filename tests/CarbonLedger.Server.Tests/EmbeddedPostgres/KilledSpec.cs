using System.Diagnostics;
using CarbonLedger.Server.EmbeddedPostgres;
using Npgsql;
using Xunit.Abstractions;

namespace CarbonLedger.Server.Tests.EmbeddedPostgres;

public sealed class KilledSpec(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task After_kill_9_of_PostgreSQL_the_owner_is_told_and_a_new_start_has_the_data()
    {
        var killed = await StartAsync();
        await Sql.RunAsync(killed.ConnectionString, "create table keepsake as select 42 as kept");
        Kill(killed.ProcessId);
        Assert.NotEqual(0, await killed.Exited.WaitAsync(Patience));
        await killed.DisposeAsync();

        var clock = Stopwatch.StartNew();
        await using var server = await StartAsync();
        output.WriteLine($"start after kill -9 of PostgreSQL: {clock.ElapsedMilliseconds} ms");

        Assert.Equal("42", await Sql.AskAsync(server.ConnectionString, "select kept::text from keepsake"));
    }

    [Fact]
    public async Task Backends_still_busy_after_kill_9_of_PostgreSQL_only_delay_the_next_start()
    {
        var killed = await StartAsync();
        await using var busy = new NpgsqlConnection(killed.ConnectionString + ";Pooling=false");
        await busy.OpenAsync();
        // Computes without ever waiting on anything, so the backend does not notice that its postmaster is gone.
        await using var endless = new NpgsqlCommand("select count(*) from generate_series(1, 6000000) n where n::text || 'x' = ''", busy);
        var running = endless.ExecuteScalarAsync();
        await Sql.RunAsync(killed.ConnectionString, "select 1");
        Kill(killed.ProcessId);
        await killed.Exited.WaitAsync(Patience);
        await killed.DisposeAsync();

        var clock = Stopwatch.StartNew();
        await using var server = await StartAsync();
        output.WriteLine($"start while orphans leave: {clock.ElapsedMilliseconds} ms");

        Assert.Equal("1", await Sql.AskAsync(server.ConnectionString, "select '1'"));
        await Task.WhenAny(running);
    }

    [Fact]
    public async Task After_kill_9_of_the_owner_the_PostgreSQL_it_left_is_stopped_and_started_anew_with_the_data()
    {
        using var owner = await HostProcess.StartAsync(folder.Options() with { StopWithOwner = false });
        await Sql.RunAsync(owner.ConnectionString, "create table keepsake as select 42 as kept");
        await owner.KillAsync();
        Assert.Equal("1", await Sql.AskAsync(owner.ConnectionString, "select '1'"));

        var clock = Stopwatch.StartNew();
        await using var server = await StartAsync();
        output.WriteLine($"start after kill -9 of the owner: {clock.ElapsedMilliseconds} ms");

        Assert.NotEqual(owner.PostmasterId, server.ProcessId);
        Assert.Equal("42", await Sql.AskAsync(server.ConnectionString, "select kept::text from keepsake"));
    }

    [Fact]
    public async Task After_kill_9_of_an_owner_that_PostgreSQL_stops_with_the_next_start_has_the_data()
    {
        using var owner = await HostProcess.StartAsync(folder.Options());
        await Sql.RunAsync(owner.ConnectionString, "create table keepsake as select 42 as kept");
        await owner.KillAsync();

        await using var server = await StartAsync();

        Assert.Equal("42", await Sql.AskAsync(server.ConnectionString, "select kept::text from keepsake"));
    }

    [Fact]
    public async Task On_Linux_PostgreSQL_stops_in_order_when_its_owner_is_killed()
    {
        if (!OperatingSystem.IsLinux())
        {
            output.WriteLine("Only Linux tells a child that its parent died; elsewhere the next start stops it.");
            return;
        }
        using var owner = await HostProcess.StartAsync(folder.Options());
        using var postmaster = Process.GetProcessById(owner.PostmasterId);
        await owner.KillAsync();

        await postmaster.WaitForExitAsync().WaitAsync(Patience);

        Assert.False(File.Exists(Path.Combine(folder.Path, "postgres", "postmaster.pid")));
    }

    [Fact]
    public async Task A_lock_file_whose_number_now_belongs_to_another_program_does_not_stop_the_start_nor_that_program()
    {
        await (await StartAsync()).DisposeAsync();
        // A long-living process of the user PostgreSQL runs as, with the number PostgreSQL had.
        using var otherFolder = new TemporaryFolder();
        await using var other = await EmbeddedPostgresServer.StartAsync(otherFolder.Options(), output.WriteLine, CancellationToken.None);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "postgres", "postmaster.pid"),
            $"{other.ProcessId}\n{folder.Path}/postgres\n1700000000\n5432\n/tmp\n\n  1234567  7654321\nready   \n");

        await using var server = await StartAsync();

        Assert.Equal("1", await Sql.AskAsync(server.ConnectionString, "select '1'"));
        Assert.Equal("1", await Sql.AskAsync(other.ConnectionString, "select '1'"));
    }

    public void Dispose() => folder.Dispose();

    private Task<EmbeddedPostgresServer> StartAsync() => EmbeddedPostgresServer.StartAsync(folder.Options(), output.WriteLine, CancellationToken.None);

    private static void Kill(int process)
    {
        using var found = Process.GetProcessById(process);
        found.Kill();
    }
}
