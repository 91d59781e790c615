namespace CarbonLedger.Core.Pledges;

/// <summary>Ends a reservation whose time is over. The register itself does it, when it is due.</summary>
public sealed record ExpireReservation(PledgeId Pledge) : Command
{
    public override void Collect(Needs needs) => Pledges.Pledge.Collect(needs, Pledge);

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<PledgeState>(Pledge.Value) is not { } pledge)
        {
            return new Refusal.PledgeNotFound(Pledge);
        }

        if (pledge.Status != PledgeStatus.Reserved || pledge.ReservedUntil > context.Now)
        {
            return new Refusal.PledgeNotInState(Pledge, pledge.Status, "ending its reservation");
        }

        // From here the expiry must succeed.
        return Decision.Accept(Pledge.Value, [new PledgeEvent.ReservationExpired(Pledge), .. Pledges.Pledge.Unlocked(pledge, pledge.Units)]);
    }
}
