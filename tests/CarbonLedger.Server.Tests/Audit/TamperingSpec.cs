using CarbonLedger.Server.Demo;
using CarbonLedger.Server.Tests.Api;
using CarbonLedger.Server.Tests.EmbeddedPostgres;
using Npgsql;

namespace CarbonLedger.Server.Tests.Audit;

/// <summary>The audit agrees with an honest register, and finds whatever is changed behind its back.</summary>
[Collection("postgres")]
public sealed class TamperingSpec(PostgresFixture postgres, PlayedRegister played) : IClassFixture<PlayedRegister>
{
    [Fact]
    public async Task An_honest_register_has_no_findings() => Assert.Equal([Audited.Agrees], await Audited.LinesAfterAsync(await played.CopyAsync(postgres), "select 1"));

    [Theory]
    [InlineData("a byte of an event", "update ledger.leaves set bytes = set_byte(bytes, length(bytes) - 3, get_byte(bytes, length(bytes) - 3) # 1) where seq_id = 30")]
    [InlineData("a hash", "update ledger.leaves set hash = sha256('x') where seq_id = 30")]
    [InlineData("bytes and hash together", "update ledger.leaves set bytes = b.bytes, hash = sha256('\\x00' || b.bytes) from (select convert_to(replace(convert_from(bytes, 'UTF8'), '6000000', '6000001'), 'UTF8') as bytes from ledger.leaves l join mt_events using (seq_id) where type = 'units_pledged' limit 1) b where seq_id = (select min(seq_id) from mt_events where type = 'units_pledged')")]
    [InlineData("the readable data", "update mt_events set data = jsonb_set(data, '{actor}', '\"registrar2\"') where seq_id = 30")]
    [InlineData("a time", "update mt_events set timestamp = timestamp + interval '1 microsecond' where seq_id = 30")]
    [InlineData("a type", "update mt_events set type = 'units_released' where type = 'units_pledged'")]
    [InlineData("a missing event", "delete from mt_events where seq_id = 30")]
    [InlineData("a missing leaf", "delete from ledger.leaves where seq_id = 30")]
    [InlineData("the end cut off", "delete from ledger.leaves where seq_id = (select max(seq_id) from ledger.leaves); delete from mt_events where seq_id = (select max(seq_id) from mt_events)")]
    [InlineData("a holder", "update ledger.pieces set account_id = (select account_id from ledger.balances limit 1) where status = 1")]
    [InlineData("a retired unit come back", "update ledger.pieces set status = 0 where status = 1")]
    [InlineData("a voucher that grew", "insert into ledger.pieces (voucher_id, last_serial, account_id, status) select voucher_id, max(last_serial) + 1, min(account_id::text)::uuid, 0 from ledger.pieces group by voucher_id")]
    [InlineData("a piece that begins elsewhere", "update ledger.pieces set last_serial = last_serial - 1 where status = 1")]
    [InlineData("a balance", "update ledger.balances set owned = owned + 1 where log_index = (select max(log_index) from ledger.balances)")]
    [InlineData("a total", "update ledger.voucher_totals set pledged = pledged + 1, free = free - 1 where log_index = (select max(log_index) from ledger.voucher_totals)")]
    [InlineData("a lien gone", "delete from ledger.liens where first_serial = (select max(first_serial) from ledger.liens)")]
    [InlineData("a lien that never was", "insert into ledger.liens select voucher_id, gen_random_uuid(), first_serial, end_serial, kind, equal_rank_with, account_id, since_index, from_index, until_index from ledger.liens limit 1")]
    [InlineData("a lien on other serials", "update ledger.liens set end_serial = end_serial - 1")]
    [InlineData("a lien that came at another time", "update ledger.liens set from_index = from_index - 1")]
    [InlineData("a released lien come back", "update ledger.liens set until_index = null")]
    [InlineData("a rank", "update ledger.liens set since_index = since_index - 1")]
    [InlineData("an equal rank", "update ledger.liens set equal_rank_with = gen_random_uuid()")]
    [InlineData("the kind of a lock", "update ledger.liens set kind = 'freeze'")]
    [InlineData("a freeze of an account", "insert into ledger.account_freezes select account_id, gen_random_uuid(), log_index, null from ledger.balances limit 1")]
    [InlineData("an event's id", "update mt_events set id = gen_random_uuid() where seq_id = 30")]
    [InlineData("an event's tenant", "update mt_events set tenant_id = 'other' where seq_id = 30")]
    [InlineData("an archived event", "update mt_events set is_archived = true where seq_id = 30")]
    [InlineData("a type of .NET", "update mt_events set mt_dotnet_type = 'Other' where seq_id = 30")]
    [InlineData("second data", "update mt_events set bdata = 'x' where seq_id = 30")]
    [InlineData("the time of the head", "update ledger.head set at = at - interval '1 microsecond'")]
    [InlineData("the type of a stream", "update mt_streams set type = 'loan' where type = 'account'")]
    [InlineData("the version of a stream", "update mt_streams set version = version + 1 where type = 'account'")]
    [InlineData("when a stream began", "update mt_streams set created = created + interval '1 microsecond' where type = 'account'")]
    [InlineData("when a stream went on", "update mt_streams set timestamp = timestamp + interval '1 microsecond' where type = 'account'")]
    [InlineData("an archived stream", "update mt_streams set is_archived = true where type = 'account'")]
    [InlineData("a missing stream", "delete from mt_streams where type = 'loan'")]
    [InlineData("a stream that never was", "insert into mt_streams (id, type, version) values (gen_random_uuid(), 'account', 0)")]
    [InlineData("a checkpoint past the log", "update mt_event_progression set last_seq_id = (select log_index + 1 from ledger.head) where name = 'BalanceBook:All'")]
    [InlineData("a checkpoint before rows that stand", "update mt_event_progression set last_seq_id = (select max(log_index) - 1 from ledger.balances) where name = 'BalanceBook:All'")]
    [InlineData("a checkpoint before a repayment that is counted", "update mt_event_progression set last_seq_id = (select max(seq_id) - 1 from mt_events where type = 'loan_repaid') where name = 'LoanBook:All'")]
    [InlineData("a missing checkpoint", "delete from mt_event_progression")]
    [InlineData("a past balance", "update ledger.balances set owned = owned + 1, free = free + 1 where log_index = (select min(log_index) from ledger.balances)")]
    [InlineData("a past balance gone", "delete from ledger.balances where log_index = (select min(log_index) from ledger.balances)")]
    [InlineData("a past balance at another position", "update ledger.balances set log_index = log_index - 1 where log_index = (select min(log_index) from ledger.balances)")]
    [InlineData("what is held of a voucher", "update ledger.voucher_totals set held = 1 where log_index = (select max(log_index) from ledger.voucher_totals where held = 0 and pledged > 0)")]
    [InlineData("what is frozen of a voucher", "update ledger.voucher_totals set frozen = 1 where log_index = (select max(log_index) from ledger.voucher_totals where frozen = 0 and pledged > 0)")]
    [InlineData("a voucher without totals", "delete from ledger.voucher_totals where voucher_id = (select voucher_id from ledger.voucher_totals limit 1)")]
    [InlineData("totals of no voucher", "insert into ledger.voucher_totals (voucher_id, log_index, issued, free, held, pledged, frozen, retired, cancelled, expired) values (gen_random_uuid(), 30, 1, 1, 0, 0, 0, 0, 0, 0)")]
    [InlineData("a state", "update ledger.states set state = replace(state::text, '\"isOpen\":true', '\"isOpen\":false')::json where kind = 'account'")]
    [InlineData("a member that a state does not have", "update ledger.states set state = jsonb_set(state::jsonb, '{freezes}', 'null')::json where kind = 'account'")]
    [InlineData("a state of another kind", "update ledger.states set kind = 'trade' where kind = 'pledge'")]
    [InlineData("a state that cannot be read", "update ledger.states set state = '[]' where kind = 'loan'")]
    [InlineData("a missing state", "delete from ledger.states where kind = 'loan'")]
    [InlineData("a missing voucher", "delete from ledger.states where kind = 'voucher'")]
    [InlineData("a state that never was", "insert into ledger.states (id, kind, state) select gen_random_uuid(), kind, state from ledger.states where kind = 'account' limit 1")]
    [InlineData("how many vouchers a project has", "update ledger.states set state = jsonb_set(state::jsonb, '{issuances}', '{}')::json where kind = 'project'")]
    [InlineData("the number of the newest project", "update ledger.states set state = '{\"projects\":99}' where kind = 'numbering'")]
    [InlineData("when a state ends by itself", "update ledger.states set due_at = now() where kind = 'pledge'")]
    [InlineData("a column by which vouchers are found", "alter table ledger.states alter column revoked drop expression; update ledger.states set revoked = true where kind = 'voucher'")]
    [InlineData("the place of a thing in lists", "update ledger.states set begun_index = begun_index + 1 where kind = 'account'")]
    [InlineData("a thing that is in no list", "update ledger.states set begun_index = null where kind = 'voucher'")]
    [InlineData("since when a voucher backs a claim", "update ledger.claim_vouchers set backed_index = backed_index - 1")]
    [InlineData("a unique name", "update ledger.unique_names set name = name || '1'")]
    [InlineData("a unique name given back", "delete from ledger.unique_names where name = (select min(name) from ledger.unique_names)")]
    [InlineData("a unique name that nobody took", "insert into ledger.unique_names values ('printed-number', 'none')")]
    [InlineData("a parcel covered by another voucher", "update ledger.coverage set voucher_id = gen_random_uuid()")]
    [InlineData("a parcel covered longer", "update ledger.coverage set period = daterange(lower(period), upper(period) + 1)")]
    [InlineData("a parcel that is free again", "delete from ledger.coverage where parcel = (select min(parcel) from ledger.coverage)")]
    [InlineData("a name that no retirement has", "insert into ledger.private_names values (gen_random_uuid(), sha256('x'), 'Somebody')")]
    [InlineData("claimed kilograms", "update ledger.claimed_kilograms set kilograms = int8range(lower(kilograms), upper(kilograms) + 1)")]
    [InlineData("claimed kilograms given back", "delete from ledger.claimed_kilograms")]
    [InlineData("a flagged claim", "update ledger.claim_vouchers set flagged = true")]
    [InlineData("what is outstanding", "update ledger.loan_book set outstanding_principal = outstanding_principal + 0.01 where loan_id = (select loan_id from ledger.loan_book limit 1)")]
    [InlineData("a missing loan", "delete from ledger.loan_book where loan_id = (select loan_id from ledger.loan_book limit 1)")]
    [InlineData("kilograms under a pledge", "update ledger.loan_book_collateral set kilograms = kilograms + 1")]
    [InlineData("the loan of a pledge", "update ledger.loan_book_collateral set loan_id = gen_random_uuid()")]
    [InlineData("a reference price", "update ledger.reference_prices set price_per_tonne = price_per_tonne + 0.01")]
    [InlineData("a margin call", "update ledger.margin_calls set outstanding = outstanding + 0.01")]
    [InlineData("the cure of a margin call", "update ledger.margin_calls set cure = 'policy' where cure is not null")]
    [InlineData("the price of a trade", "update ledger.trade_prices set price_per_tonne = price_per_tonne + 0.01")]
    [InlineData("the line of a trade", "update ledger.venue_trades set kilograms = kilograms + 1")]
    [InlineData("the end of a trade", "update ledger.venue_trades set status = 'voided'")]
    [InlineData("whose thing it is", "update ledger.things_by_party set party_id = gen_random_uuid() where kind = 'trade'")]
    [InlineData("another thing of a party", "update ledger.things_by_party set thing_id = gen_random_uuid() where kind = 'pledge'")]
    [InlineData("a loan that its borrower does not find", "delete from ledger.things_by_party where kind = 'loan'")]
    [InlineData("a thing that no party finds", "delete from ledger.things_by_party where kind = 'retirement'")]
    [InlineData("the retirement of a voucher", "update ledger.voucher_retirements set kilograms = kilograms + 1")]
    [InlineData("an answer about a position that is not there", "update ledger.idempotency_keys set log_index = 1000000000 where key_digest = (select key_digest from ledger.idempotency_keys limit 1)")]
    [InlineData("an answer about another position", "update ledger.idempotency_keys set log_index = log_index - 1 where log_index = (select max(log_index) from ledger.idempotency_keys where status = 201 and position('\"logIndex\":'::bytea in answer) > 0)")]
    public async Task A_change_behind_the_back_is_found(string what, string sql) =>
        Assert.True(await Audited.AfterAsync(await played.CopyAsync(postgres), sql) != Audited.Agrees, $"The audit did not find {what}.");

