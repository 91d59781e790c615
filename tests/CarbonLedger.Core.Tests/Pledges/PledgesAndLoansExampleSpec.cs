using System.Globalization;
using System.Text.RegularExpressions;
using static CarbonLedger.Core.Tests.Ledger;
using Page = CarbonLedger.Core.Tests.Loans.Document;

namespace CarbonLedger.Core.Tests.Pledges;

/// <summary>The worked examples of docs/concepts/pledges-and-loans.md, line by line.</summary>
public sealed partial class PledgesAndLoansExampleSpec
{
    private const string Name = "pledges-and-loans.md";
    private const string Enforcements = "Enforcements worked by hand";
    private const long Sold = 10_000;

    [Fact]
    public void The_proceeds_run_down_as_the_page_says()
    {
        foreach (var row in Page.Table(Name, Enforcements, 2))
        {
            var (ledger, pledges) = Encumbered(row[0]);
            var enforcing = pledges.Values.Last(p => ledger.State<PledgeState>(p.Value).Kilograms == Kg(Sold)); // it lies on all of them
            ledger.Do(Notify(enforcing), As(ledger.State<PledgeState>(enforcing.Value).Pledgee));
            ledger.When(World.Enforce(Other, Page.Figure(row[1]), Page.Figure(row[2]), enforcing), As(ledger.State<PledgeState>(enforcing.Value).Pledgee)).ThenAccepted();

            var enforced = ledger.Log.Select(e => e.Fact).OfType<PledgeEvent.PledgeEnforced>().Single();
            string PaidTo(string letter) => pledges.TryGetValue(letter, out var id) ? enforced.Distribution.Single(p => p.Pledge == id).Paid.ToString() : "";
            var owed = enforced.Distribution.Sum(p => p.Due.Amount - p.Paid.Amount).ToString("0.00", CultureInfo.InvariantCulture);
            Assert.Equal(
                string.Join(" | ", row[..10]),
                string.Join(" | ", row[0], row[1], row[2], enforced.Proceeds, enforced.Costs, PaidTo("A"), PaidTo("B"), PaidTo("C"), enforced.Surplus, owed));
            Assert.All(pledges, p => Assert.Equal(PaidTo(p.Key), ledger.State<PledgeState>(p.Value.Value).Recovered.ToString()));
            ledger.ThenHolds(Other, Sold, Sold);
        }
    }

    [Fact]
    public void A_loan_that_several_pledges_secure_counts_its_units_as_the_page_says()
    {
        foreach (var row in Page.Table(Name, "Collateral and loan-to-value"))
        {
            var (ledger, pledges) = Encumbered(row[0]);
            var quote = new PriceQuote(ValuationRule.ReferencePrice, Price(Page.Figure(row[2])), "exchange", Today, null);
            var (kilograms, value) = Collateral.Of(row[1].Split(", ").Select(letter => ledger.State<PledgeState>(pledges[letter].Value)), quote);
            Assert.Equal(string.Join(" | ", row[..5]), string.Join(" | ", row[0], row[1], row[2], kilograms.Value, value));
        }
    }

    [Fact]
    public void What_stands_before_a_later_rank_is_as_the_page_says()
    {
        foreach (var row in Page.Table(Name, "What stands before a later rank"))
        {
            var (ledger, pledges) = Encumbered(row[0]);
            var (state, price) = (ledger.State<PledgeState>(pledges[row[2]].Value), Price(Page.Figure(row[1])));
            var value = Collateral.Capped(Collateral.Worth(state.Kilograms, price));
            var (secured, after) = PriorRanks.Of(value, Before(ledger, state, price));
            Assert.Equal(string.Join(" | ", row[..6]), string.Join(" | ", row[0], row[1], row[2], value, secured, after));
        }
    }

    [Fact]
    public void The_loan_of_the_page_owes_what_it_says()
    {
        var ledger = Given(Issued(1_000, to: Buyer));
        var rate = Page.Figure(Rates().Match(string.Join(' ', Page.Section(Name, "Interest"))).Groups[1].Value) / 100;
        foreach (var row in Page.Table(Name, "Interest"))
        {
            var date = Page.Date(row[0]);
            ledger.Now = Noon(date);
            switch (row[1])
            {
                case "disbursed":
                    ledger.Do(Lend(Page.Figure(row[2]), rate) with { StartDate = date, MaturityDate = date.PlusYears(1) }, As(Bank));
                    break;
                case "repayment":
                    ledger.Do(new RepayLoan(Debt, Yuan(Page.Figure(row[2])), date), As(Bank));
                    break;
                default:
                    Assert.Equal("asked", row[1]);
                    break;
            }

            var loan = ledger.State<LoanState>(Debt.Value);
            Assert.Equal((Page.Figure(row[3]), Page.Figure(row[4])), (loan.Principal.Amount, loan.InterestOn(date).Amount));
        }
    }

