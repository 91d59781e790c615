using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using static CarbonLedger.Server.Tests.Api.LedgerApi;
using static CarbonLedger.Server.Tests.Api.OfficeApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Lists by party, and lists of a past instant.</summary>
public sealed class PastListSpec(ServerFixture fixture, PostgresFixture postgres) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_list_of_a_past_instant_is_what_was_answered_then()
    {
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync());
        using var api = new LedgerApi(server.Url);
        var cast = await api.CastAsync();
        var lists = new[]
        {
            "organizations?", "accounts?", "projects?", "applications?", "vouchers?", "trades?", $"trades?venueId={cast.Venue}&", "pledges?", $"pledges?pledgeeId={cast.Bank}&",
            "loans?", $"loans?bankId={cast.Bank}&", $"loans?borrowerId={cast.Owner}&", "freezes?", "cancellations?", "retirements?", $"retirements?beneficiaryId={cast.Buyer}&", "schemes?", "inventories?", $"inventories?organizationId={cast.Buyer}&",
            "claims?", $"claims?organizationId={cast.Buyer}&", "emission-factors?", $"organizations/{cast.Buyer}/electricity-calibrations?",
        };
        var answered = new List<(string AsOf, string[] Bodies, string Book)>();
        async Task<string> BookAsync(string query)
        {
            var book = JsonNode.Parse((await api.ReadAsync($"/v1/banks/{cast.Bank}/loan-book{query}")).GetRawText())!.AsObject();
            book.Remove("asOf");
            return book.ToJsonString();
        }

        async Task NoteAsync()
        {
            var bodies = new List<string>();
            foreach (var list in lists)
            {
                bodies.Add((await api.ReadAsync($"/v1/{list}limit=1000")).GetRawText());
            }

            var book = await BookAsync("");
            answered.Add((Now(), [.. bodies], book));
            await Task.Delay(2); // the next event is later
        }

        await NoteAsync();
        var v = await api.VoucherAsync();
        await api.DoAsync("/v1/schemes", new { code = "TEST", name = "scheme" });
        await api.DoAsync("/v1/trades", await TradeBodyAsync(api, cast.Venue, v, cast.BuyerAccount, "T-1"));
        var settled = (await api.DoAsync("/v1/trades", await TradeBodyAsync(api, cast.Venue, v, cast.BuyerAccount, "T-2", deferred: true))).Id;
        var voided = (await api.DoAsync("/v1/trades", await TradeBodyAsync(api, cast.Venue, v, cast.BuyerAccount, "T-3", deferred: true))).Id;
        var pledge = await api.PledgeAsync(v, 100);
        var loan = await api.LoanAsync(pledge, "2.00");
        var freeze = (await api.DoAsync("/v1/freezes", new { accountId = v.Account, authority = "court", documentNumber = "1", kind = "judicial" })).Id;
        var inventory = (await api.DoAsync("/v1/inventories", InventoryBody(cast.Buyer, Emitted(10)))).Id;
        await NoteAsync();
        await api.DoAsync($"/v1/freezes/{freeze}/lift", new { authority = "court", documentNumber = "2" });
        await api.DoAsync($"/v1/trades/{settled}/settle", null, cast.Venue);
        await api.DoAsync($"/v1/trades/{voided}/void", new { reason = "unpaid" }, cast.Venue);
        await api.DoAsync($"/v1/pledges/{pledge}/releases", new { lines = new[] { v.Line(40) }, reason = "repaid" }, cast.Bank);
        await api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "1.00" });
        var retired = await api.RetiredForAsync(cast.Buyer, cast.BuyerAccount, v.Line(20));
        var claim = (await api.DoAsync("/v1/claims", ClaimBody(inventory, retired))).Id;
        await NoteAsync();
        await api.DoAsync($"/v1/claims/{claim}/publish");
        await api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid" }, cast.Bank);
        await api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = (await api.ReadAsync($"/v1/loans/{loan}")).GetProperty("outstanding").GetString() });
        await api.LoanAsync(await api.PledgeAsync(v, 30), "1.00");
        await api.DoAsync("/v1/reference-prices", new { venueId = cast.Venue, date = "2021-08-20", pricePerTonne = "50.00" });
        await api.DoAsync("/v1/retirements", RetirementBody(cast.BuyerAccount, v.Line(5)));
        await api.DoAsync("/v1/cancellations", new { accountId = cast.BuyerAccount, lines = new[] { v.Line(1) }, reason = "errorCorrection", explanation = "measured twice" });
        await api.DoAsync("/v1/emission-factors", new { activity = "gridElectricity", region = "贵州省", year = 2022, kilogramsPerUnit = "0.4321", unit = "kWh", calibre = "locationBased", publisher = "example", publication = "example notice" });
        await api.DoAsync($"/v1/accounts/{await api.AccountAsync(await api.OrganizationAsync("office"))}/close", new { reason = "opened by mistake" });
        var months = Enumerable.Range(1, 4).Select(m => new
        {
            period = new { first = $"2021-0{m}-01", last = $"2021-0{m}-28" },
            kilowattHours = 1000 * m,
            kilograms = 500 * m,
        });
        await api.DoAsync($"/v1/organizations/{cast.Buyer}/electricity-calibrations", new { periods = months, heldOut = 1 }, cast.Buyer);
        await NoteAsync();

        Assert.Empty(lists.Where((l, i) => answered[0].Bodies[i] == answered[^1].Bodies[i]));
        Assert.Equal(4, answered.Select(a => a.Book).Distinct().Count());
        foreach (var (asOf, bodies, book) in answered)
        {
            Assert.Equal(book, await BookAsync($"?asOf={asOf}"));
            for (var i = 0; i < lists.Length; i++)
            {
                Assert.Equal(bodies[i], (await api.ReadAsync($"/v1/{lists[i]}limit=1000&asOf={asOf}")).GetRawText());
                Assert.Equal(IdsOf(bodies[i]), await WalkAsync(api, $"/v1/{lists[i]}limit=2&asOf={asOf}"));
            }
        }
    }

    [Fact]
    public async Task A_lender_an_exchange_and_an_office_find_what_is_theirs()
    {
        var (cast, v) = (await Api.CastAsync(), await Api.VoucherAsync());
        var (bank, venue, office) = (await Api.OrganizationAsync("bank"), await Api.OrganizationAsync("exchange"), await Api.OrganizationAsync("office"));
        var holder = await Api.AccountAsync(office);
        var equal = await Api.DoAsync("/v1/pledges", (await Api.PledgeBodyAsync(v.Account, v.Line(10))).With(new
        {
            pledgeeId = cast.OtherBank,
            mode = "ranked",
            equalRankWith = new[] { new { pledgeeId = bank, securedAmount = "50.00", contractNumber = "B" } },
        }));
        var pledges = equal.Body.GetProperty("pledgeIds").EnumerateArray().Select(p => p.GetString()!).ToArray();
        var third = await Api.PledgeAsync(v, 10);
        Assert.Equal([pledges[1]], await IdsAsync($"/v1/pledges?pledgeeId={bank}"));
        Assert.Equal([.. pledges, third], await IdsAsync($"/v1/pledges?pledgorAccountId={v.Account}"));
        Assert.Empty(await IdsAsync($"/v1/pledges?pledgeeId={office}"));

        var loan = (await Api.DoAsync("/v1/loans", (await Api.LoanBodyAsync([pledges[1]], "0.10")).With(new { bankId = bank, borrowerId = office }))).Id;
        Assert.Equal([loan], await IdsAsync($"/v1/loans?borrowerId={office}"));
        Assert.Equal([loan], await IdsAsync($"/v1/loans?bankId={bank}"));
        Assert.Equal((await Api.ReadAsync($"/v1/loans/{loan}")).GetRawText(), Assert.Single((await Api.ReadAsync($"/v1/loans?borrowerId={office}")).GetProperty("items").EnumerateArray()).GetRawText());
        Assert.Empty(await IdsAsync($"/v1/loans?borrowerId={bank}"));

        var atOnce = (await Api.DoAsync("/v1/trades", await TradeBodyAsync(Api, venue, v, holder, "1"))).Id;
        var waiting = (await Api.DoAsync("/v1/trades", await TradeBodyAsync(Api, venue, v, holder, "2", deferred: true))).Id;
        Assert.Equal([atOnce, waiting], await IdsAsync($"/v1/trades?venueId={venue}"));
        await Api.DoAsync($"/v1/trades/{waiting}/settle", null, venue);
        Assert.Equal([atOnce, waiting], await IdsAsync($"/v1/trades?venueId={venue}"));

        var forItself = await Api.RetiredForAsync(office, holder, v.Line(10));
        var named = await Api.DoAsync("/v1/retirements", RetirementBody(holder, v.Line(5)));
        await Api.RetiredForAsync(cast.Buyer, 1);
        Assert.Equal([forItself, named.Id], await IdsAsync($"/v1/retirements?accountId={holder}"));
        var entry = Assert.Single((await Api.ReadAsync($"/v1/retirements?beneficiaryId={office}")).GetProperty("items").EnumerateArray());
        Assert.Equal((await Api.ReadAsync($"/v1/retirements/{forItself}")).GetRawText(), entry.GetRawText());
        var list = (await Api.ReadAsync($"/v1/retirements?accountId={holder}")).GetProperty("items");
        Assert.Equal("Business centre, building 1", list[1].GetProperty("beneficiary").GetProperty("name").GetString());
        await Api.DoAsync($"/v1/retirements/{named.Id}/erase-beneficiary", new { reason = "personsRequest" });
        Assert.Equal(
            (await Api.ReadAsync($"/v1/retirements/{named.Id}")).GetRawText(),
            (await Api.ReadAsync($"/v1/retirements?accountId={holder}")).GetProperty("items")[1].GetRawText());
    }

    [Theory]
    [InlineData("/v1/pledges?pledgeeId=bank")]
    [InlineData("/v1/pledges?pledgeeId=00000000-0000-7000-8000-000000000001&pledgorAccountId=00000000-0000-7000-8000-000000000001")]
    [InlineData("/v1/loans?bankId=00000000-0000-7000-8000-000000000001&borrowerId=00000000-0000-7000-8000-000000000001")]
    [InlineData("/v1/trades?venueId={00000000-0000-7000-8000-000000000001}")]
    [InlineData("/v1/retirements?accountId=00000000-0000-7000-8000-000000000001&beneficiaryId=00000000-0000-7000-8000-000000000001")]
    [InlineData("/v1/claims?organizationId=00000000-0000-7000-8000-000000000001&voucherId=00000000-0000-7000-8000-000000000001")]
    public async Task One_party_is_asked_about_by_its_id(string path) => await RefusedGetAsync(400, "value-out-of-range", path);

    private static async Task<object> TradeBodyAsync(LedgerApi api, string venue, Voucher v, string buyer, string number, bool deferred = false) =>
        (await api.TradeBodyAsync(v.Account, buyer, number, new { voucherId = v.Id, kilograms = 100, pricePerTonne = "41.94" })).With(new { venueId = venue, settlement = deferred ? "deferred" : "immediate" });

    private static IEnumerable<string> IdsOf(string body) => JsonDocument.Parse(body).RootElement.GetProperty("items").EnumerateArray().Select(IdOf);

    private static string IdOf(JsonElement entry) => (entry.TryGetProperty("id", out var id) ? id : entry.GetProperty("code")).GetString()!;

    private static async Task<List<string>> WalkAsync(LedgerApi api, string path)
    {
        var (ids, cursor) = (new List<string>(), "");
        do
        {
            var page = await api.ReadAsync(path + cursor);
            ids.AddRange(page.GetProperty("items").EnumerateArray().Select(IdOf));
            cursor = page.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : "";
        }
        while (cursor != "");
        return ids;
    }

    private async Task<IEnumerable<string>> IdsAsync(string path) => IdsOf((await Api.ReadAsync(path)).GetRawText());
}
