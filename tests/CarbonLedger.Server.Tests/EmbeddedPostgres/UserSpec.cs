using CarbonLedger.Server.EmbeddedPostgres;
using Xunit.Abstractions;

namespace CarbonLedger.Server.Tests.EmbeddedPostgres;

/// <summary>The root half runs only where the tests run as root; the output says which half ran.</summary>
public sealed class UserSpec(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    [Fact]
    public async Task PostgreSQL_never_runs_as_root_whoever_runs_the_server()
    {
        output.WriteLine(IsRoot ? "as root" : "not root: this checks the ordinary user only");
        await using var server = await EmbeddedPostgresServer.StartAsync(folder.Options(), output.WriteLine, CancellationToken.None);

        if (OperatingSystem.IsLinux()) Assert.NotEqual("0", await UserIdAsync(server.ProcessId));
        Assert.Equal("1", await Sql.AskAsync(server.ConnectionString, "select '1'"));
    }

    [Fact]
    public async Task An_ordinary_user_owns_server_and_PostgreSQL_alike()
    {
        if (OperatingSystem.IsWindows()) return;
        // nobody may not be able to reach the place this was built in.
        var program = Path.Combine(folder.Path, "program");
        CopyAll(AppContext.BaseDirectory, program);
        var data = Directory.CreateDirectory(Path.Combine(folder.Path, "data")).FullName;
        File.SetUnixFileMode(data, (UnixFileMode)0b111_111_111);
        output.WriteLine(IsRoot ? "as nobody" : "as the user who runs the tests");

        using var host = await HostProcess.StartAsync(
            folder.Options() with { DataFolder = data }, Path.Combine(program, "CarbonLedger.PostgresHost.dll"), IsRoot ? "nobody" : null);

        Assert.Equal("", host.Failure);
        if (OperatingSystem.IsLinux()) Assert.Equal(await UserIdAsync(host.Id), await UserIdAsync(host.PostmasterId));
        Assert.Equal("1", await Sql.AskAsync(host.ConnectionString, "select '1'"));
        await host.StopAsync();
        Assert.False(File.Exists(Path.Combine(data, "postgres", "postmaster.pid")));
    }

    [Fact]
    public async Task As_root_a_folder_closed_to_the_unprivileged_user_is_refused_with_the_remedy()
    {
        if (OperatingSystem.IsWindows() || !IsRoot)
        {
            output.WriteLine("not root: nobody is dropped to, so nothing is closed");
            return;
        }
        var closed = Directory.CreateDirectory(Path.Combine(folder.Path, "closed"), (UnixFileMode)0b111_000_000).FullName;

        var failure = await Assert.ThrowsAsync<EmbeddedPostgresException>(() => EmbeddedPostgresServer.StartAsync(
            folder.Options() with { DataFolder = Path.Combine(closed, "data") }, output.WriteLine, CancellationToken.None));

        Assert.Contains($"chmod o+x {closed}", failure.Message);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Fact]
    public async Task As_root_a_cluster_that_another_user_ran_before_is_taken_over()
    {
        if (!IsRoot)
        {
            output.WriteLine("not root: a cluster cannot change hands");
            return;
        }
        await (await EmbeddedPostgresServer.StartAsync(folder.Options(), output.WriteLine, CancellationToken.None)).DisposeAsync();
        new UnprivilegedUser("root", 0, 0).TakeOwnershipOfAll(Path.Combine(folder.Path, "postgres"));

        await using var server = await EmbeddedPostgresServer.StartAsync(folder.Options(), output.WriteLine, CancellationToken.None);

        Assert.Equal("1", await Sql.AskAsync(server.ConnectionString, "select '1'"));
    }

    public void Dispose() => folder.Dispose();

    private static async Task<string> UserIdAsync(int process) =>
        (await File.ReadAllLinesAsync($"/proc/{process}/status")).Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1];

    private static void CopyAll(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
