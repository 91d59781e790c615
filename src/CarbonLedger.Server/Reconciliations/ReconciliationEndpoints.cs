using CarbonLedger.Server.Bulk;
using CarbonLedger.Server.Http;
using NodaTime.Text;

namespace CarbonLedger.Server.Reconciliations;

public static class ReconciliationEndpoints
{
    private const string Example = "tradeNumber,voucher,kilograms,pricePerTonne,amount,tradedAt,status\nLZ-2021-0001,0198f2c0-0000-7000-8000-000000000001,6000000,41.94,251640.00,2021-08-20T10:00:00+08:00,settled\n";

    public static void Map(IEndpointRouteBuilder routes) => routes
        .Post("/v1/venues/{id:guid}/reconciliations", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.ReconciliationWire, q => ReconcileAsync(http, new OrganizationId(id), q)))
        .WithTags("Trades")
        .Compares<ReconciliationWire>(
            "Reconcile a day",
            "Holds the venue's own list of a day's trades against the register and names what is missing, extra or different. It changes nothing and needs no key. text/csv in UTF-8, parted by comma, semicolon or tab, at most 100,000 rows; a header alone lists a day without trades. Columns: tradeNumber and kilograms; and where the venue has them voucher (id or serial; then a trade has a row for each of its vouchers), pricePerTonne, amount, sellerAccountId, buyerAccountId, tradedAt (with its offset) and status. A column that is absent, or a cell that is empty, is not compared.",
            "text/csv",
            Example)
        .KnowsWhoAsks()
        .Asks("date", Forms.Date, "The day, YYYY-MM-DD in Asia/Shanghai: a trade counts for the day of its trade time.", required: true)
        .Asks("limit", Forms.Whole(1, ReadQuestion.LimitMax), $"How many of each kind are named, 1 to {ReadQuestion.LimitMax}; {ReadQuestion.LimitDefault} when absent. The counts speak of all.");

    private static async Task<ReconciliationWire> ReconcileAsync(HttpContext http, OrganizationId venue, ReadQuestion question)
    {
        question.RequirePresent();
        var date = Input.Date(http.Request.Query["date"].ToString(), "date");
        var reader = question.Get<ReconciliationReader>();
        await reader.RequireVenueAsync(venue, date, await ReadEndpoint.ActorAsync(http, question), question);
        var list = new TradeList((await BulkFile.BytesOfAsync(http)).Span, date);
        return await reader.ReadAsync(venue, date, list, question);
    }
}
