using CarbonLedger.Benchmarks.Seed;

namespace CarbonLedger.Benchmarks.Load;

/// <summary>One kilogram from the first holder of a random voucher to one of eight other accounts.</summary>
public sealed class UniformTransfers(Seeded seeded) : Traffic(seeded)
{
    internal static readonly RequestTemplate Template = RequestTemplate.Post(
        "/v1/transfers", """{"fromAccountId":"@0","toAccountId":"@1","lines":[{"voucherId":"@2","kilograms":1}]}""");

    public override int EventsPerAnswer => 1;

    public override int Next(int connection, Span<byte> buffer)
    {
        var voucher = Random.Next(Seeded.Vouchers.Count);
        return Template.Fill(buffer, Seeded.Accounts[voucher], Seeded.Neighbour(voucher, 1 + Random.Next(8)), Seeded.Vouchers[voucher]);
    }
}

/// <summary>One kilogram of one voucher from one to another of its thousand holders.</summary>
public sealed class OneVoucherTransfers(Seeded seeded) : Traffic(seeded)
{
    public override int EventsPerAnswer => 1;

    public override int Next(int connection, Span<byte> buffer)
    {
        var from = Random.Next(Seeded.HotHolders);
        var to = (from + 1 + Random.Next(Seeded.HotHolders - 1)) % Seeded.HotHolders;
        return UniformTransfers.Template.Fill(buffer, Seeded.Accounts[from], Seeded.Accounts[to], Seeded.Vouchers[Seeded.HotVoucher]);
    }
}
