using CarbonLedger.Core.Cancellations;
using CarbonLedger.Core.Pledges;

namespace CarbonLedger.Core.Vouchers;

public abstract record VoucherEvent : LedgerEvent
{
    private VoucherEvent() { }

    /// <summary>The voucher this is about; its id is the stream's.</summary>
    public abstract VoucherId Voucher { get; init; }
    public override Guid Stream => Voucher.Value;

    /// <summary>A voucher came to be, with serials 1 to <paramref name="Kilograms"/>, all of them in one account.</summary>
    /// <param name="PrintedNumber">The printed 碳票编号 as given.</param>
    public sealed record VoucherIssued(
        VoucherId Voucher,
        ApplicationId Application,
        ProjectId Project,
        SerialPrefix Serial,
        Kilograms Kilograms,
        DatePeriod MonitoringPeriod,
        IReadOnlyList<string> ParcelCodes,
        AccountId Holder,
        string? PrintedNumber) : VoucherEvent;

    /// <summary>Units changed hands: by a transfer, by a trade, or by the enforcement of a pledge.</summary>
    public sealed record UnitsTransferred(
        VoucherId Voucher, TransferId? Transfer, TradeId? Trade, AccountId From, AccountId To, SerialRanges Serials, string? Reason, PledgeId? Enforcement = null) : VoucherEvent;

    /// <summary>A pledge came to lie on units, behind those that lie there already.</summary>
    /// <param name="Mode">Absent for an exclusive pledge.</param>
    /// <param name="EqualRankWith">The first of the pledges that were registered in one command with equal rank.</param>
    public sealed record UnitsPledged(
        VoucherId Voucher, PledgeId Pledge, AccountId Holder, SerialRanges Serials, PledgeMode? Mode = null, PledgeId? EqualRankWith = null) : VoucherEvent;

    public sealed record UnitsReleased(VoucherId Voucher, PledgeId Pledge, AccountId Holder, SerialRanges Serials) : VoucherEvent;

    /// <summary>A trade's hold came to lie on the seller's units until the venue settles or voids, or the hold expires.</summary>
    public sealed record UnitsHeld(VoucherId Voucher, TradeId Trade, AccountId Holder, SerialRanges Serials) : VoucherEvent;

    /// <summary>A trade's hold left the seller's units, and they stayed the seller's: voided or expired.</summary>
    public sealed record HoldEnded(VoucherId Voucher, TradeId Trade, AccountId Holder, SerialRanges Serials) : VoucherEvent;

    /// <summary>Held units went to the buyer against payment: the hold ended and they changed hands in one, so that at no position of the log they are free in between.</summary>
    /// <remarks>Older logs say the same with <see cref="HoldEnded"/> before and <see cref="UnitsTransferred"/> after the settlement.</remarks>
    public sealed record UnitsDelivered(VoucherId Voucher, TradeId Trade, AccountId From, AccountId To, SerialRanges Serials) : VoucherEvent;

    /// <summary>A court or a regulator stopped units, whatever else lies on them.</summary>
    public sealed record UnitsFrozen(VoucherId Voucher, FreezeId Freeze, AccountId Holder, SerialRanges Serials) : VoucherEvent;

    public sealed record UnitsUnfrozen(VoucherId Voucher, FreezeId Freeze, AccountId Holder, SerialRanges Serials) : VoucherEvent;

    public sealed record UnitsRetired(VoucherId Voucher, RetirementId Retirement, AccountId Holder, SerialRanges Serials) : VoucherEvent;

    /// <summary>Units were removed for ever, without a claim.</summary>
    /// <param name="Cancellation">Absent when the voucher's revocation is why.</param>
    public sealed record UnitsCancelled(VoucherId Voucher, CancellationId? Cancellation, AccountId Holder, SerialRanges Serials) : VoucherEvent;

    /// <summary>Units came to the end of the lifetime that their scheme gives them.</summary>
    /// <param name="ValidUntil">The last day on which they were valid.</param>
    public sealed record UnitsExpired(VoucherId Voucher, SchemeId Scheme, AccountId Holder, SerialRanges Serials, LocalDate ValidUntil) : VoucherEvent;

    /// <summary>The whole voucher was taken back. Nothing of it moves from here on; what was retired stays retired.</summary>
    public sealed record VoucherRevoked(VoucherId Voucher, string Reason, Paper Document) : VoucherEvent;
}

/// <summary>Why and on what paper a voucher was taken back.</summary>
public sealed record Revocation(string Reason, Paper Document);

