using CarbonLedger.Core.Accounts;

namespace CarbonLedger.Core.Pledges;

/// <summary>Registers a pledge that was reserved. Its rank is that of the reservation.</summary>
public sealed record RegisterReservation(PledgeId Pledge, string? FilingNumber) : Command
{
    public override void Collect(Needs needs)
    {
        if (needs.Found<PledgeState>(Pledge.Value) is { } pledge)
        {
            needs.State(pledge.Pledgor.Value);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<PledgeState>(Pledge.Value) is not { } pledge)
        {
            return new Refusal.PledgeNotFound(Pledge);
        }

        var holder = register.Find<AccountState>(pledge.Pledgor.Value)!.Organization;
        if (!context.Actor.MayActFor(holder) && !context.Actor.MayActFor(pledge.Pledgee))
        {
            return new Refusal.NotAuthorized(context.Actor, "Registering a pledge", "the holder of the units or the lender");
        }

        // The end is the agreed instant, not the moment at which somebody notices it.
        if (pledge.HasLapsed(context.Now))
        {
            return new Refusal.ReservationExpired(Pledge, pledge.ReservedUntil!.Value);
        }

        if (pledge.Status != PledgeStatus.Reserved)
        {
            return new Refusal.PledgeNotInState(Pledge, pledge.Status, "registering its reservation");
        }

        // From here the registration must succeed.
        return Decision.Accept(Pledge.Value, new PledgeEvent.ReservationRegistered(Pledge, FilingNumber));
    }
}
