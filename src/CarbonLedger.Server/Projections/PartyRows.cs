using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Electricity;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Core.Trades;

namespace CarbonLedger.Server.Projections;

/// <summary>Which things concern which organization or account, each at the position of its first event: what lists by party are read from.</summary>
internal sealed class PartyRows
{
    public const string Table = "things_by_party";

    private const string Insert =
        "insert into things_by_party (party_id, kind, begun_index, thing_id) select * from unnest($1::uuid[], $2::text[], $3::bigint[], $4::uuid[])";

    private readonly List<(Guid Party, string Kind, RecordedEvent Begun)> rows = [];

    public void Take(RecordedEvent recorded)
    {
        if (recorded.Version > 1)
        {
            return;
        }

        switch (recorded.Fact)
        {
            case PledgeEvent.PledgeRegistered e:
                rows.Add((e.Pledgee.Value, "pledge", recorded));
                rows.Add((e.Pledgor.Value, "pledge", recorded));
                break;
            case LoanEvent.LoanOpened e: // a bank's stand in its loan book
                rows.Add((e.Borrower.Value, "loan", recorded));
                break;
            case TradeEvent.TradeRegistered e:
                rows.Add((e.Venue.Value, "trade", recorded));
                break;
            case TradeEvent.TradeSettled e: // at once
                rows.Add((e.Venue.Value, "trade", recorded));
                break;
            case RetirementEvent.RetirementRecorded e:
                rows.Add((e.Account.Value, "retirement", recorded));
                if (e.Beneficiary.Organization is { } beneficiary)
                {
                    rows.Add((beneficiary.Value, "retirement", recorded));
                }

                break;
            case InventoryEvent.InventoryRecorded e:
                rows.Add((e.Organization.Value, "inventory", recorded));
                break;
            case ClaimEvent.ClaimDrafted e:
                rows.Add((e.Organization.Value, "claim", recorded));
                break;
            case ElectricityEvent.ElectricityCalibrated e:
                rows.Add((e.Organization.Value, "electricity_calibration", recorded));
                break;
        }
    }

    public async Task WriteAsync(StatementPipeline pipeline, CancellationToken stop)
    {
        if (rows.Count > 0)
        {
            await pipeline.AddAsync(
                StatementPipeline.Statement(
                    Insert,
                    rows.Select(r => r.Party).ToArray(),
                    rows.Select(r => r.Kind).ToArray(),
                    rows.Select(r => r.Begun.LogIndex).ToArray(),
                    rows.Select(r => r.Begun.Fact.Stream).ToArray()),
                stop);
        }
    }
}