    /// <summary>Bytes, hash, id and data fit each other, and say what no code of the register can.</summary>
    [Theory]
    [InlineData("units_pledged", "\"first\":[0-9]+", "\"first\":0")]
    [InlineData("units_pledged", "\"first\":[0-9]+", "\"first\":-9223372036854775808")]
    [InlineData("units_transferred", "\"last\":[0-9]+", "\"last\":9223372036854775807")]
    [InlineData("units_transferred", "\"from\":\"[0-9a-f-]+\"", "\"from\":\"nobody\"")]
    [InlineData("voucher_issued", "\"kilograms\":[0-9]+", "\"kilograms\":9223372036854775807")]
    [InlineData("loan_opened", "\"principal\":\"[^\"]+\"", "\"principal\":\"much\"")]
    [InlineData("loan_repaid", "\"loan\":\"[0-9a-f-]+\"", "\"loan\":\"00000000-0000-0000-0000-000000000000\"")]
    [InlineData("account_opened", "\"data\":\\{.*", "\"data\":[]}")]
    [InlineData("organization_registered", "\"roles\":\\[[^]]*\\]", "\"roles\":[\"king\"]")]
    public async Task An_event_that_cannot_be_read_is_a_finding(string type, string pattern, string instead)
    {
        var lines = await Audited.LinesAfterAsync(
            await played.CopyAsync(postgres),
            $"""
            update ledger.leaves set bytes = convert_to(regexp_replace(convert_from(bytes, 'UTF8'), '{pattern}', '{instead}'), 'UTF8')
            where seq_id = (select max(seq_id) from mt_events where type = '{type}');
            update ledger.leaves set hash = sha256('\x00'::bytea || bytes) where hash <> sha256('\x00'::bytea || bytes);
            update mt_events e set data = convert_from(bytes, 'UTF8')::jsonb -> 'data', id = encode(
                substr(hash, 4, 1) || substr(hash, 3, 1) || substr(hash, 2, 1) || substr(hash, 1, 1) || substr(hash, 6, 1) || substr(hash, 5, 1)
                    || substr(hash, 8, 1) || substr(hash, 7, 1) || substr(hash, 9, 8), 'hex')::uuid
            from ledger.leaves l where l.seq_id = e.seq_id
            """);
        Assert.EndsWith("findings.", lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, l => l.Contains("hash", StringComparison.Ordinal) || l.Contains("differs from its bytes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_projection_that_is_behind_is_compared_up_to_its_checkpoint()
    {
        var connectionString = await played.CopyAsync(postgres);
        var lines = await Audited.LinesAfterAsync(
            connectionString,
            """
            delete from ledger.balances where log_index > 30;
            delete from ledger.voucher_totals where log_index > 30;
            delete from ledger.voucher_retirements where log_index > 30;
            delete from ledger.account_freezes;
            delete from ledger.liens;
            update mt_event_progression set last_seq_id = 30 where name = 'BalanceBook:All';
            """);
        Assert.Equal([$"Projection BalanceBook:All is at 30 of {await Sql.AskAsync(connectionString, "select log_index from ledger.head")}; it is compared up to there.", Audited.Agrees], lines);
        Assert.NotEqual(Audited.Agrees, await Audited.AfterAsync(connectionString, "update ledger.balances set owned = owned + 1, free = free + 1"));
    }

    [Theory]
    [InlineData("another name", "update ledger.private_names set name = 'Somebody else'")]
    [InlineData("another salt", "update ledger.private_names set salt = sha256('x')")]
    [InlineData("a name gone", "delete from ledger.private_names")]
    [InlineData("an erased name come back", "insert into ledger.private_names select stream_id, sha256('x'), 'Somebody' from mt_events where type = 'beneficiary_erased'")]
    public async Task A_beneficiarys_name_is_what_the_log_has_the_hash_of(string what, string sql)
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            using var api = new LedgerApi(server.Url);
            var v = await api.VoucherAsync(100);
            foreach (var name in (string[])["Kept", "Erased"])
            {
                var id = (await api.DoAsync(
                    "/v1/retirements",
                    new { accountId = v.Account, lines = new[] { v.Line(10) }, beneficiary = new { name }, purpose = "other", claimPeriod = new { first = "2021-01-01", last = "2021-12-31" } })).Id;
                if (name == "Erased")
                {
                    await api.DoAsync($"/v1/retirements/{id}/erase-beneficiary", new { reason = "personsRequest" });
                }
            }

            await Crash.Load.CatchUpAsync(api);
        }

        Assert.Equal(Audited.Agrees, await Audited.AfterAsync(connectionString, "select 1"));
        var lines = await Audited.LinesAfterAsync(connectionString, sql);
        Assert.True(lines[^1] != Audited.Agrees, $"The audit did not find {what}.");
        Assert.DoesNotContain(lines, l => l.Contains("Kept", StringComparison.Ordinal) || l.Contains("Somebody", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_audit_agrees_while_transfers_are_written()
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using var server = await RunningServer.StartAsync(connectionString);
        using var api = new LedgerApi(server.Url);
        var (v, cast) = (await api.VoucherAsync(1_000_000), await api.CastAsync());
        using var enough = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (!enough.IsCancellationRequested)
            {
                await api.DoAsync("/v1/transfers", LedgerApi.TransferBody(v.Account, cast.BuyerAccount, v.Line(1)));
            }
        }).ToArray();
        await using var database = NpgsqlDataSource.Create(connectionString);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(Audited.Agrees, (await Audited.LinesAsync(database))[^1]);
        }

        await enough.CancelAsync();
        await Task.WhenAll(writers);
    }
}

/// <summary>A register in which the demo was played once; every test changes a copy of its own.</summary>
public sealed class PlayedRegister
{
    private string? played;
    private int copies;

    public async Task<string> CopyAsync(PostgresFixture postgres)
    {
        played ??= await PlayAsync(postgres);
        var source = new NpgsqlConnectionStringBuilder(played);
        var copy = $"{source.Database}_{++copies}";
        await Sql.RunAsync(postgres.Server.ConnectionString, $"create database {copy} template {source.Database}");
        return new NpgsqlConnectionStringBuilder(played) { Database = copy }.ConnectionString;
    }

    private static async Task<string> PlayAsync(PostgresFixture postgres)
    {
        var connectionString = await postgres.CreateDatabaseAsync();
        await using (var server = await RunningServer.StartAsync(connectionString))
        {
            await DemoCases.PlayAsync(server.Url, TextWriter.Null);
            using var api = new LedgerApi(server.Url);
            await Crash.Load.CatchUpAsync(api);
        }

        // Nobody may be connected to a database that is copied.
        NpgsqlConnection.ClearAllPools();
        return connectionString;
    }
}
