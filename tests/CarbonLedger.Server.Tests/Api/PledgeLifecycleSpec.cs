using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>Ranks, reservations, substitution, default and enforcement through HTTP.</summary>
public sealed class PledgeLifecycleSpec(ServerFixture fixture, PostgresFixture postgres) : ApiSpec(fixture)
{
    private async Task<object> BodyAsync(Voucher v, string lender, string mode = "ranked", string secured = "100.00", long kilograms = 1000, string? reserveUntil = null) => (await Api.PledgeBodyAsync(v.Account, v.Line(kilograms))).With(new
    {
        pledgeeId = lender,
        securedAmount = secured,
        mode,
        reserveUntil,
        debtorId = (await Api.CastAsync()).Buyer,
        scope = new[] { "principal", "interest" },
    });

    private async Task<string> RankedAsync(Voucher v, string lender, string secured = "100.00", long kilograms = 1000) =>
        (await Api.DoAsync("/v1/pledges", await BodyAsync(v, lender, secured: secured, kilograms: kilograms))).Id;

    /// <summary>Two pledges of equal rank: the bank's for 30.00, then the other bank's for 60.00.</summary>
    private async Task<string[]> EqualsAsync(Voucher v, Cast cast, object line)
    {
        var equalRankWith = new[] { new { pledgeeId = cast.OtherBank, securedAmount = "60.00", contractNumber = Api.Unique("PC") } };
        var body = (await Api.PledgeBodyAsync(v.Account, line)).With(new { pledgeeId = cast.Bank, securedAmount = "30.00", mode = "ranked", equalRankWith });
        return [.. (await Api.DoAsync("/v1/pledges", body)).Body.GetProperty("pledgeIds").EnumerateArray().Select(p => p.GetString()!)];
    }

    private async Task DefaultAsync(string pledge, string lender) => await Api.DoAsync($"/v1/pledges/{pledge}/default-notices", new { reason = "not repaid" }, lender);

    private async Task RefusedAsync(int status, string code, string path, object body, string? actingAs)
    {
        var answer = await Api.PostAsync(path, body, actingAs);
        Assert.True(answer.Status == status && answer.Code == code, $"{path}: {answer.Status} {answer.Shown}");
    }

    [Fact]
    public async Task A_later_rank_sees_what_stands_before_it_and_is_promoted_by_a_release()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var first = await RankedAsync(v, cast.Bank);
        var second = await Api.DoAsync("/v1/pledges", await BodyAsync(v, cast.OtherBank));
        var seen = await Api.ReadAsync($"/v1/pledges/{second.Id}");
        Assert.Equal(2, seen.GetProperty("rank").GetInt32());
        Assert.Equal((first, 1000L), (seen.GetProperty("standingBefore")[0].GetProperty("pledgeId").GetString(), seen.GetProperty("standingBefore")[0].GetProperty("kilograms").GetInt64()));

