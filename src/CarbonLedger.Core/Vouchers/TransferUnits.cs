using CarbonLedger.Core.Accounts;

namespace CarbonLedger.Core.Vouchers;

/// <summary>Moves free units from one account to another, over several vouchers whole or not at all (D6).</summary>
public sealed record TransferUnits(AccountId From, AccountId To, IReadOnlyList<Line> Lines, string? Reason) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(From.Value);
        needs.State(To.Value);
        foreach (var line in Lines)
        {
            needs.Line(From, line);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (From == To)
        {
            return new Refusal.SameAccount(From);
        }

        if (Account.CannotDispose(register, From, context.Actor, "A transfer") is { } from)
        {
            return from;
        }

        if (Account.CannotReceive(register, To) is { } to)
        {
            return to;
        }

        var (taken, refusal) = FreeUnits.Take(register, From, Lines);
        if (refusal is not null)
        {
            return refusal;
        }

        // From here the transfer must succeed.
        var id = TransferId.At(context.LogIndex, taken[0].Voucher);
        var events = new LedgerEvent[taken.Count];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = new VoucherEvent.UnitsTransferred(taken[i].Voucher, id, null, From, To, taken[i].Serials, Reason);
        }

        return Decision.Accept(id.Value, events);
    }
}