/// <summary>A voucher's head; who holds its units stands in pieces.</summary>
/// <param name="Revoked">Null unless it was revoked.</param>
public sealed record VoucherState(
    VoucherId Voucher,
    ApplicationId Application,
    ProjectId Project,
    SerialPrefix Serial,
    Kilograms Kilograms,
    DatePeriod MonitoringPeriod,
    string? PrintedNumber,
    Revocation? Revoked = null) : State
{
    public override Guid Id => Voucher.Value;
}

public static class Voucher
{
    public static void Evolve(Register register, VoucherEvent fact)
    {
        var units = register.LoadUnits(fact.Voucher);
        switch (fact)
        {
            case VoucherEvent.VoucherIssued e:
                Issue(register, e);
                units.Issue(e.Kilograms, e.Holder);
                break;
            case VoucherEvent.UnitsTransferred e:
                units.Change(e.Serials, piece => Require(piece, e.From, piece.IsFree) with { Account = e.To });
                break;
            case VoucherEvent.UnitsPledged e:
                units.Change(e.Serials, piece => Require(piece, e.Holder, true).With(LockOf(e)));
                break;
            case VoucherEvent.UnitsReleased e:
                units.Change(e.Serials, piece => Require(piece, e.Holder, true).Without(e.Pledge.Value));
                break;
            case VoucherEvent.UnitsHeld e:
                units.Change(e.Serials, piece => Require(piece, e.Holder, true).With(new UnitLock(LockKind.Hold, e.Trade.Value)));
                break;
            case VoucherEvent.HoldEnded e:
                units.Change(e.Serials, piece => Require(piece, e.Holder, true).Without(e.Trade.Value));
                break;
            case VoucherEvent.UnitsDelivered e:
                units.Change(e.Serials, piece => Require(piece, e.From, piece.Locks.Items.Count == 1).Without(e.Trade.Value) with { Account = e.To });
                break;
            case VoucherEvent.UnitsFrozen e:
                units.Change(e.Serials, piece => Require(piece, e.Holder, true).With(new UnitLock(LockKind.Freeze, e.Freeze.Value)));
                break;
            case VoucherEvent.UnitsUnfrozen e:
                units.Change(e.Serials, piece => Require(piece, e.Holder, true).Without(e.Freeze.Value));
                break;
            case VoucherEvent.UnitsRetired e:
                units.Change(e.Serials, piece => Require(piece, e.Holder, piece.IsFree) with { Status = UnitStatus.Retired });
                break;
            case VoucherEvent.UnitsCancelled e:
                units.Change(e.Serials, piece => Require(piece, e.Holder, piece.IsFree) with { Status = UnitStatus.Cancelled });
                break;
            case VoucherEvent.UnitsExpired e:
                units.Change(e.Serials, piece => Require(piece, e.Holder, piece.IsFree) with { Status = UnitStatus.Expired });
                break;
            case VoucherEvent.VoucherRevoked e:
                register.Set(register.Find<VoucherState>(e.Voucher.Value)! with { Revoked = new Revocation(e.Reason, e.Document) });
                break;
            default:
                throw new InvalidOperationException($"No arm for {fact.GetType().Name}.");
        }
    }

    /// <summary>The lock that a pledge puts on units.</summary>
    public static UnitLock LockOf(VoucherEvent.UnitsPledged e) =>
        new(e.Mode == PledgeMode.Ranked ? LockKind.Ranked : LockKind.Exclusive, e.Pledge.Value, e.EqualRankWith?.Value);

    private static void Issue(Register register, VoucherEvent.VoucherIssued e)
    {
        register.Set(new VoucherState(e.Voucher, e.Application, e.Project, e.Serial, e.Kilograms, e.MonitoringPeriod, e.PrintedNumber));
        var project = register.Find<Projects.ProjectState>(e.Project.Value)!;
        register.Set(project with { Issuances = new Dictionary<int, int>(project.Issuances) { [e.Serial.Vintage] = e.Serial.Issuance } });
        foreach (var parcel in e.ParcelCodes)
        {
            register.Cover(new Coverage(parcel, e.MonitoringPeriod, e.Voucher));
        }

        if (e.PrintedNumber is { } number)
        {
            register.Take(UniqueName.PrintedNumber(number));
        }
    }

    /// <summary>The pair to every guard of a decision: the units really stand as the event says.</summary>
    private static Piece Require(Piece piece, AccountId holder, bool condition) =>
        piece.Account == holder && piece.Status == UnitStatus.Live && condition
            ? piece
            : throw new InvalidOperationException($"Serials {piece.Range} do not stand as the event says: {piece}.");
}
