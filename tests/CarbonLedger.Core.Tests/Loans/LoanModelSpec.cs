namespace CarbonLedger.Core.Tests.Loans;

/// <summary>An independent, naive bookkeeper that counts day by day in whole numbers, against the register, over random lives of a loan.</summary>
public sealed class LoanModelSpec
{
    private const int Lives = 3_000;
    private const int StepsPerLife = 25;

    [Fact]
    public void The_day_by_day_model_agrees_over_thousands_of_lives()
    {
        var codes = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        Parallel.For(0, Lives, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed => Live(seed, codes));
        string[] met = ["accepted", "loan-repaid", "date-in-future", "date-before-last-entry", "repayment-exceeds-outstanding"];
        Assert.Empty(met.Except(codes.Keys));
        Assert.True(codes["accepted"] > Lives * StepsPerLife / 3, $"Only {codes["accepted"]} commands were accepted.");
    }

    private static void Live(int seed, System.Collections.Concurrent.ConcurrentDictionary<string, int> codes)
    {
        var random = new Random(seed);
        var step = 0;
        try
        {
            var count = random.Next(2) == 0 ? DayCount.Actual360 : DayCount.Actual365;
            var fen = random.NextInt64(1, 100_000_000_00);
            var rate = random.Next(0, 240_000);
            var start = Today.PlusDays(random.Next(-60, 5));
            var ledger = new Ledger();
            World.Enter(ledger);
            var before = ledger.Log.Count;
            ledger.Do(new OpenLoan(Debt, Bank, Group, Fen(fen), Ppm(rate), count, start, start.PlusYears(1), []), As(Bank));
            var model = new Model(fen, rate, (int)count, start);
            for (; step < StepsPerLife; step++)
            {
                ledger.Now += Duration.FromDays(random.Next(3) == 0 ? random.Next(0, 45) : random.Next(0, 3));
                var today = RegistryCalendar.DateOf(ledger.Now);
                var (command, entry) = Next(random, model, today);
                var expected = model.Expect(entry, today);
                var decision = ledger.Try(command, As(Bank));
                var outcome = decision is Decision.Refused refused ? refused.Refusal.Code : "accepted";
                Assert.True(expected == outcome, $"{command}: the model expects {expected}, the register says {Ledger.Describe(decision)}");
                codes.AddOrUpdate(outcome, 1, (_, n) => n + 1);
                if (outcome == "accepted")
                {
                    model.Entries.Add(entry);
                }

                Compare(ledger.State<LoanState>(Debt.Value), model, model.Entries.Count, today.PlusDays(random.Next(0, 100)), random);
                AsOf(ledger, before, model, random);
            }
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed}, step {step}: {e.Message}", e);
        }
    }

    /// <summary>The loan as it was after some earlier fact, replayed from the log's bytes.</summary>
    private static void AsOf(Ledger ledger, int before, Model model, Random random)
    {
        var known = random.Next(0, model.Entries.Count + 1);
        var scratch = new System.Buffers.ArrayBufferWriter<byte>();
        LoanState? loan = null;
        foreach (var recorded in ledger.Log.Skip(before).Take(known + 1))
        {
            loan = Loan.Evolve(loan, (LoanEvent)EventCodec.Decode(EventCodec.Encode(recorded, scratch).Bytes).Fact);
        }

        Compare(loan!, model, known, loan!.SettledTo.PlusDays(random.Next(0, 200)), random);
    }

    private static void Compare(LoanState loan, Model model, int known, LocalDate date, Random random)
    {
        date = LocalDate.Max(date, loan.SettledTo);
        var (costs, interest, principal) = model.Owes(known, date);
        Assert.Equal($"{date}: {Fen(costs)} {Fen(interest)} {Fen(principal)}", $"{date}: {loan.UnpaidCosts} {loan.InterestOn(date)} {loan.Principal}");
        Assert.Equal(Fen(costs + interest + principal), loan.OutstandingOn(date));
        Assert.Equal(costs + interest + principal == 0 || model.Owes(known, loan.SettledTo) == (0, 0, 0), loan.IsRepaid);

        var amount = random.NextInt64(1, Math.Max(2, (costs + interest + principal) * 5 / 4));
        var (toCosts, toInterest, toPrincipal) = Model.Split(amount, (costs, interest, principal));
        Assert.Equal(
            new DebtParts(Fen(toCosts), Fen(toInterest), Fen(toPrincipal)), loan.OwedOn(date).PaidWith(Fen(amount)));
    }

    private static (Command Command, Entry Entry) Next(Random random, Model model, LocalDate today)
    {
        var date = random.Next(8) switch
        {
            0 => today.PlusDays(random.Next(-40, 0)),
            1 => today.PlusDays(random.Next(1, 20)),
            _ => today,
        };
        switch (random.Next(6))
        {
            case 0:
                var ppm = random.Next(0, 300_000);
                return (new ChangeRate(Debt, Ppm(ppm), date, "agreed"), new Entry(Kind.Rate, date, ppm));
            case 1:
                var cost = random.NextInt64(1, 100_000);
                return (new ChargeCost(Debt, Fen(cost), date, "notary"), new Entry(Kind.Cost, date, cost));
            default:
                var (costs, interest, principal) = model.Owes(model.Entries.Count, today);
                var all = costs + interest + principal;
                var amount = random.Next(12) switch
                {
                    0 => Math.Max(1, all),
                    1 => all + 1,
                    < 5 => random.NextInt64(1, 500),
                    < 8 => Math.Max(1, costs + interest + random.Next(-3, 4)),
                    _ => random.NextInt64(1, Math.Max(2, all / 8)),
                };
                return (new RepayLoan(Debt, Fen(amount), date), new Entry(Kind.Payment, date, amount));
        }
    }

    private static Money Fen(long fen) => Yuan(fen / 100m);

    private static AnnualRate Ppm(int ppm) => Rate(ppm / 1_000_000m);

    private enum Kind
    {
        Rate,
        Cost,
        Payment,
    }

    private sealed record Entry(Kind Kind, LocalDate Date, long Figure);

    /// <summary>Everything in fen and whole days; interest in fen × millionths of a rate × days. It begins at the first day each time it is asked.</summary>
    private sealed class Model(long fen, int ppm, int basis, LocalDate start)
    {
        public List<Entry> Entries { get; } = [];

        public (long Costs, long Interest, long Principal) Owes(int known, LocalDate date)
        {
            var (costs, paid, principal, exact) = (0L, 0L, fen, (Int128)0);
            var entries = Entries.Take(known).Select(e => (Day: DayOf(e.Date), e.Kind, e.Figure)).ToArray();
            var asked = DayOf(date);
            for (var day = 0; ; day++)
            {
                foreach (var entry in entries)
                {
                    if (entry.Day != day || day > asked || entry.Kind == Kind.Rate)
                    {
                        continue;
                    }

                    if (entry.Kind == Kind.Cost)
                    {
                        costs += entry.Figure;
                        continue;
                    }

                    var (toCosts, toInterest, toPrincipal) = Split(entry.Figure, (costs, Due(exact, paid), principal));
                    (costs, paid, principal) = (costs - toCosts, paid + toInterest, principal - toPrincipal);
                }

                if (day >= asked)
                {
                    return (costs, Due(exact, paid), principal);
                }

                exact += (Int128)principal * RateOf(entries, day);
            }
        }

        public string Expect(Entry entry, LocalDate today)
        {
            var last = Entries.Where(e => e.Kind != Kind.Rate).Select(e => e.Date).Append(start).Max();
            if (entry.Kind != Kind.Rate && entry.Date > today)
            {
                return "date-in-future";
            }

            if (Owes(Entries.Count, last) == (0, 0, 0))
            {
                return "loan-repaid";
            }

            if (entry.Date < last)
            {
                return "date-before-last-entry";
            }

            var (costs, interest, principal) = Owes(Entries.Count, entry.Date);
            return entry.Kind == Kind.Payment && entry.Figure > costs + interest + principal ? "repayment-exceeds-outstanding" : "accepted";
        }

        public static (long ToCosts, long ToInterest, long ToPrincipal) Split(long amount, (long Costs, long Interest, long Principal) owed)
        {
            var costs = Math.Min(amount, owed.Costs);
            var interest = Math.Min(amount - costs, owed.Interest);
            return (costs, interest, Math.Min(amount - costs - interest, owed.Principal));
        }

        private long Due(Int128 exact, long paid)
        {
            var whole = (Int128)1_000_000 * basis;
            return (long)((exact + (whole / 2)) / whole) - paid;
        }

        private long RateOf((int Day, Kind Kind, long Figure)[] entries, int day)
        {
            var (from, rate) = (int.MinValue, (long)ppm);
            foreach (var entry in entries)
            {
                if (entry.Kind == Kind.Rate && entry.Day <= day && entry.Day >= from)
                {
                    (from, rate) = (entry.Day, entry.Figure);
                }
            }

            return rate;
        }

        private int DayOf(LocalDate date) => NodaTime.Period.DaysBetween(start, date);
    }
}
