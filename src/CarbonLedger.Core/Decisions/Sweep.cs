using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Decisions;

/// <summary>Free units that a command does not name one by one: the first of an account, of a voucher, or of a scheme's ended vouchers.</summary>
/// <remarks>
/// At most <see cref="PiecesMax"/> and one more piece; who has more to do comes again. A command that sweeps is decided alone
/// (<see cref="Command.Alone"/>), so what was swept is what there is.
/// </remarks>
public abstract record Sweep
{
    /// <summary>Pieces that one command takes this way: as many rows as a line may take.</summary>
    public const int PiecesMax = Units.PiecesPerLineMax;

    private Sweep() { }

    /// <summary>Free units of a scheme's vouchers in an account, the earliest issued first; a revoked voucher's are left out.</summary>
    public sealed record OfAccount(AccountId Account, string Scheme) : Sweep;

    /// <summary>Free units of a voucher, whoever holds them; what stands in an account that is frozen as a whole is left out.</summary>
    public sealed record OfVoucher(VoucherId Voucher) : Sweep;

    /// <summary>Free units of a scheme's vouchers whose monitoring period ended on or before a day, those that ended first at first; frozen accounts and revoked vouchers are left out.</summary>
    public sealed record OfScheme(string Scheme, LocalDate EndedBy) : Sweep;

    /// <summary>What this finds in a register that is known completely.</summary>
    public IReadOnlyList<(VoucherId Voucher, Piece Piece)> In(IEnumerable<(VoucherState Head, IEnumerable<Piece> Pieces)> vouchers, Func<AccountId, bool> isFrozen)
    {
        var found = this switch
        {
            OfAccount of => vouchers.Where(v => v.Head.Serial.Scheme == of.Scheme && v.Head.Revoked is null),
            OfVoucher of => vouchers.Where(v => v.Head.Voucher == of.Voucher),
            OfScheme of => vouchers.Where(v => v.Head.Serial.Scheme == of.Scheme && v.Head.Revoked is null && v.Head.MonitoringPeriod.Last <= of.EndedBy),
            _ => throw new InvalidOperationException($"No arm for {GetType().Name}."),
        };
        return
        [
            .. found
                .OrderBy(v => this is OfScheme ? v.Head.MonitoringPeriod.Last : default).ThenBy(v => v.Head.Voucher.Value)
                .SelectMany(v => v.Pieces, (v, piece) => (v.Head.Voucher, Piece: piece))
                .Where(p => p.Piece.IsFree && (this is OfAccount of ? p.Piece.Account == of.Account : !isFrozen(p.Piece.Account)))
                .Take(PiecesMax + 1),
        ];
    }
}
