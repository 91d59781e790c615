using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace CarbonLedger.Core.Tests.Simulation;

/// <summary>The naive model against the register over random sequences: every refusal, the whole state after each command, and the state at past positions from the log's bytes.</summary>
public sealed class LockModelSpec(ITestOutputHelper output)
{
    /// <summary>Issue 3 asks for ten thousand.</summary>
    private const int Sequences = 10_000;

    /// <summary>The second bank has no account; the first takes units over into this one.</summary>
    internal static readonly AccountId LenderAccount = new(Id(0x20, 4));

    private static readonly int[] Sizes = [12, 16, 20, 28, 40];

    /// <summary>What must have happened at least once, or the sequences prove nothing.</summary>
    private static readonly string[] Met =
    [
        "TransferUnits accepted", "RetireUnits accepted", "CancelUnits accepted", "RevokeVoucher accepted", "CancelRevokedUnits accepted",
        "RegisterTrade accepted", "SettleTrade accepted", "VoidTrade accepted", "ExpireTrade accepted", "SettleTrade hold-expired", "SettleTrade units-frozen", "SettleTrade voucher-revoked",
        "RegisterPledge accepted", "RegisterReservation accepted", "ExpireReservation accepted", "RegisterReservation reservation-expired", "RegisterReservation units-frozen", "RegisterReservation account-frozen", "RegisterReservation voucher-revoked",
        "ReleasePledge accepted",
        "SubstituteUnits accepted", "NotifyDefault accepted", "EnforcePledge accepted", "EnforcePledge units-frozen", "EnforcePledge voucher-revoked", "EnforcePledge no-forfeiture",
        "EnforcePledge price-below-market", "NotifyDefault nothing-secured", "EnforcePledge nothing-secured", "VoidPledge accepted", "OrderFreeze accepted", "LiftFreeze accepted", "LiftFreeze authority-differs",
        "OpenLoan accepted", "RepayLoan accepted", "ChargeCost accepted", "RegisterPledge units-under-lien", "RegisterPledge account-frozen", "RegisterTrade units-locked",
        "equal ranks paid", "three ranks paid", "a loan paid", "a shortfall", "a surplus",
    ];

    [Fact]
    public void The_naive_model_of_locks_ranks_and_proceeds_agrees_over_ten_thousand_sequences()
    {
        var met = new ConcurrentDictionary<string, int>();
        var beginnings = Sizes.Select(Begin).ToArray();
        Parallel.For(0, Sequences, new ParallelOptions { MaxDegreeOfParallelism = 2 }, seed => Live(seed, beginnings[seed % Sizes.Length], Sizes[seed % Sizes.Length], met));
        output.WriteLine(string.Join('\n', met.OrderBy(m => m.Key, StringComparer.Ordinal).Select(m => $"{m.Key}: {m.Value}")));
        Assert.True(met["accepted"] > Sequences * 6, $"Only {met["accepted"]} commands were accepted.");
        Assert.Empty(Met.Except(met.Keys));
    }

    /// <summary>The facts that every sequence begins with: the parties, and two vouchers of one size in the forest owner's account.</summary>
    private static LedgerEvent[] Begin(int size)
    {
        var ledger = Ledger.Given(Done(new OpenAccount(LenderAccount, Bank, "bank")), Issued(size), Issued(size, voucher: SecondVoucher));
        return [.. ledger.Log.Select(r => r.Fact).Where(f => f is OrganizationEvent or AccountEvent or ProjectEvent or VoucherEvent)];
    }

