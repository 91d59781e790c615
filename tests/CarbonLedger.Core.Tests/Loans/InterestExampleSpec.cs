using System.Globalization;
using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

/// <summary>The worked examples of docs/concepts/interest.md, line by line.</summary>
public sealed class InterestExampleSpec
{
    private const string Page = "interest.md";

    [Fact]
    public void The_loan_worked_by_hand_is_the_loan_of_the_register()
    {
        var ledger = Given();
        foreach (var row in Document.Table(Page, "A loan worked by hand"))
        {
            var date = Document.Date(row[0]);
            ledger.Now = Noon(date);
            Do(ledger, row[1], row[2], date);
            var loan = ledger.State<LoanState>(Debt.Value);
            Assert.Equal(
                string.Join(' ', row[3..7]),
                $"{loan.UnpaidCosts} {loan.InterestOn(date)} {loan.Principal} {loan.OutstandingOn(date)}");
        }

        Assert.True(ledger.State<LoanState>(Debt.Value).IsRepaid);
    }

    [Fact]
    public void The_year_of_365_is_as_the_page_says() =>
        Given(On(new LocalDate(2026, 1, 1)), Done(Lend(count: DayCount.Actual365) with { StartDate = new LocalDate(2026, 1, 1) }))
            .ThenStands<LoanState>(Debt.Value, l => Assert.Contains(Document.Lines(Page), line => line.EndsWith($"→ **{l.InterestOn(new LocalDate(2026, 2, 1))}**.", StringComparison.Ordinal)));

    [Fact]
    public void Paying_every_day_costs_what_paying_at_the_end_costs()
    {
        var rows = Document.Table(Page, "Why it is rounded once").ToDictionary(r => int.Parse(r[0], CultureInfo.InvariantCulture));
        var ledger = Given(Done(Lend(principal: 100, rate: 0.018m)));
        var paid = Money.Zero;
        for (var day = 1; day <= rows.Keys.Max(); day++)
        {
            ledger.Now = Noon(Today.PlusDays(day));
            var owed = ledger.State<LoanState>(Debt.Value).InterestOn(Today.PlusDays(day));
            if (rows.TryGetValue(day, out var row))
            {
                Assert.Equal((row[1], row[2]), (paid.ToString(), owed.ToString()));
            }

            if (owed > Money.Zero)
            {
                ledger.Do(new RepayLoan(Debt, owed, null), Registrar);
                paid += owed;
            }
        }
    }

    private static void Do(Ledger ledger, string what, string figure, LocalDate date)
    {
        switch (what)
        {
            case "disbursed":
                ledger.Do(Lend(Document.Figure(figure)) with { StartDate = date, MaturityDate = date.PlusYears(1) }, As(Bank));
                break;
            case "cost":
                ledger.Do(new ChargeCost(Debt, Yuan(Document.Figure(figure)), date, "notary"), As(Bank));
                break;
            case "rate":
                ledger.Do(new ChangeRate(Debt, Rate(Document.Figure(figure)), date, "agreed"), As(Bank));
                break;
            case "repayment":
                ledger.Do(new RepayLoan(Debt, Yuan(Document.Figure(figure)), date), As(Bank));
                break;
            default:
                Assert.Equal("asked", what);
                break;
        }
    }
}
