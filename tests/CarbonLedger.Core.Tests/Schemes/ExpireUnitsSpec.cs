using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Schemes;

/// <summary>Free units expire the day after their lifetime's last; locked ones wait.</summary>
public sealed class ExpireUnitsSpec
{
    // The first voucher of a ledger covers the year 2000: with 20 years, it is valid until 31 December 2020.
    private static readonly LocalDate LastDay = new(2020, 12, 31);

    private static ExpireUnits Run(LocalDate? on = null) => new(Bonus, on ?? Today);

    [Fact]
    public void Free_units_expire_by_voucher_and_holder_and_never_come_back()
    {
        var ledger = Given(Done(Enter(years: 20)), Issued(100), Issued(50, voucher: SecondVoucher), Transferred(Owner, Buyer, Named(11, 20)))
            .When(Run())
            .ThenAccepted(
                new VoucherEvent.UnitsExpired(FirstVoucher, Bonus, Owner, Serials((1, 10), (21, 100)), LastDay),
                new VoucherEvent.UnitsExpired(FirstVoucher, Bonus, Buyer, Serials((11, 20)), LastDay))
            .ThenHolds(Owner, 0, 0)
            .ThenHolds(Owner, 50, 50, SecondVoucher);

        Assert.All(ledger.Register.Units(FirstVoucher)!.Pieces, p => Assert.Equal(UnitStatus.Expired, p.Status));
        ledger.When(Run()).ThenRefused(new Refusal.NothingExpires(Bonus, Today));
    }

    [Fact]
    public void The_last_day_is_still_good() =>
        Given(Done(Enter(years: 20)), Issued(100)).When(Run(LastDay)).ThenRefused(new Refusal.NothingExpires(Bonus, LastDay))
            .When(Run(LastDay.PlusDays(1))).ThenAccepted();

    [Theory]
    [InlineData(2000, 2, 29, 1, 2001, 3, 1)]
    [InlineData(2003, 2, 28, 1, 2004, 2, 29)]
    [InlineData(2000, 2, 29, 4, 2004, 3, 1)]
    public void Leap_days_neither_shorten_nor_lengthen_a_life(int year, int month, int day, int years, int atYear, int atMonth, int atDay)
    {
        var (last, at) = (new LocalDate(year, month, day), new LocalDate(atYear, atMonth, atDay));
        var ledger = Given(
            Done(Enter(years: years)),
            l =>
            {
                l.Do(Draft(1) with { MonitoringPeriod = new DatePeriod(last.PlusDays(-30), last) }, Registrar);
                Array.ForEach([ApplicationStep.Submit, ApplicationStep.Review, ApplicationStep.Approve, ApplicationStep.File], step => l.Do(Advance(1, step), Registrar));
                l.Do(new IssueVoucher(Form(1), FirstVoucher, Owner, null), Registrar);
            });
        ledger.When(Run(at.PlusDays(-1))).ThenRefused(new Refusal.NothingExpires(Bonus, at.PlusDays(-1)));
        ledger.When(Run(at)).ThenAccepted();
    }

    [Fact]
    public void Locked_units_stay_until_their_lock_ends_and_expire_with_the_next_run() =>
        Given(Done(Enter(years: 20)), Issued(100), Pledged(60, by: Owner, to: Bank), Done(FreezeUnits(null, Named(71, 80))))
            .When(Run())
            .ThenAccepted(new VoucherEvent.UnitsExpired(FirstVoucher, Bonus, Owner, Serials((61, 70), (81, 100)), LastDay))
            .When(Run())
            .ThenRefused(new Refusal.NothingExpires(Bonus, Today))
            .When(Release(), As(Bank))
            .When(Run())
            .ThenAccepted(new VoucherEvent.UnitsExpired(FirstVoucher, Bonus, Owner, Serials((1, 60)), LastDay));

    [Fact]
    public void What_stands_in_a_frozen_account_stays_until_that_is_lifted() =>
        Given(Done(Enter(years: 20)), Issued(100), Done(FreezeAccount(Owner)))
            .When(Run())
            .ThenRefused(new Refusal.NothingExpires(Bonus, Today))
            .When(Lift(authority: "bureau"))
            .When(Run())
            .ThenAccepted();

    [Fact]
    public void The_buffer_expires_like_the_rest() =>
        Given(Done(Enter(share: 0.1m, years: 20)), Issued(100))
            .When(Run())
            .ThenAccepted(
                new VoucherEvent.UnitsExpired(FirstVoucher, Bonus, Owner, Serials((1, 90)), LastDay),
                new VoucherEvent.UnitsExpired(FirstVoucher, Bonus, Other, Serials((91, 100)), LastDay));

    [Fact]
    public void A_scheme_registered_late_ends_earlier_vouchers_too() => Given(Issued(100), Done(Enter(years: 20))).When(Run()).ThenAccepted();

    [Fact]
    public void A_run_is_bounded_and_goes_on_where_it_stopped()
    {
        var ledger = Given(Done(Enter(years: 20)), Issued(2_400));
        for (var first = 1; first < 2_400; first += 200)
        {
            ledger.Do(Transfer(Owner, Buyer, Line.Of(FirstVoucher, SerialRanges.Of(Enumerable.Range(0, 100).Select(i => Range(first + (2 * i), first + (2 * i)))))), Registrar);
        }

        ledger.When(Run()).ThenAccepted().ThenHolds(Owner, 700, 700).ThenHolds(Buyer, 700, 700);
        ledger.When(Run()).ThenAccepted().When(Run()).ThenAccepted().ThenHolds(Owner, 0, 0).ThenHolds(Buyer, 0, 0);
        ledger.When(Run()).ThenRefused(new Refusal.NothingExpires(Bonus, Today));
    }

    [Fact]
    public void Only_the_registrar_runs_it_and_never_ahead_of_time()
    {
        Given(Done(Enter(years: 20))).When(Run(), As(Forest)).ThenRefused(new Refusal.NotAuthorized(As(Forest), "An expiry run", "the registrar"));
        Given(Done(Enter(years: 20))).When(Run(Today.PlusDays(1))).ThenRefused(new Refusal.DateInFuture("date", Today.PlusDays(1), Today));
        Given().When(Run()).ThenRefused(new Refusal.SchemeNotFound(Bonus));
        Given(Done(Enter())).When(Run()).ThenRefused(new Refusal.SchemeHasNoLifetime(Bonus));
    }
}
