namespace CarbonLedger.Core.Tests.Loans;

/// <summary>An independent judge in whole fen and days, against the register, over random prices, runs, repayments, pledges, policies and a revocation.</summary>
public sealed class MarginModelSpec
{
    private const int Lives = 1_000;
    private const int StepsPerLife = 40;

    /// <summary>Of each of two vouchers; the judge counts the second one's on from the first one's.</summary>
    private const int Serials = 5_000;

    [Fact]
    public void Calls_and_cures_are_those_of_the_naive_judge()
    {
        var met = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        Parallel.For(0, Lives, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed => Live(seed, met));
        Assert.Empty(new[] { "nothing", "called", "called past liquidation", "passed", "cured Repayment", "cured Collateral", "cured Valuation", "cured Policy", "SubstituteUnits cured Collateral", "SubstituteUnits nothing", "revoked called", "revoked cured Repayment", "revoked SubstituteUnits cured Collateral" }.Except(met.Keys));
    }

    [Fact]
    public void The_limit_at_opening_is_that_of_the_naive_judge()
    {
        var met = new HashSet<(bool Refused, int Start, bool ByPrincipal)>();
        for (var seed = 0; seed < Lives; seed++)
        {
            var random = new Random(seed);
            var (days, price, limit) = (random.Next(-400, 800), random.Next(10_000, 120_000), random.Next(5_000, 10_000));
            var judge = new Judge { Principal = random.Next(30, 1_300), Warning = limit, Pledges = 1 };
            judge.Lie.Add(([.. Enumerable.Range(1, 1_000)], price));
            var byPrincipal = judge.Above(judge.Warning, price);
            judge.Exact = judge.Principal * 2_000L * Math.Max(0, days);
            var ledger = Ledger.Given(
                Issued(1_000, to: Buyer), Pledged(1_000, by: Buyer, to: Bank), Done(new SetCollateralPolicy(Bank, limit / 10_000m, null, null, ValuationRule.ReferencePrice, null), As(Bank)));
            var lend = Lend(judge.Principal / 100m, 0.2m, DayCount.Actual360, Lien) with
            {
                StartDate = Today.PlusDays(-days),
                MaturityDate = Today.PlusYears(9),
                Quote = new PriceQuote(ValuationRule.ReferencePrice, Price(price / 10_000m), "exchange", Today, null),
            };
            var refused = ledger.Try(lend, As(Bank)) is Decision.Refused { Refusal: Refusal.LoanToValueAboveLimit };
            Assert.True(refused == judge.Above(judge.Warning, price), $"Seed {seed}: {lend} was {(refused ? "refused" : "opened")}");
            met.Add((refused, Math.Sign(days), byPrincipal));
        }

        Assert.Superset(new HashSet<(bool, int, bool)> { (true, 1, true), (true, 1, false), (false, 1, false), (true, -1, true), (false, -1, false) }, met);
    }

