using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CarbonLedger.Server.Tests.Api;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Statements;

/// <summary>The lien statement (P7): who holds what, what lies on it, who may see it, and that anyone can check who said so.</summary>
public sealed class LienStatementSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private static object Freeze(params object[] lines) => new { lines, authority = "court", documentNumber = "D-1", kind = "judicial" };

    [Fact]
    public async Task A_range_without_any_lock_is_said_to_be_lien_free()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var statement = await StateAsync(v);

        Assert.True(statement.GetProperty("lienFree").GetBoolean());
        var stretch = Assert.Single(Stretches(statement));
        Assert.Equal((1, 1000, 1000), (Number(stretch, "first"), Number(stretch, "last"), Number(stretch, "kilograms")));
        Assert.Equal(("live", v.Account, cast.Owner), (Text(stretch, "status"), Text(stretch, "holderAccountId"), Text(stretch, "holderOrganizationId")));
        Assert.Equal((await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("serial").GetString(), Text(stretch, "serial"));
        Assert.True(stretch.GetProperty("lienFree").GetBoolean());
        Assert.Equal(0, stretch.GetProperty("locks").GetArrayLength());
    }

    [Fact]
    public async Task A_statement_names_its_place_in_the_log_and_its_register()
    {
        var v = await Api.VoucherAsync(1000);
        var statement = await StateAsync(v);
        var position = Number(statement, "logIndex");
        Assert.Equal(await Api.HeadAsync(), position);
        Assert.Equal((await EventAsync(position)).GetProperty("at").GetString(), Text(statement, "logTime"));
        Assert.Equal(await AskSqlAsync($"select encode(hash, 'hex') from ledger.leaves where seq_id = {position}"), Text(statement, "logLeafHash"));
        Assert.Equal(await AskSqlAsync("select encode(hash, 'hex') from ledger.leaves where seq_id = 1"), Text(statement.GetProperty("register"), "firstLeafHash"));
        Assert.Equal("registrar", Text(statement, "issuedTo"));
        Assert.False(statement.TryGetProperty("asOf", out _));

        var asOf = Text(statement, "logTime");
        Assert.Equal(asOf, Text(await StateAsync(v, $"&asOf={asOf}"), "asOf"));
    }

    [Fact]
    public async Task Parties_see_every_lock_and_others_only_that_one_exists()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var pledge = await Api.PledgeAsync(v, 600);
        var freeze = (await Api.DoAsync("/v1/freezes", Freeze(v.Line((501, 700))))).Id;
        foreach (var party in new[] { null, cast.Owner, cast.Bank })
        {
            var stretches = Stretches(await StateAsync(v, "&first=1&last=600", party));
            Assert.Equal([(1, 500, "pledge"), (501, 600, "pledge freeze")], stretches.Select(Brief));
            Assert.All(stretches, s => Assert.Equal("party", Text(s, "view")));
            var (lien, stop) = (stretches[1].GetProperty("locks")[0], stretches[1].GetProperty("locks")[1]);
            Assert.Equal((1, pledge, cast.Bank, "1000.00"), (Number(lien, "rank"), Text(lien, "pledgeId"), Text(lien, "pledgeeId"), Text(lien, "securedAmount")));
            Assert.StartsWith("PC-", Text(lien, "contractNumber"));
            Assert.Equal((freeze, "court", "D-1"), (Text(stop, "freezeId"), Text(stop, "authority"), Text(stop, "documentNumber")));
        }

        // The lender is a party where its lien lies, and one of the public elsewhere.
        Assert.Equal(["party", "party", "public", "public"], Stretches(await StateAsync(v, "", cast.Bank)).Select(s => Text(s, "view")));
        foreach (var other in new[] { cast.OtherBank, cast.Venue, cast.Stranger })
        {
            var stretches = Stretches(await StateAsync(v, "", other));
            Assert.Equal([(1, 500, "pledge"), (501, 600, "freeze pledge"), (601, 700, "freeze"), (701, 1000, "")], stretches.Select(Brief));
            Assert.All(stretches, s => Assert.Equal("public", Text(s, "view")));
            Assert.All(stretches.SelectMany(s => s.GetProperty("locks").EnumerateArray()), l => Assert.Equal(["kind"], l.EnumerateObject().Select(m => m.Name)));
        }
    }

    [Fact]
    public async Task The_public_cannot_tell_where_one_pledge_ends_and_another_begins()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        await Api.PledgeAsync(v, 300);
        await Api.PledgeAsync(v, 300);
        Assert.Equal([(1, 300, "pledge"), (301, 600, "pledge"), (601, 1000, "")], Stretches(await StateAsync(v)).Select(Brief));
        Assert.Equal([(1, 600, "pledge"), (601, 1000, "")], Stretches(await StateAsync(v, "", cast.Stranger)).Select(Brief));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_page_ends_within_a_stretch_that_looks_alike_to_whoever_asks(int limit)
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        foreach (var range in new[] { (1L, 100L), (101L, 200L), (50L, 120L), (301L, 400L), (401L, 500L) })
        {
            await Api.DoAsync("/v1/pledges", await RankedAsync(cast.Bank, v, range));
        }

        var at = Text(await StateAsync(v), "logTime");
        foreach (var asOf in new[] { "", $"&asOf={at}" })
        {
            Assert.Equal([(1, 200, "pledge"), (201, 300, ""), (301, 500, "pledge"), (501, 1000, "")], await PagesAsync(cast.Stranger, asOf));
            Assert.Equal(
                [(1, 49, "pledge"), (50, 100, "pledge pledge"), (101, 120, "pledge pledge"), (121, 200, "pledge"), (201, 300, ""), (301, 400, "pledge"), (401, 500, "pledge"), (501, 1000, "")],
                await PagesAsync(cast.Bank, asOf));
            await Api.DoAsync("/v1/freezes", Freeze(v.Line((901, 902)))); // so that the rows no longer show that instant
        }

        async Task<List<(long, long, string)>> PagesAsync(string actingAs, string asOf)
        {
            var (shown, cursor) = (new List<(long, long, string)>(), "");
            do
            {
                var answer = (await Api.GetAsync($"/v1/liens?voucherId={v.Id}&limit={limit}{asOf}{cursor}", actingAs)).Body;
                var stretches = Stretches(answer.GetProperty("statement"));
                Assert.InRange(stretches.Length, 1, limit);
                shown.AddRange(stretches.Select(Brief));
                cursor = answer.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : "";
            }
            while (cursor != "");

            return shown;
        }
    }

    [Fact]
    public async Task Ranks_follow_the_order_of_registration_equal_ones_share_and_a_release_promotes()
    {
        var (v, cast) = (await Api.VoucherAsync(200), await Api.CastAsync());
        var a = (await Api.DoAsync("/v1/pledges", await RankedAsync(cast.Bank, v, (1, 100)))).Id;
        var b = (await Api.DoAsync("/v1/pledges", await RankedAsync(cast.Bank, v, (1, 200), cast.OtherBank))).Id;
        var d = (await Api.DoAsync("/v1/pledges", await RankedAsync(cast.OtherBank, v, (1, 200)))).Id;
        var before = Text(await StateAsync(v), "logTime");
        var c = (await Locks(50)).Select(l => Text(l, "pledgeId")).Except([a, b, d]).Single();

        Assert.Equal([(a, 1), (b, 2), (c, 2), (d, 3)], await RanksAsync(50));
        Assert.Equal([(b, 1), (c, 1), (d, 2)], await RanksAsync(150));
        await Api.DoAsync($"/v1/pledges/{a}/releases", new { reason = "repaid" }, cast.Bank);
        Assert.Equal([(b, 1), (c, 1), (d, 2)], await RanksAsync(50));
        await Api.DoAsync($"/v1/pledges/{b}/releases", new { reason = "repaid" }, cast.Bank);
        Assert.Equal([(c, 1), (d, 2)], await RanksAsync(50));
        Assert.Equal([(a, 1), (b, 2), (c, 2), (d, 3)], await RanksAsync(50, $"&asOf={before}"));
        Assert.All(await Locks(50), l => Assert.Equal(("ranked", "registered", cast.OtherBank), (Text(l, "mode"), Text(l, "status"), Text(l, "pledgeeId"))));

        async Task<JsonElement[]> Locks(int serial, string more = "") =>
            [.. Stretches(await StateAsync(v, $"&first={serial}&last={serial}{more}")).Single().GetProperty("locks").EnumerateArray()];
        async Task<IEnumerable<(string, long)>> RanksAsync(int serial, string more = "") => (await Locks(serial, more)).Select(l => (Text(l, "pledgeId"), Number(l, "rank")));
    }

    [Fact]
    public async Task A_default_an_enforcement_and_a_revocation_show()
    {
        var (v, cast) = (await Api.VoucherAsync(200), await Api.CastAsync());
        var pledge = (await Api.DoAsync("/v1/pledges", await RankedAsync(cast.Bank, v, (1, 100)))).Id;
        await Api.DoAsync($"/v1/pledges/{pledge}/default-notices", new { reason = "not repaid" }, cast.Bank);
        Assert.Equal("defaultNotified", Text(Stretches(await StateAsync(v))[0].GetProperty("locks")[0], "status"));
        Assert.False((await StateAsync(v)).GetProperty("revoked").GetBoolean());

        await Api.DoAsync(
            $"/v1/pledges/{pledge}/enforcements",
            new { method = "auction", buyerAccountId = cast.BuyerAccount, pricePerTonne = "41.94", reason = "auction of units", lines = new[] { v.Line((1, 60)) } },
            cast.Bank);
        var stretches = Stretches(await StateAsync(v));
        Assert.Equal([(1, 60, ""), (61, 100, "pledge"), (101, 200, "")], stretches.Select(Brief));
        Assert.Equal((cast.BuyerAccount, v.Account), (Text(stretches[0], "holderAccountId"), Text(stretches[1], "holderAccountId")));

        var before = Text(await StateAsync(v), "logTime");
        await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", new { reason = "The report was forged", document = new { number = "D-3", sha256 = new string('b', 64) } });
        var revoked = await StateAsync(v);
        Assert.True(revoked.GetProperty("revoked").GetBoolean());
        Assert.Equal([(1, 60, "cancelled"), (61, 100, "live"), (101, 200, "cancelled")], Stretches(revoked).Select(s => (Number(s, "first"), Number(s, "last"), Text(s, "status"))));
        Assert.False((await StateAsync(v, $"&asOf={before}")).GetProperty("revoked").GetBoolean());

        var statement = await Api.ReadAsync($"/v1/accounts/{v.Account}/statement");
        var entries = statement.GetProperty("entries").EnumerateArray().ToArray();
        Assert.Equal(["issued", "pledged", "released", "enforcedOut", "cancelled"], entries.Select(e => Text(e, "what")));
        Assert.Equal((pledge, "auction of units", -60), (Text(entries[3], "pledgeId"), Text(entries[3], "reason"), Number(entries[3], "kilograms")));
        Assert.Equal((40, 0), (Number(statement.GetProperty("closing"), "owned"), Number(statement.GetProperty("closing"), "free")));
    }

    [Fact]
    public async Task A_freeze_of_the_holders_account_appears_on_what_is_live()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.DoAsync("/v1/retirements", RetirementBody(v.Account, v.Line((1, 100))));
        var freeze = await Api.DoAsync("/v1/freezes", new { accountId = v.Account, authority = "bureau", documentNumber = "D-2", kind = "administrative" });
        var stretches = Stretches(await StateAsync(v));
        Assert.Equal([(1, 100, ""), (101, 1000, "freeze")], stretches.Select(Brief));
        Assert.Equal(["retired", "live"], stretches.Select(s => Text(s, "status")));
        Assert.True(stretches[1].GetProperty("locks")[0].GetProperty("wholeAccount").GetBoolean());

        await Api.DoAsync($"/v1/freezes/{freeze.Id}/lift", new { authority = "bureau", documentNumber = "D-3" });
        Assert.True((await StateAsync(v)).GetProperty("lienFree").GetBoolean());
        var then = await StateAsync(v, $"&asOf={(await EventAsync(freeze.LogIndex)).GetProperty("at").GetString()}");
        Assert.Equal([(1, 100, ""), (101, 1000, "freeze")], Stretches(then).Select(Brief));
    }

    [Fact]
    public async Task Past_instants_show_holders_liens_and_parties_of_then()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var pledge = await Api.PledgeAsync(v, 500);
        var pledged = Text(await StateAsync(v), "logTime");
        await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid", lines = new[] { v.Line((1, 100)) } }, cast.Bank);
        var released = Text(await StateAsync(v), "logTime");
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line((1, 100))));

        Assert.Equal([(1, 500, "pledge"), (501, 1000, "")], Stretches(await StateAsync(v, $"&asOf={pledged}")).Select(Brief));
        Assert.Equal([(1, 100, ""), (101, 500, "pledge"), (501, 1000, "")], Stretches(await StateAsync(v, $"&asOf={released}")).Select(Brief));
        Assert.Equal(v.Account, Text(Stretches(await StateAsync(v, $"&asOf={released}"))[0], "holderAccountId"));
        Assert.Equal(cast.BuyerAccount, Text(Stretches(await StateAsync(v))[0], "holderAccountId"));
        Assert.Equal("public", Text(Stretches(await StateAsync(v, $"&asOf={released}", cast.Buyer))[0], "view"));
        Assert.Equal("party", Text(Stretches(await StateAsync(v, "", cast.Buyer))[0], "view"));
    }

    [Fact]
    public async Task Pages_cover_the_range_at_one_position_whatever_happens_meanwhile()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line((11, 20), (31, 40), (51, 60))));
        var (covered, pages, cursor) = (new List<(long, long, string)>(), new List<JsonElement>(), "");
        do
        {
            var answer = await Api.ReadAsync($"/v1/liens?voucherId={v.Id}&last=55&limit=2{cursor}");
            pages.Add(answer.GetProperty("statement"));
            covered.AddRange(Stretches(pages[^1]).Select(Brief));
            cursor = answer.TryGetProperty("nextCursor", out var next) ? $"&cursor={next.GetString()}" : "";
            await Api.DoAsync("/v1/freezes", Freeze(v.Line(10)));
        }
        while (cursor != "");

        Assert.Equal([(1, 10, ""), (11, 20, ""), (21, 30, ""), (31, 40, ""), (41, 50, ""), (51, 55, "")], covered);
        Assert.Single(pages.Select(p => Number(p, "logIndex")).Distinct());
        Assert.Equal([(1, 20), (21, 40), (41, 55)], pages.Select(p => (Number(p, "first"), Number(p, "last"))));
        Assert.True(pages.All(p => p.GetProperty("lienFree").GetBoolean()));
        Assert.False((await StateAsync(v)).GetProperty("lienFree").GetBoolean());
    }

    [Fact]
    public async Task A_holding_of_more_pieces_than_are_read_at_a_time_is_covered_whole()
    {
        var (v, cast) = (await Api.VoucherAsync(5000), await Api.CastAsync());
        for (var i = 0; i < 12; i++)
        {
            await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line([.. Enumerable.Range(0, 100).Select(k => ((long)((i * 100) + k + 1) * 4, (long)((i * 100) + k + 1) * 4))])));
        }

        var statement = await StateAsync(v, "&first=3&last=4803&limit=1000");
        Assert.Equal(1000, Stretches(statement).Length);
        await Api.DoAsync("/v1/transfers", TransferBody(cast.BuyerAccount, v.Account, v.Line(600)));
        await Api.DoAsync("/v1/transfers", TransferBody(cast.BuyerAccount, v.Account, v.Line(600)));
        var joined = Assert.Single(Stretches(await StateAsync(v, "&first=3&last=4999")));
        Assert.Equal((3, 4999, ""), Brief(joined));
    }

    [Fact]
    public async Task A_statement_verifies_and_a_changed_one_does_not()
    {
        var v = await Api.VoucherAsync(1000);
        var answer = await Api.GetAsync($"/v1/liens?voucherId={v.Id}");
        var (jws, keys) = (Text(answer.Body.GetProperty("signature"), "jws"), (await Api.GetAsync("/v1/signing-keys")).Text);
        var statement = Jws.Verify(jws, keys);

        // The payload is the statement as it stands in the answer, to the byte.
        Assert.Contains($"{{\"statement\":{Encoding.UTF8.GetString(Base64Url.DecodeFromChars(jws.Split('.')[1]))},\"signature\":", answer.Text);
        Assert.Equal(v.Id, Text(statement, "voucherId"));
        Assert.Equal("ES256", Text(answer.Body.GetProperty("signature"), "algorithm"));

        var parts = jws.Split('.');
        var forged = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(statement.GetRawText().Replace("1000", "1001", StringComparison.Ordinal)));
        Assert.Throws<CryptographicException>(() => Jws.Verify($"{parts[0]}.{forged}.{parts[2]}", keys));
        Assert.Throws<CryptographicException>(() => Jws.Verify($"{parts[0]}.{parts[1]}.{(parts[2][0] == 'A' ? 'B' : 'A')}{parts[2][1..]}", keys));
    }

    [Fact]
    public async Task What_cannot_be_stated_is_refused()
    {
        var v = await Api.VoucherAsync(1000);
        await RefusedGetAsync(400, "value-out-of-range", "/v1/liens");
        await RefusedGetAsync(400, "value-out-of-range", "/v1/liens?voucherId=x");
        await RefusedGetAsync(404, "voucher-not-found", $"/v1/liens?voucherId={Nobody}");
        await RefusedGetAsync(404, "voucher-not-found", $"/v1/liens?voucherId={v.Account}");
        await RefusedGetAsync(404, "voucher-not-found", $"/v1/liens?voucherId={v.Id}&asOf=2020-01-01T00:00:00Z");
        await RefusedGetAsync(409, "serials-beyond-voucher", $"/v1/liens?voucherId={v.Id}&last=1001");
        await RefusedGetAsync(409, "serials-beyond-voucher", $"/v1/liens?voucherId={v.Id}&first=1001");
        await RefusedGetAsync(400, "range-reversed", $"/v1/liens?voucherId={v.Id}&first=5&last=4");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/liens?voucherId={v.Id}&first=0");
        await RefusedGetAsync(400, "value-out-of-range", $"/v1/liens?voucherId={v.Id}&last=one");
        await RefusedGetAsync(400, "as-of-in-future", $"/v1/liens?voucherId={v.Id}&asOf=2099-01-01T00:00:00Z");
        foreach (var cursor in new[] { "x", Nobody, "7fffffff-ffff-ffff-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff", $"{await Api.HeadAsync():x16}00000000000003e8" })
        {
            await RefusedGetAsync(400, "cursor-malformed", $"/v1/liens?voucherId={v.Id}&cursor={cursor}");
        }

        await RefusedAsync(403, "acting-organization-unknown", () => Api.GetAsync($"/v1/liens?voucherId={v.Id}", Nobody));
        await RefusedAsync(400, "acting-organization-malformed", () => Api.GetAsync($"/v1/liens?voucherId={v.Id}", "bank"));
    }

    private async Task<object> RankedAsync(string bank, Voucher v, (long First, long Last) range, string? equalRankWith = null) => (await Api.PledgeBodyAsync(v.Account, v.Line(range))).With(new
    {
        pledgeeId = bank,
        mode = "ranked",
        equalRankWith = equalRankWith is null ? null : new[] { new { pledgeeId = equalRankWith, securedAmount = "500.00", contractNumber = Api.Unique("PC") } },
    });

    private async Task<JsonElement> StateAsync(Voucher voucher, string more = "", string? actingAs = null) =>
        (await Api.ReadAsync($"/v1/liens?voucherId={voucher.Id}{more}", actingAs)).GetProperty("statement");

    private async Task<JsonElement> EventAsync(long position) => (await Api.ReadAsync($"/v1/events?after={position - 1}&limit=1")).GetProperty("events")[0];

    private static JsonElement[] Stretches(JsonElement statement) => [.. statement.GetProperty("stretches").EnumerateArray()];

    private static (long First, long Last, string Kinds) Brief(JsonElement stretch) =>
        (Number(stretch, "first"), Number(stretch, "last"), string.Join(' ', stretch.GetProperty("locks").EnumerateArray().Select(l => Text(l, "kind"))));

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();
}
