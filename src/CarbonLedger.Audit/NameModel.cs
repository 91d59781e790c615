using System.Text.Json;

namespace CarbonLedger.Audit;

/// <summary>What is given once: unique names, covered parcels; and the names of beneficiaries, of which the log holds salted hashes.</summary>
public sealed class NameModel : RowModel
{
    private readonly RowTable names = new("unique_names", 2, "select space, name from ledger.unique_names");

    private readonly RowTable coverage = new("coverage", 3, "select parcel, lower(period), upper(period) - 1, voucher_id from ledger.coverage");

    // Only an id and a hash leave the database: a finding must not print a name.
    private readonly RowTable privateNames = new(
        "private_names", 1, "select id, encode(sha256(salt || convert_to(name, 'UTF8')), 'hex') from ledger.private_names");

    public override IReadOnlyList<RowTable> Tables => [names, coverage, privateNames];

    public override void Apply(long position, string type, JsonElement data)
    {
        switch (type)
        {
            case "organization_registered" when Text(data, "registrationNumber") is { } number:
                names.Set(position, ["registration-number", number]);
                break;
            case "trade_registered" or "trade_settled":
                names.Set(position, ["venue-trade", $"{data.GetProperty("venue").GetGuid()}/{Text(data, "venueTradeNumber")}"]);
                break;
            case "inventory_recorded" or "inventory_restated" when data.GetProperty("content").TryGetProperty("greenCertificates", out var certificates):
                foreach (var certificate in certificates.EnumerateArray())
                {
                    names.Set(position, ["green-certificate", certificate.GetString()]);
                }

                break;
            case "voucher_issued":
                Issue(position, data);
                break;
            case "retirement_recorded" when Text(data.GetProperty("beneficiary"), "nameSha256") is { } hash:
                privateNames.Set(position, [data.GetProperty("retirement").GetGuid()], hash);
                break;
            case "beneficiary_erased":
                privateNames.Remove(data.GetProperty("retirement").GetGuid());
                break;
        }
    }

    private void Issue(long position, JsonElement data)
    {
        if (Text(data, "printedNumber") is { } number)
        {
            names.Set(position, ["printed-number", number]);
        }

        var period = data.GetProperty("monitoringPeriod");
        foreach (var parcel in data.GetProperty("parcelCodes").EnumerateArray())
        {
            coverage.Set(position, [parcel.GetString(), Text(period, "first"), Text(period, "last")], data.GetProperty("voucher").GetGuid());
        }
    }
}
