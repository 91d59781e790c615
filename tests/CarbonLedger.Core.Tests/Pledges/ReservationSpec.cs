namespace CarbonLedger.Core.Tests.Pledges;

/// <summary>A reserved pledge locks like a registered one, and ends by itself.</summary>
public sealed class RegisterReservationSpec
{
    private static readonly Instant Until = Noon(Today) + Duration.FromDays(7);

    private static Step Reserved(Instant? until = null) => Done(Encumber(Buyer, Bank, null, All(60)) with { ReserveUntil = until ?? Until });

    [Fact]
    public void A_reservation_locks_its_units() =>
        Ledger.Given(Issued(100, to: Buyer), Reserved())
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.Reserved, Until), (p.Status, p.ReservedUntil)))
            .When(Transfer(Buyer, Other, All(41)))
            .ThenRefused(new Refusal.UnitsUnderLien(FirstVoucher, Kg(41), Kg(40), Lien));

    [Fact]
    public void It_is_registered_in_time_by_the_lender_or_the_holder() =>
        Ledger.Given(Issued(100, to: Buyer), Reserved())
            .When(new RegisterReservation(Lien, "F-2"), As(Bank))
            .ThenAccepted(new PledgeEvent.ReservationRegistered(Lien, "F-2"))
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.Registered, "F-2", null), (p.Status, p.FilingNumber, p.ReservedUntil)));

    [Fact]
    public void At_its_instant_it_is_over_even_when_nobody_has_noticed()
    {
        var ledger = Ledger.Given(Issued(100, to: Buyer), Reserved());
        ledger.Now = Until;
        ledger.When(new RegisterReservation(Lien, null), As(Bank)).ThenRefused(new Refusal.ReservationExpired(Lien, Until));
    }

    [Fact]
    public void What_was_frozen_or_revoked_meanwhile_is_not_registered_and_stays_reserved()
    {
        (Command Meanwhile, Refusal Why)[] cases =
        [
            (FreezeUnits(null, Named(51, 70)), new Refusal.UnitsFrozen(FirstVoucher, Kg(60), Kg(50))),
            (FreezeAccount(Buyer), new Refusal.AccountFrozen(Buyer, Stop)),
            (Revoke(), new Refusal.VoucherRevoked(FirstVoucher)),
        ];
        Assert.All(cases, c =>
            Ledger.Given(Issued(100, to: Buyer), Reserved(), Done(c.Meanwhile))
                .When(new RegisterReservation(Lien, "F-2"), As(Bank))
                .ThenRefused(c.Why)
                .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal((PledgeStatus.Reserved, Until), (p.Status, p.ReservedUntil))));
    }

    [Fact]
    public void After_the_freeze_is_lifted_it_is_registered_and_without_that_it_expires()
    {
        Ledger.Given(Issued(100, to: Buyer), Reserved(), Done(FreezeUnits(null, Named(1, 1))), Done(Lift()))
            .When(new RegisterReservation(Lien, null), As(Bank)).ThenAccepted();
        var ledger = Ledger.Given(Issued(100, to: Buyer), Reserved(), Done(FreezeUnits(null, Named(1, 1))));
        ledger.Now = Until;
        ledger.When(new ExpireReservation(Lien)).ThenAccepted().ThenHolds(Buyer, 100, 99);
    }

    [Fact]
    public void Others_do_not_register_it() =>
        Ledger.Given(Issued(100, to: Buyer), Reserved())
            .When(new RegisterReservation(Lien, null), As(Stranger))
            .ThenRefused(new Refusal.NotAuthorized(As(Stranger), "Registering a pledge", "the holder of the units or the lender"));

    [Fact]
    public void A_registered_pledge_is_not_registered_again() =>
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank))
            .When(new RegisterReservation(Lien, null), As(Bank))
            .ThenRefused(new Refusal.PledgeNotInState(Lien, PledgeStatus.Registered, "registering its reservation"));

    [Fact]
    public void An_unknown_one_is_not_found() => Ledger.Given().When(new RegisterReservation(Lien, null)).ThenRefused(new Refusal.PledgeNotFound(Lien));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData((30 * 86_400) + 1)]
    public void It_ends_ahead_of_now_and_within_thirty_days(long seconds)
    {
        var until = Noon(Today) + Duration.FromSeconds(seconds);
        Ledger.Given(Issued(100, to: Buyer))
            .When(Encumber(Buyer, Bank, null, All(60)) with { ReserveUntil = until })
            .ThenRefused(new Refusal.ReservationTimeOutOfRange(until, Noon(Today)));
    }

    [Fact]
    public void The_lender_may_give_it_up_and_a_loan_needs_more_than_it()
    {
        Ledger.Given(Issued(100, to: Buyer), Reserved()).When(Release(), As(Bank)).ThenAccepted().ThenHolds(Buyer, 100, 100);
        Ledger.Given(Issued(100, to: Buyer), Reserved()).When(Lend(pledges: Lien)).ThenRefused(new Refusal.PledgeNotInForce(Lien, PledgeStatus.Reserved));
    }
}