        await Api.DoAsync($"/v1/pledges/{first}/releases", new { reason = "repaid" }, cast.Bank);
        Assert.Equal(1, (await Api.ReadAsync($"/v1/pledges/{second.Id}")).GetProperty("rank").GetInt32());
        Assert.Equal(0, (await Api.ReadAsync($"/v1/accounts/{v.Account}/balances")).GetProperty("totals").GetProperty("free").GetInt64());
    }

    [Fact]
    public async Task Lenders_of_one_registration_share_a_rank()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var ids = await EqualsAsync(v, cast, v.Line(1000));
        Assert.All(ids, id => Assert.Equal(1, Api.ReadAsync($"/v1/pledges/{id}").Result.GetProperty("rank").GetInt32()));

        await DefaultAsync(ids[0], cast.Bank);
        var enforced = (await Api.DoAsync($"/v1/pledges/{ids[0]}/enforcements", new { method = "auction", buyerAccountId = cast.BuyerAccount, pricePerTonne = "31.00", costs = "1.00" }, cast.Bank)).Body;
        Assert.Equal(["10.00", "20.00"], enforced.GetProperty("distribution").EnumerateArray().Select(p => p.GetProperty("paid").GetString()));
        Assert.Equal(("31.00", "1.00", "0.00"), (enforced.GetProperty("proceeds").GetString(), enforced.GetProperty("costs").GetString(), enforced.GetProperty("surplus").GetString()));
    }

    [Fact]
    public async Task Who_leaves_units_for_others_and_comes_back_stands_behind_its_equal()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var ids = await EqualsAsync(v, cast, v.Line((1, 600)));
        await Api.DoAsync($"/v1/pledges/{ids[0]}/substitutions", new { @in = new[] { v.Line((901, 910)) }, @out = new[] { v.Line((1, 10)) } }, cast.Bank);
        var there = await Api.DoAsync($"/v1/pledges/{ids[0]}/substitutions", new { @in = new[] { v.Line((1, 10)) }, @out = new[] { v.Line((901, 910)) } }, cast.Bank);

        var (first, second) = (await Api.ReadAsync($"/v1/pledges/{ids[0]}"), await Api.ReadAsync($"/v1/pledges/{ids[1]}"));
        Assert.Equal((2, 1), (first.GetProperty("rank").GetInt32(), second.GetProperty("rank").GetInt32()));
        Assert.Equal(10, first.GetProperty("standingBefore")[0].GetProperty("kilograms").GetInt64());
        Assert.Equal(ids[1], first.GetProperty("standingBefore")[0].GetProperty("pledgeId").GetString());
        Assert.False(second.TryGetProperty("standingBefore", out _));
        var stretches = (await Api.ReadAsync($"/v1/liens?voucherId={v.Id}&first=1&last=600&atLeast={there.LogIndex}")).GetProperty("statement").GetProperty("stretches").EnumerateArray().ToArray();
        Assert.Equal([[1, 2], [1, 1]], stretches.Select(s => s.GetProperty("locks").EnumerateArray().Select(l => l.GetProperty("rank").GetInt32()).ToArray()));
    }

    [Fact]
    public async Task Holdings_name_a_lock_once_also_where_its_rank_is_shared_on_some_units_only()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var ids = await EqualsAsync(v, cast, v.Line((1, 600)));
        await Api.DoAsync($"/v1/pledges/{ids[1]}/substitutions", new { @in = new[] { v.Line((901, 910)) }, @out = new[] { v.Line((1, 10)) } }, cast.OtherBank);

        var locks = (await Api.ReadAsync($"/v1/vouchers/{v.Id}/holdings")).GetProperty("holdings")[0].GetProperty("locks").EnumerateArray();
        Assert.Equal(
            new[] { $"{ids[0]} 600 1-600", $"{ids[1]} 600 11-600 901-910" }.Order(StringComparer.Ordinal),
            locks.Select(l => $"{l.GetProperty("id")} {l.GetProperty("kilograms")} {string.Join(' ', l.GetProperty("ranges").EnumerateArray().Select(r => $"{r.GetProperty("first")}-{r.GetProperty("last")}"))}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_enforcement_pays_by_rank_and_hands_the_units_over_free()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var (first, second) = (await RankedAsync(v, cast.Bank, "25.00"), await RankedAsync(v, cast.OtherBank, "25.00"));
        var loan = await Api.LoanAsync(first, "20.00", DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd", null)); // begun, and without interest yet
        var buyer = await Api.AccountAsync(cast.Stranger);
        await DefaultAsync(second, cast.OtherBank);
        var enforced = (await Api.DoAsync($"/v1/pledges/{second}/enforcements", new { buyerAccountId = buyer, pricePerTonne = "40.00" }, cast.OtherBank)).Body;

        Assert.Equal(
            [(first, 1, "20.00", "0.00"), (second, 2, "20.00", "5.00")],
            enforced.GetProperty("distribution").EnumerateArray().Select(p => (
                p.GetProperty("pledgeId").GetString()!, p.GetProperty("rank").GetInt32(), p.GetProperty("paid").GetString()!, p.GetProperty("shortfall").GetString()!)));
        Assert.Equal("repaid", (await Api.ReadAsync($"/v1/loans/{loan}")).GetProperty("status").GetString());
        Assert.Equal("enforced", (await Api.ReadAsync($"/v1/pledges/{second}")).GetProperty("status").GetString());
        Assert.Equal("released", (await Api.ReadAsync($"/v1/pledges/{first}")).GetProperty("status").GetString());
        Assert.Equal(1000, (await Api.ReadAsync($"/v1/accounts/{buyer}/balances")).GetProperty("totals").GetProperty("free").GetInt64());
        await RefusedAsync(409, "pledge-not-in-state", $"/v1/pledges/{second}/enforcements", new { }, cast.OtherBank);
    }

    [Fact]
    public async Task Two_sales_bring_a_lender_no_more_than_one()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var (first, second) = (await RankedAsync(v, cast.Bank, "10.00"), await RankedAsync(v, cast.OtherBank, "15.00"));
        await Api.LoanAsync(first, "30.00", DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd", null));
        await DefaultAsync(first, cast.Bank);
        await DefaultAsync(second, cast.OtherBank);
        var paid = new List<string>();
        foreach (var (pledge, lender, lines) in new[] { (first, cast.Bank, v.Line((1, 500))), (second, cast.OtherBank, v.Line((501, 1000))) })
        {
            var sale = (await Api.DoAsync($"/v1/pledges/{pledge}/enforcements", new { lines = new[] { lines }, buyerAccountId = cast.BuyerAccount, pricePerTonne = "30.00" }, lender)).Body;
            paid.Add(string.Join(' ', sale.GetProperty("distribution").EnumerateArray().Select(p => $"{p.GetProperty("paid")} of {p.GetProperty("due")} short {p.GetProperty("shortfall")}")) + $", {sale.GetProperty("surplus")} left");
        }

        Assert.Equal(["10.00 of 10.00 short 0.00 5.00 of 15.00 short 10.00, 0.00 left", "0.00 of 0.00 short 0.00 10.00 of 10.00 short 0.00, 5.00 left"], paid);
        Assert.Equal("10.00", (await Api.ReadAsync($"/v1/pledges/{first}")).GetProperty("recovered").GetString());
    }

    [Theory]
    [InlineData(1, 500)]
    [InlineData(501, 1000)]
    public async Task Whichever_serials_a_later_rank_lies_on_it_is_paid_before_the_pledgor(long from, long to)
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var first = await RankedAsync(v, cast.Bank, "60.00");
        await Api.DoAsync("/v1/pledges", (await BodyAsync(v, cast.OtherBank, secured: "50.00")).With(new { lines = new[] { v.Line((from, to)) } }));
        await DefaultAsync(first, cast.Bank);
        object[] lines = [v.Line((501, 1000), (1, 500))];
        var sale = (await Api.DoAsync($"/v1/pledges/{first}/enforcements", new { lines, method = "auction", buyerAccountId = cast.BuyerAccount, pricePerTonne = "100.00" }, cast.Bank)).Body;
        Assert.Equal(["60.00", "40.00", "0.00"], sale.GetProperty("distribution").EnumerateArray().Select(p => p.GetProperty("paid").GetString()).Append(sale.GetProperty("surplus").GetString()));
    }

    [Fact]
    public async Task A_pledge_that_secures_nothing_is_neither_put_in_default_nor_enforced()
    {
        var (v, cast, reason) = (await Api.VoucherAsync(1000), await Api.CastAsync(), "not repaid");
        var (first, second) = (await RankedAsync(v, cast.Bank), await RankedAsync(v, cast.OtherBank, "15.00"));
        await Api.LoanAsync(first, "20.00", "2099-01-01");
        var early = await RefusedPostAsync(409, "nothing-secured", $"/v1/pledges/{first}/default-notices", new { reason }, cast.Bank);
        Assert.Contains("Release the pledge", early.Body.GetProperty("detail").GetString());

        var (w, today) = (await Api.VoucherAsync(1000), DateTime.UtcNow.AddHours(8).ToString("yyyy-MM-dd", null));
        var paid = await Api.PledgeAsync(w, 1000);
        var loan = await Api.LoanAsync(paid, "20.00", today);
        await DefaultAsync(paid, cast.Bank);
        await Api.DoAsync($"/v1/loans/{loan}/repayments", new { amount = "20.00", date = today }, cast.Bank);
        await RefusedPostAsync(409, "nothing-secured", $"/v1/pledges/{paid}/enforcements", new { buyerAccountId = cast.BuyerAccount, pricePerTonne = "40.00" }, cast.Bank);
        await Api.DoAsync($"/v1/pledges/{paid}/releases", new { reason = "repaid" }, cast.Bank);

        // Without a loan, what is left of the secured amount counts: 20.00 bring all of the 15.00.
        await Api.DoAsync($"/v1/pledges/{first}/releases", new { reason = "waived" }, cast.Bank);
        await DefaultAsync(second, cast.OtherBank);
        await Api.DoAsync($"/v1/pledges/{second}/enforcements", new { lines = new[] { v.Line((1, 500)) }, buyerAccountId = cast.BuyerAccount, pricePerTonne = "40.00" }, cast.OtherBank);
        await RefusedPostAsync(409, "nothing-secured", $"/v1/pledges/{second}/enforcements", new { buyerAccountId = cast.BuyerAccount, pricePerTonne = "40.00" }, cast.OtherBank);
    }

    [Fact]
    public async Task A_later_rank_does_not_sell_to_another_account_of_the_pledgor()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var (first, second) = (await RankedAsync(v, cast.Bank), await RankedAsync(v, cast.OtherBank));
        await DefaultAsync(second, cast.OtherBank);
        var path = $"/v1/pledges/{second}/enforcements";
        var another = await Api.AccountAsync(cast.Owner);
        Assert.Contains(cast.Owner, (await RefusedPostAsync(409, "buyer-is-the-pledgor", path, new { buyerAccountId = another, pricePerTonne = "0.0001" }, cast.OtherBank)).Body.GetProperty("detail").GetString());
        await RefusedPostAsync(400, "same-account", path, new { buyerAccountId = v.Account, pricePerTonne = "0.0001" }, cast.OtherBank);
        Assert.Equal("registered", (await Api.ReadAsync($"/v1/pledges/{first}")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Enforcement_needs_a_notice_a_buyer_and_a_fair_price_and_never_forfeits()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var pledge = await Api.PledgeAsync(v, 1000);
        var path = $"/v1/pledges/{pledge}/enforcements";
        await RefusedAsync(409, "default-not-notified", path, new { reason = "default" }, cast.Bank);
        await RefusedAsync(403, "not-the-pledgee", $"/v1/pledges/{pledge}/default-notices", new { reason = "not repaid" }, null);
        await DefaultAsync(pledge, cast.Bank);
        await RefusedAsync(403, "not-the-pledgee", path, new { }, cast.OtherBank);
        await RefusedAsync(400, "enforcement-incomplete", path, new { }, cast.Bank);
        var lender = await Api.AccountAsync(cast.Bank);
        await RefusedAsync(409, "no-forfeiture", path, new { buyerAccountId = lender, pricePerTonne = "41.94" }, cast.Bank);
        await RefusedAsync(409, "buyer-not-the-lender", path, new { method = "toLender", buyerAccountId = cast.BuyerAccount, pricePerTonne = "41.94" }, cast.Bank);
        await Api.DoAsync("/v1/reference-prices", new { venueId = cast.Venue, date = "2021-08-20", pricePerTonne = "40.00" });
        await RefusedAsync(409, "price-below-market", path, new { method = "toLender", buyerAccountId = lender, pricePerTonne = "0.01" }, cast.Bank);
        await Api.DoAsync("/v1/freezes", new { lines = new[] { v.Line((1, 1)) }, authority = "court", documentNumber = "D", kind = "judicial" });
        await RefusedAsync(409, "units-frozen", path, new { method = "toLender", buyerAccountId = lender, pricePerTonne = "999.00" }, cast.Bank);
        await Api.DoAsync(path, new { lines = new[] { v.Line((2, 1000)) }, method = "toLender", buyerAccountId = lender, pricePerTonne = "999.00" }, cast.Bank);
        Assert.Equal("enforcing", (await Api.ReadAsync($"/v1/pledges/{pledge}")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Without_a_published_price_the_lender_takes_nothing()
    {
        await using var server = await RunningServer.StartAsync(await postgres.CreateDatabaseAsync());
        using var api = new LedgerApi(server.Url);
        var (v, cast) = (await api.VoucherAsync(1000), await api.CastAsync());
        var pledge = await api.PledgeAsync(v, 1000);
        await api.DoAsync($"/v1/pledges/{pledge}/default-notices", new { reason = "not repaid" }, cast.Bank);
        var answer = await api.PostAsync($"/v1/pledges/{pledge}/enforcements", new { method = "toLender", buyerAccountId = await api.AccountAsync(cast.Bank), pricePerTonne = "41.94" }, cast.Bank);
        Assert.Equal("no-market-price", answer.Code);
    }

    [Fact]
    public async Task A_reservation_is_registered_in_time_or_refused()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        await RefusedAsync(400, "reservation-time-out-of-range", "/v1/pledges", await BodyAsync(v, cast.Bank, "exclusive", reserveUntil: "2021-01-01T00:00:00Z"), null);
        var until = DateTime.UtcNow.AddDays(7).ToString("yyyy-MM-ddTHH:mm:ssZ", null);
        var reserved = await Api.DoAsync("/v1/pledges", await BodyAsync(v, cast.Bank, "exclusive", reserveUntil: until));
        Assert.Equal("reserved", reserved.Body.GetProperty("status").GetString());
        await Api.DoAsync($"/v1/pledges/{reserved.Id}/register", new { filingNumber = "F-1" }, cast.Bank);
        await RefusedAsync(409, "pledge-not-in-state", $"/v1/pledges/{reserved.Id}/register", new { }, cast.Bank);

        var (w, soon) = (await Api.VoucherAsync(1000), DateTime.UtcNow.AddSeconds(1).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", null));
        var brief = await Api.DoAsync("/v1/pledges", await BodyAsync(w, cast.Bank, "exclusive", reserveUntil: soon));
        for (var i = 0; i < 100 && (await Api.ReadAsync($"/v1/pledges/{brief.Id}")).GetProperty("status").GetString() == "reserved"; i++)
        {
            await Task.Delay(100);
        }

        await RefusedAsync(409, "reservation-expired", $"/v1/pledges/{brief.Id}/register", new { }, cast.Bank);
        Assert.Equal("expired", (await Api.ReadAsync($"/v1/pledges/{brief.Id}")).GetProperty("status").GetString());
        Assert.Equal(1000, (await Api.ReadAsync($"/v1/accounts/{w.Account}/balances")).GetProperty("totals").GetProperty("free").GetInt64());
    }

    [Fact]
    public async Task A_reservation_of_what_was_frozen_or_revoked_meanwhile_is_not_registered()
    {
        var (cast, until) = (await Api.CastAsync(), DateTime.UtcNow.AddDays(7).ToString("yyyy-MM-ddTHH:mm:ssZ", null));
        (string Code, Func<Voucher, (string, object)> Meanwhile)[] cases =
        [
            ("units-frozen", v => ("/v1/freezes", new { lines = new[] { v.Line((1, 1)) }, authority = "court", documentNumber = "D", kind = "judicial" })),
            ("account-frozen", v => ("/v1/freezes", new { accountId = v.Account, authority = "court", documentNumber = "D", kind = "judicial" })),
            ("voucher-revoked", v => ($"/v1/vouchers/{v.Id}/revocation", new { reason = "forged", document = new { number = "D" } })),
        ];
        foreach (var (code, meanwhile) in cases)
        {
            var v = await Api.VoucherAsync(1000);
            var reserved = await Api.DoAsync("/v1/pledges", await BodyAsync(v, cast.Bank, "exclusive", reserveUntil: until));
            var (path, body) = meanwhile(v);
            await Api.DoAsync(path, body);
            await RefusedAsync(409, code, $"/v1/pledges/{reserved.Id}/register", new { filingNumber = "F-1" }, cast.Bank);
            Assert.Equal("reserved", (await Api.ReadAsync($"/v1/pledges/{reserved.Id}")).GetProperty("status").GetString());
        }
    }

    [Fact]
    public async Task Substitution_and_a_courts_order_change_what_lies_under_a_pledge()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var pledge = await Api.PledgeAsync(v, 600);
        await RefusedAsync(409, "units-under-lien", $"/v1/pledges/{pledge}/substitutions", new { @in = new[] { v.Line((600, 601)) }, @out = new[] { v.Line(1) } }, cast.Bank);
        var answer = (await Api.DoAsync($"/v1/pledges/{pledge}/substitutions", new { @in = new[] { v.Line((901, 1000)) }, @out = new[] { v.Line((1, 100)) }, reason = "agreed" }, cast.Bank)).Body;
        Assert.Equal(
            (901L, 1L),
            (Assert.Single(answer.GetProperty("lines").EnumerateArray()).GetProperty("ranges")[0].GetProperty("first").GetInt64(),
                Assert.Single(answer.GetProperty("released").EnumerateArray()).GetProperty("ranges")[0].GetProperty("first").GetInt64()));
        var lines = (await Api.ReadAsync($"/v1/pledges/{pledge}")).GetProperty("lines")[0].GetProperty("ranges");
        Assert.Equal((101L, 901L), (lines[0].GetProperty("first").GetInt64(), lines[1].GetProperty("first").GetInt64()));

        await RefusedAsync(403, "not-authorized", $"/v1/pledges/{pledge}/void", new { authority = "court", documentNumber = "D-3" }, cast.Bank);
        await Api.DoAsync($"/v1/pledges/{pledge}/void", new { authority = "court", documentNumber = "D-3" });
        Assert.Equal("voided", (await Api.ReadAsync($"/v1/pledges/{pledge}")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_ranked_pledge_is_told_what_keeps_it_off_and_a_substitution_passes_by_its_own_units()
    {
        var (v, cast) = (await Api.VoucherAsync(200), await Api.CastAsync());
        var first = (await Api.DoAsync("/v1/pledges", await BodyAsync(v, cast.Bank, kilograms: 100))).Id;
        await Api.DoAsync("/v1/pledges", await BodyAsync(v, cast.OtherBank, kilograms: 100));
        var (@in, @out) = (new[] { v.Line(50) }, new[] { v.Line((1, 50)) });
        await Api.DoAsync($"/v1/pledges/{first}/substitutions", new { @in, @out }, cast.Bank);
        var ranges = (await Api.ReadAsync($"/v1/pledges/{first}")).GetProperty("lines")[0].GetProperty("ranges");
        Assert.Equal((51L, 150L), (ranges[0].GetProperty("first").GetInt64(), ranges[0].GetProperty("last").GetInt64()));

        await Api.DoAsync("/v1/freezes", new { lines = new[] { v.Line((1, 200)) }, authority = "court", documentNumber = "D", kind = "judicial" });
        await RefusedAsync(409, "units-frozen", "/v1/pledges", await BodyAsync(v, cast.OtherBank, kilograms: 200), null);
    }

    [Fact]
    public async Task Sixteen_pledges_keep_a_seventeenth_off_and_no_courts_stop()
    {
        var (v, cast) = (await Api.VoucherAsync(10), await Api.CastAsync());
        for (var i = 0; i < 16; i++)
        {
            await Api.DoAsync("/v1/pledges", await BodyAsync(v, cast.Bank, kilograms: 10));
        }

        await RefusedAsync(409, "too-many-locks", "/v1/pledges", await BodyAsync(v, cast.Bank, kilograms: 10), null);
        foreach (var line in new[] { v.Line((1, 5)), v.Line(5), v.Line((1, 10)) })
        {
            await Api.DoAsync("/v1/freezes", new { lines = new[] { line }, authority = "court", documentNumber = "D", kind = "judicial" });
        }

        var first = (await Api.ReadAsync($"/v1/pledges?pledgorAccountId={v.Account}")).GetProperty("items")[0].GetProperty("id").GetString();
        await Api.DoAsync($"/v1/pledges/{first}/default-notices", new { reason = "not repaid" }, cast.Bank);
        await RefusedAsync(409, "units-frozen", $"/v1/pledges/{first}/enforcements", new { buyerAccountId = cast.BuyerAccount, pricePerTonne = "41.94" }, cast.Bank);
        await RefusedAsync(409, "units-under-lien", "/v1/transfers", LedgerApi.TransferBody(v.Account, cast.BuyerAccount, v.Line(1)), null);
        var stretch = Assert.Single((await Api.ReadAsync($"/v1/liens?voucherId={v.Id}")).GetProperty("statement").GetProperty("stretches").EnumerateArray(), s => s.GetProperty("first").GetInt64() == 1);
        Assert.Equal(18, stretch.GetProperty("locks").GetArrayLength());

        var free = await Api.VoucherAsync(10);
        await Api.DoAsync("/v1/freezes", new { lines = new[] { free.Line(10) }, authority = "court", documentNumber = "D", kind = "judicial" });
        await RefusedAsync(409, "units-frozen", "/v1/transfers", LedgerApi.TransferBody(free.Account, cast.BuyerAccount, free.Line(1)), null);
    }

    [Fact]
    public async Task A_pledge_that_lies_on_nothing_has_no_rank()
    {
        var (v, cast) = (await Api.VoucherAsync(100), await Api.CastAsync());
        foreach (var mode in new[] { "exclusive", "ranked" })
        {
            var pledge = (await Api.DoAsync("/v1/pledges", await BodyAsync(v, cast.Bank, mode, kilograms: 100))).Id;
            Assert.Equal(1, (await Api.ReadAsync($"/v1/pledges/{pledge}")).GetProperty("rank").GetInt32());
            await Api.DoAsync($"/v1/pledges/{pledge}/releases", new { reason = "repaid" }, cast.Bank);
            Assert.False((await Api.ReadAsync($"/v1/pledges/{pledge}")).TryGetProperty("rank", out _));
        }
    }

    [Fact]
    public async Task A_default_notice_is_not_dated_before_the_term_begins()
    {
        var (v, cast) = (await Api.VoucherAsync(100), await Api.CastAsync());
        var (pledge, reason) = (await RankedAsync(v, cast.Bank, kilograms: 100), "not repaid");
        await RefusedAsync(409, "notice-before-term", $"/v1/pledges/{pledge}/default-notices", new { date = "0001-01-01", reason }, cast.Bank);
        await RefusedAsync(409, "notice-before-term", $"/v1/pledges/{pledge}/default-notices", new { date = "2021-08-31", reason }, cast.Bank);
        await Api.DoAsync($"/v1/pledges/{pledge}/default-notices", new { date = "2021-09-01", reason }, cast.Bank);
    }

    [Fact]
    public async Task Of_fifty_parallel_pledges_of_the_same_units_exactly_one_succeeds()
    {
        var (v, cast) = (await Api.VoucherAsync(1000), await Api.CastAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ => await Api.PostAsync("/v1/pledges", await BodyAsync(v, cast.Bank, "exclusive"))));
        Assert.Equal(1, answers.Count(a => a.Status == 201));
        Assert.All(answers.Where(a => a.Status != 201), a => Assert.Equal("units-under-lien", a.Code));
    }
}
