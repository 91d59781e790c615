namespace CarbonLedger.Server.Tests.Api;

/// <summary>Refusals around organizations, projects, applications and issuance.</summary>
public sealed class RegistrationRefusalSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task What_is_given_once_has_nothing_invisible_in_it()
    {
        // Or two that look alike would be two: the same forest could be covered twice (D1).
        var cast = await Api.CastAsync();
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Api.ProjectBody(cast.Owner, "620171-\u200B0001"));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/organizations", new { name = "x", registrationNumber = "9162\u2060A", roles = new[] { "office" } });
        var filed = await Api.FiledAsync(await Api.ProjectAsync());
        await RefusedPostAsync(400, "value-out-of-range", $"/v1/applications/{filed}/issue", new { accountId = await Api.AccountAsync(cast.Owner), printedNumber = "甘碳票\u00AD-1" });
        var v = await Api.VoucherAsync();
        await RefusedPostAsync(400, "value-out-of-range", "/v1/trades", await Api.TradeBodyAsync(v.Account, await Api.AccountAsync(cast.Owner), "T\uFEFF-1", new { voucherId = v.Id, kilograms = 1, pricePerTonne = "1" }), cast.Venue);
    }

    [Theory]
    [InlineData("\uFE0F")] // picks the form of the character before it
    [InlineData("\u034F")]
    [InlineData("\u3164")] // a filler, by its category a letter
    [InlineData("\u2800")] // the blank of Braille, by its category a sign
    [InlineData("\u00A0")] // a blank that looks like the ordinary one
    [InlineData("\U000E0100")]
    public async Task What_leaves_nothing_on_paper_makes_no_second_code_and_no_name(string nothing)
    {
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Api.ProjectBody((await Api.CastAsync()).Owner, $"620171{nothing}-0001"));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/organizations", new { name = nothing + nothing, roles = new[] { "office" } });
    }

    [Fact]
    public async Task Whoever_is_not_registered_cannot_act() =>
        await RefusedPostAsync(403, "acting-organization-unknown", "/v1/organizations", new { name = "n", roles = new[] { "bank" } }, Nobody);

    [Fact]
    public async Task Only_the_registrar_registers_organizations()
    {
        await RefusedPostAsync(403, "not-authorized", "/v1/organizations", new { name = "n", roles = new[] { "bank" } }, (await Api.CastAsync()).Stranger);
        await Api.DoAsync("/v1/organizations", new { name = "n", roles = new[] { "bank" } }, await Api.OrganizationAsync("registrar"));
    }

    [Fact]
    public async Task A_registration_number_is_given_once()
    {
        var registrationNumber = Api.Unique("9162");
        await Api.DoAsync("/v1/organizations", new { name = "first", registrationNumber, roles = new[] { "bank" } });
        await RefusedPostAsync(409, "registration-number-taken", "/v1/organizations", new { name = "second", registrationNumber, roles = new[] { "bank" } });
    }

    [Fact]
    public async Task Each_part_needs_its_role()
    {
        var (v, cast) = (await Api.VoucherAsync(), await Api.CastAsync());
        await RefusedPostAsync(409, "organization-lacks-role", "/v1/projects", Api.ProjectBody(cast.Buyer, Api.Unique("parcel")));
        await RefusedPostAsync(409, "organization-lacks-role", "/v1/reference-prices", new { venueId = cast.Bank, date = "2021-08-20", pricePerTonne = "41.94" });
        await RefusedPostAsync(409, "organization-lacks-role", "/v1/loans", (await Api.LoanBodyAsync([await Api.PledgeAsync(v, 1)])).With(new { bankId = cast.Buyer }));
    }

    [Fact]
    public async Task Only_its_owner_registers_a_project_and_applies_for_it()
    {
        var (cast, project) = (await Api.CastAsync(), await Api.ProjectAsync());
        await RefusedPostAsync(403, "not-authorized", "/v1/projects", Api.ProjectBody(cast.Owner, Api.Unique("parcel")), cast.Stranger);
        await RefusedPostAsync(403, "not-authorized", "/v1/applications", await Api.ApplicationBodyAsync(project), cast.Stranger);
    }

    [Fact]
    public async Task Only_the_registrar_reviews_and_issues()
    {
        var (cast, project) = (await Api.CastAsync(), await Api.ProjectAsync());
        var id = (await Api.DoAsync("/v1/applications", await Api.ApplicationBodyAsync(project), cast.Owner)).Id;
        await Api.DoAsync($"/v1/applications/{id}/submit", actingAs: cast.Owner);
        foreach (var step in new[] { "review", "approve", "file", "reject", "request-correction" })
        {
            await RefusedPostAsync(403, "not-authorized", $"/v1/applications/{id}/{step}", null, cast.Owner);
        }

        await RefusedPostAsync(403, "not-authorized", $"/v1/applications/{id}/issue", new { accountId = cast.BuyerAccount }, cast.Owner);
        await RefusedPostAsync(403, "not-authorized", $"/v1/applications/{id}/withdraw", null, cast.Stranger);
    }

    [Fact]
    public async Task An_application_goes_only_the_steps_of_its_life()
    {
        var (cast, project) = (await Api.CastAsync(), await Api.ProjectAsync());
        var id = (await Api.DoAsync("/v1/applications", await Api.ApplicationBodyAsync(project))).Id;
        await NotInStateAsync("review", "approve", "file", "reject", "request-correction");
        await Api.DoAsync($"/v1/applications/{id}/submit");
        await NotInStateAsync("submit", "approve", "file");
        await Api.DoAsync($"/v1/applications/{id}/request-correction", new { reason = "the parcel map is missing" });
        await NotInStateAsync("review", "approve", "file", "reject");
        await Api.DoAsync($"/v1/applications/{id}/submit");
        await Api.DoAsync($"/v1/applications/{id}/review");
        await NotInStateAsync("submit", "review", "file", "request-correction");
        await Api.DoAsync($"/v1/applications/{id}/approve");
        await NotInStateAsync("submit", "review", "approve");
        await RefusedPostAsync(409, "application-not-in-state", $"/v1/applications/{id}/issue", new { accountId = cast.BuyerAccount });
        await Api.DoAsync($"/v1/applications/{id}/file");
        await NotInStateAsync("submit", "review", "approve", "file", "withdraw");
        await Api.DoAsync($"/v1/applications/{id}/issue", new { accountId = cast.BuyerAccount });
        await NotInStateAsync("reject", "withdraw");
        await RefusedPostAsync(409, "application-not-in-state", $"/v1/applications/{id}/issue", new { accountId = cast.BuyerAccount });
        Assert.Equal("issued", (await Api.ReadAsync($"/v1/applications/{id}")).GetProperty("status").GetString());

        async Task NotInStateAsync(params string[] steps)
        {
            foreach (var step in steps)
            {
                await RefusedPostAsync(409, "application-not-in-state", $"/v1/applications/{id}/{step}");
            }
        }
    }

    [Fact]
    public async Task Rejected_and_withdrawn_are_ends()
    {
        foreach (var end in new[] { "reject", "withdraw" })
        {
            var id = (await Api.DoAsync("/v1/applications", await Api.ApplicationBodyAsync(await Api.ProjectAsync()))).Id;
            await Api.DoAsync($"/v1/applications/{id}/submit");
            await Api.DoAsync($"/v1/applications/{id}/{end}");
            await RefusedPostAsync(409, "application-not-in-state", $"/v1/applications/{id}/submit");
        }
    }

    [Fact]
    public async Task A_correction_changes_what_is_applied_for_and_only_while_it_may()
    {
        var project = await Api.ProjectAsync();
        var id = (await Api.DoAsync("/v1/applications", await Api.ApplicationBodyAsync(project))).Id;
        var verification = new { verifierId = (await Api.CastAsync()).Verifier, reportDate = "2021-05-10", documentSha256 = new string('b', 64) };
        var correction = new { monitoringPeriod = new { first = "2020-01-01", last = "2020-06-30" }, kilograms = 777, verification };
        await Api.DoAsync($"/v1/applications/{id}/correct", correction);
        Assert.Equal(777, (await Api.ReadAsync($"/v1/applications/{id}")).GetProperty("kilograms").GetInt64());
        await Api.DoAsync($"/v1/applications/{id}/submit");
        await RefusedPostAsync(409, "application-not-in-state", $"/v1/applications/{id}/correct", correction);
    }

    [Fact]
    public async Task A_monitoring_period_has_ended_and_a_report_was_written()
    {
        var project = await Api.ProjectAsync();
        await RefusedPostAsync(400, "date-in-future", "/v1/applications", await Api.ApplicationBodyAsync(project, last: "2099-12-31"));
        await RefusedPostAsync(400, "period-reversed", "/v1/applications", await Api.ApplicationBodyAsync(project, first: "2020-12-31", last: "2020-01-01"));
    }

    [Fact]
    public async Task An_application_is_about_parcels_of_its_project()
    {
        var (mine, other) = (await Api.ProjectAsync(), await Api.ProjectAsync());
        await RefusedPostAsync(409, "parcel-not-in-project", "/v1/applications", await WithParcelsAsync(mine, other.Parcels));
    }

    [Fact]
    public async Task Unknown_projects_applications_and_verifiers_are_named_as_such()
    {
        var (cast, project) = (await Api.CastAsync(), await Api.ProjectAsync());
        await RefusedPostAsync(404, "project-not-found", "/v1/applications", await Api.ApplicationBodyAsync(new Project(Nobody, [])));
        await RefusedPostAsync(404, "application-not-found", $"/v1/applications/{Nobody}/submit");
        await RefusedPostAsync(404, "application-not-found", $"/v1/applications/{Nobody}/issue", new { accountId = cast.BuyerAccount });
        await RefusedPostAsync(404, "account-not-found", $"/v1/applications/{await Api.FiledAsync(project)}/issue", new { accountId = Nobody });
        await RefusedPostAsync(404, "organization-not-found", "/v1/projects", Api.ProjectBody(Nobody, Api.Unique("parcel")));
    }

    [Fact]
    public async Task No_parcel_is_covered_twice_for_overlapping_periods()
    {
        var (cast, project) = (await Api.CastAsync(), await Api.ProjectAsync(parcels: 2));
        var early = await Api.FiledAsync(project);
        var late = await Api.FiledAsync(project, first: "2020-12-31", last: "2021-12-31");
        await Api.DoAsync($"/v1/applications/{early}/issue", new { accountId = cast.BuyerAccount });

        await RefusedPostAsync(409, "parcel-already-covered", $"/v1/applications/{late}/issue", new { accountId = cast.BuyerAccount });
        await RefusedPostAsync(409, "parcel-already-covered", "/v1/applications", await Api.ApplicationBodyAsync(project, first: "2019-01-01", last: "2020-01-01"));
        await RefusedPostAsync(409, "parcel-already-covered", "/v1/applications", await WithParcelsAsync(project, [project.Parcels[1]]));

        // What can never be issued does not stay filed for ever.
        await Api.DoAsync($"/v1/applications/{late}/reject", new { reason = "covered by another voucher" });

        // The next period of the same parcels is a new voucher.
        await Api.DoAsync($"/v1/applications/{await Api.FiledAsync(project, first: "2021-01-01", last: "2021-12-31")}/issue", new { accountId = cast.BuyerAccount });
    }

    [Fact]
    public async Task A_parcel_is_one_parcel_in_all_projects()
    {
        var (cast, project) = (await Api.CastAsync(), await Api.ProjectAsync());
        var twin = new Project((await Api.DoAsync("/v1/projects", Api.ProjectBody(cast.Owner, project.Parcels))).Id, project.Parcels);
        await Api.DoAsync($"/v1/applications/{await Api.FiledAsync(project)}/issue", new { accountId = cast.BuyerAccount });
        await RefusedPostAsync(409, "parcel-already-covered", "/v1/applications", await Api.ApplicationBodyAsync(twin));
    }

    [Fact]
    public async Task Of_two_issues_at_once_for_the_same_parcels_exactly_one_succeeds()
    {
        var cast = await Api.CastAsync();
        for (var round = 0; round < 5; round++)
        {
            var project = await Api.ProjectAsync();
            string[] filed = [await Api.FiledAsync(project), await Api.FiledAsync(project, first: "2020-06-01", last: "2021-05-31")];
            var answers = await Task.WhenAll(filed.Select(id => Api.PostAsync($"/v1/applications/{id}/issue", new { accountId = cast.BuyerAccount })));

            Assert.Equal([201, 409], answers.Select(a => a.Status).Order());
            Assert.Equal("parcel-already-covered", answers.Single(a => a.Status == 409).Code);
            Assert.Equal("1", await AskSqlAsync($"select count(*)::text from ledger.coverage where parcel = '{project.Parcels[0]}'"));
        }
    }

    [Fact]
    public async Task A_printed_number_is_given_once()
    {
        var (cast, printedNumber) = (await Api.CastAsync(), Api.Unique("LZXQ"));
        await Api.DoAsync($"/v1/applications/{await Api.FiledAsync(await Api.ProjectAsync())}/issue", new { accountId = cast.BuyerAccount, printedNumber });
        await RefusedPostAsync(409, "printed-number-taken", $"/v1/applications/{await Api.FiledAsync(await Api.ProjectAsync())}/issue", new { accountId = cast.BuyerAccount, printedNumber });
    }

    [Fact]
    public async Task A_project_has_99_issuances_of_a_vintage()
    {
        var (cast, project) = (await Api.CastAsync(), await Api.ProjectAsync());
        var issued = await Api.DoAsync($"/v1/applications/{await Api.FiledAsync(project)}/issue", new { accountId = cast.BuyerAccount });
        Assert.Contains("-2020-01-0000000001-0000001000-", issued.Body.GetProperty("serial").GetString());
        await ChangeStatesAsync($"update ledger.states set state = jsonb_set(state::jsonb, '{{issuances}}', '{{\"2021\": 98}}')::json where id = '{project.Id}'");

        issued = await Api.DoAsync($"/v1/applications/{await Api.FiledAsync(project, first: "2021-01-01", last: "2021-01-01")}/issue", new { accountId = cast.BuyerAccount });
        Assert.Contains("-2021-99-0000000001-0000001000-", issued.Body.GetProperty("serial").GetString());
        await RefusedPostAsync(409, "issuances-exhausted", $"/v1/applications/{await Api.FiledAsync(project, first: "2021-01-02", last: "2021-01-02")}/issue", new { accountId = cast.BuyerAccount });
    }

    [Fact]
    public async Task The_form_of_a_project_is_checked()
    {
        var owner = (await Api.CastAsync()).Owner;
        object Body(string scheme = "SLCT", string region = "620171", decimal areaMu = 1, params string[] codes) =>
            new { name = "n", scheme, ownerId = owner, region, methodology = "m", parcels = codes.Select(code => new { code, areaMu }) };
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Body());
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Body(codes: ["a", "a"]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Body(codes: [" "]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Body(codes: ["a\u0000"]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Body(scheme: "S-L", codes: ["a"]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Body(region: "62017", codes: ["a"]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Body(areaMu: 0, codes: ["a"]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/projects", Body(areaMu: 1.234m, codes: ["a"]));
        await RefusedPostAsync(400, "value-out-of-range", "/v1/organizations", new { name = "n", roles = Array.Empty<string>() });
        await RefusedPostAsync(400, "value-out-of-range", "/v1/organizations", new { name = new string('n', 201), roles = new[] { "bank" } });
    }

    private async Task<object> WithParcelsAsync(Project project, string[] parcelCodes) => new
    {
        projectId = project.Id,
        parcelCodes,
        monitoringPeriod = new { first = "2020-01-01", last = "2020-12-31" },
        kilograms = 1,
        verification = new { verifierId = (await Api.CastAsync()).Verifier, reportDate = "2021-05-10", documentSha256 = new string('a', 64) },
    };
}
