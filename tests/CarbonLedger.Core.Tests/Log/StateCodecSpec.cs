using System.Text;

namespace CarbonLedger.Core.Tests.Log;

public sealed class StateCodecSpec
{
    private static readonly Type[] Kinds = [.. typeof(State).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(State)) && !t.IsAbstract)];

    /// <summary>A register in which every kind of state stands, with a voucher, a pledge, and a loan with unpaid interest.</summary>
    private static IReadOnlyList<State> States { get; } =
        [.. Ledger.Given(
            Done(new RegisterOrganization(Organization(60), "名", "9162", [Role.Registrar, Role.Auditor])),
            Issued(3_885_080, to: Buyer),
            Filed(7),
            Done(Draft(8, year: 2019)),
            Done(new IssueVoucher(Form(7), SecondVoucher, Owner, "兰碳-1")),
            Pledged(60, by: Buyer, to: Bank),
            Done(Retire(Buyer, Named(100, 109)) with { Beneficiary = new Beneficiary(null, Document, new NameConsent(Document, Today), Today) }),
            Released(Named(10, 19)),
            Done(Enter("BUFF", 0.125m, Other, 10)),
            Done(Sell(Buyer, Other, Named(200, 209)) with { HoldUntil = Noon(Today.PlusDays(1)) }),
            Done(new SetCollateralPolicy(Bank, null, 0.8m, null, ValuationRule.Average, 30), As(Bank)),
            Done(Lend(count: DayCount.Actual365, pledges: Lien)),
            Done(new ChangeRate(Debt, Rate(0.05m), Today.PlusDays(60), "agreed")),
            Done(new RunMargin(new MarginRunId(Id(0xB1, 1)), Bank, [new MarginCandidate(Debt, new MarginCallId(Id(0xB0, 1)))], PriceQuote.Contract(), 1)),
            Retired(Buyer, Named(1_000, 1_099)),
            Done(new PublishEmissionFactor(GansuNext)),
            Done(Counted(Emitted(50)) with { Draft = Lines(Emitted(50), Used("gridElectricity", 1_000, "kWh", "甘肃")) with { GreenCertificates = ["G-1"], Scope2Method = Scope2Method.MarketBased } }),
            Done(World.Back(Use)),
            Done(new FlagClaim(ZeroCarbon, FirstVoucher, "revoked")),
            Done(new CalibrateElectricity(Fit, Group, [.. Enumerable.Range(2017, 4).Select(y => new KnownPeriod(Year(y), y * 10, y * 5))], 1)),
            On(Today.PlusDays(30)),
            Done(FreezeUnits(null, Named(70, 80))),
            Done(Cancel(Buyer, CancellationReason.ErrorCorrection, Named(110, 120))),
            Done(Revoke(SecondVoucher)),
            Done(FreezeAccount(Owner, SecondStop)),
            Done(new RepayLoan(Debt, Yuan(1), null))).Register.ChangedStates];

    [Fact]
    public void Every_kind_of_state_is_read_back_the_same()
    {
        Assert.Equal(Kinds.OrderBy(k => k.Name), States.Select(s => s.GetType()).Distinct().OrderBy(k => k.Name));
        Assert.All(States, state =>
        {
            var text = StateCodec.Encode(state);
            var back = StateCodec.Decode(StateCodec.KindOf(state), Encoding.UTF8.GetBytes(text));

            Assert.Equal(state.GetType(), back.GetType());
            Assert.Equal(state.Id, back.Id);
            Assert.Equal(text, StateCodec.Encode(back));
            Assert.DoesNotContain("\"id\":", text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Periods_and_ranges_come_back_by_value()
    {
        var application = Back(States.OfType<ApplicationState>().First());
        var voucher = Back(States.OfType<VoucherState>().First(v => v.PrintedNumber is not null));
        var pledge = Back(States.OfType<PledgeState>().Single());
        var loan = Back(States.OfType<LoanState>().Single());

        Assert.Equal(Year(2000), application.Content.MonitoringPeriod);
        Assert.Equal(States.OfType<VoucherState>().First(v => v.PrintedNumber is not null), voucher);
        Assert.Equal(Serials((1, 9), (20, 60)), pledge.Units[0].Serials);
        Assert.Equal(new DatePeriod(Today, Today.PlusYears(1)), pledge.Term);
        Assert.Equal((Yuan(356.53m), DayCount.Actual365, Today.PlusDays(30)), (loan.UnpaidInterest, loan.DayCount, loan.SettledTo));
        Assert.Equal(new RateStep(Today.PlusDays(60), Rate(0.05m)), Assert.Single(loan.RateSteps));
        Assert.Equal(new MarginCall(new MarginCallId(Id(0xB0, 1)), Today, false, 0.8m, PriceQuote.Contract()), loan.MarginCall);
    }

    [Fact]
    public void A_projects_issuances_come_back() =>
        Assert.Equal([(2000, 1), (2020, 1)], Back(States.OfType<ProjectState>().Single()).Issuances.Select(i => (i.Key, i.Value)).Order());

    [Fact]
    public void Unknown_kinds_stop_the_program() => Assert.Throws<InvalidOperationException>(() => StateCodec.Decode("forest", "{}"u8));

    private static T Back<T>(T state) where T : State => (T)StateCodec.Decode(StateCodec.KindOf(state), Encoding.UTF8.GetBytes(StateCodec.Encode(state)));
}
