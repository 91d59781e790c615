using System.Globalization;
using CarbonLedger.Audit;
using Npgsql;

if (args is not [var connectionString])
{
    Console.Error.WriteLine("""
        Checks a CarbonLedger database from the outside, by a second path: nothing of the server is used.
          dotnet run --project src/CarbonLedger.Audit -- "<connection string>"
        Ends with 0 when everything agrees, with 1 when anything does not.
        """);
    return 2;
}

await using var database = NpgsqlDataSource.Create(connectionString);
var findings = new Findings();
var units = new UnitModel();
var (events, root) = await new LogCheck(database, findings).RunAsync(units);
await new Comparison(database, findings).RunAsync(units, events);

Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{events} events read, {units.VoucherCount} vouchers, {units.PieceCount} pieces recomputed."));
Console.WriteLine($"Merkle root (RFC 6962): {Convert.ToHexStringLower(root)}");
findings.Print(Console.Out);
return findings.Count == 0 ? 0 : 1;