    private static void Live(int seed, LedgerEvent[] beginning, int size, ConcurrentDictionary<string, int> met)
    {
        var random = new Random(seed);
        var (step, shown) = (0, "");
        try
        {
            var ledger = new Ledger();
            ledger.Begin(beginning);
            var (model, remembered) = (new LockModel([size, size]) { Now = ledger.Now }, new List<(int Position, LocalDate Date, string Picture)>());
            var draw = new LockDraw(random, model);
            for (var steps = random.Next(10, 23); step < steps; step++)
            {
                model.Now = ledger.Now += Duration.FromMinutes(random.Next(8) == 0 ? random.Next(0, 60_000) : random.Next(0, 600));
                var (command, actor, judge) = (random.Next(2) == 0 ? draw.Due() : null) ?? draw.Next();
                shown = $"{actor} {command}";
                var (expected, decision) = (judge(), ledger.Try(command, actor));
                var outcome = decision is Decision.Refused refused ? refused.Refusal.Code : LockModel.Accepted;
                Assert.True(expected == outcome, $"the model expects {expected}, the register says {Ledger.Describe(decision)}");
                Count(met, $"{command.GetType().Name} {outcome}", true);
                if (decision is Decision.Accepted accepted)
                {
                    Count(met, LockModel.Accepted, true);
                    CompareSale(accepted, model, met);
                    remembered.Add(Compare(ledger, model));
                }
            }

            Compare(ledger, model); // also what a refusal might have left behind
            AsOf(ledger, remembered, random);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {seed}, step {step}, {shown}: {e.Message}", e);
        }
    }

    private static (int Position, LocalDate Date, string Picture) Compare(Ledger ledger, LockModel model)
    {
        var (date, picture) = (new LocalDate(1970, 1, 1).PlusDays(model.Day), Picture(model));
        Assert.Equal(picture, Picture(ledger.Register, date));
        return (ledger.Log.Count, date, picture);
    }

    /// <summary>What the log's bytes made of the register at two past positions is what the model remembers of then.</summary>
    private static void AsOf(Ledger ledger, List<(int Position, LocalDate Date, string Picture)> remembered, Random random)
    {
        if (remembered.Count == 0)
        {
            return;
        }

        var past = new[] { random.Next(remembered.Count), random.Next(remembered.Count) }.Distinct().Order().Select(i => remembered[i]).ToArray();
        var (register, scratch, at) = (new Register { Complete = true }, new ArrayBufferWriter<byte>(), 0);
        foreach (var (position, date, picture) in past)
        {
            for (; at < position; at++)
            {
                register.Apply(EventCodec.Decode(EventCodec.Encode(ledger.Log[at], scratch).Bytes).Fact);
            }

            var then = Picture(register, date);
            Assert.True(picture == then, $"as of position {position} the model remembers\n{picture}\nand the log says\n{then}");
        }
    }

    private static void CompareSale(Decision.Accepted accepted, LockModel model, ConcurrentDictionary<string, int> met)
    {
        if (accepted.Events.OfType<PledgeEvent.PledgeEnforced>().SingleOrDefault() is not { } sale)
        {
            return;
        }

        var found = $"{Fen(sale.Proceeds)} {Fen(sale.Costs)} {Fen(sale.Surplus)}: "
            + string.Join(' ', sale.Distribution.Select(p => $"P{Number(p.Pledge.Value)} rank {p.Rank} due {Fen(p.Due)} paid {Fen(p.Paid)} short {Fen(p.Shortfall)}"));
        Assert.Equal(model.Sale, found);
        Assert.Equal(sale.Proceeds.Amount, sale.Costs.Amount + sale.Surplus.Amount + sale.Distribution.Sum(p => p.Paid.Amount));
        var paid = sale.Distribution.Where(p => p.Paid > Money.Zero).ToArray();
        Count(met, "equal ranks paid", paid.GroupBy(p => p.Rank).Any(g => g.Count() > 1));
        Count(met, "three ranks paid", paid.Select(p => p.Rank).Distinct().Count() > 2);
        Count(met, "a loan paid", paid.Any(p => p.Loan is not null));
        Count(met, "a shortfall", sale.Distribution.Any(p => p.Paid < p.Due));
        Count(met, "a surplus", sale.Surplus > Money.Zero);
    }

    private static void Count(ConcurrentDictionary<string, int> met, string what, bool happened)
    {
        if (happened)
        {
            met.AddOrUpdate(what, 1, (_, n) => n + 1);
        }
    }

