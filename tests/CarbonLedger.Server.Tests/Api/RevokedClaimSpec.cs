using CarbonLedger.Server.Tests.Crash;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using static CarbonLedger.Server.Tests.Api.OfficeApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>C6 through HTTP: what a revocation does to the claims built on the voucher.</summary>
public sealed class RevokedClaimSpec(ServerFixture fixture, PostgresFixture postgres) : ApiSpec(fixture)
{
    private static readonly object Revocation = new { reason = "The report was forged", document = new { number = "D-3" } };

    [Fact]
    public async Task A_revocation_flags_the_claims_that_its_dry_run_has_named()
    {
        var (office, v, w) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(100), await Api.VoucherAsync(200));
        await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(w.Account, v.Account, w.Line(200)));
        var both = await RetiredAsync(office, v.Account, v.Line(40), w.Line(100));
        var one = await Api.RetiredForAsync(office, v.Account, v.Line(60));
        var falls = await ClaimAsync(Api, office, 60, one);
        var draft = await ClaimAsync(Api, office, 40, both, publish: false);
        var stands = await ClaimAsync(Api, office, 70, both);
        var given = await ClaimAsync(Api, office, 1, await Api.RetiredForAsync(office, 1));

        var dry = await Api.ReadAsync($"/v1/vouchers/{v.Id}/revocation");
        Assert.Equal((2, 1), (dry.GetProperty("claimsToFlag").GetInt32(), dry.GetProperty("steps").GetInt32()));
        Assert.Equal(
            [(falls, "published", "underCovered", 60, 0, false), (draft, "draft", "draft", 40, 0, false)],
            dry.GetProperty("claims").EnumerateArray().Select(c => (c.GetProperty("claimId").GetString()!, c.GetProperty("status").GetString()!, c.GetProperty("statusAfter").GetString()!, c.GetProperty("kilograms").GetInt32(), c.GetProperty("coveringAfter").GetInt32(), c.GetProperty("flagged").GetBoolean())));
        Assert.Equal([(both, draft), (one, falls)], dry.GetProperty("retirements").EnumerateArray().Select(r => (r.GetProperty("retirementId").GetString()!, r.GetProperty("claimIds").EnumerateArray().Single().GetString()!)));
        Assert.Equal("published", (await ReadAsync(falls)).GetProperty("status").GetString());

        var before = await Api.HeadAsync();
        var instant = (await Api.ReadAsync($"/v1/events?after={before - 1}&limit=1")).GetProperty("events")[0].GetProperty("at").GetString();
        var revoked = await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", Revocation);
        Assert.Equal(2, revoked.Body.GetProperty("flaggedClaims").GetInt32());

        var claim = await ReadAsync(falls);
        Assert.Equal(("underCovered", 0, 60), (claim.GetProperty("status").GetString(), claim.GetProperty("covering").GetInt32(), claim.GetProperty("retired").GetInt32()));
        Assert.Equal((v.Id, "The report was forged"), (claim.GetProperty("flags")[0].GetProperty("voucherId").GetString(), claim.GetProperty("flags")[0].GetProperty("reason").GetString()));
        Assert.Contains("已被撤销", claim.GetProperty("statement").GetProperty("zh").GetString());
        Assert.Equal(["claim_drafted", "claim_published", "claim_flagged", "claim_uncovered"], (await Api.ReadAsync($"/v1/claims/{falls}/events")).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("type").GetString()));
        Assert.Equal("published", (await Api.ReadAsync($"/v1/claims/{falls}?asOf={instant}")).GetProperty("status").GetString());
        Assert.Equal(0, (await Api.ReadAsync($"/v1/claims/{stands}")).GetProperty("flags").GetArrayLength());
        Assert.Equal(0, (await Api.ReadAsync($"/v1/claims/{given}")).GetProperty("flags").GetArrayLength());
        await RefusedPostAsync(409, "claim-short-of-emissions", $"/v1/claims/{draft}/publish");

        // What is left of it backs nothing; a voucher that stands does, and covers the claim again.
        await RefusedPostAsync(409, "retirement-already-claimed", $"/v1/claims/{falls}/top-ups", new { retirementIds = new[] { one } });
        await Api.DoAsync($"/v1/claims/{draft}/withdraw", new { reason = "The voucher was revoked." });
        await RefusedPostAsync(409, "claim-short-of-emissions", $"/v1/claims/{falls}/top-ups", new { retirementIds = new[] { both } });
        var third = (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(1)))).Id;
        await Api.DoAsync("/v1/claims", ClaimBody(third, both));
        await Api.DoAsync($"/v1/claims/{falls}/top-ups", new { retirementIds = new[] { await Api.RetiredForAsync(office, 60) } });
        Assert.Equal("published", (await ReadAsync(falls)).GetProperty("status").GetString());
        var after = await Api.ReadAsync($"/v1/vouchers/{v.Id}/revocation");
        Assert.Equal((0, falls, true), (after.GetProperty("claimsToFlag").GetInt32(), after.GetProperty("claims")[0].GetProperty("claimId").GetString(), after.GetProperty("claims")[0].GetProperty("flagged").GetBoolean()));
        await RefusedGetAsync(404, "claim-not-found", $"/v1/claims/{Nobody}/events");
    }

    [Fact]
    public async Task Retired_units_of_a_revoked_voucher_back_no_claim()
    {
        var (office, v) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(100));
        var retirement = await Api.RetiredForAsync(office, v.Account, v.Line(100));
        var inventory = (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(10)))).Id;
        await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", Revocation);
        await RefusedPostAsync(409, "retirement-of-revoked-voucher", "/v1/claims", ClaimBody(inventory, retirement));
    }

    [Fact]
    public async Task A_cancellation_flags_nothing()
    {
        var (office, v) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(100));
        var claim = await ClaimAsync(Api, office, 50, await Api.RetiredForAsync(office, v.Account, v.Line(50)));
        await Api.DoAsync("/v1/cancellations", new { accountId = v.Account, lines = new[] { v.Line(20) }, reason = "overIssuance", explanation = "measured twice" });
        await Api.DoAsync("/v1/cancellations", new { accountId = v.Account, lines = new[] { v.Line(30) }, reason = "reversal", eventDate = "2021-05-01", document = new { number = "FIRE-1" } });
        Assert.Equal(("published", 0), ((await ReadAsync(claim)).GetProperty("status").GetString(), (await ReadAsync(claim)).GetProperty("flags").GetArrayLength()));
    }

    [Fact]
    public async Task Claims_that_race_with_the_revocation_are_flagged_or_not_made()
    {
        var (office, v) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(1_000));
        var retirement = await Api.RetiredForAsync(office, v.Account, v.Line(1_000));
        var inventories = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ => (await Api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(10)))).Id));
        var claims = inventories[..30].Select(i => Api.PostAsync("/v1/claims", ClaimBody(i, retirement))).ToList();
        var revocation = Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", Revocation);
        claims.AddRange(inventories[30..].Select(i => Api.PostAsync("/v1/claims", ClaimBody(i, retirement))));

        var (revokedAt, answers) = ((await revocation).LogIndex, await Task.WhenAll(claims));
        foreach (var answer in answers)
        {
            if (answer.Status == 201)
            {
                Assert.True(answer.LogIndex < revokedAt, answer.Shown);
                Assert.Equal(v.Id, (await ReadAsync(answer.Id)).GetProperty("flags")[0].GetProperty("voucherId").GetString());
            }
            else
            {
                Assert.Equal("retirement-of-revoked-voucher", answer.Code);
            }
        }
    }

    [Fact]
    public async Task Claims_that_a_killed_server_had_not_flagged_yet_are_flagged_after_the_restart()
    {
        const int Claims = 250; // more than a revocation flags itself
        var connectionString = await postgres.CreateDatabaseAsync();
        string voucher;
        using (var server = await ServerProcess.OnDatabaseAsync(connectionString))
        using (var api = new LedgerApi(server.Url))
        {
            var (office, v) = (await api.OrganizationAsync("office"), await api.VoucherAsync(Claims));
            var retirement = await api.RetiredForAsync(office, v.Account, v.Line(Claims));
            await Task.WhenAll(Enumerable.Range(0, Claims).Select(_ => ClaimAsync(api, office, 1, retirement)));
            voucher = v.Id;
            Assert.Equal(200, (await api.DoAsync($"/v1/vouchers/{voucher}/revocation", Revocation)).Body.GetProperty("flaggedClaims").GetInt32());
            await server.KillAsync();
        }

        using var again = await ServerProcess.OnDatabaseAsync(connectionString);
        using var asker = new LedgerApi(again.Url);
        for (var patience = 0; await LeftAsync() > 0; patience++)
        {
            Assert.True(patience < 100, "Claims are left unflagged.");
            await Task.Delay(100);
        }

        Assert.Equal($"{Claims}", await Sql.AskAsync(connectionString, "select count(*)::text from ledger.states where kind = 'claim' and state ->> 'status' = 'underCovered' and json_array_length(state -> 'flags') = 1"));

        async Task<int> LeftAsync() => (await asker.ReadAsync($"/v1/vouchers/{voucher}/revocation")).GetProperty("claimsToFlag").GetInt32();
    }

    [Fact]
    public async Task The_migration_finds_the_claims_of_before()
    {
        var (office, v) = (await Api.OrganizationAsync("office"), await Api.VoucherAsync(100));
        var retirement = await Api.RetiredForAsync(office, v.Account, v.Line(100));
        await ClaimAsync(Api, office, 10, retirement);
        var flagged = await ClaimAsync(Api, office, 10, retirement);
        await Api.DoAsync($"/v1/claims/{flagged}/flags", new { voucherId = v.Id, reason = "suspected" });
        var withdrawn = await ClaimAsync(Api, office, 10, retirement);
        await Api.DoAsync($"/v1/claims/{withdrawn}/withdraw", new { reason = "moved out" });
        const string Rows = "select string_agg(c::text, ' ' order by claim_id, voucher_id) from ledger.claim_vouchers c";
        var written = await AskSqlAsync(Rows);
        var sql = await Sql.MigrationAsync("0085_claim_vouchers");
        var positions = await Sql.MigrationAsync("0105_lists_in_log_order");
        await SqlAsync("delete from ledger.claim_vouchers; alter table ledger.claim_vouchers alter column backed_index drop not null");
        await SqlAsync(sql[sql.IndexOf("insert into ledger.claim_vouchers", StringComparison.Ordinal)..]);
        await SqlAsync(positions[positions.IndexOf("update ledger.claim_vouchers", StringComparison.Ordinal)..]);

        Assert.Equal(written, await AskSqlAsync(Rows));
        Assert.Equal("f", (await AskSqlAsync($"select flagged::text from ledger.claim_vouchers where voucher_id = '{v.Id}' and not flagged"))![..1]);
    }

    private static async Task<string> ClaimAsync(LedgerApi api, string office, long kilograms, string retirement, bool publish = true)
    {
        var inventory = (await api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(kilograms)))).Id;
        var claim = (await api.DoAsync("/v1/claims", ClaimBody(inventory, retirement))).Id;
        if (publish)
        {
            await api.DoAsync($"/v1/claims/{claim}/publish");
        }

        return claim;
    }

    private async Task<string> RetiredAsync(string office, string account, params object[] lines) => (await Api.DoAsync("/v1/retirements", new
    {
        accountId = account,
        lines,
        beneficiary = new { organizationId = office },
        purpose = "carbonNeutralOperation",
        claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
    })).Id;

    private Task<System.Text.Json.JsonElement> ReadAsync(string claim) => Api.ReadAsync($"/v1/claims/{claim}");
}
