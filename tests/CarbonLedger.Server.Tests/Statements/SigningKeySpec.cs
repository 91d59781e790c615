using System.Security.Cryptography;
using CarbonLedger.Server.Statements;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.EmbeddedPostgres;

namespace CarbonLedger.Server.Tests.Statements;

/// <summary>The signing key: made once, closed to others, and its public half kept for ever.</summary>
[Collection("postgres")]
public sealed class SigningKeySpec(PostgresFixture postgres)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void A_key_is_made_once_and_only_its_owner_reads_it()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "key.pem");
        using var made = SigningKey.Open(path);
        using var again = SigningKey.Open(path);
        Assert.Equal(made.KeyId, again.KeyId);
        Assert.Equal([path], Directory.GetFiles(folder.Path));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(path));
        }
    }

    [Fact]
    public async Task Servers_that_start_at_once_on_one_file_have_one_key()
    {
        using var folder = new TemporaryFolder();
        for (var round = 0; round < 200; round++)
        {
            var path = Path.Combine(folder.Path, $"{round}.pem");
            using var start = new Barrier(4);
            var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                using var key = SigningKey.Open(path);
                return key.KeyId;
            }, TaskCreationOptions.LongRunning)));
            Assert.Single(ids.Distinct());
        }

        Assert.Equal(200, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void A_file_that_is_not_to_be_trusted_is_refused_without_quoting_it()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "key.pem");
        Refuses(ECDsa.Create(ECCurve.NamedCurves.nistP384).ExportPkcs8PrivateKeyPem());
        Refuses(ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportSubjectPublicKeyInfoPem());
        Refuses("secret words");
        Refuses("");
        Refuses(new string('x', 100_000));
        Assert.Throws<SigningKeyException>(() => SigningKey.Open(Path.Combine(folder.Path, "no-such-folder", "key.pem")));
        if (!OperatingSystem.IsWindows())
        {
            Write(ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem());
            File.SetUnixFileMode(path, OwnerOnly | UnixFileMode.GroupRead);
            Assert.Contains("chmod 600", Assert.Throws<SigningKeyException>(() => SigningKey.Open(path)).Message);
        }

        void Write(string content)
        {
            File.WriteAllText(path, content);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, OwnerOnly);
            }
        }

        void Refuses(string content)
        {
            Write(content);
            Assert.DoesNotContain("secret", Assert.Throws<SigningKeyException>(() => SigningKey.Open(path)).ToString());
        }
    }

    [Fact]
    public async Task A_statement_stays_verifiable_when_the_key_is_replaced_and_two_nodes_may_have_two_keys()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        string jws;
        string voucher;
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            voucher = (await api.VoucherAsync(1000)).Id;
            jws = await SignedAsync(api, voucher);
        }

        await using var other = await RunningServer.StartAsync(connectionString);
        await using var third = await RunningServer.StartAsync(connectionString);
        using var second = new LedgerApi(other.Url);
        using var last = new LedgerApi(third.Url);
        var keys = (await second.GetAsync("/v1/signing-keys")).Text;
        Assert.Equal(3, (await second.ReadAsync("/v1/signing-keys")).GetProperty("keys").GetArrayLength());
        Assert.Equal(voucher, Jws.Verify(jws, keys).GetProperty("voucherId").GetString());
        Assert.Equal(voucher, Jws.Verify(await SignedAsync(last, voucher), keys).GetProperty("voucherId").GetString());
        Assert.DoesNotContain("\"d\"", keys);
        Assert.Equal(0, (await second.ReadAsync("/v1/signing-keys?asOf=2020-01-01T00:00:00Z")).GetProperty("keys").GetArrayLength());
    }

    /// <summary>What <see cref="LienStatementSpec"/> verifies with is, to the letter, what the guide shows.</summary>
    [Fact]
    public void The_guide_shows_the_recipe_that_the_tests_run()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "CarbonLedger.sln")))
        {
            root = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(root))!;
        }

        var source = File.ReadAllText(Path.Combine(root, "tests/CarbonLedger.Server.Tests/Statements/Jws.cs"));
        var recipe = source.Split("// recipe: begin\n")[1].Split("// recipe: end")[0];
        var shown = File.ReadAllText(Path.Combine(root, "docs/guides/verify-a-lien-statement.md")).Split("```csharp\n")[1].Split("```")[0];
        Assert.Equal(Lines(recipe), Lines(shown));

        static IEnumerable<string> Lines(string text) => text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0);
    }

    private static async Task<string> SignedAsync(LedgerApi api, string voucher) =>
        (await api.ReadAsync($"/v1/liens?voucherId={voucher}")).GetProperty("signature").GetProperty("jws").GetString()!;
}
