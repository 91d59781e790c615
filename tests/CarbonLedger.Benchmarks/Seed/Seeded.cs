namespace CarbonLedger.Benchmarks.Seed;

/// <summary>What stands in the ledger before the load: voucher <c>i</c> was issued into account <c>i</c>.</summary>
public sealed record Seeded(Guid Owner, Guid Bank, Guid Venue, IReadOnlyList<Guid> Accounts, IReadOnlyList<Guid> Vouchers)
{
    public const long KilogramsPerVoucher = 100_000_000;

    /// <summary>The voucher that many accounts hold.</summary>
    public const int HotVoucher = 0;

    /// <summary>Its holders: the first accounts.</summary>
    public const int HotHolders = 1_000;

    public const long KilogramsPerHotHolder = 50_000;

    public Guid Neighbour(int account, int distance) => Accounts[(account + distance) % Accounts.Count];
}
