namespace CarbonLedger.Core.Tests.Vouchers;

/// <summary>What a decision may conclude when it knows a part of a holding only.</summary>
public sealed class LoadedPartSpec
{
    [Fact]
    public void Beyond_the_frontier_nothing_is_lowest()
    {
        var units = new Units();
        units.Load(Live(1, 10));
        units.Load(Live(21, 30));
        units.LoadFrontier(Owner, 1);

        var taken = units.LowestFree(Owner, Kg(15), out var all);

        Assert.Equal(Serials((1, 10)), taken);
        Assert.False(all);
    }

    [Fact]
    public void A_holding_in_too_many_pieces_is_told_apart_from_one_too_small()
    {
        var register = Loaded(units => units.LoadFrontier(Owner, 1));

        Assert.Equal(new Refusal.TooManyRanges(FirstVoucher, Kg(15)), FreeUnits.Take(register, Owner, [All(15)]).Refusal);
    }

    [Fact]
    public void A_holding_known_to_its_end_is_too_small()
    {
        var register = Loaded(units => units.LoadFrontier(Owner, long.MaxValue));

        Assert.Equal(new Refusal.InsufficientUnits(FirstVoucher, Kg(15), Kg(10)), FreeUnits.Take(register, Owner, [All(15)]).Refusal);
    }

    [Fact]
    public void Named_serials_in_too_many_pieces_are_refused_and_not_guessed()
    {
        var register = Loaded(units => units.LoadFrontier(Owner, long.MaxValue));

        Assert.Equal(new Refusal.TooManyRanges(FirstVoucher, Kg(15)), FreeUnits.Take(register, Owner, [Named(1, 15)]).Refusal);
    }

    [Theory]
    [InlineData(LockKind.Hold)]
    [InlineData(LockKind.Freeze)]
    public void A_hold_or_a_freeze_locks_like_a_pledge(LockKind kind)
    {
        var register = Loaded(units =>
        {
            units.Load(Live(11, 20) with { Locks = Locks.None.Add(new UnitLock(kind, Guid.Parse("11111111-0000-0000-0000-000000000000"))) });
            units.LoadFrontier(Owner, long.MaxValue);
        });

        Assert.Equal(Refused(kind, Kg(15), Kg(10)), FreeUnits.Take(register, Owner, [All(15)]).Refusal);
        Assert.Equal(Refused(kind, Kg(11), Kg(5)), FreeUnits.Take(register, Owner, [Named(6, 16)]).Refusal);
        Assert.Equal(Serials((1, 10)), FreeUnits.Take(register, Owner, [All(10)]).Taken[0].Serials);
    }

    [Fact]
    public void A_piece_that_is_known_is_not_loaded_over()
    {
        var units = new Units();
        units.Load(Live(1, 10));
        units.Change(Serials((4, 6)), p => p with { Account = Buyer });
        units.Load(Live(1, 10));

        Assert.Equal([Range(1, 3), Range(4, 6), Range(7, 10)], units.Pieces.Select(p => p.Range));
        Assert.Equal([(3L, false), (6L, false)], units.Changes.Select(c => (c.Piece.Range.Last, c.Exists)));
    }

    [Fact]
    public void Once_written_what_has_ended_or_gone_to_others_is_forgotten()
    {
        var units = new Units();
        units.Load(Live(1, 30));
        units.LoadFrontier(Owner, long.MaxValue);
        units.Change(Serials((1, 5)), p => p with { Account = Buyer });
        units.Change(Serials((6, 10)), p => p with { Status = UnitStatus.Retired });
        units.Change(Serials((11, 15)), p => p.With(new UnitLock(LockKind.Exclusive, Lien.Value)));
        units.Settle();

        Assert.Equal([Range(11, 15), Range(16, 30)], units.Pieces.Select(p => p.Range));
        Assert.True(units.KnowsHolding(Owner, Kg(15)));
        Assert.False(units.KnowsHolding(Buyer, Kg(1)));
        Assert.True(units.Covers(Range(11, 30)));
        Assert.False(units.Covers(Range(10, 30)));
    }

