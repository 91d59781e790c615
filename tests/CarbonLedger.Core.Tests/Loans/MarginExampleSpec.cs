using System.Globalization;
using static CarbonLedger.Core.Tests.Ledger;

namespace CarbonLedger.Core.Tests.Loans;

/// <summary>The worked example of docs/concepts/margin.md, line by line.</summary>
public sealed class MarginExampleSpec
{
    private PriceQuote quote = PriceQuote.Contract();
    private int calls;

    [Fact]
    public void The_loan_worked_by_hand_is_called_and_cured_as_the_page_says()
    {
        var ledger = Given(
            Issued(1_200_000, to: Buyer),
            Pledged(1_000_000, by: Buyer, to: Bank),
            Done(new SetCollateralPolicy(Bank, 0.70m, 0.80m, 0.90m, ValuationRule.ReferencePrice, null), As(Bank)));
        foreach (var row in Document.Table("margin.md", "A loan worked by hand"))
        {
            var date = Document.Date(row[0]);
            ledger.Now = Noon(date);
            var result = Do(ledger, row[1], row[2], date);
            Assert.Equal((string.Join(' ', row), row[6]), (string.Join(' ', row), result));
            if (row[3] != "")
            {
                var loan = ledger.State<LoanState>(Debt.Value);
                var (_, value) = Collateral.Of(loan.Pledges.Select(p => ledger.State<PledgeState>(p.Value)), quote);
                var ratio = Collateral.LoanToValue(loan.OutstandingOn(date), value)!.Value.ToString("0.0000", CultureInfo.InvariantCulture);
                Assert.Equal(string.Join(' ', row[3..6]), $"{loan.OutstandingOn(date)} {value} {ratio}");
            }
        }

        Assert.Null(ledger.State<LoanState>(Debt.Value).MarginCall);
    }

    private string Do(Ledger ledger, string what, string figure, LocalDate date)
    {
        switch (what)
        {
            case "price":
                quote = new PriceQuote(ValuationRule.ReferencePrice, Price(Document.Figure(figure)), "exchange", date, null);
                return "";
            case "loan":
                var lend = Lend(Document.Figure(figure), 0.036m, DayCount.Actual360, Lien) with { StartDate = date, MaturityDate = date.PlusYears(1), Quote = quote };
                return ledger.Try(lend, As(Bank)) is Decision.Accepted ? "opened" : "refused";
            case "run":
                return Found(ledger.Try(new RunMargin(new(Id(0xB1, ++calls)), Bank, [new(Debt, new(Id(0xB0, calls)))], quote, 1), As(Bank)));
            case "repayment":
                return Found(ledger.Try(new RepayLoan(Debt, Yuan(Document.Figure(figure)), date, quote), As(Bank)));
            default:
                Assert.Equal("pledge", what);
                ledger.Do(Encumber(Buyer, Bank, SecondLien, All(long.Parse(figure, CultureInfo.InvariantCulture))), As(Bank));
                return Found(ledger.Try(new SecureLoan(Debt, SecondLien, quote), As(Bank)));
        }
    }

    private static string Found(Decision decision)
    {
        var facts = Assert.IsType<Decision.Accepted>(decision).Events;
        return facts.Any(f => f is LoanEvent.MarginCalled) ? "called"
            : facts.Any(f => f is LoanEvent.LiquidationLevelPassed) ? "liquidation"
            : facts.Any(f => f is LoanEvent.MarginCallCured) ? "cured"
            : "nothing";
    }
}