    private static string Picture(LockModel model)
    {
        var text = new StringBuilder();
        foreach (var cells in model.Cells)
        {
            foreach (var cell in cells)
            {
                text.Append(cell.Holder).Append(cell.Fate);
                var ranks = cell.Marks.Count == 0 ? [] : cell.Ranks();
                foreach (var mark in cell.Marks)
                {
                    text.Append(mark.Kind).Append(mark.Number);
                    if (mark.IsPledge)
                    {
                        text.Append('@').Append(1 + ranks.FindIndex(r => r.Contains(mark.Number)));
                    }
                }

                text.Append(' ');
            }

            text.Append('\n');
        }

        foreach (var deal in model.Deals.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"T{deal.Number} {deal.Status}; ");
        }

        foreach (var stop in model.Stops.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"F{stop.Number} {(stop.Lifted ? "lifted" : "active")}; ");
        }

        foreach (var lien in model.Liens.Values)
        {
            var units = lien.Vouchers.Select(v => $"{v + 1}:{string.Join(',', model.SerialsUnder(lien.Number, v))}");
            text.Append(CultureInfo.InvariantCulture, $"P{lien.Number} {lien.Status} {string.Join('/', units)} recovered {lien.Recovered} debt {lien.Debt}; ");
        }

        foreach (var debt in model.Debts.Values)
        {
            text.Append(CultureInfo.InvariantCulture, $"D{debt.Number} {debt.Principal} {debt.Interest(model.Day)} {debt.Costs}; ");
        }

        return text.ToString();
    }

    private static string Picture(Register register, LocalDate date)
    {
        var text = new StringBuilder();
        foreach (var voucher in new[] { FirstVoucher, SecondVoucher })
        {
            foreach (var piece in register.Units(voucher)!.Pieces)
            {
                var cell = $"{Letter(piece.Account)}{"lrce"[(int)piece.Status]}"
                    + (piece.IsLocked ? string.Concat(piece.Locks.Items.Select(l => $"{"hxrf"[(int)l.Kind]}{Number(l.Id)}{(l.IsPledge ? $"@{piece.Locks.RankOf(new PledgeId(l.Id))}" : "")}")) : "") + " ";
                text.Insert(text.Length, cell, (int)piece.Range.Count);
            }

            text.Append('\n');
        }

        foreach (var trade in All<TradeState>(register))
        {
            text.Append(CultureInfo.InvariantCulture, $"T{Number(trade.Id)} {Names.Of(trade.Status)}; ");
        }

        foreach (var freeze in All<FreezeState>(register))
        {
            text.Append(CultureInfo.InvariantCulture, $"F{Number(freeze.Id)} {(freeze.LiftedBy is null ? "active" : "lifted")}; ");
        }

        foreach (var pledge in All<PledgeState>(register))
        {
            var units = pledge.Units.Select(u => $"{Number(u.Voucher.Value)}:{string.Join(',', u.Serials.SelectMany(r => Enumerable.Range((int)r.First, (int)r.Count)))}");
            text.Append(
                CultureInfo.InvariantCulture,
                $"P{Number(pledge.Id)} {Names.Of(pledge.Status)} {string.Join('/', units)} recovered {Fen(pledge.Recovered ?? Money.Zero)} debt {(pledge.Loan is { } l ? Number(l.Value) : null)}; ");
        }

        foreach (var loan in All<LoanState>(register))
        {
            text.Append(CultureInfo.InvariantCulture, $"D{Number(loan.Id)} {Fen(loan.Principal)} {Fen(loan.InterestOn(date))} {Fen(loan.UnpaidCosts)}; ");
        }

        return text.ToString();
    }

    private static IEnumerable<T> All<T>(Register register) where T : State => register.ChangedStates.OfType<T>().OrderBy(s => Number(s.Id));

    private static char Letter(AccountId account) => "OBSL"[Number(account.Value) - 1];

    private static long Fen(Money money) => (long)(money.Amount * 100);

    /// <summary>The number that <see cref="World.Id"/> made the id of.</summary>
    private static int Number(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes);
        return (bytes[14] << 8) | bytes[15];
    }
}