    [Fact]
    public void What_came_to_an_account_whose_holding_is_known_stays_known()
    {
        var units = new Units();
        units.Load(Live(1, 30));
        units.LoadFrontier(Owner, long.MaxValue);
        units.LoadFrontier(Buyer, long.MaxValue);
        units.Change(Serials((1, 5)), p => p with { Account = Buyer });
        units.Settle();

        Assert.True(units.KnowsHolding(Buyer, Kg(5)));
        Assert.Equal(Serials((1, 5)), units.LowestFree(Buyer, Kg(5), out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_lowest_free_are_those_of_all_pieces_whatever_happened_to_them(int seed)
    {
        var random = new Random(seed);
        var units = new Units();
        units.Load(Live(1, 500));
        units.LoadFrontier(Owner, long.MaxValue);
        units.LoadFrontier(Buyer, long.MaxValue);
        for (var step = 0; step < 400; step++)
        {
            var known = units.Pieces.Where(p => p.Status == UnitStatus.Live).ToArray();
            var piece = known[random.Next(known.Length)].Range;
            var first = random.NextInt64(piece.First, piece.EndExclusive);
            var part = Serials((first, random.NextInt64(first, piece.EndExclusive)));
            var to = random.Next(20) switch { 0 => Other, < 10 => Owner, _ => Buyer };
            units.Change(part, random.Next(20) switch
            {
                0 => p => p.IsLocked ? p : p with { Status = UnitStatus.Retired },
                < 8 => p => p.IsLocked ? p with { Locks = Locks.None } : p.With(new UnitLock(LockKind.Hold, Lien.Value)),
                _ => p => p.IsLocked ? p : p with { Account = to },
            });
            if (random.Next(5) == 0)
            {
                units.Settle();
            }

            Agree(Owner, step);
            Agree(Buyer, step);
        }

        units.Settle();
        units.LoadFrontier(Other, long.MaxValue);
        Agree(Other, step: -1); // all of it was forgotten

        void Agree(AccountId account, int step)
        {
            var free = SerialRanges.Of(units.Pieces.Where(p => p.Account == account && p.IsFree).Select(p => p.Range));
            var taken = units.LowestFree(account, Kg(500), out var all);
            Assert.True(all && taken.Equals(free), $"seed {seed}, step {step}: {taken} instead of {free}");
        }
    }

    [Fact]
    public void What_is_not_loaded_does_not_change() =>
        Assert.Throws<InvalidOperationException>(() => new Units().Change(Serials((1, 1)), p => p));

    [Fact]
    public void A_voucher_is_issued_once()
    {
        var units = new Units();
        units.Issue(Kg(1), Owner);

        Assert.Throws<InvalidOperationException>(() => units.Issue(Kg(1), Owner));
    }

    [Fact]
    public void A_decision_cannot_look_at_what_its_command_did_not_name() =>
        Assert.Throws<InvalidOperationException>(() => new Register().Find<AccountState>(Owner.Value));

    [Fact]
    public void Facts_that_contradict_the_register_stop_it()
    {
        var ledger = Ledger.Given(Issued(100), Pledged(50, by: Owner, to: Bank), Retired(Owner, Named(60, 60)));
        LedgerEvent[] impossible =
        [
            new VoucherEvent.UnitsTransferred(FirstVoucher, null, null, Buyer, Owner, Serials((70, 70)), null),
            new VoucherEvent.UnitsTransferred(FirstVoucher, null, null, Owner, Buyer, Serials((50, 51)), null),
            new VoucherEvent.UnitsTransferred(FirstVoucher, null, null, Owner, Buyer, Serials((60, 60)), null),
            new VoucherEvent.UnitsTransferred(FirstVoucher, null, null, Owner, Buyer, Serials((100, 101)), null),
            new VoucherEvent.UnitsPledged(FirstVoucher, SecondLien, Owner, Serials((50, 50))),
            new VoucherEvent.UnitsReleased(FirstVoucher, SecondLien, Owner, Serials((50, 50))),
            new VoucherEvent.UnitsRetired(FirstVoucher, Use, Owner, Serials((50, 50))),
            new VoucherEvent.UnitsRetired(FirstVoucher, Use, Owner, Serials((60, 60))),
        ];

        Assert.All(impossible, fact => Assert.Throws<InvalidOperationException>(() => ledger.Register.Apply(fact)));
    }

    private static Refusal Refused(LockKind kind, Kilograms asked, Kilograms free) =>
        kind == LockKind.Freeze ? new Refusal.UnitsFrozen(FirstVoucher, asked, free) : new Refusal.UnitsLocked(FirstVoucher, asked, free);

    private static Piece Live(long first, long last) => new(Range(first, last), Owner, UnitStatus.Live, Locks.None);

    private static Register Loaded(Action<Units> more)
    {
        var register = new Register();
        register.Load(FirstVoucher.Value, new VoucherState(FirstVoucher, Form(1), Woods, new SerialPrefix("620171", "SLCT", 1, 2020, 1), Kg(100), Year(2020), null));
        var units = register.LoadUnits(FirstVoucher);
        units.Load(Live(1, 10));
        more(units);
        return register;
    }
}
