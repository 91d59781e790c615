using System.Text.Json;

namespace CarbonLedger.Audit;

/// <summary>The retirements built on each voucher.</summary>
public sealed class RetirementModel : RowModel
{
    private readonly RowTable retirements = new(
        "voucher_retirements", 2, "select voucher_id, log_index, retirement_id, kilograms from ledger.voucher_retirements");

    public override string Projection => Checkpoints.Balances;

    public override IReadOnlyList<RowTable> Tables => [retirements];

    public override void Apply(long position, string type, JsonElement data)
    {
        if (type == "units_retired")
        {
            retirements.Set(position, [data.GetProperty("voucher").GetGuid(), position], data.GetProperty("retirement").GetGuid(), Kilograms(data));
        }
    }
}
