using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Pledges;

/// <summary>Registers a pledge that was reserved. Its rank is that of the reservation.</summary>
public sealed record RegisterReservation(PledgeId Pledge, string? FilingNumber) : Command
{
    public override void Collect(Needs needs)
    {
        if (Pledges.Pledge.Collect(needs, Pledge) is { } pledge)
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

        var pledgor = register.Find<AccountState>(pledge.Pledgor.Value)!;
        if (!context.Actor.MayActFor(pledgor.Organization) && !context.Actor.MayActFor(pledge.Pledgee))
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

        // What was free when it was reserved may have been frozen or revoked since, and then nobody pledges it (P4). The reservation keeps its place.
        if ((Account.CannotGive(pledgor) ?? FreeUnits.StoppedSince(register, pledge.Units)) is { } stopped)
        {
            return stopped;
        }

        // From here the registration must succeed.
        return Decision.Accept(Pledge.Value, new PledgeEvent.ReservationRegistered(Pledge, FilingNumber));
    }
}
