using System.Text;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Npgsql;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>In whose favour units are retired: names with consent, when they are shown, how they are erased, and what is said with a retirement.</summary>
public sealed class BeneficiarySpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private static readonly object Consent = new { documentSha256 = new string('B', 64), date = "2022-02-01" };

    [Fact]
    public async Task A_name_with_consent_is_shown_and_stands_outside_the_log()
    {
        var name = Api.Unique("Person Named");
        var id = await RetireAsync(new { name, consent = Consent, publicationDate = "2022-06-05" });

        foreach (var path in new[] { "", "/certificate" })
        {
            var beneficiary = (await Api.ReadAsync($"/v1/retirements/{id}{path}")).GetProperty("beneficiary");
            Assert.Equal((name, "shown"), (beneficiary.GetProperty("name").GetString(), beneficiary.GetProperty("nameStatus").GetString()));
            Assert.Equal(new string('b', 64), beneficiary.GetProperty("consent").GetProperty("documentSha256").GetString());
            Assert.Equal("2022-02-01", beneficiary.GetProperty("consent").GetProperty("date").GetString());
            Assert.Equal("2022-06-05", beneficiary.GetProperty("publicationDate").GetString());
        }

        Assert.Equal("0", await CountAsync($"select count(*)::text from ledger.leaves where position('{name}'::bytea in bytes) > 0"));
        Assert.Equal("0", await CountAsync($"select count(*)::text from ledger.states where state::text like '%{name}%'"));
        Assert.Equal("0", await CountAsync($"select count(*)::text from ledger.idempotency_keys where position('{name}'::bytea in answer) > 0"));
    }

    [Fact]
    public async Task Before_its_publication_date_a_name_is_not_shown()
    {
        var name = Api.Unique("Person Later");
        var id = await RetireAsync(new { name, consent = Consent, publicationDate = "2999-01-01" });

        var answer = await Api.GetAsync($"/v1/retirements/{id}/certificate");
        Assert.DoesNotContain(name, answer.Text);
        Assert.Equal("notYetPublished", answer.Body.GetProperty("beneficiary").GetProperty("nameStatus").GetString());
    }

    [Fact]
    public async Task An_erased_name_is_gone_and_its_hash_and_the_retirement_stay()
    {
        var name = Api.Unique("Person Erased");
        var id = await RetireAsync(new { name, consent = Consent });
        var before = await Api.ReadAsync($"/v1/retirements/{id}/certificate");
        await Api.DoAsync($"/v1/retirements/{id}/erase-beneficiary", new { reason = "consentWithdrawn" }, (await Api.CastAsync()).Owner);

        var answer = await Api.GetAsync($"/v1/retirements/{id}/certificate");
        var beneficiary = answer.Body.GetProperty("beneficiary");
        Assert.DoesNotContain(name, answer.Text);
        Assert.Equal("erased", beneficiary.GetProperty("nameStatus").GetString());
        Assert.NotNull(beneficiary.GetProperty("erasedAt").GetString());
        Assert.Equal(before.GetProperty("beneficiary").GetProperty("nameSha256").GetString(), beneficiary.GetProperty("nameSha256").GetString());
        Assert.Equal(before.GetProperty("verificationCode").GetString(), answer.Body.GetProperty("verificationCode").GetString());
        Assert.Equal(before.GetProperty("kilograms").GetInt64(), answer.Body.GetProperty("kilograms").GetInt64());
        Assert.Equal("0", await CountAsync($"select count(*)::text from ledger.private_names where id = '{id}'"));
    }

    [Fact]
    public async Task A_past_instant_does_not_bring_an_erased_name_back()
    {
        var name = Api.Unique("Person Past");
        var id = await RetireAsync(new { name });
        var at = (await Api.ReadAsync($"/v1/retirements/{id}")).GetProperty("retiredAt").GetString()!;
        await Api.DoAsync($"/v1/retirements/{id}/erase-beneficiary", new { reason = "personsRequest" });
        Assert.DoesNotContain(name, (await Api.GetAsync($"/v1/retirements/{id}?asOf={at}")).Text);
    }

    [Fact]
    public async Task A_name_is_erased_once()
    {
        var id = await RetireAsync(new { name = "n" });
        await Api.DoAsync($"/v1/retirements/{id}/erase-beneficiary", new { reason = "courtOrder" });
        await RefusedPostAsync(409, "beneficiary-erased", $"/v1/retirements/{id}/erase-beneficiary", new { reason = "courtOrder" });
    }

    [Fact]
    public async Task An_organization_is_not_erased()
    {
        var id = await RetireAsync(new { organizationId = (await Api.CastAsync()).Buyer });
        await RefusedPostAsync(409, "beneficiary-not-a-name", $"/v1/retirements/{id}/erase-beneficiary", new { reason = "other" });
    }

    [Fact]
    public async Task Only_the_holder_and_the_registrar_erase()
    {
        var id = await RetireAsync(new { name = "n" });
        await RefusedPostAsync(403, "not-authorized", $"/v1/retirements/{id}/erase-beneficiary", new { reason = "other" }, (await Api.CastAsync()).Stranger);
        await RefusedPostAsync(404, "retirement-not-found", $"/v1/retirements/{Nobody}/erase-beneficiary", new { reason = "other" });
        await RefusedPostAsync(400, "malformed-body", $"/v1/retirements/{id}/erase-beneficiary", new { reason = "because of a person" });
    }

    [Fact]
    public async Task A_persons_name_does_not_come_into_the_log_by_the_statement()
    {
        var v = await Api.VoucherAsync();
        var beneficiary = new { name = "Person Stated", consent = Consent };
        await RefusedPostAsync(400, "name-in-statement", "/v1/retirements", Body(v, beneficiary, "In honour of person stated."));
        await RefusedPostAsync(400, "name-in-statement", "/v1/retirements", Body(v, beneficiary, new { zh = "零碳", en = "For Person Stated" }));
        await Api.DoAsync("/v1/retirements", Body(v, new { name = "Building 1" }, "Building 1, zero-carbon"));
    }

    [Fact]
    public async Task Consent_and_publication_date_go_with_a_name()
    {
        var v = await Api.VoucherAsync();
        var organizationId = (await Api.CastAsync()).Buyer;
        await RefusedPostAsync(400, "value-out-of-range", "/v1/retirements", Body(v, new { organizationId, consent = Consent }));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/retirements", Body(v, new { organizationId, publicationDate = "2022-06-05" }));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/retirements", Body(v, new { name = "n", consent = new { documentSha256 = "00", date = "2022-02-01" } }));
        await RefusedPostAsync(400, "date-in-future", "/v1/retirements", Body(v, new { name = "n", consent = new { documentSha256 = new string('b', 64), date = "2999-01-01" } }));
    }

    [Fact]
    public async Task A_statement_comes_back_in_the_form_in_which_it_was_given()
    {
        var v = await Api.VoucherAsync();
        async Task<string?> Said(object statement)
        {
            var id = (await Api.DoAsync("/v1/retirements", Body(v, new { name = "n" }, statement))).Id;
            var text = (await Api.ReadAsync($"/v1/retirements/{id}/certificate")).GetProperty("statement").GetRawText();
            Assert.Equal(text, (await Api.ReadAsync($"/v1/retirements/{id}")).GetProperty("statement").GetRawText());
            return text;
        }

        Assert.Equal("\"零碳办公 2021\"", await Said("零碳办公 2021"));
        Assert.Equal("""{"zh":"零碳办公","en":"Zero-carbon office"}""", await Said(new { zh = "零碳办公", en = "Zero-carbon office" }));
        Assert.Equal("""{"en":"Zero-carbon office"}""", await Said(new { en = "Zero-carbon office" }));
    }

    [Theory]
    [InlineData("5", "malformed-body")]
    [InlineData("{\"de\":\"Büro\"}", "malformed-body")]
    [InlineData("{\"zh\":\"a\",\"zh\":\"b\"}", "malformed-body")]
    [InlineData("{\"zh\":5}", "malformed-body")]
    [InlineData("{}", "value-out-of-range")]
    [InlineData("{\"zh\":\"\"}", "value-out-of-range")]
    public async Task A_statement_is_one_text_or_one_by_language(string statement, string code)
    {
        var v = await Api.VoucherAsync();
        var body = $$$"""{"accountId":"{{{v.Account}}}","lines":[{"voucherId":"{{{v.Id}}}","kilograms":1}],"beneficiary":{"name":"n"},"purpose":"other","claimPeriod":{"first":"2021-01-01","last":"2021-12-31"},"statement":{{{statement}}}}""";
        await RefusedPostAsync(400, code, "/v1/retirements", Encoding.UTF8.GetBytes(body));
    }

    [Fact]
    public async Task Every_purpose_is_taken_and_comes_back()
    {
        var v = await Api.VoucherAsync();
        foreach (var purpose in new[] { "carbonNeutralOperation", "carbonNeutralEvent", "corporateTarget", "publicClaim", "insetting", "regulatoryRequirement", "ecologicalRestorationOrder", "mandatoryCancellation", "other" })
        {
            var id = (await Api.DoAsync("/v1/retirements", Body(v, new { name = "n" }, null, purpose))).Id;
            Assert.Equal(purpose, (await Api.ReadAsync($"/v1/retirements/{id}/certificate")).GetProperty("purpose").GetString());
        }
    }

    [Fact]
    public async Task The_database_neither_changes_a_name_nor_takes_an_erased_one_back()
    {
        var id = await RetireAsync(new { name = "n" });
        await RefusedSqlAsync("private_names_unchanged", $"update ledger.private_names set name = 'm' where id = '{id}'");
        await RefusedSqlAsync("private_names_unchanged", "truncate ledger.private_names");
        await Api.DoAsync($"/v1/retirements/{id}/erase-beneficiary", new { reason = "other" });
        await RefusedSqlAsync("private_names_stay_erased", $"insert into ledger.private_names (id, salt, name) values ('{id}', sha256('x'), 'n')");
    }

    private static object Body(Voucher v, object beneficiary, object? statement = null, string purpose = "other") => statement is null
        ? new { accountId = v.Account, lines = new[] { v.Line(1) }, beneficiary, purpose, claimPeriod = new { first = "2021-01-01", last = "2021-12-31" } }
        : new { accountId = v.Account, lines = new[] { v.Line(1) }, beneficiary, purpose, claimPeriod = new { first = "2021-01-01", last = "2021-12-31" }, statement };

    private async Task<string> RetireAsync(object beneficiary) => (await Api.DoAsync("/v1/retirements", Body(await Api.VoucherAsync(), beneficiary))).Id;

    private Task<string?> CountAsync(string question) => AskSqlAsync(question);

    private async Task RefusedSqlAsync(string constraint, string statement) =>
        Assert.Equal(constraint, (await Assert.ThrowsAsync<PostgresException>(() => Sql.RunAsync(Fixture.ConnectionString, statement))).ConstraintName);
}
