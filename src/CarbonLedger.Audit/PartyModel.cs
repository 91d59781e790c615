using System.Text.Json;

namespace CarbonLedger.Audit;

/// <summary>Which things concern which organization or account.</summary>
public sealed class PartyModel : RowModel
{
    private readonly RowTable things = new("things_by_party", 3, "select party_id, kind, begun_index, thing_id from ledger.things_by_party");

    /// <summary>Trades that wait for their settlement; one that is settled at once begins with it.</summary>
    private readonly HashSet<Guid> waiting = [];

    public override string Projection => Checkpoints.Loans;

    public override IReadOnlyList<RowTable> Tables => [things];

    public override void Apply(long position, string type, JsonElement data)
    {
        switch (type)
        {
            case "pledge_registered":
                Add(position, data, "pledge", Id(data, "pledgee"));
                Add(position, data, "pledge", Id(data, "pledgor"));
                break;
            case "loan_opened":
                Add(position, data, "loan", Id(data, "borrower"));
                break;
            case "trade_registered":
                waiting.Add(data.GetProperty("trade").GetGuid());
                Add(position, data, "trade", Id(data, "venue"));
                break;
            case "trade_settled" when !waiting.Remove(data.GetProperty("trade").GetGuid()):
                Add(position, data, "trade", Id(data, "venue"));
                break;
            case "trade_voided" or "trade_expired":
                waiting.Remove(data.GetProperty("trade").GetGuid());
                break;
            case "retirement_recorded":
                Add(position, data, "retirement", Id(data, "account"));
                Add(position, data, "retirement", Id(data.GetProperty("beneficiary"), "organization"));
                break;
            case "inventory_recorded":
                Add(position, data, "inventory", Id(data, "organization"));
                break;
            case "claim_drafted":
                Add(position, data, "claim", Id(data, "organization"));
                break;
            case "electricity_calibrated":
                Add(position, data, "electricity_calibration", Id(data, "organization"), thing: "calibration");
                break;
        }
    }

    private void Add(long position, JsonElement data, string kind, Guid? party, string? thing = null)
    {
        if (party is { } id)
        {
            things.Set(position, [id, kind, position], data.GetProperty(thing ?? kind).GetGuid());
        }
    }
}