    private static void Live(int seed, System.Collections.Concurrent.ConcurrentDictionary<string, int> met)
    {
        var random = new Random(seed);
        var (step, command) = (0, (Command?)null);
        try
        {
            var pledges = Enumerable.Range(1, 6).Select(i => new PledgeId(Id(0x50, i))).ToArray();
            var ledger = new Ledger();
            Enter(ledger);
            Issued(Serials, to: Buyer)(ledger);
            Issued(Serials, to: Buyer, SecondVoucher)(ledger);
            var judge = new Judge { Principal = random.Next(2_000, 9_000), Warning = 8_000, Liquidation = 9_000, Pledges = 1 };
            foreach (var pledge in pledges)
            {
                // Of the bank's ranked pledges any may lie on units of any other, at a valuation of its own.
                var (first, price) = ((random.Next(2) * Serials) + random.Next(1, Serials - 1_500), random.Next(20_000, 100_000));
                var last = first + random.Next(500, 1_500);
                var valuation = new Valuation(Price(price / 10_000m), "exchange", Today);
                ledger.Do(EncumberRanked(Buyer, Bank, pledge, 1_000, Line(first, last)) with { Valuation = valuation }, Registrar);
                judge.Lie.Add(([.. Enumerable.Range(first, last - first + 1)], price));
            }

            ledger.Do(new SetCollateralPolicy(Bank, null, 0.8m, 0.9m, ValuationRule.ReferencePrice, null), As(Bank));
            ledger.Do(Lend(judge.Principal / 100m, 0.2m, DayCount.Actual360, pledges[0]), As(Bank));
            for (; step < StepsPerLife; step++)
            {
                var days = random.Next(3) == 0 ? random.Next(1, 30) : 0;
                ledger.Now += Duration.FromDays(days);
                judge.Exact += judge.Principal * 2_000L * days;
                (command, var expected) = Next(random, judge, pledges);
                var decision = ledger.Try(command, command is RevokeVoucher ? Registrar : As(Bank));
                var found = decision is Decision.Accepted a ? Found(a) : "refused";
                Assert.True(expected == found, $"the judge expects {expected}, the register says {Ledger.Describe(decision)}");
                met.AddOrUpdate(found, 1, (_, n) => n + 1);
                met.AddOrUpdate($"{command.GetType().Name} {found}", 1, (_, n) => n + 1);
                if (judge.Revoked)
                {
                    met.AddOrUpdate($"revoked {found}", 1, (_, n) => n + 1);
                    met.AddOrUpdate($"revoked {command.GetType().Name} {found}", 1, (_, n) => n + 1);
                }

                var loan = ledger.State<LoanState>(Debt.Value);
                Assert.Equal((judge.Outstanding, judge.Called, judge.Past), ((long)(loan.OutstandingOn(RegistryCalendar.DateOf(ledger.Now)).Amount * 100), loan.MarginCall is not null, loan.MarginCall?.PastLiquidation == true));
            }

            // Every past instant: what the log's beginning makes is a loan with at most one open call, and calls and cures alternate.
            var isOpen = false;
            foreach (var fact in ledger.Log.Select(r => r.Fact))
            {
                Assert.False(fact is LoanEvent.MarginCalled && isOpen);
                Assert.False(fact is LoanEvent.MarginCallCured or LoanEvent.LiquidationLevelPassed && !isOpen);
                isOpen = fact is LoanEvent.MarginCalled || (isOpen && fact is not LoanEvent.MarginCallCured);
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed}, step {step}, {command}: {e.Message}", e);
        }
    }

    private static (Command Command, string Expected) Next(Random random, Judge judge, PledgeId[] pledges)
    {
        int? price = random.Next(4) == 0 ? null : random.Next(10_000, 120_000); // 1.0000 to 11.9999 a tonne, or each pledge's own
        var quote = price is { } p ? new PriceQuote(ValuationRule.ReferencePrice, Price(p / 10_000m), "exchange", Today, null) : PriceQuote.Contract();
        switch (random.Next(9))
        {
            case 4 when !judge.Revoked && random.Next(8) == 0:
                judge.Revoked = true;
                return (Revoke(SecondVoucher), "nothing");
            case 0 when judge.Outstanding > 0:
                var amount = Math.Min(random.Next(1, 1_500), judge.Outstanding);
                judge.Pay(amount);
                return random.Next(2) == 0
                    ? (new RepayLoan(Debt, Yuan(amount / 100m), null, quote), judge.Cure("cured Repayment", price))
                    : (new RepayLoan(Debt, Yuan(amount / 100m), null), judge.CureAtCall("cured Repayment"));
            case 1 when judge.Outstanding > 0 && judge.Pledges < pledges.Length:
                judge.Pledges++;
                return (new SecureLoan(Debt, pledges[judge.Pledges - 1], quote), judge.Cure("cured Collateral", price));
            case 2:
                judge.Warning = random.Next(5) == 0 ? null : random.Next(5_000, 10_000);
                judge.Liquidation = random.Next(5) == 0 ? null : (judge.Warning ?? 5_000) + random.Next(0, 2_000);
                return (new SetCollateralPolicy(Bank, null, judge.Warning / 10_000m, judge.Liquidation / 10_000m, ValuationRule.ReferencePrice, null), "nothing");
            case 3:
                // Units that may lie under other pledges of the loan come, others go.
                var (under, _) = judge.Lie[0];
                var (into, outOf) = (Stretch(random, s => !under.Contains(s) && judge.CanBeSold(s)), Stretch(random, under.Contains));
                under.UnionWith(into);
                under.ExceptWith(outOf);
                return (
                    new SubstituteUnits(pledges[0], [Line(into[0], into[^1])], [Line(outOf[0], outOf[^1])], null, quote),
                    into.Length > outOf.Count(judge.CanBeSold) ? judge.Cure("cured Collateral", price) : "nothing");
            default:
                return (new RunMargin(new(Id(0xB1, 1)), Bank, [new(Debt, new(Id(0xB0, random.Next(1, 60_000))))], quote, 1), judge.Run(price));
        }
    }

