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
    public override int Answered(int connection, ReadOnlySpan<byte> body)
    {
        open[connection] = open[connection] is null ? IdOf(body) : null;
        return EventsPerAnswer;
    }

    internal static Guid IdOf(ReadOnlySpan<byte> body) => Utf8Parser.TryParse(body[7..43], out Guid id, out _) ? id : throw new FormatException("An answer without an id.");
}

/// <summary>Each connection registers a sale of one kilogram that waits for its payment, then the venue settles it.</summary>
public sealed class TradesAndSettlements(Seeded seeded, int connections) : Traffic(seeded)
{
    private readonly RequestTemplate register = RequestTemplate.Post(
        "/v1/trades",
        $$$"""{"venueId":"@3","venueTradeNumber":"@9","sellerAccountId":"@0","buyerAccountId":"@1","lines":[{"voucherId":"@2","kilograms":1,"pricePerTonne":"41.94"}],"tradedAt":"2021-08-20T02:00:00Z","settlement":"deferred","holdUntil":"{{{DateTime.UtcNow.AddDays(7):yyyy-MM-ddTHH:mm:ssZ}}}"}""");

    private readonly RequestTemplate settle = RequestTemplate.Post("/v1/trades/@0/settle", "{}", "Acting-Organization: @1\r\n");
    private readonly Guid?[] open = new Guid?[connections];

    public override int EventsPerAnswer => 2;

    public override int Next(int connection, Span<byte> buffer)
    {
        if (open[connection] is { } id)
        {
            return settle.Fill(buffer, id, Seeded.Venue);
        }

        var voucher = Random.Next(Seeded.Vouchers.Count);
        return register.Fill(buffer, Seeded.Accounts[voucher], Seeded.Neighbour(voucher, 1 + Random.Next(8)), Seeded.Vouchers[voucher], Seeded.Venue);
    }

    /// <summary>A registration and a hold; or the settlement and the delivery.</summary>
    public override int Answered(int connection, ReadOnlySpan<byte> body)
    {
        open[connection] = open[connection] is null ? PledgesAndReleases.IdOf(body) : null;
        return EventsPerAnswer;
    }
}