public sealed class ExpireReservationSpec
{
    private static readonly Instant Until = Noon(Today) + Duration.FromDays(7);

    private static Ledger AtTheEnd(params Step[] then)
    {
        var ledger = Ledger.Given([Issued(100, to: Buyer), Done(Encumber(Buyer, Bank, null, All(60)) with { ReserveUntil = Until }), .. then]);
        ledger.Now = Until;
        return ledger;
    }

    [Fact]
    public void At_its_instant_the_units_come_free() =>
        AtTheEnd()
            .When(new ExpireReservation(Lien))
            .ThenAccepted(new PledgeEvent.ReservationExpired(Lien), new VoucherEvent.UnitsReleased(FirstVoucher, Lien, Buyer, Serials((1, 60))))
            .ThenHolds(Buyer, 100, 100)
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(PledgeStatus.Expired, p.Status));

    [Fact]
    public void Not_a_moment_before()
    {
        var ledger = AtTheEnd();
        ledger.Now = Until - Duration.FromMilliseconds(1);
        ledger.When(new ExpireReservation(Lien)).ThenRefused(new Refusal.PledgeNotInState(Lien, PledgeStatus.Reserved, "ending its reservation"));
    }

    [Fact]
    public void Not_twice_and_not_once_it_is_registered()
    {
        AtTheEnd().When(new ExpireReservation(Lien)).ThenAccepted()
            .When(new ExpireReservation(Lien)).ThenRefused(new Refusal.PledgeNotInState(Lien, PledgeStatus.Expired, "ending its reservation"));
        AtTheEnd(Done(new RegisterReservation(Lien, null))).When(new ExpireReservation(Lien))
            .ThenRefused(new Refusal.PledgeNotInState(Lien, PledgeStatus.Registered, "ending its reservation"));
    }

    [Fact]
    public void An_unknown_one_is_not_found() => Ledger.Given().When(new ExpireReservation(Lien)).ThenRefused(new Refusal.PledgeNotFound(Lien));

    /// <summary>Registration, release and expiry of one reservation in every order and at every side of its end: one of them takes effect.</summary>
    [Fact]
    public void Of_register_release_and_expire_at_most_one_ends_the_reservation()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            var ledger = Ledger.Given(Issued(100, to: Buyer), Done(Encumber(Buyer, Bank, null, All(60)) with { ReserveUntil = Until }));
            Command[] racers = [new RegisterReservation(Lien, null), Release(), new ExpireReservation(Lien), new ExpireReservation(Lien)];
            random.Shuffle(racers);
            ledger.Now = Until - Duration.FromSeconds(2);
            var won = new List<Command>();
            foreach (var racer in racers)
            {
                ledger.Now += Duration.FromSeconds(random.Next(0, 3));
                if (ledger.Try(racer, As(Bank)) is Decision.Accepted)
                {
                    won.Add(racer);
                }
            }

            var ends = won.Count(w => w is ExpireReservation);
            var state = ledger.State<PledgeState>(Lien.Value);
            Assert.True(ends <= 1 && won.Count(w => w is RegisterReservation) + ends <= 1, $"seed {seed}: {string.Join(", ", won)}");
            var free = state.Status is PledgeStatus.Expired or PledgeStatus.Released ? 100 : 40;
            Assert.True(ledger.Register.Units(FirstVoucher)!.Holding(Buyer).Free == Kg(free), $"seed {seed}: {state.Status}");
        }
    }
}
