using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Pledges;

/// <summary>Puts new units under a pledge and releases others, in one command: the lender is never uncovered in between.</summary>
/// <remarks>On the new units its rank is by arrival, as everybody's (P2): behind whoever stands there, and never equal with one that did not come with it.</remarks>
/// <param name="In">Units of the pledgor: free ones for an exclusive pledge, for a ranked one also such as stand under ranked pledges.</param>
/// <param name="Out">Units under the pledge.</param>
/// <param name="Quote">The price that tells whether an open margin call of its loan is cured; null for the price of the call.</param>
public sealed record SubstituteUnits(PledgeId Pledge, IReadOnlyList<Line> In, IReadOnlyList<Line> Out, string? Reason, PriceQuote? Quote = null) : Command
{
    public override void Collect(Needs needs)
    {
        if (Pledges.Pledge.Collect(needs, Pledge) is not { } pledge)
        {
            return;
        }

        needs.State(pledge.Pledgor.Value);
        if (pledge.Loan is { } loan)
        {
            needs.State(loan.Value);
            Margin.CollectOpenCall(needs, loan);
        }

        foreach (var line in In)
        {
            needs.Line(pledge.Pledgor, line);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<PledgeState>(Pledge.Value) is not { } pledge)
        {
            return new Refusal.PledgeNotFound(Pledge);
        }

        if (context.Actor.Organization != pledge.Pledgee)
        {
            return new Refusal.NotThePledgee(context.Actor, Pledge);
        }

        if (pledge.Status is not (PledgeStatus.Registered or PledgeStatus.PartiallyReleased or PledgeStatus.DefaultNotified))
        {
            return new Refusal.PledgeNotInState(Pledge, pledge.Status, "substituting its units");
        }

        if (Account.CannotGive(register.Find<AccountState>(pledge.Pledgor.Value)!) is { } account)
        {
            return account;
        }

        var (gone, refusal) = Pledges.Pledge.Choose(pledge, Out);
        if (refusal is not null)
        {
            return refusal;
        }

        (var taken, refusal) = FreeUnits.Take(register, pledge.Pledgor, In, new Taker(BehindRanked: pledge.Mode == PledgeMode.Ranked, Pledge));
        if (refusal is not null)
        {
            return refusal;
        }

        // From here the substitution must succeed: the new units come first.
        var units = taken.Select(t => new VoucherSerials(t.Voucher, t.Serials)).ToArray();
        var substituted = new PledgeEvent.PledgeSubstituted(Pledge, units, gone, Reason);
        return Decision.Accept(
            Pledge.Value,
            [
                substituted,
                .. units.Select(u => new VoucherEvent.UnitsPledged(u.Voucher, Pledge, pledge.Pledgor, u.Serials, pledge.Mode)), // alone, so with a rank of its own
                .. Pledges.Pledge.Unlocked(pledge, gone),
                .. Cured(register, pledge, Pledges.Pledge.Evolve(pledge, substituted), context.Today),
            ]);
    }

    /// <summary>A margin call ends with the substitution that adds enough of what can be sold. One that adds nothing is no cure: what a price has done since, the next run says.</summary>
    private IEnumerable<LoanEvent> Cured(Register register, PledgeState before, PledgeState after, LocalDate date) =>
        before.Loan is { } id && register.Find<LoanState>(id.Value) is { MarginCall: not null } loan
            && Collateral.RealisableOf(register, after).Kilograms > Collateral.RealisableOf(register, before).Kilograms
            ? Margin.Cured(register, loan, Quote, MarginCure.Collateral, date, new Dictionary<PledgeId, PledgeState> { [Pledge] = after })
            : [];
}
