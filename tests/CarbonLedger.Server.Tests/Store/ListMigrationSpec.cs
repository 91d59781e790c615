using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.Crash;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using static CarbonLedger.Server.Tests.Api.OfficeApi;

namespace CarbonLedger.Server.Tests.Store;

/// <summary>A register from before lists stood in the order of the log has them so afterwards.</summary>
[Collection("postgres")]
public sealed class ListMigrationSpec(PostgresFixture postgres)
{
    // The book's index has the name that a rebuild gave it.
    private const string AsItWas = """
        drop table ledger.things_by_party;
        alter table ledger.states drop column begun_index;
        alter table ledger.states add column organization uuid generated always as (case when kind in ('inventory', 'claim', 'electricity_calibration') then (state ->> 'organization')::uuid end) stored;
        create index states_by_kind on ledger.states (kind, id);
        create index states_by_organization on ledger.states (kind, organization, id) where organization is not null;
        drop index ledger.loan_book_by_bank, ledger.margin_calls_by_bank;
        create index loan_book_bank_id_loan_id_idx on ledger.loan_book (bank_id, loan_id);
        create index margin_calls_by_bank on ledger.margin_calls (bank_id, call_id);
        alter table ledger.claim_vouchers drop column backed_index, drop constraint claim_vouchers_key, add constraint claim_vouchers_key primary key (voucher_id, claim_id);
        create index claim_vouchers_by_claim on ledger.claim_vouchers (claim_id);
        """;

    private const string Positions = """
        select (select string_agg(concat_ws(' ', kind, id, begun_index), E'\n' order by id) from ledger.states)
            || (select string_agg(concat_ws(' ', E'\n', claim_id, voucher_id, backed_index), '' order by claim_id, voucher_id) from ledger.claim_vouchers)
            || (select string_agg(concat_ws(' ', E'\n', party_id, kind, begun_index, thing_id), '' order by party_id, kind, begun_index) from ledger.things_by_party)
            || (select string_agg(E'\n' || indexdef, '' order by indexdef) from pg_indexes where schemaname = 'ledger' and tablename in ('states', 'loan_book', 'margin_calls', 'claim_vouchers', 'things_by_party'))
        """;

    [Fact]
    public async Task An_older_register_gains_the_positions_that_a_newer_one_has_written()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        string organizations;
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            var office = await api.OrganizationAsync("office");
            await api.LoanAsync(await api.PledgeAsync(await api.VoucherAsync(2000), 1000));
            var (voucher, inventory) = (await api.VoucherAsync(100), (await api.DoAsync("/v1/inventories", InventoryBody(office, Emitted(10)))).Id);
            var claim = (await api.DoAsync("/v1/claims", ClaimBody(inventory, await api.RetiredForAsync(office, voucher.Account, voucher.Line(10))))).Id;
            await api.DoAsync($"/v1/claims/{claim}/publish");
            await api.DoAsync($"/v1/claims/{claim}/flags", new { voucherId = voucher.Id, reason = "suspected" });
            await api.DoAsync($"/v1/claims/{claim}/top-ups", new { retirementIds = new[] { await api.RetiredForAsync(office, 10) } });
            organizations = (await api.ReadAsync("/v1/organizations")).GetRawText();
            await Load.CatchUpAsync(api);
        }

        var written = await Sql.AskAsync(connectionString, Positions);
        Assert.Equal("numbering", await Sql.AskAsync(connectionString, "select string_agg(kind, ' ') from ledger.states where begun_index is null"));
        await Sql.RunAsync(connectionString, AsItWas);
        await Sql.RunAsync(connectionString, await Sql.MigrationAsync("0105_lists_in_log_order"));
        await Sql.RunAsync(connectionString, await Sql.MigrationAsync("0107_things_by_party"));
        await Sql.RunAsync(connectionString, await Sql.MigrationAsync("0108_loans_by_borrower"));
        Assert.Equal(written, await Sql.AskAsync(connectionString, Positions));
        await LogAuditor.AuditAsync(connectionString);
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            Assert.Equal(organizations, (await api.ReadAsync("/v1/organizations")).GetRawText());
        }
    }
}
