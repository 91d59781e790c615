using System.Globalization;
using CarbonLedger.Audit;
using Npgsql;

if (args is not [var connectionString])
{
    Console.Error.WriteLine("""
        Checks a CarbonLedger database from the outside, by a second path: nothing of the server is used. It changes nothing, and servers may go on writing.
          dotnet run --project src/CarbonLedger.Audit -- "<connection string>"
        Ends with 0 when everything agrees, with 1 when anything does not.
        """);
    return 2;
}

await using var database = NpgsqlDataSource.Create(connectionString);
var findings = new Findings();
var audit = await AuditRun.RunAsync(database, findings);

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{audit.Events} events read, {audit.Vouchers} vouchers, {audit.Pieces} pieces recomputed."));
Console.WriteLine($"Merkle root (RFC 6962): {Convert.ToHexStringLower(audit.Root)}");
findings.Print(Console.Out);
return findings.Count == 0 ? 0 : 1;