    /// <summary>Up to 400 serials in a row that are as asked.</summary>
    private static int[] Stretch(Random random, Func<int, bool> isWanted)
    {
        var all = Enumerable.Range(1, 2 * Serials).Where(isWanted).ToArray();
        var first = all[random.Next(all.Length)];
        var end = first <= Serials ? Serials : 2 * Serials;
        return [.. Enumerable.Range(first, Math.Min(random.Next(1, 400), end - first + 1)).TakeWhile(isWanted)];
    }

    private static Line Line(int first, int last) => first <= Serials ? Named(first, last) : Named(first - Serials, last - Serials, SecondVoucher);

    private static string Found(Decision.Accepted accepted) => accepted.Events.OfType<LoanEvent>().Select(e => e switch
    {
        LoanEvent.MarginCalled { PastLiquidation: true } => "called past liquidation",
        LoanEvent.MarginCalled => "called",
        LoanEvent.LiquidationLevelPassed => "passed",
        LoanEvent.MarginCallCured c => $"cured {c.Cure}",
        _ => null,
    }).SingleOrDefault(f => f is not null) ?? "nothing";

    /// <summary>Fen, days, and levels in ten-thousandths.</summary>
    private sealed class Judge
    {
        private const long Whole = 10_000L * 360;
        private long paid;
        private long? calledAt;
        private int? callPrice;

        public long Principal { get; set; }

        public long Exact { get; set; }

        public long? Warning { get; set; }

        public long? Liquidation { get; set; }

        /// <summary>Where the bank's pledges lie, and their own prices.</summary>
        public List<(HashSet<int> Serials, int Own)> Lie { get; } = [];

        /// <summary>Whether the second voucher was revoked.</summary>
        public bool Revoked { get; set; }

        /// <summary>How many of them secure the loan.</summary>
        public int Pledges { get; set; }

        public bool Called => calledAt is not null;

        public bool Past { get; private set; }

        public long Outstanding => Principal + Interest;

        private long Interest => ((Exact + (Whole / 2)) / Whole) - paid;

        public void Pay(long amount)
        {
            var toInterest = Math.Min(amount, Interest);
            (paid, Principal) = (paid + toInterest, Principal - (amount - toInterest));
        }

        public string Run(int? price)
        {
            if (!Above(Warning, price))
            {
                return !Called ? "nothing" : End(Outstanding == 0 ? "cured Repayment" : Warning is null || Above(calledAt, price) ? "cured Policy" : "cured Valuation");
            }

            var isPast = Above(Liquidation, price);
            if (!Called)
            {
                (calledAt, callPrice, Past) = (Warning, price, isPast);
                return isPast ? "called past liquidation" : "called";
            }

            if (!isPast || Past)
            {
                return "nothing";
            }

            Past = true;
            return "passed";
        }

        public string Cure(string by, int? price) => Called && !Above(Warning, price) ? End(by) : "nothing";

        public string CureAtCall(string by) => Cure(by, callPrice);

        /// <summary>Kilogram by kilogram: each is there once, at the price or at the lowest of its pledges' own.</summary>
        private long ValueAt(int? price)
        {
            var cells = new int[(2 * Serials) + 1];
            foreach (var (serials, own) in Lie.Take(Pledges))
            {
                foreach (var serial in serials.Where(CanBeSold))
                {
                    cells[serial] = price ?? (cells[serial] == 0 ? own : Math.Min(cells[serial], own));
                }
            }

            return (cells.Sum(c => (long)c) + 50_000) / 100_000; // rounded once, not for each pledge
        }

        public bool CanBeSold(int serial) => !Revoked || serial <= Serials;

        public bool Above(long? level, int? price) => level is { } l && Outstanding * 10_000 > l * ValueAt(price);

        private string End(string by)
        {
            (calledAt, Past) = (null, false);
            return by;
        }
    }
}
