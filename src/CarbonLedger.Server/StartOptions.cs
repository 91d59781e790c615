using System.Net;
using Npgsql;

namespace CarbonLedger.Server;

/// <summary>What stands on the command line. What is not known is refused: a mistyped option would start another server than the one that was meant.</summary>
/// <param name="Settings">What goes to the configuration.</param>
/// <param name="ReasonToRefuse">Null, or why the program must not start with these arguments.</param>
public sealed record StartOptions(bool Help, bool Demo, bool Rebuild, IReadOnlyList<string> Settings, string? ReasonToRefuse)
{
    public const string Usage = """
        CarbonLedger, a register for forestry carbon vouchers.

          (nothing)            serve
          --demo               serve, and play the Lanzhou case, the zero-carbon office and an assumed example of pledges through the HTTP API first
          --rebuild            make the projections again from the log, and end
          --urls URL           where to listen (http://127.0.0.1:5080)

        Ledger__SigningKeyFile       the private key that signs statements (signing-key.pem in the data folder; made at the first start)
        Ledger__DataFolder           where the private PostgreSQL keeps its data
        Ledger__RegisterName         the register's name in statements (CarbonLedger)
        Ledger__PublicUrl            where the server is found from outside; certificates carry it in their QR code
        ConnectionStrings__Ledger    use this PostgreSQL (15 or newer) instead of a private one
        """;

    // Settings may be given as --Section:Name too, as the framework reads them.
    private static readonly string[] Sections = ["--Ledger:", "--ConnectionStrings:", "--Logging:"];

    public static StartOptions Of(IReadOnlyList<string> args)
    {
        var settings = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "--help" or "--demo" or "--rebuild")
            {
                continue;
            }

            var name = args[i].Split('=', 2)[0];
            if (name != "--urls" && !Array.Exists(Sections, s => name.StartsWith(s, StringComparison.OrdinalIgnoreCase)))
            {
                return Refused($"{args[i]} is not an option. --help lists what there is.");
            }

            settings.Add(args[i]);
            if (name.Length == args[i].Length)
            {
                if (++i == args.Count)
                {
                    return Refused($"{name} needs a value. --help lists what there is.");
                }

                settings.Add(args[i]);
            }
        }

        return new StartOptions(args.Contains("--help"), args.Contains("--demo"), args.Contains("--rebuild"), settings, null);

        StartOptions Refused(string reason) => new(args.Contains("--help"), false, false, [], reason);
    }

    /// <returns>Null, or which setting is of a form that nothing can be made of.</returns>
    public static string? UnusableSetting(IConfiguration configuration)
    {
        if (configuration.GetConnectionString("Ledger") is { Length: > 0 } connectionString && !IsConnectionString(connectionString))
        {
            // Not quoted: it may hold a password.
            return "ConnectionStrings:Ledger is not a connection string that Npgsql understands, such as Host=db;Database=ledger;Username=ledger.";
        }

        return configuration["urls"] is { } urls && !urls.Split(';', StringSplitOptions.RemoveEmptyEntries).All(IsAddress)
            ? $"--urls is '{urls}'. It must be an http address, such as {LedgerServer.UrlDefault}, or several, parted by semicolons: an IP address, localhost, or * for every interface, and a port. A proxy before the server speaks https."
            : null;
    }

    private static bool IsConnectionString(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(text).Host is { Length: > 0 };
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return false;
        }
    }

    /// <summary>A host that Kestrel does not know, such as one with a mistyped port, it takes for every interface.</summary>
    private static bool IsAddress(string text)
    {
        try
        {
            return BindingAddress.Parse(text.Trim()) is { Scheme: "http", Port: >= 0 and <= ushort.MaxValue, PathBase: "", Host: var host }
                && (host is "localhost" or "*" or "+" || IPAddress.TryParse(host, out _));
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return false;
        }
    }
}
