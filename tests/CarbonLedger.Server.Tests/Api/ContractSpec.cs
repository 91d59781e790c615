using System.Text.Json;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>What every accepted command answers, and what every retry gets.</summary>
public sealed class ContractSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task Every_accepted_command_answers_201_with_id_log_index_and_a_location_that_answers()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var project = await Api.ProjectAsync();
        await AcceptedAsync("/v1/organizations", new { name = "n", roles = new[] { "insurer", "auditor" } });
        var account = await AcceptedAsync("/v1/accounts", new { organizationId = cast.Buyer, name = "账户" });
        await AcceptedAsync("/v1/projects", Api.ProjectBody(cast.Owner, Api.Unique("parcel")));
        var application = await AcceptedAsync("/v1/applications", await Api.ApplicationBodyAsync(project));
        foreach (var step in new[] { "submit", "request-correction", "submit", "review", "approve", "file" })
        {
            await AcceptedAsync($"/v1/applications/{application}/{step}", new { reason = "checked" });
        }

        await AcceptedAsync($"/v1/applications/{application}/issue", new { accountId = account, printedNumber = Api.Unique("LZXQ") });
        await AcceptedAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(100)));
        await AcceptedAsync("/v1/trades", await Api.TradeBodyAsync(v.Account, cast.BuyerAccount, Api.Unique("T"), new { voucherId = v.Id, kilograms = 100, pricePerTonne = "41.94" }));
        var pledge = await AcceptedAsync("/v1/pledges", await Api.PledgeBodyAsync(v.Account, v.Line(100)));
        await AcceptedAsync("/v1/reference-prices", new { venueId = cast.Venue, date = "2021-08-20", pricePerTonne = "41.94" });
        var loan = await AcceptedAsync("/v1/loans", await Api.LoanBodyAsync([pledge]));
        await AcceptedAsync($"/v1/loans/{loan}/repayments", new { amount = "1.00", date = "2021-10-01" });
        await AcceptedAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid" }, cast.Bank);
        await AcceptedAsync("/v1/retirements", RetirementBody(v.Account, v.Line(100)));
        await AcceptedAsync($"/v1/accounts/{await Api.AccountAsync(cast.Buyer)}/close");

        async Task<string> AcceptedAsync(string path, object? body = null, string? actingAs = null)
        {
            var answer = await Api.DoAsync(path, body, actingAs);
            var location = answer.Headers.Location!.ToString();
            Assert.EndsWith(answer.Id, location);
            Assert.Equal("application/json", answer.ContentHeaders.ContentType?.MediaType);
            Assert.Equal(await Api.HeadAsync(), answer.LogIndex);
            Assert.Equal(200, (await Api.GetAsync(location)).Status);
            return answer.Id;
        }
    }

    [Fact]
    public async Task A_replay_is_the_first_answer_to_the_byte_and_says_so()
    {
        var (v, cast, key) = (await Api.VoucherAsync(1000), await Api.CastAsync(), Guid.NewGuid().ToString());
        var body = TransferBody(v.Account, cast.BuyerAccount, v.Line(10));
        var first = await Api.PostAsync("/v1/transfers", body, key: key);
        var head = await Api.HeadAsync();
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(990))); // now it could not be decided again
        var again = await Api.PostAsync("/v1/transfers", body, key: key);

        Assert.Equal((201, 201), (first.Status, again.Status));
        Assert.Equal((false, true), (first.Replayed, again.Replayed));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(first.Headers.Location, again.Headers.Location);
        Assert.Equal(head + 1, await Api.HeadAsync());
    }

    [Fact]
    public async Task A_refusal_is_an_answer_too_and_stays_the_answer()
    {
        var (v, cast, key) = (await Api.VoucherAsync(1000), await Api.CastAsync(), Guid.NewGuid().ToString());
        var body = TransferBody(cast.BuyerAccount, v.Account, v.Line(10));
        var first = await Api.PostAsync("/v1/transfers", body, key: key);
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(990))); // now it would be accepted
        var again = await Api.PostAsync("/v1/transfers", body, key: key);

        Assert.Equal((409, 409), (first.Status, again.Status));
        Assert.True(again.Replayed);
        Assert.Equal(first.Text, again.Text);
    }

    [Fact]
    public async Task Keys_belong_to_who_acts()
    {
        var (cast, key) = (await Api.CastAsync(), Guid.NewGuid().ToString());
        var body = new { organizationId = cast.Buyer, name = "n" };
        var first = await Api.PostAsync("/v1/accounts", body, key: key);
        var other = await Api.PostAsync("/v1/accounts", body, cast.Buyer, key);

        Assert.Equal((201, 201), (first.Status, other.Status));
        Assert.False(other.Replayed);
        Assert.NotEqual(first.Id, other.Id);
    }

    [Fact]
    public async Task Who_acted_stands_with_the_event()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var moved = await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(10)), cast.Owner);
        var recorded = (await Api.ReadAsync($"/v1/events?after={moved.LogIndex - 1}&limit=1")).GetProperty("events")[0];

        Assert.Equal(cast.Owner, recorded.GetProperty("data").GetProperty("actor").GetString());
        Assert.Equal("units_transferred", recorded.GetProperty("type").GetString());
        Assert.Equal(cast.Owner, (await Api.ReadAsync($"/v1/transfers/{moved.Id}")).GetProperty("actor").GetString());
    }

    [Fact]
    public async Task A_partial_move_takes_the_lowest_free_serials_and_splitting_never_renumbers()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line((11, 20))));
        var moved = await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(15)));
        Assert.Equal("""[{"first":1,"last":10},{"first":21,"last":25}]""", moved.Body.GetProperty("lines")[0].GetProperty("ranges").GetRawText());

        var holdings = (await Api.ReadAsync($"/v1/vouchers/{v.Id}/holdings")).GetProperty("holdings").EnumerateArray().ToDictionary(h => h.GetProperty("accountId").GetString()!);
        Assert.Equal("""[{"first":1,"last":25}]""", holdings[cast.BuyerAccount].GetProperty("ranges").GetRawText());
        Assert.Equal("""[{"first":26,"last":1000}]""", holdings[v.Account].GetProperty("ranges").GetRawText());
    }

    [Fact]
    public async Task Lists_go_on_where_the_page_before_ended()
    {
        for (var i = 0; i < 7; i++)
        {
            await Api.OrganizationAsync("auditor");
        }

        var all = (await Api.ReadAsync("/v1/organizations?limit=1000")).GetProperty("items").EnumerateArray().Select(IdOf).ToArray();
        var paged = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await Api.ReadAsync($"/v1/organizations?limit=3{(cursor == "" ? "" : $"&cursor={cursor}")}");
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(IdOf));
            Assert.True(paged.Count <= all.Length);
            cursor = page.TryGetProperty("nextCursor", out var next) ? next.GetString() : null;
        }

        Assert.Equal(all, paged);
        static string IdOf(JsonElement item) => item.GetProperty("id").GetString()!;
    }

    [Fact]
    public async Task The_last_page_has_no_next_cursor_even_when_it_is_full()
    {
        await Api.CastAsync();
        var count = (await Api.ReadAsync("/v1/organizations?limit=1000")).GetProperty("items").GetArrayLength();
        Assert.False((await Api.ReadAsync($"/v1/organizations?limit={count}")).TryGetProperty("nextCursor", out _));
        Assert.True((await Api.ReadAsync($"/v1/organizations?limit={count - 1}")).TryGetProperty("nextCursor", out _));
    }

    [Fact]
    public async Task Answers_of_events_are_the_bytes_that_are_hashed()
    {
        var v = await Api.VoucherAsync();
        var events = (await Api.ReadAsync($"/v1/vouchers/{v.Id}/events")).GetProperty("events");
        Assert.Equal("voucher_issued", events[0].GetProperty("type").GetString());
        var bytes = await AskSqlAsync($"select encode(bytes, 'escape') from ledger.leaves where seq_id = {events[0].GetProperty("logIndex").GetInt64()}");
        Assert.Equal(bytes, events[0].GetRawText());
    }
}
