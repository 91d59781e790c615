using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Pledges;

/// <summary>A further lender in the same registration, with equal rank: they share pro rata (P2).</summary>
public sealed record CoPledge(PledgeId Pledge, OrganizationId Pledgee, Money SecuredAmount, string ContractNumber, string? FilingNumber);

/// <summary>Registers a pledge, or reserves it: the current holder gives a named lender a lien on its units.</summary>
/// <param name="Mode">Exclusive needs free units; ranked may stand behind earlier ranked ones.</param>
/// <param name="Others">Lenders of equal rank in the same registration; only for a ranked pledge.</param>
/// <param name="ReserveUntil">Given to reserve only: without registration the lien ends by itself at this instant.</param>
public sealed record RegisterPledge(
    PledgeId Pledge,
    AccountId Pledgor,
    OrganizationId Pledgee,
    IReadOnlyList<Line> Lines,
    Money SecuredAmount,
    string ContractNumber,
    string? FilingNumber,
    DatePeriod Term,
    Valuation Valuation,
    PledgeMode Mode = PledgeMode.Exclusive,
    IReadOnlyList<CoPledge>? Others = null,
    Instant? ReserveUntil = null,
    PledgeContract? Contract = null) : Command
{
    /// <summary>The most lenders of one registration.</summary>
    public const int PledgeesMax = 8;

    /// <summary>The longest reservation: what a bank needs to pay out and file.</summary>
    public static readonly Duration ReservationMax = Duration.FromDays(30);

    private IEnumerable<CoPledge> All => [new CoPledge(Pledge, Pledgee, SecuredAmount, ContractNumber, FilingNumber), .. Others ?? []];

    public override void Collect(Needs needs)
    {
        needs.State(Pledgor.Value);
        foreach (var one in All)
        {
            needs.State(one.Pledgee.Value);
        }

        if (Contract?.Debtor is { } debtor)
        {
            needs.State(debtor.Value);
        }

        foreach (var line in Lines)
        {
            needs.Line(Pledgor, line);
        }
    }

    public override Decision Decide(Register register, Context context)
    {
        if (register.Find<AccountState>(Pledgor.Value) is not { } pledgor)
        {
            return new Refusal.AccountNotFound(Pledgor);
        }

        foreach (var one in All)
        {
            if (Organization.Lacks(register, one.Pledgee, Role.Bank) is { } pledgee)
            {
                return pledgee;
            }
        }

        if (Contract?.Debtor is { } debtor && register.Find<OrganizationState>(debtor.Value) is null)
        {
            return new Refusal.OrganizationNotFound(debtor);
        }

        // The lender may file the registration itself, by the pledge contract, as it does at 中登网.
        if (!context.Actor.MayActFor(pledgor.Organization) && !context.Actor.MayActFor(Pledgee))
        {
            return new Refusal.NotAuthorized(context.Actor, "Registering a pledge", "the holder of the units or the lender");
        }

        if (Account.CannotGive(pledgor) is { } account)
        {
            return account;
        }

        if (Valuation.Date > context.Today)
        {
            return new Refusal.DateInFuture("The valuation date", Valuation.Date, context.Today);
        }

        if (ReserveUntil is { } until && (until <= context.Now || until > context.Now + ReservationMax))
        {
            return new Refusal.ReservationTimeOutOfRange(until, context.Now);
        }

        var ranked = Mode == PledgeMode.Ranked;
        var (taken, refusal) = FreeUnits.Take(register, Pledgor, Lines, new Taker(BehindRanked: ranked));
        if (refusal is not null)
        {
            return refusal;
        }

        var others = Others?.Count ?? 0;
        if (others > 0 && taken.FirstOrDefault(t => !HasRoom(register, t.Voucher, t.Serials, others + 1)) is { Serials: not null } full)
        {
            return new Refusal.TooManyLocks($"Voucher {full.Voucher}");
        }

        // From here the pledge must succeed.
        var units = taken.Select(t => new VoucherSerials(t.Voucher, t.Serials)).ToArray();
        PledgeMode? mode = ranked ? PledgeMode.Ranked : null;
        PledgeId? EqualRank(CoPledge one) => one.Pledge == Pledge ? null : Pledge;
        return Decision.Accept(
            Pledge.Value,
            [
                .. All.Select(one => new PledgeEvent.PledgeRegistered(
                    one.Pledge, Pledgor, one.Pledgee, units, one.SecuredAmount, one.ContractNumber, one.FilingNumber, Term, Valuation, mode, EqualRank(one), ReserveUntil, Contract)),
                .. All.SelectMany(one => units, (one, u) => new VoucherEvent.UnitsPledged(u.Voucher, one.Pledge, Pledgor, u.Serials, mode, EqualRank(one))),
            ]);
    }

    private static bool HasRoom(Register register, VoucherId voucher, SerialRanges serials, int locks) =>
        register.Units(voucher)!.Parts(serials).All(p => p.Piece.Locks.Items.Count + locks <= Locks.LocksPerUnitMax);
}
