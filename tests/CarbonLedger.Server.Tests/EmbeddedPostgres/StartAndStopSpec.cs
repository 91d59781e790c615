using System.Diagnostics;
using System.Globalization;
using CarbonLedger.Server.EmbeddedPostgres;
using Xunit.Abstractions;

namespace CarbonLedger.Server.Tests.EmbeddedPostgres;

public sealed class StartAndStopSpec(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task The_first_start_makes_the_database_with_checksums_and_durable_settings()
    {
        var clock = Stopwatch.StartNew();
        await using var server = await StartAsync();
        output.WriteLine($"first start: {clock.ElapsedMilliseconds} ms");

        Assert.Equal("carbonledger", await AskAsync(server, "select current_database()"));
        Assert.Equal("UTF8", await AskAsync(server, "select current_setting('server_encoding')"));
        Assert.Equal("C", await AskAsync(server, "select datcollate from pg_database where datname = current_database()"));
        Assert.Equal("on", await AskAsync(server, "select current_setting('data_checksums')"));
        Assert.Equal("4MB", await AskAsync(server, "select current_setting('wal_segment_size')"));
        Assert.Equal("on", await AskAsync(server, "select current_setting('fsync')"));
        Assert.Equal(
            PostgresSettings.BuffersMegabytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes).ToString(CultureInfo.InvariantCulture),
            await AskAsync(server, "select (setting::bigint * 8 / 1024)::text from pg_settings where name = 'shared_buffers'"));
        Assert.Equal("UTC", await AskAsync(server, "select current_setting('timezone')"));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(folder.Path, "postgres", "log")));
    }

    [Theory]
    [InlineData(1, 128)]
    [InlineData(2, 256)]
    [InlineData(4, 512)]
    [InlineData(8, 1024)]
    [InlineData(64, 1024)]
    public void An_eighth_of_the_memory_holds_pages(long gigabytes, long megabytes) => Assert.Equal(megabytes, PostgresSettings.BuffersMegabytes(gigabytes << 30));

    [Fact]
    public async Task Every_setting_is_one_this_PostgreSQL_accepts()
    {
        await using var server = await StartAsync();

        Assert.Equal("0", await AskAsync(server, "select count(*)::text from pg_file_settings where error is not null"));
    }

    [Fact]
    public async Task The_second_start_keeps_the_data_and_the_connection_string()
    {
        string connectionString;
        await using (var first = await StartAsync())
        {
            connectionString = first.ConnectionString;
            await KeepAsync(first, 42);
        }

        var clock = Stopwatch.StartNew();
        await using var second = await StartAsync();
        output.WriteLine($"second start: {clock.ElapsedMilliseconds} ms");

        Assert.Equal(connectionString, second.ConnectionString);
        Assert.Equal("42", await AskAsync(second, "select kept::text from keepsake"));
    }

    [Fact]
    public async Task An_orderly_stop_ends_PostgreSQL_and_needs_no_recovery()
    {
        var server = await StartAsync();
        await server.DisposeAsync();

        Assert.Equal(0, await server.Exited);
        Assert.False(File.Exists(Path.Combine(folder.Path, "postgres", "postmaster.pid")));
    }

    [Fact]
    public async Task Stopping_twice_is_harmless()
    {
        var server = await StartAsync();
        await server.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Two_folders_run_side_by_side()
    {
        using var otherFolder = new TemporaryFolder();
        await using var one = await StartAsync();
        await using var other = await EmbeddedPostgresServer.StartAsync(otherFolder.Options(), output.WriteLine, CancellationToken.None);
        await KeepAsync(one, 1);
        await KeepAsync(other, 2);

        Assert.Equal("1", await AskAsync(one, "select kept::text from keepsake"));
        Assert.Equal("2", await AskAsync(other, "select kept::text from keepsake"));
    }

    [Fact]
    public async Task A_second_server_on_the_same_folder_is_refused_in_one_line_that_names_the_owner()
    {
        await using var owner = await StartAsync();
        var clock = Stopwatch.StartNew();

        var refusal = await Assert.ThrowsAsync<DataFolderInUseException>(() => StartAsync());

        Assert.Contains($"in use by process {Environment.ProcessId}", refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"refused after {clock.Elapsed}");
        Assert.Equal("1", await AskAsync(owner, "select '1'"));
    }

    [Fact]
    public async Task A_second_server_in_another_process_is_refused_too()
    {
        await using var owner = await StartAsync();

        using var second = await HostProcess.StartAsync(folder.Options());

        Assert.StartsWith("failed DataFolderInUseException", second.Failure);
        Assert.Contains($"in use by process {Environment.ProcessId}", second.Failure);
    }

    [Fact]
    public async Task A_half_made_cluster_of_a_killed_first_start_is_cleared_away()
    {
        var unfinished = Directory.CreateDirectory(Path.Combine(folder.Path, "postgres.unfinished-0"));
        await File.WriteAllTextAsync(Path.Combine(unfinished.FullName, "PG_VERSION"), "1");

        await using var server = await StartAsync();

        Assert.False(unfinished.Exists && Directory.Exists(unfinished.FullName));
        Assert.Equal("1", await AskAsync(server, "select '1'"));
    }

    [Fact]
    public async Task A_setting_that_PostgreSQL_refuses_is_reported_in_one_line()
    {
        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => EmbeddedPostgresServer.StartAsync(
            folder.Options() with { ExtraSettings = ["max_connections=none"] }, output.WriteLine, CancellationToken.None));

        Assert.Contains("max_connections", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public async Task A_cancelled_start_leaves_the_folder_free()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EmbeddedPostgresServer.StartAsync(
            folder.Options(), output.WriteLine, new CancellationToken(canceled: true)));

        await using var server = await StartAsync();
        Assert.Equal("1", await AskAsync(server, "select '1'"));
    }

    public void Dispose() => folder.Dispose();

    private Task<EmbeddedPostgresServer> StartAsync() => EmbeddedPostgresServer.StartAsync(folder.Options(), output.WriteLine, CancellationToken.None);

    private static Task KeepAsync(EmbeddedPostgresServer server, int value) => Sql.RunAsync(server.ConnectionString, $"create table keepsake as select {value} as kept");

    private static Task<string?> AskAsync(EmbeddedPostgresServer server, string question) => Sql.AskAsync(server.ConnectionString, question);
}
