using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Freezes;

/// <summary>Records a court's or regulator's stop: on serials, whoever holds them and whatever else lies on them, or on a whole account.</summary>
/// <param name="Account">The account to freeze; null when lines are given.</param>
/// <param name="Lines">Serials; a quantity takes the lowest live serials of the voucher that are not frozen. Null when an account is given.</param>
public sealed record OrderFreeze(
    FreezeId Freeze, AccountId? Account, IReadOnlyList<Line>? Lines, FreezeKind Kind, string Authority, string DocumentNumber, string? Reason) : Command
{
    /// <summary>It takes units from holdings that it does not name: what others of its batch have loaded of them would no longer be enough.</summary>
    public override bool Alone => true;

    public override void Collect(Needs needs)
    {
        if (Account is { } account)
        {
            needs.State(account.Value);
        }

        foreach (var line in Lines ?? [])
        {
            needs.State(line.Voucher.Value);
            if (line.Ranges is { } ranges)
            {
                needs.Serial(line.Voucher, ranges);
            }
            else
            {
                needs.Live(line.Voucher);
            }
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Recording a freeze", "the registrar, on the authority's document");
        }

        return Account is { } account ? OfAccount(register, account) : OfUnits(register);
    }

    private Decision OfAccount(Register register, AccountId account)
    {
        if (register.Find<AccountState>(account.Value) is not { } state)
        {
            return new Refusal.AccountNotFound(account);
        }

        if (state.Freezes?.Count >= Locks.FreezesPerUnitMax)
        {
            return new Refusal.TooManyLocks($"Account {account}", OfFreezes: true);
        }

        // From here the freeze must succeed.
        return Decision.Accept(
            Freeze.Value,
            new FreezeEvent.FreezeOrdered(Freeze, account, null, Kind, Authority, DocumentNumber, Reason),
            new AccountEvent.AccountFrozen(account, Freeze));
    }

    private Decision OfUnits(Register register)
    {
        var frozen = new List<VoucherSerials>();
        foreach (var line in Lines!)
        {
            if (register.Find<VoucherState>(line.Voucher.Value) is not { } voucher)
            {
                return new Refusal.VoucherNotFound(line.Voucher);
            }

            if (frozen.Exists(f => f.Voucher == line.Voucher))
            {
                return new Refusal.DuplicateVoucherLine(line.Voucher);
            }

            var units = register.Units(line.Voucher) ?? new Units();
            var refusal = line.Ranges is { } ranges
                ? CannotFreeze(units, voucher, ranges)
                : TakeLowest(units, line, out ranges);
            if (refusal is not null)
            {
                return refusal;
            }

            frozen.Add(new VoucherSerials(line.Voucher, ranges));
        }

        // From here the freeze must succeed.
        return Decision.Accept(
            Freeze.Value,
            [
                new FreezeEvent.FreezeOrdered(Freeze, null, frozen, Kind, Authority, DocumentNumber, Reason),
                .. frozen.SelectMany(
                    f => Freezes.Freeze.ByHolder(register, f),
                    (f, held) => new VoucherEvent.UnitsFrozen(f.Voucher, Freeze, held.Holder, held.Serials)),
            ]);
    }

    private static Refusal? TakeLowest(Units units, Line line, out SerialRanges serials)
    {
        serials = units.LowestUnfrozen(line.Kilograms, out var all);
        if (serials.Kilograms == line.Kilograms)
        {
            return null;
        }

        return all
            ? new Refusal.InsufficientLiveUnits(line.Voucher, line.Kilograms, serials.Kilograms)
            : new Refusal.TooManyRanges(line.Voucher, line.Kilograms);
    }

    private static Refusal? CannotFreeze(Units units, VoucherState voucher, SerialRanges ranges)
    {
        if (ranges[^1].Last > voucher.Kilograms.Value)
        {
            return new Refusal.SerialsBeyondVoucher(voucher.Voucher, ranges[^1], voucher.Kilograms);
        }

        var pieces = 0;
        foreach (var range in ranges)
        {
            if (!units.Covers(range))
            {
                return new Refusal.TooManyRanges(voucher.Voucher, ranges.Kilograms);
            }

            foreach (var piece in units.On(range))
            {
                if (++pieces > Units.PiecesPerLineMax)
                {
                    return new Refusal.TooManyRanges(voucher.Voucher, ranges.Kilograms);
                }

                if (piece.Status != UnitStatus.Live)
                {
                    return new Refusal.UnitsNotLive(voucher.Voucher, range);
                }

                if (!piece.Locks.TakesFreeze)
                {
                    return new Refusal.TooManyLocks($"Serials {range} of voucher {voucher.Voucher}", OfFreezes: true);
                }
            }
        }

        return null;
    }
}
