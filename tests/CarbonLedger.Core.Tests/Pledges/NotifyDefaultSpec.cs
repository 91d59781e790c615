namespace CarbonLedger.Core.Tests.Pledges;

/// <summary>The pledgee's notice opens the way to enforcement, and is no enforcement (P3).</summary>
public sealed class NotifyDefaultSpec
{
    [Fact]
    public void It_changes_the_state_and_nothing_else() =>
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank))
            .When(Notify(), As(Bank))
            .ThenAccepted(new PledgeEvent.DefaultNotified(Lien, Today, "not repaid"))
            .ThenHolds(Buyer, 100, 40);

    [Fact]
    public void Only_the_pledgee_gives_it_not_even_the_registrar()
    {
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank)).When(Notify(), As(SecondBank)).ThenRefused(new Refusal.NotThePledgee(As(SecondBank), Lien));
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank)).When(Notify(), Registrar).ThenRefused(new Refusal.NotThePledgee(Registrar, Lien));
    }

    [Fact]
    public void Once_and_for_a_pledge_in_force()
    {
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(Notify(), As(Bank)))
            .When(Notify(), As(Bank)).ThenRefused(new Refusal.PledgeNotInState(Lien, PledgeStatus.DefaultNotified, "a default notice"));
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Released())
            .When(Notify(), As(Bank)).ThenRefused(new Refusal.PledgeNotInState(Lien, PledgeStatus.Released, "a default notice"));
        Ledger.Given().When(Notify(), As(Bank)).ThenRefused(new Refusal.PledgeNotFound(Lien));
    }

    [Fact]
    public void Not_for_tomorrow() =>
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank))
            .When(Notify() with { Date = Today.PlusDays(1) }, As(Bank))
            .ThenRefused(new Refusal.DateInFuture("The notice's date", Today.PlusDays(1), Today));

    [Fact]
    public void Not_before_the_term_begins()
    {
        var ledger = Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank));
        ledger.When(Notify() with { Date = Today.PlusDays(-1) }, As(Bank)).ThenRefused(new Refusal.NoticeBeforeTerm(Lien, Today.PlusDays(-1), Today));
        ledger.When(Notify() with { Date = Today }, As(Bank)).ThenAccepted();
    }

    [Fact]
    public void Not_where_nothing_is_owed()
    {
        var ledger = Ledger.Given(
            Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(Lend(400, pledges: Lien)), On(Today.PlusDays(90)), Done(new RepayLoan(Debt, Yuan(404.34m), null)));
        ledger.When(Notify(), As(Bank)).ThenAccepted(); // of 400.00 at 4.35 % for 90 days, 0.01 of interest is left
        Ledger.Given([Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(Lend(400, pledges: Lien)), On(Today.PlusDays(90)), Done(new RepayLoan(Debt, Yuan(404.35m), null))])
            .When(Notify(), As(Bank)).ThenRefused(new Refusal.NothingSecured(Lien, Debt));
    }

    [Fact]
    public void Interest_of_today_counts_and_what_the_scope_leaves_out_does_not()
    {
        // 90 days of 400.00 at 4.35 %: principal and interest are owed, no costs, and penalties are none of the register's.
        foreach (var (scope, secured) in new[] { (SecuredPart.Principal, true), (SecuredPart.Interest, true), (SecuredPart.Costs, false), (SecuredPart.Penalty, false) })
        {
            var ledger = Ledger.Given(
                Issued(100, to: Buyer), Done(Encumber(Buyer, Bank, null, All(60)) with { Contract = new PledgeContract(null, null, [scope], null) }),
                Done(Lend(400, pledges: Lien)), On(Today.PlusDays(90)));
            var decision = ledger.When(Notify(), As(Bank));
            _ = secured ? decision.ThenAccepted() : decision.ThenRefused(new Refusal.NothingSecured(Lien, Debt));
        }
    }

    [Fact]
    public void Not_before_the_loan_is_disbursed()
    {
        var later = Done(Lend(400, pledges: Lien) with { StartDate = Today.PlusDays(2), MaturityDate = Today.PlusYears(1) });
        Step[] given = [Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), later];
        Ledger.Given([.. given, On(Today.PlusDays(1))]).When(Notify(), As(Bank)).ThenRefused(new Refusal.NothingSecured(Lien, Debt));
        Ledger.Given([.. given, On(Today.PlusDays(2))]).When(Notify(), As(Bank)).ThenAccepted();
    }

    [Fact]
    public void The_pledgee_may_still_release() =>
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Done(Notify(), As(Bank)))
            .When(Release(Named(1, 10)), As(Bank)).ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(PledgeStatus.DefaultNotified, p.Status))
            .When(Release(), As(Bank)).ThenAccepted()
            .ThenStands<PledgeState>(Lien.Value, p => Assert.Equal(PledgeStatus.Released, p.Status));
}

/// <summary>A court ends a pledge.</summary>
public sealed class VoidPledgeSpec
{
    private static readonly VoidPledge Order = new(Lien, "court", "D-3", null);

    [Fact]
    public void Its_units_come_free() =>
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank))
            .When(Order)
            .ThenAccepted(new PledgeEvent.PledgeVoided(Lien, "court", "D-3", null), new VoucherEvent.UnitsReleased(FirstVoucher, Lien, Buyer, Serials((1, 60))))
            .ThenHolds(Buyer, 100, 100)
            .When(Release(), As(Bank)).ThenRefused(new Refusal.PledgeNotInForce(Lien, PledgeStatus.Voided));

    [Fact]
    public void Only_by_the_registrar_once_and_for_a_pledge_in_force()
    {
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank)).When(Order, As(Bank))
            .ThenRefused(new Refusal.NotAuthorized(As(Bank), "Voiding a pledge", "the registrar, on a court's order"));
        Ledger.Given(Issued(100, to: Buyer), Pledged(60, by: Buyer, to: Bank), Released()).When(Order).ThenRefused(new Refusal.PledgeNotInForce(Lien, PledgeStatus.Released));
        Ledger.Given().When(Order).ThenRefused(new Refusal.PledgeNotFound(Lien));
    }
}
