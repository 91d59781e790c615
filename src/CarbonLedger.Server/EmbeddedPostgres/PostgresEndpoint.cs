using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace CarbonLedger.Server.EmbeddedPostgres;

/// <summary>How the private PostgreSQL is reached: a unix socket in a private folder, on Windows loopback with a password.</summary>
internal sealed record PostgresEndpoint(string Host, int Port, string? Password)
{
    public const string Owner = "carbonledger";
    public const string Database = "carbonledger";

    private const int SocketPortDefault = 5432;

    /// <summary>The file with the loopback password; initdb reads it too.</summary>
    public static string PasswordFile(string dataFolder) => Path.Combine(dataFolder, "postgres-password");

    /// <summary>Decides how this folder's server is reached; the answer is the same at every start.</summary>
    public static PostgresEndpoint For(EmbeddedPostgresOptions options, string dataFolder)
    {
        if (OperatingSystem.IsWindows())
            return new PostgresEndpoint("127.0.0.1", options.Port ?? LoopbackPort(dataFolder), LoopbackPassword(dataFolder));

        // A socket's path is limited to 107 bytes (103 on macOS) and data folders are often longer, so the folder is a short
        // name in /tmp. Not XDG_RUNTIME_DIR: it vanishes when the user's last login ends, and the server may outlive that.
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataFolder)))[..16];
        return new PostgresEndpoint($"/tmp/carbonledger-{name}", options.Port ?? SocketPortDefault, Password: null);
    }

    public IEnumerable<string> Settings => OperatingSystem.IsWindows()
        ? ["listen_addresses = '127.0.0.1'", $"port = {Port}", "unix_socket_directories = ''"]
        : ["listen_addresses = ''", $"port = {Port}", $"unix_socket_directories = '{Host}'", "unix_socket_permissions = 0700"];

    /// <summary>How initdb lets clients in: through the private folder without a password, through loopback with one.</summary>
    public static string[] InitdbArguments(string dataFolder) => OperatingSystem.IsWindows()
        ? ["--auth=scram-sha-256", $"--pwfile={PasswordFile(dataFolder)}"]
        : ["--auth-local=trust", "--auth-host=reject"];

    /// <summary>Makes the socket folder anew. Only for the holder of the data folder's lock, with no server running.</summary>
    public void Prepare(UnprivilegedUser? user)
    {
        if (OperatingSystem.IsWindows()) return;
        Remove();
        Folders.CreatePrivate(Host, user);
    }

    public void Remove()
    {
        if (!OperatingSystem.IsWindows()) Folders.TryDelete(Host);
    }

    public string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Username = Owner,
        Password = Password,
        Database = database,
        // Nothing leaves the machine; each would cost a round trip per connection.
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    // The port is remembered so that connection strings held by pools stay true when PostgreSQL is restarted.
    private static int LoopbackPort(string dataFolder)
    {
        var file = Path.Combine(dataFolder, "postgres-port");
        if (File.Exists(file) && int.TryParse(File.ReadAllText(file), out var remembered) && IsFree(remembered)) return remembered;

        using var listener = new TcpListener(IPAddress.Loopback, port: 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        File.WriteAllText(file, port.ToString());
        return port;
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try { listener.Start(); }
        catch (SocketException) { return false; }
        return true;
    }

    private static string LoopbackPassword(string dataFolder)
    {
        var file = PasswordFile(dataFolder);
        if (!File.Exists(file)) File.WriteAllText(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
        return File.ReadAllText(file);
    }
}
