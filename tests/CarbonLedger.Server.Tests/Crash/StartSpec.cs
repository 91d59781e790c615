using System.Net;
using System.Net.Sockets;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Crash;

/// <summary>A program that must not start says in one line why, and ends with 2.</summary>
[Collection("postgres")]
public sealed class StartSpec(PostgresFixture postgres)
{
    [Theory]
    [InlineData("nonsense")]
    [InlineData("Hst=1")]
    [InlineData("Host=h;Port=many")]
    [InlineData("Database=nowhere")]
    public async Task A_connection_string_that_is_none_is_refused_without_quoting_it(string connectionString)
    {
        var line = await RefusesAsync([], ("ConnectionStrings__Ledger", connectionString));
        Assert.Contains("ConnectionStrings:Ledger", line);
        Assert.DoesNotContain(connectionString, line);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("https://127.0.0.1:5443")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("http://127.0.0.1:-1")]
    [InlineData("http://127.0.0.1:0x")]
    [InlineData("http://127.0.0.1:0/path")]
    [InlineData("http://localhost:")]
    [InlineData("http://ledger.example:0")]
    public async Task An_address_to_listen_at_is_one(string url) =>
        Assert.Contains(url, await RefusesAsync(["--urls", url], ("ConnectionStrings__Ledger", await postgres.CreateDatabaseAsync())));

    [Theory]
    [InlineData("--bogus")]
    [InlineData("--demo=yes")]
    [InlineData("demo")]
    [InlineData("--Ledgr:DataFolder=x")]
    [InlineData("--Ledger:PublicUrl")]
    public async Task An_option_that_is_unknown_or_cut_off_is_refused(string option)
    {
        var line = await RefusesAsync([option], ("ConnectionStrings__Ledger", await postgres.CreateDatabaseAsync()));
        Assert.Contains(option, line);
        Assert.Contains("--help", line);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var folder = new TemporaryFolder();
        var line = await RefusesAsync(
            ["--urls", $"http://127.0.0.1:{port}"],
            ("ConnectionStrings__Ledger", await postgres.CreateDatabaseAsync()),
            ("Ledger__SigningKeyFile", Path.Combine(folder.Path, "key.pem")));
        Assert.Contains($"{port}", line);
    }

    [Fact]
    public async Task A_signing_key_that_others_may_read_is_told_in_one_line()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TemporaryFolder();
        var key = Path.Combine(folder.Path, "key.pem");
        await File.WriteAllTextAsync(key, "");
        File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", await RefusesAsync([], ("ConnectionStrings__Ledger", await postgres.CreateDatabaseAsync()), ("Ledger__SigningKeyFile", key)));
    }

    [Fact]
    public async Task A_data_folder_that_is_named_is_made_also_where_the_database_is_anothers()
    {
        using var folder = new TemporaryFolder();
        var named = Path.Combine(folder.Path, "not", "there", "yet");
        using var server = await ServerProcess.OnDatabaseAsync(await postgres.CreateDatabaseAsync(), named);
        Assert.True(File.Exists(Path.Combine(named, "signing-key.pem")));
        await server.KillAsync();
    }

    [Fact]
    public void Help_names_every_option_and_every_setting()
    {
        foreach (var name in new[] { "--demo", "--rebuild", "--urls", "Ledger__DataFolder", "Ledger__RegisterName", "Ledger__PublicUrl", "Ledger__SigningKeyFile", "ConnectionStrings__Ledger" })
        {
            Assert.Contains(name, StartOptions.Usage);
        }
    }

    private static async Task<string> RefusesAsync(string[] arguments, params (string Name, string Value)[] settings)
    {
        var (exitCode, errors) = await ServerProcess.RefusedAsync(arguments, settings);
        Assert.True(exitCode == 2 && errors.Length == 1, $"exit code {exitCode}\n{string.Join('\n', errors)}");
        return errors[0];
    }
}
