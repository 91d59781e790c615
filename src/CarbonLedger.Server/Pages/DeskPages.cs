using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Loans;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Organizations;
using CarbonLedger.Server.Pledges;
using CarbonLedger.Server.Prices;
using CarbonLedger.Server.Trades;
using CarbonLedger.Server.Vouchers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CarbonLedger.Server.Pages;

/// <summary>Pages of a bank's and an exchange's desk: a bank's books, a loan, a pledge, a venue's prices, a trade. They say what the API says.</summary>
public static class DeskPages
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Page("/banks/{id:guid}/loan-book", async (_, q, id) =>
        {
            var book = await q.Get<LoanReader>().BookAsync(new OrganizationId(id), q);
            var then = q with { UpTo = book.LogIndex }; // all of one moment
            return new RazorComponentResult<LoanBookPage>(new
            {
                Bank = OrganizationEndpoints.Of(await q.Get<ThingReader>().FindAsync<OrganizationState>(id, q, new Refusal.OrganizationNotFound(new OrganizationId(id)))),
                q.AsOf,
                Book = book,
                Collateral = await q.Get<CollateralBookReader>().ReadAsync(new OrganizationId(id), then),
                Pledges = await PledgeEndpoints.ListAsync(then, id),
            });
        });
        routes.Page("/loans/{id:guid}", async (_, q, id) =>
        {
            var statement = await q.Get<LoanStatementReader>().ReadAsync(new LoanId(id), q);
            var loan = await q.Get<LoanReader>().ReadAsync(new LoanId(id), q with { UpTo = statement.LogIndex });
            return new RazorComponentResult<LoanPage>(new { Loan = loan, Statement = statement, q.AsOf, Names = await NamesAsync(q, loan.BankId.Value, loan.BorrowerId.Value) });
        });
        routes.Page("/pledges/{id:guid}", async (_, q, id) =>
        {
            var then = await q.Get<LogReader>().AtOnePositionAsync(q);
            var pledge = await PledgeEndpoints.ReadAsync(new PledgeId(id), then);
            var events = await q.Get<LogReader>().StreamAsync(id, then.UpTo);
            var enforcements = events.Select(e => e.Fact).OfType<PledgeEvent.PledgeEnforced>().ToArray();
            var paid = (await q.Get<ThingReader>().LoadAsync([.. enforcements.SelectMany(e => e.Distribution).Select(p => p.Pledge.Value).Distinct()], null)).Values.OfType<PledgeState>();
            var lenders = paid.ToDictionary(p => p.Pledge, p => p.Pledgee); // a pledge's lender never changes
            return new RazorComponentResult<PledgePage>(new
            {
                Pledge = pledge,
                q.AsOf,
                LogIndex = then.UpTo!.Value,
                At = then.Now,
                History = events.ConvertAll(History.Of),
                Enforcements = enforcements,
                Lenders = lenders,
                Serials = await SerialsAsync(q, pledge.Lines.Select(l => l.VoucherId)),
                Names = await NamesAsync(q, [
                    pledge.PledgeeId.Value, pledge.PledgorAccountId.Value, pledge.DebtorId?.Value ?? pledge.PledgeeId.Value,
                    .. (pledge.StandingBefore ?? []).Select(b => b.PledgeeId.Value), .. lenders.Values.Select(l => l.Value), .. enforcements.Select(e => e.Buyer.Value)]),
            });
        });
        routes.Page("/venues/{id:guid}", async (http, q, id) =>
        {
            var (from, to) = (VenuePriceEndpoints.Day(http, "from"), VenuePriceEndpoints.Day(http, "to"));
            var prices = await q.Get<PriceReader>().HistoryAsync(new OrganizationId(id), from, to, q);
            var trades = from is { } day && day == to ? TradeEndpoints.PageOf(q, await TradeFinder.OfDayAsync(id, day, q)) : null;
            return new RazorComponentResult<VenuePage>(new { Name = (await NamesAsync(q, id))[id], Prices = prices, Trades = trades, At = q.Now, q.AsOf, From = from, To = to });
        });
        routes.Page("/trades/{id:guid}", async (_, q, id) =>
        {
            var then = await q.Get<LogReader>().AtOnePositionAsync(q);
            var trade = await TradeEndpoints.ReadAsync(new TradeId(id), then);
            return new RazorComponentResult<TradePage>(new
            {
                Trade = trade,
                q.AsOf,
                LogIndex = then.UpTo!.Value,
                At = then.Now,
                History = (await q.Get<LogReader>().StreamAsync(id, then.UpTo)).ConvertAll(History.Of),
                Serials = await SerialsAsync(q, trade.Lines.Select(l => l.VoucherId)),
                Names = await NamesAsync(q, trade.VenueId.Value, trade.SellerAccountId.Value, trade.BuyerAccountId.Value),
            });
        });
    }

    /// <summary>Vouchers by their serials, which never change.</summary>
    public static async Task<IReadOnlyDictionary<VoucherId, string>> SerialsAsync(ReadQuestion q, IEnumerable<VoucherId> vouchers) =>
        (await q.Get<ThingReader>().LoadAsync([.. vouchers.Select(v => v.Value).Distinct()], null)).Values.OfType<VoucherState>().ToDictionary(v => v.Voucher, VoucherEndpoints.SerialOf);

    /// <summary>The names of organizations and accounts, which never change.</summary>
    public static async Task<IReadOnlyDictionary<Guid, string>> NamesAsync(ReadQuestion q, params Guid[] ids) =>
        (await q.Get<ThingReader>().LoadAsync([.. ids.Distinct()], null)).ToDictionary(s => s.Key, s => s.Value switch
        {
            OrganizationState o => o.Name,
            AccountState a => a.Name,
            _ => throw new InvalidOperationException($"{s.Key} has no name."),
        });
}
