using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Schemes;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Cancellations;

/// <summary>Makes a reversal good from the scheme's buffer: equal kilograms are cancelled there, and every holder keeps what he has.</summary>
/// <param name="Lines">What the reversal struck, whoever holds it, whatever lies on it, and even where it is retired.</param>
public sealed record CompensateReversal(CancellationId Cancellation, IReadOnlyList<Line> Lines, CancellationGrounds Grounds) : Command
{
    /// <summary>It looks at the whole buffer, more than a batch can keep up to date.</summary>
    public override bool Alone => true;

    public Kilograms Struck => Lines.Aggregate(Kilograms.Zero, (sum, line) => sum + line.Kilograms);

    public override void Collect(Needs needs)
    {
        foreach (var line in Lines)
        {
            needs.State(line.Voucher.Value);
        }

        if (!needs.Register.Knows(Lines[0].Voucher.Value) || needs.Register.Find<VoucherState>(Lines[0].Voucher.Value) is not { } voucher)
        {
            return;
        }

        var scheme = SchemeId.Of(voucher.Serial.Scheme);
        needs.State(scheme.Value);
        if (needs.Register.Knows(scheme.Value) && needs.Register.Find<SchemeState>(scheme.Value) is { Buffer: { } buffer } state)
        {
            needs.State(buffer.Account.Value);
            needs.Sweep(new Sweep.OfAccount(buffer.Account, state.Code));
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (!context.Actor.IsRegistrar)
        {
            return new Refusal.NotAuthorized(context.Actor, "Compensating a reversal", "the registrar");
        }

        if (Cancellations.Cancellation.CannotRestOn(CancellationReason.Reversal, Grounds, context.Today) is { } grounds)
        {
            return grounds;
        }

        if (CannotBeStruck(register, out var scheme) is { } refusal)
        {
            return refusal;
        }

        if (register.Find<SchemeState>(scheme.Value) is not { Buffer: { } buffer } state)
        {
            return new Refusal.SchemeHasNoBuffer(scheme);
        }

        if (register.Find<AccountState>(buffer.Account.Value) is { IsFrozen: true } account)
        {
            return new Refusal.AccountFrozen(buffer.Account, account.Freezes![0]);
        }

        var pool = register.Swept(new Sweep.OfAccount(buffer.Account, state.Code));
        var units = Take(pool, out var missing);
        if (missing > 0)
        {
            return pool.Count > Sweep.PiecesMax
                ? new Refusal.TooManyRanges(Lines[0].Voucher, Struck)
                : new Refusal.BufferShort(scheme, Struck, Kilograms.FromKilograms(Struck.Value - missing));
        }

        // From here the compensation must succeed.
        return Decision.Accept(
            Cancellation.Value,
            [
                Cancellations.Cancellation.Record(
                    Cancellation, buffer.Account, units, CancellationReason.Reversal, Grounds, [.. Lines.Select(l => new StruckUnits(l.Voucher, l.Kilograms, l.Ranges))]),
                .. units.Select(u => new VoucherEvent.UnitsCancelled(u.Voucher, Cancellation, buffer.Account, u.Serials)),
            ]);
    }

    private Refusal? CannotBeStruck(Register register, out SchemeId scheme)
    {
        scheme = default;
        for (var i = 0; i < Lines.Count; i++)
        {
            var line = Lines[i];
            if (register.Find<VoucherState>(line.Voucher.Value) is not { } voucher)
            {
                return new Refusal.VoucherNotFound(line.Voucher);
            }

            if (Lines.Take(i).Any(l => l.Voucher == line.Voucher))
            {
                return new Refusal.DuplicateVoucherLine(line.Voucher);
            }

            if (voucher.Revoked is not null)
            {
                return new Refusal.VoucherRevoked(line.Voucher);
            }

            var last = line.Ranges is { } ranges ? ranges[^1] : SerialRange.Inclusive(1, line.Kilograms.Value);
            if (last.Last > voucher.Kilograms.Value)
            {
                return new Refusal.SerialsBeyondVoucher(line.Voucher, last, voucher.Kilograms);
            }

            var its = SchemeId.Of(voucher.Serial.Scheme);
            if (i > 0 && its != scheme)
            {
                return new Refusal.SchemeDiffers(line.Voucher, its, scheme);
            }

            scheme = its;
        }

        return null;
    }

    /// <summary>The pool's first units, the earliest issued first, until the struck kilograms are made up.</summary>
    private VoucherSerials[] Take(IReadOnlyList<(VoucherId Voucher, Piece Piece)> pool, out long missing)
    {
        var need = Struck.Value;
        var taken = new List<(VoucherId Voucher, SerialRange Range)>();
        foreach (var (voucher, piece) in pool.Take(Sweep.PiecesMax).TakeWhile(_ => need > 0))
        {
            var count = Math.Min(need, piece.Range.Count);
            taken.Add((voucher, SerialRange.HalfOpen(piece.Range.First, piece.Range.First + count)));
            need -= count;
        }

        missing = need;
        return [.. taken.GroupBy(t => t.Voucher, t => t.Range).Select(g => new VoucherSerials(g.Key, SerialRanges.Of(g)))];
    }
}
