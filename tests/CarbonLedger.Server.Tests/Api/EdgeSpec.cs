using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using static CarbonLedger.Server.Tests.Api.LedgerApi;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>What the edge refuses before any decision: bad shape, bad headers, bad queries, unknown routes.</summary>
public sealed class EdgeSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Theory]
    [InlineData("""{"organizationId":"ID","name":"n","surprise":1}""")]
    [InlineData("""{"organizationId":"ID"}""")]
    [InlineData("""{"organizationId":"ID","name":null}""")]
    [InlineData("""{"organizationId":"ID","name":5}""")]
    [InlineData("""{"organizationId":"ID","name":"n","name":"m"}""")]
    [InlineData("""{"organizationId":"ID","name":"\ud800"}""")]
    [InlineData("""{"organizationId":"not-a-uuid","name":"n"}""")]
    [InlineData("""{"organizationId":5,"name":"n"}""")]
    [InlineData("""{"OrganizationId":"ID","Name":"n"}""")]
    [InlineData("""{"organizationId":"ID","name":"n"}}""")]
    [InlineData("""{"organizationId":"ID","name":"n",}""")]
    [InlineData("""{"organizationId":"ID","name":"n"} // comment""")]
    [InlineData("""[]""")]
    [InlineData("""null""")]
    [InlineData("""5""")]
    [InlineData("""{""")]
    [InlineData(" ")]
    [InlineData("")]
    public async Task A_body_of_another_form_is_refused(string body) =>
        await RefusedPostAsync(400, "malformed-body", "/v1/accounts", body.Replace("ID", (await Api.CastAsync()).Buyer));

    [Theory]
    [InlineData("1.5")]
    [InlineData("1.0")]
    [InlineData("\"1000\"")]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("9223372036854775808")]
    public async Task Kilograms_are_a_whole_number(string kilograms)
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "malformed-body", "/v1/transfers",
            $$"""{"fromAccountId":"{{v.Account}}","toAccountId":"{{v.Account}}","lines":[{"voucherId":"{{v.Id}}","kilograms":{{kilograms}}}]}""");
    }

    [Theory]
    [InlineData("Average")]
    [InlineData("AVERAGE")]
    [InlineData(" average")]
    public async Task A_word_of_a_closed_list_is_taken_to_the_letter(string rule)
    {
        var bank = (await Api.CastAsync()).Bank;
        await RefusedPostAsync(400, "malformed-body", $"/v1/banks/{bank}/collateral-policy", new { valuationRule = rule, averageDays = 30 }, bank);
        await RefusedPostAsync(400, "malformed-body", "/v1/organizations", new { name = "n", roles = new[] { "auditor", "Insurer" } });
        await RefusedPostAsync(400, "malformed-body", "/v1/organizations", new { name = "n", roles = new[] { "auditor", "carbonledger" } });
    }

    [Fact]
    public async Task An_optional_member_that_is_null_is_absent()
    {
        var v = await Api.VoucherAsync();
        var body = (await Api.PledgeBodyAsync(v.Account, v.Line(1))).With(new { mode = "ranked" });
        foreach (var member in (string[])["filingNumber", "reserveUntil", "equalRankWith", "debtorId", "claimKind", "scope", "documentSha256s"])
        {
            body[member] = null;
        }

        Assert.Equal("registered", (await Api.DoAsync("/v1/pledges", body)).Body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Nothing_in_a_list_is_null()
    {
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "malformed-body", "/v1/transfers", $$"""{"fromAccountId":"{{v.Account}}","toAccountId":"{{Nobody}}","lines":[null]}""");
        await RefusedPostAsync(400, "malformed-body", "/v1/transfers", $$"""{"fromAccountId":"{{v.Account}}","toAccountId":"{{Nobody}}","lines":[{"voucherId":"{{v.Id}}","ranges":[null]}]}""");
        await RefusedPostAsync(400, "malformed-body", "/v1/projects", $$"""{"name":"n","scheme":"SLCT","ownerId":"{{Nobody}}","region":"620171","methodology":"m","parcels":[null]}""");
        await RefusedPostAsync(400, "malformed-body", "/v1/applications",
            $$"""{"projectId":"{{Nobody}}","parcelCodes":[null],"monitoringPeriod":{"first":"2020-01-01","last":"2020-12-31"},"kilograms":1,"verification":{"verifierId":"{{Nobody}}","reportDate":"2021-05-10","documentSha256":"{{new string('a', 64)}}" } }""");
    }

    [Theory]
    [InlineData("-0005-01-01", "2020-12-31")]
    [InlineData("0000-01-01", "2020-12-31")]
    [InlineData("2020-02-30", "2020-12-31")]
    [InlineData("2020-1-1", "2020-12-31")]
    [InlineData("2020-01-01T00:00:00Z", "2020-12-31")]
    [InlineData("2020-01-01\0", "2020-12-31")]
    public async Task Dates_are_days_of_the_calendar(string first, string last) =>
        await RefusedPostAsync(400, "malformed-body", "/v1/applications", await Api.ApplicationBodyAsync(await Api.ProjectAsync(), first: first, last: last));

    [Fact]
    public async Task A_reference_price_of_before_the_common_era_is_refused_and_the_loan_book_goes_on()
    {
        var cast = await Api.CastAsync();
        await RefusedPostAsync(400, "malformed-body", "/v1/reference-prices", new { venueId = cast.Venue, date = "-0001-01-01", pricePerTonne = "41.94" });
        await Api.ReadAsync($"/v1/banks/{cast.Bank}/loan-book");
    }

    [Fact]
    public async Task A_key_is_needed_well_formed_and_for_one_wish()
    {
        var buyer = (await Api.CastAsync()).Buyer;
        await RefusedAsync(400, "idempotency-key-missing", () => WithKeysAsync(buyer));
        await RefusedAsync(400, "idempotency-key-missing", () => WithKeysAsync(buyer, ""));
        await RefusedAsync(400, "idempotency-key-malformed", () => WithKeysAsync(buyer, "two words"));
        await RefusedAsync(400, "idempotency-key-malformed", () => WithKeysAsync(buyer, new string('k', 256)));
        await RefusedAsync(400, "idempotency-key-malformed", () => WithKeysAsync(buyer, "one", "two"));
        var key = Guid.NewGuid().ToString();
        var first = await Api.PostAsync("/v1/accounts", new { organizationId = buyer, name = "first" }, key: key);
        Assert.Equal(201, first.Status);
        await RefusedAsync(422, "idempotency-key-reused", () => Api.PostAsync("/v1/accounts", new { organizationId = buyer, name = "second" }, key: key));
        await RefusedAsync(422, "idempotency-key-reused", () => Api.PostAsync($"/v1/accounts/{first.Id}/close", key: key));
    }

    /// <summary>The digest of a request stays the same from one version to the next: else a retry after an upgrade would be taken for another wish.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(5_000)]
    public async Task A_request_is_its_path_and_its_body(int blanks)
    {
        var body = $$"""{"organizationId":"{{(await Api.CastAsync()).Buyer}}","name":"n"{{new string(' ', blanks)}}}""";

        var logIndex = (await Api.PostAsync("/v1/accounts", body)).Body.GetProperty("logIndex").GetInt64();

        var digest = new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"/v1/accounts\0{body}")).AsSpan(0, 16));
        Assert.Equal(digest.ToString(), await AskSqlAsync($"select request_digest::text from ledger.idempotency_keys where log_index = {logIndex}"));
    }

    [Fact]
    public async Task An_acting_organization_is_a_uuid() =>
        await RefusedPostAsync(400, "acting-organization-malformed", "/v1/accounts", new { organizationId = Nobody, name = "n" }, "somebody");

    [Fact]
    public async Task The_nil_uuid_acts_for_nobody_and_shares_no_key_with_the_registrar()
    {
        const string nil = "00000000-0000-0000-0000-000000000000";
        var (body, before, after) = (new { organizationId = (await Api.CastAsync()).Buyer, name = "n" }, Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var done = await Api.PostAsync("/v1/accounts", body, key: before);
        await RefusedAsync(403, "acting-organization-unknown", () => Api.PostAsync("/v1/accounts", body, nil, before));
        await RefusedAsync(403, "acting-organization-unknown", () => Api.PostAsync("/v1/accounts", body, nil, after));
        var (made, again) = (await Api.PostAsync("/v1/accounts", body, key: after), await Api.PostAsync("/v1/accounts", body, key: before));
        Assert.Equal((201, false), (made.Status, made.Replayed));
        Assert.Equal((done.Id, true), (again.Id, again.Replayed));
    }

    [Fact]
    public async Task A_body_is_json()
    {
        var (body, type) = (new { organizationId = (await Api.CastAsync()).Buyer, name = "n" }, "text/plain");
        Assert.Contains("as application/json.", (await RefusedAsync(415, "unsupported-media-type", () => SendAsync(type))).Text);
        await RefusedAsync(415, "unsupported-media-type", () => SendAsync("application/x-www-form-urlencoded"));

        async Task<Answer> SendAsync(string mediaType)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/accounts") { Content = JsonOf(body) };
            request.Content.Headers.ContentType = new(mediaType);
            request.Headers.Add("Idempotency-Key", "k");
            return await Api.SendAsync(request);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ten_megabytes_are_refused_whether_announced_or_not(bool announced)
    {
        var before = await Api.HeadAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(Fixture.Server.Url.Host, Fixture.Server.Url.Port);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var framing = announced ? "Content-Length: 10485760" : "Transfer-Encoding: chunked";
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/accounts HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\n{framing}\r\n\r\n"), patience.Token);
        var sending = SendBodyAsync();

        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (!answer.ToString().Contains("body-too-large"))
        {
            var read = await socket.ReceiveAsync(buffer, patience.Token);
            Assert.True(read > 0, $"The connection ended before the answer: {answer}");
            answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        Assert.StartsWith("HTTP/1.1 413", answer.ToString());
        Assert.Contains("application/problem+json", answer.ToString());
        socket.Shutdown(SocketShutdown.Both);
        await sending;
        Assert.Equal(before, await Api.HeadAsync());

        async Task SendBodyAsync()
        {
            var part = Encoding.ASCII.GetBytes(new string(' ', 65536));
            try
            {
                for (var i = 0; i < 160; i++)
                {
                    if (!announced)
                    {
                        await socket.SendAsync("10000\r\n"u8.ToArray(), patience.Token);
                    }

                    await socket.SendAsync(part, patience.Token);
                    if (!announced)
                    {
                        await socket.SendAsync("\r\n"u8.ToArray(), patience.Token);
                    }
                }
            }
            catch (SocketException)
            {
                // The server need not read on.
            }
        }
    }

    [Fact]
    public async Task A_body_of_just_under_a_megabyte_is_read()
    {
        var body = $$"""{"organizationId":"{{(await Api.CastAsync()).Buyer}}","name":"n"}""";
        await Api.DoAsync("/v1/accounts", body + new string(' ', (1024 * 1024) - body.Length));
        await RefusedPostAsync(413, "body-too-large", "/v1/accounts", body + new string(' ', (1024 * 1024) - body.Length + 1));
    }

    [Theory]
    [InlineData("/v1/nothing", "route-not-found")]
    [InlineData("/v1/vouchers/not-a-uuid", "route-not-found")]
    [InlineData($"/v1/organizations/{Nobody}", "organization-not-found")]
    [InlineData($"/v1/accounts/{Nobody}", "account-not-found")]
    [InlineData($"/v1/accounts/{Nobody}/balances", "account-not-found")]
    [InlineData($"/v1/projects/{Nobody}", "project-not-found")]
    [InlineData($"/v1/applications/{Nobody}", "application-not-found")]
    [InlineData($"/v1/vouchers/{Nobody}", "voucher-not-found")]
    [InlineData($"/v1/vouchers/{Nobody}/holdings", "voucher-not-found")]
    [InlineData($"/v1/vouchers/{Nobody}/events", "voucher-not-found")]
    [InlineData($"/v1/transfers/{Nobody}", "transfer-not-found")]
    [InlineData("/v1/transfers/00000000-0000-8000-8000-000000000001", "transfer-not-found")]
    [InlineData("/v1/transfers/00000000-0000-8000-bfff-ffffffffffff", "transfer-not-found")]
    [InlineData($"/v1/trades/{Nobody}", "trade-not-found")]
    [InlineData($"/v1/pledges/{Nobody}", "pledge-not-found")]
    [InlineData($"/v1/loans/{Nobody}", "loan-not-found")]
    [InlineData($"/v1/organizations/{Nobody}/electricity-calibrations", "organization-not-found")]
    [InlineData($"/v1/retirements/{Nobody}", "retirement-not-found")]
    [InlineData($"/v1/retirements/{Nobody}/certificate", "retirement-not-found")]
    [InlineData($"/v1/reference-prices/{Nobody}", "reference-price-not-found")]
    public async Task What_does_not_exist_is_not_found(string path, string code) => await RefusedGetAsync(404, code, path);

    [Fact]
    public async Task A_thing_of_one_kind_is_not_found_as_another()
    {
        var v = await Api.VoucherAsync();
        await RefusedGetAsync(404, "pledge-not-found", $"/v1/pledges/{v.Account}");
        await RefusedGetAsync(404, "voucher-not-found", $"/v1/vouchers/{v.Account}");
        await RefusedGetAsync(404, "account-not-found", $"/v1/accounts/{v.Id}/balances");
    }

    [Theory]
    [InlineData("\u200B")]
    [InlineData("\u2060 \uFEFF")]
    [InlineData("Bank\u202EknaB")]
    [InlineData("two\u2028lines")]
    public async Task A_name_is_seen_and_stands_on_one_line_as_it_was_written(string name) =>
        await RefusedPostAsync(400, "value-out-of-range", "/v1/organizations", new { name, roles = new[] { "office" } });

    [Theory]
    [InlineData("兰州新区 👩‍👩‍👧 🌲")]
    [InlineData("שלום\u200F")]
    [InlineData("e\u0301")]
    public async Task A_name_may_be_of_any_script(string name) =>
        Assert.Equal(name, (await Api.ReadAsync($"/v1/organizations/{(await Api.DoAsync("/v1/organizations", new { name, roles = new[] { "office" } })).Id}")).GetProperty("name").GetString());

    [Fact]
    public async Task A_compressed_body_is_not_taken_for_one_that_is_written_wrongly() => await RefusedAsync(415, "unsupported-media-type", async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/organizations") { Content = new ByteArrayContent([0x1f, 0x8b]) };
        request.Content.Headers.ContentType = new("application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return await Api.SendAsync(request);
    });

    [Fact]
    public async Task A_wrong_method_is_named()
    {
        await RefusedAsync(405, "method-not-allowed", async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, "/v1/accounts");
            return await Api.SendAsync(request);
        });
        await RefusedGetAsync(405, "method-not-allowed", $"/v1/accounts/{Nobody}/close");
    }

    [Theory]
    [InlineData("limit=0", "value-out-of-range")]
    [InlineData("limit=1001", "value-out-of-range")]
    [InlineData("limit=-1", "value-out-of-range")]
    [InlineData("limit=ten", "value-out-of-range")]
    [InlineData("limit=99999999999999999999", "value-out-of-range")]
    [InlineData("atLeast=-1", "value-out-of-range")]
    [InlineData("atLeast=soon", "value-out-of-range")]
    [InlineData("asOf=yesterday", "value-out-of-range")]
    [InlineData("asOf=2021-08-20", "value-out-of-range")]
    [InlineData("asOf=-0001-01-01T00:00:00Z", "value-out-of-range")]
    [InlineData("asOf=2099-01-01T00:00:00Z", "as-of-in-future")]
    [InlineData("asOf=9999-12-31T23:59:59.999999999Z", "as-of-in-future")]
    [InlineData("asOf=9999-12-31T24:00:00Z", "value-out-of-range")]
    [InlineData("asOf=2021-01-01T00:00:00Z%00", "value-out-of-range")]
    [InlineData("limit=1%00", "value-out-of-range")]
    [InlineData("cursor=next", "cursor-malformed")]
    public async Task A_question_of_another_form_is_refused(string query, string code)
    {
        var v = await Api.VoucherAsync();
        await RefusedGetAsync(400, code, $"/v1/accounts?{query}");
        await RefusedGetAsync(400, code, $"/v1/accounts/{v.Account}/balances?{query}");
        await RefusedGetAsync(400, code, $"/v1/accounts/{await Api.AccountAsync((await Api.CastAsync()).Buyer)}/balances?{query}");
    }

    [Theory]
    [InlineData("{}", "it lacks 'organizationId', 'name'")]
    [InlineData("""{"name":"n"}""", "it lacks 'organizationId'")]
    [InlineData("""{"name":"n","organizationId":"00000000-0000-7000-8000-000000000001","Name":"n"}""", "at $.Name")]
    [InlineData("""{"name":"n","organizationId":"00000000-0000-7000-8000-000000000001",}""", "is not JSON in UTF-8: line 1 cannot be read at byte 69")]
    [InlineData("\uFEFF{}", "without a byte order mark")]
    public async Task A_body_of_another_form_is_told_which_member_is_meant(string body, string said) =>
        Assert.Contains(said, (await RefusedPostAsync(400, "malformed-body", "/v1/accounts", body)).Body.GetProperty("detail").GetString());

    [Theory]
    [InlineData("/v1/events?after=-1")]
    [InlineData("/v1/events?after=x")]
    [InlineData("/v1/events?limit=0")]
    public async Task A_log_position_is_a_whole_number(string path) => await RefusedGetAsync(400, "value-out-of-range", path);

    [Fact]
    public async Task The_loan_book_of_a_stranger_is_not_found() => await RefusedGetAsync(404, "organization-not-found", $"/v1/banks/{Nobody}/loan-book");

    [Fact]
    public async Task The_earliest_instant_is_before_everything()
    {
        var v = await Api.VoucherAsync();
        var balances = await Api.ReadAsync($"/v1/accounts/{v.Account}/balances?asOf=0001-01-01T00:00:00Z");
        Assert.Equal((0, 0), (balances.GetProperty("logIndex").GetInt64(), balances.GetProperty("vouchers").GetArrayLength()));
        await RefusedGetAsync(404, "voucher-not-found", $"/v1/vouchers/{v.Id}?asOf=0001-01-01T00:00:00Z");
    }

    [Fact]
    public async Task A_serial_text_is_taken_apart_and_its_check_characters_count()
    {
        var v = await Api.VoucherAsync(6_000_000);
        var text = (await Api.ReadAsync($"/v1/vouchers/{v.Id}")).GetProperty("serial").GetString()!;
        var serial = await Api.ReadAsync($"/v1/serials/{text}");
        Assert.Equal((1, 6_000_000), (serial.GetProperty("first").GetInt64(), serial.GetProperty("last").GetInt64()));

        var wrong = text[..^1] + (text[^1] == 'A' ? 'B' : 'A');
        await RefusedGetAsync(400, "serial-malformed", $"/v1/serials/{wrong}");
        await RefusedGetAsync(400, "serial-malformed", $"/v1/serials/{text.Replace("-0000000001-", "-0000000002-")}");
        await RefusedGetAsync(400, "serial-malformed", $"/v1/serials/{text.ToLowerInvariant()}");
        await RefusedGetAsync(400, "serial-malformed", "/v1/serials/CN");
        await RefusedGetAsync(400, "serial-malformed", "/v1/serials/%E7%A2%B3%E7%A5%A8");
    }

    [Fact]
    public async Task A_beneficiary_is_an_organization_or_a_name()
    {
        var (v, cast) = (await Api.VoucherAsync(), await Api.CastAsync());
        object Body(object beneficiary) => new { accountId = v.Account, lines = new[] { v.Line(1) }, beneficiary, purpose = "other", claimPeriod = new { first = "2021-01-01", last = "2021-12-31" } };
        await RefusedPostAsync(400, "value-out-of-range", "/v1/retirements", Body(new { }));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/retirements", Body(new { organizationId = cast.Buyer, name = "n" }));
        await Api.DoAsync("/v1/retirements", Body(new { organizationId = cast.Buyer }));
        await RefusedPostAsync(400, "period-reversed", "/v1/retirements", new
        {
            accountId = v.Account,
            lines = new[] { v.Line(1) },
            beneficiary = new { name = "n" },
            purpose = "other",
            claimPeriod = new { first = "2021-12-31", last = "2021-01-01" },
        });
        await RefusedPostAsync(400, "malformed-body", "/v1/retirements", new
        {
            accountId = v.Account,
            lines = new[] { v.Line(1) },
            beneficiary = new { name = "n" },
            purpose = "vanity",
            claimPeriod = new { first = "2021-01-01", last = "2021-12-31" },
        });
    }

    private async Task<Answer> WithKeysAsync(string organization, params string[] keys)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/accounts") { Content = JsonOf(new { organizationId = organization, name = "n" }) };
        foreach (var key in keys)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await Api.SendAsync(request);
    }
}
