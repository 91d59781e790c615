namespace CarbonLedger.Core.Vouchers;

/// <summary>Who takes units, and so which of an account will do: free ones by default.</summary>
/// <param name="BehindRanked">True for a ranked pledge: units under ranked pledges will do too, after free ones.</param>
/// <param name="Pledge">The pledge that takes them, where it has units already: its own are no new ones.</param>
public readonly record struct Taker(bool BehindRanked, PledgeId? Pledge = null)
{
    public bool Takes(Locks locks) => !locks.Any || (BehindRanked && locks.TakesRankedPledge && !IsOwn(locks));

    /// <summary>The pledge that keeps it from units; null when there is none, or when it may stand behind those that are there.</summary>
    public PledgeId? KeptOffBy(Locks locks) => !BehindRanked ? locks.FirstPledge : IsOwn(locks) ? Pledge : locks.ExclusivePledge;

    private bool IsOwn(Locks locks) => Pledge is { } own && locks.Has(own.Value);
}

/// <summary>Finds the units that lines ask for. Transfer, trade, pledge and retirement all take units this way.</summary>
public static class FreeUnits
{
    /// <summary>The serials of each line, in the order of the lines; or why they cannot be had.</summary>
    public static (IReadOnlyList<(VoucherId Voucher, SerialRanges Serials)> Taken, Refusal? Refusal) Take(
        Register register, AccountId account, IReadOnlyList<Line> lines, Taker taker = default)
    {
        var taken = new List<(VoucherId, SerialRanges)>(lines.Count);
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i];
            if (register.Find<VoucherState>(line.Voucher.Value) is not { } voucher)
            {
                return ([], new Refusal.VoucherNotFound(line.Voucher));
            }

            if (voucher.Revoked is not null)
            {
                return ([], new Refusal.VoucherRevoked(line.Voucher));
            }

            for (var j = 0; j < i; j++)
            {
                if (lines[j].Voucher == line.Voucher)
                {
                    return ([], new Refusal.DuplicateVoucherLine(line.Voucher));
                }
            }

            var units = register.Units(line.Voucher) ?? new Units();
            var refusal = line.Ranges is { } ranges
                ? CannotTakeNamed(units, voucher, account, ranges, taker)
                : TakeLowest(units, account, line, taker, out ranges);
            if (refusal is not null)
            {
                return ([], refusal);
            }

            taken.Add((line.Voucher, ranges));
        }

        return (taken, null);
    }

    /// <summary>Those of a voucher's serials on which no freeze lies.</summary>
    public static SerialRanges Unfrozen(Register register, VoucherId voucher, SerialRanges serials) => serials.Count == 0
        ? serials
        : SerialRanges.Of(register.Units(voucher)!.Parts(serials).Where(p => !p.Piece.Locks.IsFrozen).Select(p => p.Part));

    /// <summary>What came upon units since a pledge or a hold was laid on them: a revocation or a freeze. Null when they may go to another holder.</summary>
    public static Refusal? StoppedSince(Register register, IReadOnlyCollection<VoucherSerials> locked)
    {
        if (locked.FirstOrDefault(u => register.Find<VoucherState>(u.Voucher.Value)!.Revoked is not null) is { } revoked)
        {
            return new Refusal.VoucherRevoked(revoked.Voucher);
        }

        foreach (var (voucher, serials) in locked)
        {
            var frozen = register.Units(voucher)!.Parts(serials).Where(p => p.Piece.Locks.IsFrozen).Sum(p => p.Part.Count);
            if (frozen > 0)
            {
                return new Refusal.UnitsFrozen(voucher, serials.Kilograms, serials.Kilograms - Kilograms.FromKilograms(frozen));
            }
        }

        return null;
    }

    private static Refusal? TakeLowest(Units units, AccountId account, Line line, Taker taker, out SerialRanges serials)
    {
        serials = units.LowestFree(account, line.Kilograms, out var all);
        if (taker.BehindRanked && all && serials.Kilograms < line.Kilograms)
        {
            var behind = units.LowestBehind(account, line.Kilograms - serials.Kilograms, taker, out all);
            serials = SerialRanges.Of([.. serials, .. behind]);
            all |= serials.Kilograms == line.Kilograms;
        }

        if (serials.Kilograms == line.Kilograms)
        {
            return null;
        }

        return all ? Short(units, account, line.Voucher, line.Kilograms, taker) : new Refusal.TooManyRanges(line.Voucher, line.Kilograms);
    }

    private static Refusal Short(Units units, AccountId account, VoucherId voucher, Kilograms asked, Taker taker)
    {
        var (owned, free, other) = units.Holding(account, taker);
        return owned < asked || other is not { } first
            ? new Refusal.InsufficientUnits(voucher, asked, owned)
            : UnderLocks(voucher, asked, free, first.Range, first.Locks, taker);
    }

    /// <summary>Why these locks keep the taker off. Where none of them does by its kind, there are too many.</summary>
    private static Refusal UnderLocks(VoucherId voucher, Kilograms asked, Kilograms free, SerialRange range, Locks locks, Taker taker) => locks switch
    {
        _ when taker.KeptOffBy(locks) is { } pledge => new Refusal.UnitsUnderLien(voucher, asked, free, pledge),
        { IsFrozen: true } => new Refusal.UnitsFrozen(voucher, asked, free),
        { IsHeld: true } => new Refusal.UnitsLocked(voucher, asked, free),
        _ => new Refusal.TooManyLocks($"Serials {range} of voucher {voucher}"),
    };

    private static Refusal? CannotTakeNamed(Units units, VoucherState voucher, AccountId account, SerialRanges ranges, Taker taker)
    {
        if (ranges[^1].Last > voucher.Kilograms.Value)
        {
            return new Refusal.SerialsBeyondVoucher(voucher.Voucher, ranges[^1], voucher.Kilograms);
        }

        var (pieces, locked) = (0, 0L);
        Piece? firstLocked = null;
        foreach (var range in ranges)
        {
            if (!units.Covers(range))
            {
                return new Refusal.TooManyRanges(voucher.Voucher, ranges.Kilograms);
            }

            foreach (var piece in units.On(range))
            {
                if (++pieces > Vouchers.Units.PiecesPerLineMax)
                {
                    return new Refusal.TooManyRanges(voucher.Voucher, ranges.Kilograms);
                }

                if (piece.Account != account || piece.Status != UnitStatus.Live)
                {
                    return new Refusal.UnitsNotHeld(voucher.Voucher, account, range);
                }

                if (!taker.Takes(piece.Locks))
                {
                    locked += piece.Range.Common(range).Count;
                    firstLocked ??= piece with { Range = piece.Range.Common(range) };
                }
            }
        }

        if (firstLocked is not { } first)
        {
            return null;
        }

        return UnderLocks(voucher.Voucher, ranges.Kilograms, ranges.Kilograms - Kilograms.FromKilograms(locked), first.Range, first.Locks, taker);
    }
}
