namespace CarbonLedger.Core.Vouchers;

/// <summary>Exact units of one voucher: those of a pledge, a freeze, a retirement or a cancellation.</summary>
public sealed record VoucherSerials(VoucherId Voucher, SerialRanges Serials);
