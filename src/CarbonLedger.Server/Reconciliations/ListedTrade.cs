using CarbonLedger.Core.Trades;

namespace CarbonLedger.Server.Reconciliations;

/// <summary>A voucher as the list names it: by its id, or by a serial text of any of its units.</summary>
public sealed record ListedVoucher(VoucherId? Id, SerialPrefix? Serial, string Text)
{
    public bool Is(VoucherId voucher, SerialPrefix? serial) => Id is { } id ? id == voucher : Serial == serial;
}

/// <summary>What the list says of one voucher in a trade, or of the whole trade where it has no column for vouchers. What is null is not compared.</summary>
public sealed record ListedLine(ListedVoucher? Voucher, Kilograms Kilograms, PricePerTonne? PricePerTonne, Money? Amount);

/// <summary>A trade of the venue's own list: one row, or one for each of its vouchers.</summary>
/// <param name="Row">Its first row.</param>
public sealed record ListedTrade(int Row, string Number)
{
    public AccountId? Seller { get; set; }

    public AccountId? Buyer { get; set; }

    public Instant? TradedAt { get; set; }

    public TradeStatus? Status { get; set; }

    public List<ListedLine> Lines { get; } = [];

    /// <summary>True once a row of it could not be read; then it is compared with nothing.</summary>
    public bool IsFaulty { get; set; }

    /// <summary>The column in which another row of the trade says something else; an empty cell says nothing.</summary>
    public string? ContradictedBy(ListedTrade other) =>
        Seller is not null && other.Seller is not null && Seller != other.Seller ? "sellerAccountId"
        : Buyer is not null && other.Buyer is not null && Buyer != other.Buyer ? "buyerAccountId"
        : TradedAt is not null && other.TradedAt is not null && TradedAt != other.TradedAt ? "tradedAt"
        : Status is not null && other.Status is not null && Status != other.Status ? "status"
        : null;

    /// <summary>Takes from another row of the trade what the rows before it leave empty.</summary>
    public void Fill(ListedTrade other)
    {
        Seller ??= other.Seller;
        Buyer ??= other.Buyer;
        TradedAt ??= other.TradedAt;
        Status ??= other.Status;
    }

    public long Kilograms => Lines.Sum(l => l.Kilograms.Value);

    /// <summary>Null unless every line names one.</summary>
    public decimal? Amount => Lines.TrueForAll(l => l.Amount is not null) ? Lines.Sum(l => l.Amount!.Value.Amount) : null;
}
