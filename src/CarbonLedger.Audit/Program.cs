using System.Globalization;
using CarbonLedger.Audit;
using Npgsql;

if (args is not [var connectionString])
{
    Console.Error.WriteLine("""
        Checks a CarbonLedger database from the outside, by a second path: nothing of the server is used. It changes nothing, and servers may go on writing.
          dotnet run --project src/CarbonLedger.Audit -- "<connection string>"
        Ends with 0 when everything agrees, with 1 when anything does not, with 2 when it could not look.
        """);
    return 2;
}

try
{
    await using var database = NpgsqlDataSource.Create(connectionString);
    var findings = new Findings();
    var audit = await AuditRun.RunAsync(database, findings);

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{audit.Events} events read, {audit.Vouchers} vouchers, {audit.Pieces} pieces recomputed."));
    Console.WriteLine($"Merkle root (RFC 6962): {Convert.ToHexStringLower(audit.Root)}");
    findings.Print(Console.Out);
    return findings.Count == 0 ? 0 : 1;
}
catch (Exception e) when (e is NpgsqlException or ArgumentException or TimeoutException)
{
    Console.Error.WriteLine($"The database could not be read: {e.Message}");
    return 2;
}
