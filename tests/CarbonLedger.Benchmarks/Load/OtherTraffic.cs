using System.Buffers.Text;
using CarbonLedger.Benchmarks.Seed;

namespace CarbonLedger.Benchmarks.Load;

/// <summary>One kilogram of a random voucher, retired by its first holder.</summary>
public sealed class Retirements(Seeded seeded) : Traffic(seeded)
{
    private readonly RequestTemplate template = RequestTemplate.Post(
        "/v1/retirements",
        """{"accountId":"@0","lines":[{"voucherId":"@1","kilograms":1}],"beneficiary":{"organizationId":"@2"},"purpose":"carbonNeutralOperation","claimPeriod":{"first":"2020-01-01","last":"2020-12-31"}}""");

    public override int EventsPerAnswer => 2;

    public override int Next(int connection, Span<byte> buffer)
    {
        var voucher = Random.Next(Seeded.Vouchers.Count);
        return template.Fill(buffer, Seeded.Accounts[voucher], Seeded.Vouchers[voucher], Seeded.Owner);
    }
}

/// <summary>The balances of a random account; none holds more than nine vouchers.</summary>
public sealed class BalanceReads(Seeded seeded) : Traffic(seeded)
{
    private readonly RequestTemplate template = RequestTemplate.Get("/v1/accounts/@0/balances");

    public override int EventsPerAnswer => 0;

    // The holders of the one hot voucher come first; the others are alike.
    public override int Next(int connection, Span<byte> buffer) =>
        template.Fill(buffer, Seeded.Accounts[Random.Next(Seeded.HotHolders, Seeded.Accounts.Count)]);
}

/// <summary>Each connection pledges one kilogram, then the bank releases it.</summary>
public sealed class PledgesAndReleases(Seeded seeded, int connections) : Traffic(seeded)
{
    private readonly RequestTemplate pledge = RequestTemplate.Post(
        "/v1/pledges",
        """{"pledgorAccountId":"@0","pledgeeId":"@1","lines":[{"voucherId":"@2","kilograms":1}],"securedAmount":"10.00","contractNumber":"PC-1","termFrom":"2021-09-01","termTo":"2022-08-31","mode":"exclusive","valuation":{"pricePerTonne":"41.94","source":"benchmark","date":"2021-08-20"}}""");

    private readonly RequestTemplate release = RequestTemplate.Post("/v1/pledges/@0/releases", """{"reason":"repaid"}""", "Acting-Organization: @1\r\n");
    private readonly Guid?[] open = new Guid?[connections];

    public override int EventsPerAnswer => 2;

    public override int Next(int connection, Span<byte> buffer)
    {
        if (open[connection] is { } id)
        {
            return release.Fill(buffer, id, Seeded.Bank);
        }

        var voucher = Random.Next(Seeded.Vouchers.Count);
        return pledge.Fill(buffer, Seeded.Accounts[voucher], Seeded.Bank, Seeded.Vouchers[voucher]);
    }

    /// <summary>Every answer begins with <c>{"id":"…"</c>; the release's id is the pledge's too.</summary>
    public override void Answered(int connection, ReadOnlySpan<byte> body) =>
        open[connection] = open[connection] is null && Utf8Parser.TryParse(body[7..43], out Guid id, out _) ? id : null;
}