    [Fact]
    public void The_ratios_of_the_Lanzhou_case_are_as_the_page_says()
    {
        var text = string.Join(' ', Page.Section(Name, "The Lanzhou case"));
        var stated = Case().Match(text).Groups;
        var price = Price(Page.Figure(stated[2].Value));
        var whole = Page.Table(Name, "The Lanzhou case").Single(r => r[0] == "together");
        Assert.Equal((whole[1], whole[3], whole[2], whole[4]), (stated[1].Value, stated[3].Value, stated[4].Value, stated[5].Value));
        foreach (var row in Page.Table(Name, "The Lanzhou case"))
        {
            var value = Collateral.Capped(Collateral.Worth(Kilograms.FromTonnes(Page.Figure(row[1])), price));
            Assert.Equal(Page.Figure(row[3]), value.Amount);
            Assert.Equal(Page.Figure(row[4]), Collateral.LoanToValue(Yuan(Page.Figure(row[2])), value));
        }

        foreach (var column in new[] { 1, 2, 3 })
        {
            Assert.Equal(Page.Figure(whole[column]), Page.Table(Name, "The Lanzhou case").Where(r => r != whole && r[0] != "together").Sum(r => Page.Figure(r[column])));
        }

        var after = Later().Match(text).Groups;
        Assert.Equal(Page.Figure(Page.Table(Name, "Interest")[^1][3]), Page.Figure(after[1].Value));
        Assert.Equal(Page.Figure(after[3].Value), Collateral.LoanToValue(Yuan(Page.Figure(after[1].Value)), Yuan(Page.Figure(after[2].Value))));
    }

    /// <summary>The pledges of an example, by their letters, registered as the first table says.</summary>
    private static (Ledger Ledger, Dictionary<string, PledgeId> Pledges) Encumbered(string example)
    {
        var ledger = Given(Issued(Sold, to: Buyer));
        var rows = Page.Table(Name, Enforcements).Where(r => r[0] == example).ToArray();
        Assert.NotEmpty(rows);
        var pledges = rows.Select((r, i) => (r[1], new PledgeId(Id(0x50, i + 1)))).ToDictionary();
        foreach (var row in rows.Where(r => !r[3].StartsWith("beside", StringComparison.Ordinal)))
        {
            var serials = row[2].Split('–').Select(s => long.Parse(s, CultureInfo.InvariantCulture)).ToArray();
            var beside = rows.Where(r => r[3] == "beside " + row[1]).Select(r => new CoPledge(pledges[r[1]], SecondBank, Yuan(Page.Figure(r[4])), r[1], null)).ToArray();
            ledger.Do(EncumberRanked(Buyer, Bank, pledges[row[1]], Page.Figure(row[4]), Named(serials[0], serials[1])) with { Others = beside.Length == 0 ? null : beside }, Registrar);
        }

        return (ledger, pledges);
    }

    private static PriorStretch[] Before(Ledger ledger, PledgeState pledge, PricePerTonne price) =>
    [
        .. pledge.Units[0].Serials.SelectMany(range => ledger.Register.Units(FirstVoucher)!.On(range)).SelectMany(piece => piece.Locks.Pledges
            .Select(l => new PledgeId(l.Id))
            .Where(other => piece.Locks.RankOf(other) < piece.Locks.RankOf(pledge.Pledge))
            .Select(other => new PriorStretch(other, ledger.State<PledgeState>(other.Value).SecuredAmount, FirstVoucher, piece.Range, price))),
    ];

    [GeneratedRegex(@"rate of (\S+) %")]
    private static partial Regex Rates();

    [GeneratedRegex(@"^\s*(\S+) t at (\S+) CNY/t are worth (\S+) CNY; loans of together (\S+) CNY .*?→ \*\*(\S+)\*\*")]
    private static partial Regex Case();

    [GeneratedRegex(@"stands at (\S+) ÷ (\S+) = (\S+)\.")]
    private static partial Regex Later();
}
