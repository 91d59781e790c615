using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Cancellation, buffers, expiry and revocation through HTTP.</summary>
public sealed class CancellationSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private static readonly object Fire = new { number = "FIRE-1", sha256 = new string('b', 64) };

    private static object Correction(string account, params object[] lines) => new { accountId = account, lines, reason = "errorCorrection", explanation = "measured twice" };

    private static object Compensation(params object[] lines) => new { lines, reason = "reversal", eventDate = "2023-04-05", document = Fire, compensateFromBuffer = true };

    private static object Revocation => new { reason = "The report was forged", document = new { number = "D-3" } };

    private static int schemes;

    private static string NewScheme() => $"T{Interlocked.Increment(ref schemes):D4}";

    /// <summary>A voucher of a scheme of its own.</summary>
    private async Task<Voucher> VoucherOfAsync(string scheme, long kilograms, string last = "2020-12-31")
    {
        var cast = await Api.CastAsync();
        var code = Api.Unique("parcel");
        var project = (await Api.DoAsync("/v1/projects", new
        {
            name = Api.Unique("project"),
            scheme,
            ownerId = cast.Owner,
            region = "620171",
            methodology = "Forestry carbon sink",
            parcels = new[] { new { code, areaMu = 10 } },
        })).Id;
        var account = await Api.AccountAsync(cast.Owner);
        var application = await Api.FiledAsync(new Project(project, [code]), kilograms, "2000-01-01", last);
        var issued = await Api.DoAsync($"/v1/applications/{application}/issue", new { accountId = account });
        return new Voucher(issued.Id, account, kilograms);
    }

    private async Task<string> SchemeAsync(string code, decimal? bufferShare = null, string? bufferAccountId = null, int? lifetimeYears = null) =>
        (await Api.DoAsync("/v1/schemes", new { code, name = "scheme", bufferShare, bufferAccountId, lifetimeYears })).Id;

    private async Task<(long Free, long Retired, long Cancelled, long Expired)> StatusAsync(string voucher, string query = "")
    {
        var status = (await Api.ReadAsync($"/v1/vouchers/{voucher}{query}")).GetProperty("status");
        long Of(string name) => status.GetProperty(name).GetInt64();
        Assert.True(Of("issued") >= Of("free") + Of("retired") + Of("cancelled") + Of("expired"));
        return (Of("free"), Of("retired"), Of("cancelled"), Of("expired"));
    }

    [Fact]
    public async Task Cancelled_units_are_counted_and_the_record_can_be_read()
    {
        var v = await Api.VoucherAsync(1000);
        var made = await Api.DoAsync("/v1/cancellations", new
        {
            accountId = v.Account,
            lines = new[] { v.Line((1, 10), (21, 30)) },
            reason = "exported",
            explanation = "Moved on request",
            document = new { number = "E-1" },
            destination = new { register = "another register", reference = "R-17" },
        }, (await Api.CastAsync()).Owner);

        Assert.Equal((980L, 0L, 20L, 0L), await StatusAsync(v.Id));
        var read = await Api.ReadAsync(made.Headers.Location!.ToString());
        Assert.Equal((made.Id, v.Account, 20L, "exported"), (read.GetProperty("id").GetString(), read.GetProperty("accountId").GetString(), read.GetProperty("kilograms").GetInt64(), read.GetProperty("reason").GetString()));
        Assert.Equal(("another register", "R-17"), (read.GetProperty("destination").GetProperty("register").GetString(), read.GetProperty("destination").GetProperty("reference").GetString()));
        Assert.Equal((await Api.CastAsync()).Owner, read.GetProperty("actor").GetString());
        Assert.Equal(made.LogIndex - 1, read.GetProperty("logIndex").GetInt64());
        Assert.Equal(2, read.GetProperty("lines")[0].GetProperty("ranges").GetArrayLength());

        var second = await Api.DoAsync("/v1/cancellations", Correction(v.Account, v.Line(1)));
        var page = await Api.ReadAsync("/v1/cancellations?limit=1");
        var seen = new List<string>();
        while (true)
        {
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!));
            if (!page.TryGetProperty("nextCursor", out var next))
            {
                break;
            }

            page = await Api.ReadAsync($"/v1/cancellations?limit=1&cursor={next.GetString()}");
        }

        Assert.True(seen.IndexOf(made.Id) >= 0 && seen.IndexOf(second.Id) > seen.IndexOf(made.Id));
        await RefusedPostAsync(409, "units-not-held", "/v1/transfers", TransferBody(v.Account, (await Api.CastAsync()).BuyerAccount, v.Line((1, 1))));
    }

    [Fact]
    public async Task What_lies_under_a_lock_is_not_cancelled()
    {
        var v = await Api.VoucherAsync(1000);
        await Api.PledgeAsync(v, 600);
        await RefusedPostAsync(409, "units-under-lien", "/v1/cancellations", Correction(v.Account, v.Line(401)));
        await Api.DoAsync("/v1/freezes", new { lines = new[] { v.Line((601, 700)) }, authority = "court", documentNumber = "D-1", kind = "judicial" });
        await RefusedPostAsync(409, "units-frozen", "/v1/cancellations", Correction(v.Account, v.Line((700, 701))));
        await Api.DoAsync("/v1/freezes", new { accountId = v.Account, authority = "court", documentNumber = "D-2", kind = "judicial" });
        await RefusedPostAsync(409, "account-frozen", "/v1/cancellations", Correction(v.Account, v.Line((701, 701))));
        Assert.Equal((0L, 0L, 0L, 0L), await StatusAsync(v.Id));
    }

    [Fact]
    public async Task Who_may_cancel_for_what_and_on_what_grounds()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        await RefusedPostAsync(403, "not-authorized", "/v1/cancellations", Correction(v.Account, v.Line(1)), cast.Owner);
        await RefusedPostAsync(400, "cancellation-grounds", "/v1/cancellations", new { accountId = v.Account, lines = new[] { v.Line(1) }, reason = "courtOrder" });
        await RefusedPostAsync(400, "date-in-future", "/v1/cancellations", new { accountId = v.Account, lines = new[] { v.Line(1) }, reason = "reversal", eventDate = "2999-01-01", document = Fire });
        await RefusedPostAsync(400, "value-out-of-range", "/v1/cancellations", new { lines = new[] { v.Line(1) }, reason = "errorCorrection", explanation = "x" });
        await RefusedPostAsync(400, "value-out-of-range", "/v1/cancellations", new { lines = new[] { v.Line(1) }, reason = "courtOrder", document = Fire, compensateFromBuffer = true });
        await RefusedPostAsync(400, "value-out-of-range", "/v1/cancellations", new { accountId = v.Account, lines = new[] { v.Line(1) }, reason = "reversal", eventDate = "2023-04-05", document = Fire, compensateFromBuffer = true });
        await RefusedPostAsync(400, "malformed-body", "/v1/cancellations", new { accountId = v.Account, lines = new[] { v.Line(1) }, reason = "lost" });
        await RefusedPostAsync(404, "account-not-found", "/v1/cancellations", Correction(Nobody, v.Line(1)));
        await RefusedGetAsync(404, "cancellation-not-found", $"/v1/cancellations/{Nobody}");
    }

    [Fact]
    public async Task A_scheme_with_a_buffer_sets_its_share_aside_and_makes_a_reversal_good()
    {
        var (code, keeper) = (NewScheme(), await Api.OrganizationAsync("auditor"));
        var buffer = await Api.AccountAsync(keeper);
        await SchemeAsync(code, 0.1m, buffer);
        var (v, w) = (await VoucherOfAsync(code, 1001), await VoucherOfAsync(code, 500));

        var held = (await Api.ReadAsync($"/v1/accounts/{buffer}/balances")).GetProperty("totals");
        Assert.Equal(101 + 50, held.GetProperty("owned").GetInt64());
        Assert.Equal(code, (await Api.ReadAsync($"/v1/accounts/{buffer}")).GetProperty("bufferOfScheme").GetString());
        Assert.Equal((901, 1001), await BufferRangeAsync(v.Id, buffer));
        await RefusedPostAsync(409, "buffer-account", "/v1/transfers", TransferBody(buffer, v.Account, v.Line((901, 901))));
        await RefusedPostAsync(409, "buffer-account", "/v1/retirements", RetirementBody(buffer, v.Line((901, 901))));

        // All of w burns, half of it pledged: its holder keeps everything.
        await Api.PledgeAsync(w, 250);
        var made = await Api.DoAsync("/v1/cancellations", Compensation(w.Line(120)));
        Assert.Equal(120, made.Body.GetProperty("lines").EnumerateArray().Sum(l => l.GetProperty("kilograms").GetInt64()));
        Assert.Equal((900L, 0L, 101L, 0L), await StatusAsync(v.Id));
        Assert.Equal((231L, 0L, 19L, 0L), await StatusAsync(w.Id));
        var read = await Api.ReadAsync($"/v1/cancellations/{made.Id}");
        Assert.Equal((buffer, w.Id, 120L), (read.GetProperty("accountId").GetString(), read.GetProperty("compensatedFor")[0].GetProperty("voucherId").GetString(), read.GetProperty("compensatedFor")[0].GetProperty("kilograms").GetInt64()));

        await RefusedPostAsync(409, "buffer-short", "/v1/cancellations", Compensation(w.Line(32)));
        await Api.DoAsync("/v1/cancellations", Compensation(w.Line(31)));
        await RefusedPostAsync(403, "not-authorized", "/v1/cancellations", Compensation(w.Line(1)), keeper);
        var other = await Api.VoucherAsync(10);
        await RefusedPostAsync(409, "scheme-differs", "/v1/cancellations", Compensation(w.Line(1), other.Line(1)));
        await RefusedPostAsync(409, "scheme-has-no-buffer", "/v1/cancellations", Compensation(other.Line(1)));
    }

    private async Task<(long First, long Last)> BufferRangeAsync(string voucher, string account)
    {
        var held = (await Api.ReadAsync($"/v1/vouchers/{voucher}/holdings")).GetProperty("holdings").EnumerateArray().Single(h => h.GetProperty("accountId").GetString() == account);
        return (held.GetProperty("ranges")[0].GetProperty("first").GetInt64(), held.GetProperty("ranges")[0].GetProperty("last").GetInt64());
    }

    [Fact]
    public async Task The_answer_to_an_issuance_names_the_buffers_share_and_its_transfer_can_be_read()
    {
        var (code, buffer) = (NewScheme(), await Api.AccountAsync((await Api.CastAsync()).Buyer));
        await SchemeAsync(code, 0.25m, buffer);
        var v = await VoucherOfAsync(code, 10);
        var events = (await Api.ReadAsync($"/v1/vouchers/{v.Id}/events")).GetProperty("events").EnumerateArray().ToArray();
        Assert.Equal(["voucher_issued", "units_transferred"], events.Select(e => e.GetProperty("type").GetString()));
        var transfer = await Api.ReadAsync($"/v1/transfers/{events[1].GetProperty("data").GetProperty("transfer").GetString()}");
        Assert.Equal((buffer, 3L), (transfer.GetProperty("toAccountId").GetString(), transfer.GetProperty("lines")[0].GetProperty("kilograms").GetInt64()));
    }

    [Fact]
    public async Task Schemes_are_registered_once_and_read_by_their_short_names()
    {
        var (code, account) = (NewScheme(), await Api.AccountAsync((await Api.CastAsync()).Buyer));
        var id = await SchemeAsync(code, 0.10m, account, 10);
        foreach (var name in new[] { code, code.ToLowerInvariant(), id })
        {
            var read = await Api.ReadAsync($"/v1/schemes/{name}");
            Assert.Equal((code, 0.1m, account, 10), (read.GetProperty("code").GetString(), read.GetProperty("bufferShare").GetDecimal(), read.GetProperty("bufferAccountId").GetString(), read.GetProperty("lifetimeYears").GetInt32()));
            Assert.Equal("0.1", read.GetProperty("bufferShare").GetRawText());
        }

        Assert.Contains(code, (await Api.ReadAsync("/v1/schemes?limit=1000")).GetProperty("items").EnumerateArray().Select(s => s.GetProperty("code").GetString()));
        await RefusedPostAsync(409, "scheme-registered", "/v1/schemes", new { code, name = "again" });
        await RefusedPostAsync(409, "buffer-account", "/v1/schemes", new { code = NewScheme(), name = "x", bufferShare = 0.1, bufferAccountId = account });
        await RefusedPostAsync(403, "not-authorized", "/v1/schemes", new { code = NewScheme(), name = "x" }, (await Api.CastAsync()).Owner);
        var v = await Api.VoucherAsync(10);
        await Api.PledgeAsync(v, 10);
        await RefusedPostAsync(409, "account-not-empty", "/v1/schemes", new { code = NewScheme(), name = "x", bufferShare = 0.1, bufferAccountId = v.Account });
        await RefusedPostAsync(404, "account-not-found", "/v1/schemes", new { code = NewScheme(), name = "x", bufferShare = 0.1, bufferAccountId = Nobody });
        foreach (var bad in new object[]
        {
            new { code = "é", name = "x" }, new { code = NewScheme(), name = "x", bufferShare = 0.1 }, new { code = NewScheme(), name = "x", bufferShare = 1, bufferAccountId = account },
            new { code = NewScheme(), name = "x", bufferShare = 0.00001, bufferAccountId = account }, new { code = NewScheme(), name = "x", lifetimeYears = 0 }, new { code = NewScheme(), name = "x", lifetimeYears = 101 },
        })
        {
            await RefusedPostAsync(400, "value-out-of-range", "/v1/schemes", bad);
        }

        await RefusedGetAsync(404, "scheme-not-found", "/v1/schemes/NOWHERE");
        await RefusedGetAsync(404, "scheme-not-found", "/v1/schemes/no-such-scheme");
        await RefusedPostAsync(404, "scheme-not-found", "/v1/schemes/NOWHERE/expiry-runs");
    }

    [Fact]
    public async Task Units_expire_by_a_run_and_locked_ones_by_the_run_after_their_lock()
    {
        var (code, cast) = (NewScheme(), await Api.CastAsync());
        await SchemeAsync(code, lifetimeYears: 20);
        var (old, young) = (await VoucherOfAsync(code, 1000, "2001-12-31"), await VoucherOfAsync(code, 1000));
        await Api.DoAsync("/v1/transfers", TransferBody(old.Account, cast.BuyerAccount, old.Line((901, 1000))));
        var pledge = await Api.PledgeAsync(old, 100);

        await RefusedPostAsync(403, "not-authorized", $"/v1/schemes/{code}/expiry-runs", null, cast.Owner);
        var run = await Api.DoAsync($"/v1/schemes/{code}/expiry-runs");
        Assert.Equal((900L, 1), (run.Body.GetProperty("kilograms").GetInt64(), run.Body.GetProperty("vouchers").GetInt32()));
        Assert.Equal((0L, 0L, 0L, 900L), await StatusAsync(old.Id));
        Assert.Equal((1000L, 0L, 0L, 0L), await StatusAsync(young.Id));
        var expired = (await Api.ReadAsync($"/v1/accounts/{old.Account}/statement")).GetProperty("entries").EnumerateArray().Single(e => e.GetProperty("what").GetString() == "expired");
        Assert.Equal("有效期至 2021-12-31 valid until 2021-12-31", expired.GetProperty("reason").GetString());
        await RefusedPostAsync(409, "nothing-expires", $"/v1/schemes/{code}/expiry-runs");
        await RefusedPostAsync(409, "units-not-held", "/v1/retirements", RetirementBody(old.Account, old.Line((901, 901))));
        await RefusedPostAsync(409, "scheme-has-lifetime", "/v1/cancellations", new { accountId = young.Account, lines = new[] { young.Line(1) }, reason = "expiry", document = Fire });

        await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid" }, cast.Bank);
        var daily = Fixture.Server.App.Services.GetRequiredService<Schemes.DailyRun>();
        var today = Core.Values.RegistryCalendar.DateOf(NodaTime.SystemClock.Instance.GetCurrentInstant());
        Assert.True(await daily.RunAsync(today, CancellationToken.None) >= 1);
        Assert.Equal((0L, 0L, 0L, 1000L), await StatusAsync(old.Id));

        var forever = NewScheme();
        await SchemeAsync(forever);
        await RefusedPostAsync(409, "scheme-has-no-lifetime", $"/v1/schemes/{forever}/expiry-runs");
    }

    [Fact]
    public async Task A_revocation_is_looked_at_first_then_stops_everything_and_goes_on_when_locks_end()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        await Api.DoAsync("/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line((801, 1000))));
        var retirement = await Api.DoAsync("/v1/retirements", RetirementBody(v.Account, v.Line(50)));
        var pledge = await Api.PledgeAsync(v, 300);
        var loan = await Api.LoanAsync(pledge);
        var freeze = await Api.DoAsync("/v1/freezes", new { lines = new[] { v.Line((801, 810)) }, authority = "court", documentNumber = "D-1", kind = "judicial" });

        var dry = await Api.ReadAsync($"/v1/vouchers/{v.Id}/revocation");
        Assert.Equal((950L, 640L, 310L, 50L, 1), (Kg(dry, "live"), Kg(dry, "free"), Kg(dry, "locked"), Kg(dry, "retired"), dry.GetProperty("steps").GetInt32()));
        Assert.False(dry.TryGetProperty("revoked", out _));
        Assert.Equal([(v.Account, 750L, 450L), (cast.BuyerAccount, 200L, 190L)], dry.GetProperty("holders").EnumerateArray().Select(h => (h.GetProperty("accountId").GetString()!, Kg(h, "kilograms"), Kg(h, "free"))));
        var locks = dry.GetProperty("locks").EnumerateArray().ToArray();
        Assert.Equal([("pledge", pledge, 300L), ("freeze", freeze.Id, 10L)], locks.Select(l => (l.GetProperty("kind").GetString()!, l.GetProperty("id").GetString()!, Kg(l, "kilograms"))));
        Assert.Equal(loan, locks[0].GetProperty("loanId").GetString());
        Assert.Equal((retirement.Id, 50L), (dry.GetProperty("retirements")[0].GetProperty("retirementId").GetString(), Kg(dry.GetProperty("retirements")[0], "kilograms")));
        Assert.Equal((640L, 50L, 0L, 0L), await StatusAsync(v.Id)); // looking changed nothing

        await RefusedPostAsync(403, "not-authorized", $"/v1/vouchers/{v.Id}/revocation", Revocation, cast.Owner);
        await RefusedPostAsync(409, "voucher-not-revoked", $"/v1/vouchers/{v.Id}/revocation/steps");
        var before = (await Api.ReadAsync($"/v1/events?after={await Api.HeadAsync() - 1}&limit=1")).GetProperty("events")[0].GetProperty("at").GetString();
        var revoked = await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", Revocation);
        Assert.Equal(640, Kg(revoked.Body, "cancelledKilograms"));
        Assert.Equal((0L, 50L, 640L, 0L), await StatusAsync(v.Id));

        await RefusedPostAsync(409, "voucher-revoked", $"/v1/vouchers/{v.Id}/revocation", Revocation);
        await RefusedPostAsync(409, "nothing-to-cancel", $"/v1/vouchers/{v.Id}/revocation/steps");
        await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "waived" }, cast.Bank);
        await RefusedPostAsync(409, "voucher-revoked", "/v1/transfers", TransferBody(v.Account, cast.BuyerAccount, v.Line(1)));
        await RefusedPostAsync(409, "voucher-revoked", "/v1/retirements", RetirementBody(v.Account, v.Line(1)));
        await RefusedPostAsync(409, "voucher-revoked", "/v1/pledges", await Api.PledgeBodyAsync(v.Account, v.Line(1)));
        Assert.Equal(300, Kg((await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation/steps")).Body, "cancelledKilograms"));
        Assert.Equal((0L, 50L, 940L, 0L), await StatusAsync(v.Id));
        Assert.Equal((10L, 0L, 10L), (Kg(await Api.ReadAsync($"/v1/vouchers/{v.Id}/revocation"), "live"), Kg(await Api.ReadAsync($"/v1/vouchers/{v.Id}/revocation"), "free"), Kg(await Api.ReadAsync($"/v1/vouchers/{v.Id}/revocation"), "locked")));

        // The voucher and the certificate of what was retired before say so; the past does not.
        Assert.Equal("D-3", (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("revoked").GetProperty("document").GetProperty("number").GetString());
        Assert.Equal("The report was forged", (await Api.ReadAsync($"/v1/retirements/{retirement.Id}/certificate")).GetProperty("lines")[0].GetProperty("voucherRevoked").GetProperty("reason").GetString());
        Assert.False((await Api.ReadAsync($"/v1/vouchers/{v.Id}?asOf={before}")).TryGetProperty("revoked", out _));
        Assert.Equal((640L, 50L, 0L, 0L), await StatusAsync(v.Id, $"?asOf={before}"));
        Assert.Equal(950, (await Api.ReadAsync($"/v1/vouchers/{v.Id}/holdings?asOf={before}")).GetProperty("holdings").EnumerateArray().Sum(h => Kg(h, "kilograms")));
        Assert.Equal(10, (await Api.ReadAsync($"/v1/vouchers/{v.Id}/holdings?asOf={DateTime.UtcNow:yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'}")).GetProperty("holdings").EnumerateArray().Sum(h => Kg(h, "kilograms")));
        await RefusedPostAsync(404, "voucher-not-found", $"/v1/vouchers/{Nobody}/revocation", Revocation);
        await RefusedGetAsync(404, "voucher-not-found", $"/v1/vouchers/{Nobody}/revocation");
    }

    [Fact]
    public async Task The_daily_run_cancels_what_has_become_free_of_a_revoked_voucher()
    {
        var v = await Api.VoucherAsync(100);
        var freeze = await Api.DoAsync("/v1/freezes", new { accountId = v.Account, authority = "court", documentNumber = "D-1", kind = "judicial" });
        Assert.Equal(0, Kg((await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", Revocation)).Body, "cancelledKilograms"));
        var daily = Fixture.Server.App.Services.GetRequiredService<Schemes.DailyRun>();
        var today = Core.Values.RegistryCalendar.DateOf(NodaTime.SystemClock.Instance.GetCurrentInstant());
        await daily.RunAsync(today, CancellationToken.None);
        Assert.Equal(0, (await StatusAsync(v.Id)).Cancelled);

        await Api.DoAsync($"/v1/freezes/{freeze.Id}/lift", new { authority = "court", documentNumber = "D-2" });
        await daily.RunAsync(today, CancellationToken.None);
        Assert.Equal((0L, 0L, 100L, 0L), await StatusAsync(v.Id));
    }

    [Fact]
    public async Task The_register_page_says_that_a_voucher_is_revoked()
    {
        var v = await Api.VoucherAsync(100);
        await Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", Revocation);
        var serial = (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("serial").GetString();
        Assert.Contains($"{serial}</code></a> 已撤销 revoked", System.Net.WebUtility.HtmlDecode((await Api.GetAsync("/")).Text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revocation_among_transfers_stops_those_that_come_after_it_and_no_kilogram_is_lost()
    {
        var (v, buyer) = (await Api.VoucherAsync(10_000), (await Api.CastAsync()).BuyerAccount);
        var transfers = Enumerable.Range(0, 200).Select(i => Api.PostAsync("/v1/transfers", TransferBody(v.Account, buyer, v.Line(1)))).ToList();
        var revocation = Api.DoAsync($"/v1/vouchers/{v.Id}/revocation", Revocation);
        transfers.AddRange(Enumerable.Range(0, 200).Select(i => Api.PostAsync("/v1/transfers", TransferBody(v.Account, buyer, v.Line(1)))));
        var revokedAt = (await revocation).LogIndex;
        foreach (var transfer in await Task.WhenAll(transfers))
        {
            Assert.True(transfer.Status == 201 ? transfer.LogIndex < revokedAt : transfer.Code == "voucher-revoked", transfer.Shown);
        }

        Assert.Equal((0L, 0L, 10_000L, 0L), await StatusAsync(v.Id));
    }

    [Fact]
    public async Task What_is_cancelled_or_expired_stays_so_in_SQL_too()
    {
        var v = await Api.VoucherAsync(100);
        await Api.DoAsync("/v1/cancellations", Correction(v.Account, v.Line(10)));
        var refusal = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => SqlAsync($"update ledger.pieces set status = 0 where voucher_id = '{v.Id}' and last_serial = 10"));
        Assert.Equal("pieces_terminal", refusal.ConstraintName);
    }

    [Fact]
    public async Task The_audits_agree_afterwards()
    {
        var code = NewScheme();
        await SchemeAsync(code, 0.2m, await Api.AccountAsync((await Api.CastAsync()).Buyer), 5);
        var (v, w) = (await VoucherOfAsync(code, 500, "2015-12-31"), await VoucherOfAsync(code, 300));
        await Api.DoAsync("/v1/cancellations", Correction(v.Account, v.Line(7)));
        await Api.DoAsync("/v1/cancellations", Compensation(w.Line(20)));
        await Api.DoAsync($"/v1/vouchers/{w.Id}/revocation", Revocation);
        await Api.DoAsync($"/v1/schemes/{code}/expiry-runs");
        await StatusAsync(v.Id, $"?atLeast={await Api.HeadAsync()}");

        await using var database = Npgsql.NpgsqlDataSource.Create(Fixture.ConnectionString);
        Assert.Equal(Audit.Audited.Agrees, (await Audit.Audited.LinesAsync(database))[^1]);
    }

    private static long Kg(JsonElement of, string name) => of.GetProperty(name).GetInt64();
}
