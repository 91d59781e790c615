using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CarbonLedger.Server.Tests.Api;

namespace CarbonLedger.Server.Tests.Bulk;

/// <summary>Files of many rows: dry runs, rows for themselves, all or none, sent twice, and files as spreadsheets write them.</summary>
public sealed class BulkSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private const string TransferHeader = "fromAccountId,toAccountId,voucherId,kilograms,reason";

    [Fact]
    public async Task Rows_are_done_in_order_each_for_itself()
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var third = await Api.AccountAsync((await Api.CastAsync()).Buyer);
        // The second row asks for too much; the third passes on what the first brought.
        var id = await UploadAsync("transfers", Csv($"{v.Account},{w},{v.Id},600,a", $"{v.Account},{w},{v.Id},500,b", $"{w},{third},{v.Id},600,c"));

        var job = await FinishedAsync(id);
        Assert.Equal((3, 3, 2, 1), (Number(job, "rows"), Number(job, "done"), Number(job, "accepted"), Number(job, "refused")));
        var rows = await RowsAsync(id);
        Assert.Equal(["accepted", "refused insufficient-units", "accepted"], rows.Select(Outcome));
        Assert.Equal(600, (await Api.ReadAsync($"/v1/transfers/{rows[2].GetProperty("id").GetString()}")).GetProperty("lines")[0].GetProperty("kilograms").GetInt64());
        Assert.Equal((400, 0, 600), (await OwnedAsync(v.Account), await OwnedAsync(w, v), await OwnedAsync(third)));
    }

    [Fact]
    public async Task The_whole_happens_or_nothing_does()
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var id = await UploadAsync("transfers", Csv($"{v.Account},{w},{v.Id},600,", $"{v.Account},{w},{v.Id},500,"), "mode=whole");
        Assert.Equal((0, 1), (Number(await FinishedAsync(id), "accepted"), Number(await FinishedAsync(id), "refused")));
        Assert.Equal("2 refused insufficient-units", (await RowsAsync(id)).Select(r => $"{Number(r, "row")} {Outcome(r)}").Single());
        Assert.Equal(1000, await OwnedAsync(v.Account));

        var before = await Api.HeadAsync();
        id = await UploadAsync("transfers", Csv($"{v.Account},{w},{v.Id},600,", $"{v.Account},{w},{v.Id},400,"), "mode=whole");
        Assert.Equal(2, Number(await FinishedAsync(id), "accepted"));
        Assert.Equal([before + 1, before + 2], (await RowsAsync(id)).Select(r => r.GetProperty("logIndex").GetInt64()));
        Assert.Equal(0, await OwnedAsync(v.Account));
    }

    [Fact]
    public async Task A_refused_whole_is_kept_as_one_refusal_that_names_its_row()
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        await FinishedAsync(await UploadAsync("transfers", Csv($"{v.Account},{w},{v.Id},600,", $"{v.Account},{w},{v.Id},500,"), "mode=whole"));
        var kept = JsonDocument.Parse((await AskSqlAsync("select convert_from(answer, 'UTF8') from ledger.idempotency_keys where answer like '%row-refused%'::bytea limit 1"))!).RootElement;
        Assert.Equal(("row-refused", "insufficient-units"), (kept.GetProperty("code").GetString(), kept.GetProperty("rowCode").GetString()));
    }

    /// <summary>A row leaves part of a piece, and the next one takes on from there.</summary>
    [Fact]
    public async Task The_rows_of_a_whole_share_a_holding_of_many_pieces()
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        foreach (var first in new[] { 101, 301, 501 })
        {
            await Api.DoAsync("/v1/transfers", LedgerApi.TransferBody(v.Account, w, v.Line((first, first + 99))));
        }

        var id = await UploadAsync("transfers", Csv($"{v.Account},{w},{v.Id},150,", $"{v.Account},{w},{v.Id},150,", $"{v.Account},{w},{v.Id},400,"), "mode=whole");
        Assert.Equal(3, Number(await FinishedAsync(id), "accepted"));
        Assert.Equal(0, await OwnedAsync(v.Account));
    }

    [Fact]
    public async Task A_whole_with_an_unreadable_row_does_nothing_and_names_all_of_them()
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var id = await UploadAsync("transfers", Csv($"{v.Account},{w},{v.Id},6x,", $"{v.Account},{w},{v.Id},1,", $"{v.Account},{w},{v.Id},0,"), "mode=whole");
        await FinishedAsync(id);
        Assert.Equal(["1 refused csv-row-malformed", "3 refused kilograms-not-positive"], (await RowsAsync(id)).Select(r => $"{Number(r, "row")} {Outcome(r)}"));
        Assert.Equal(1000, await OwnedAsync(v.Account));
    }

    [Fact]
    public async Task A_whole_is_one_decision_and_so_has_at_most_100_rows()
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        string[] Rows(int count) => [.. Enumerable.Range(0, count).Select(_ => $"{v.Account},{w},{v.Id},1,")];
        await RefusedUploadAsync(400, "bulk-too-large", "transfers", Csv(Rows(101)), "mode=whole");
        Assert.Equal(100, Number(await FinishedAsync(await UploadAsync("transfers", Csv(Rows(100)), "mode=whole")), "accepted"));
    }

    [Theory]
    [InlineData("rows")]
    [InlineData("whole")]
    public async Task A_dry_run_tells_what_would_happen_and_does_nothing(string mode)
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var before = await Api.HeadAsync();
        var id = await UploadAsync("transfers", Csv($"{v.Account},{w},{v.Id},600,", $"{v.Account},{w},{v.Id},500,", $"{v.Account},{w},{v.Id},400,", "x,,,,"), $"dryRun=true&mode={mode}");
        var job = await FinishedAsync(id);
        Assert.Equal((2, 2, true), (Number(job, "accepted"), Number(job, "refused"), job.GetProperty("dryRun").GetBoolean()));
        Assert.Equal(["2 refused insufficient-units", "4 refused csv-row-malformed"], (await RowsAsync(id)).Select(r => $"{Number(r, "row")} {Outcome(r)}"));
        Assert.Equal(before, await Api.HeadAsync());
    }

    [Fact]
    public async Task The_same_file_under_the_same_key_is_done_once()
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var (csv, key) = (Csv($"{v.Account},{w},{v.Id},10,", $"{v.Account},{w},{v.Id},20,"), Guid.NewGuid().ToString());
        var first = await SendAsync("transfers", csv, "", key);
        await FinishedAsync(first.Id);
        var head = await Api.HeadAsync();
        var second = await SendAsync("transfers", csv, "", key);

        Assert.Equal((201, first.Text, true), (second.Status, second.Text, second.Replayed));
        Assert.Equal($"/v1/bulk/{first.Id}", second.Headers.Location?.ToString());
        Assert.Equal(head, await Api.HeadAsync());
        await RefusedAsync(422, "idempotency-key-reused", () => SendAsync("transfers", csv + $"{v.Account},{w},{v.Id},30,\n", "", key));
        await RefusedAsync(422, "idempotency-key-reused", () => SendAsync("transfers", csv, "mode=whole", key));
        await RefusedAsync(422, "idempotency-key-reused", () => Api.PostAsync("/v1/transfers", LedgerApi.TransferBody(v.Account, w, v.Line(1)), key: key));
    }

    /// <summary>What a stopped server leaves: a job that is not finished, and rows that are done but not noted.</summary>
    [Theory]
    [InlineData("rows")]
    [InlineData("whole")]
    public async Task An_interrupted_job_is_taken_up_again_by_the_same_file(string mode)
    {
        var v = await Api.VoucherAsync(1000);
        var csv = "accountId,voucherId,kilograms,beneficiaryName,purpose,claimFirst,claimLast\n"
            + string.Concat(Enumerable.Range(1, 20).Select(i => $"{v.Account},{v.Id},{i},Building {i},other,2021-01-01,2021-12-31\n"));
        var key = Guid.NewGuid().ToString();
        var id = (await SendAsync("retirements", csv, $"mode={mode}", key)).Id;
        await FinishedAsync(id);
        var (head, rows) = (await Api.HeadAsync(), (await RowsAsync(id)).Select(r => r.GetRawText()).ToArray());
        await SqlAsync($"delete from ledger.bulk_rows where job_id = '{id}' and row > 7");
        await SqlAsync($"update ledger.bulk_jobs set finished_at = null, done = 7, accepted = 7, beat_at = now() - interval '1 hour' where id = '{id}'");
        Assert.Equal("interrupted", (await Api.ReadAsync($"/v1/bulk/{id}")).GetProperty("state").GetString());

        Assert.Equal(id, (await SendAsync("retirements", csv, $"mode={mode}", key)).Id);
        Assert.Equal(20, Number(await FinishedAsync(id), "accepted"));
        Assert.Equal(rows, (await RowsAsync(id)).Select(r => r.GetRawText()));
        Assert.Equal(head, await Api.HeadAsync());
        Assert.Equal(790, await OwnedAsync(v.Account));
    }

    [Fact]
    public async Task A_job_that_broke_off_is_interrupted_and_taken_up_again()
    {
        var (csv, key) = (Csv([.. Enumerable.Repeat("x,,,,", 600)]), Guid.NewGuid().ToString());
        await SqlAsync("""
            create sequence broken_off; create function break_off() returns trigger language plpgsql as $$ begin perform nextval('broken_off'); raise exception 'broken off'; end $$;
            create trigger break_off before insert on ledger.bulk_rows for each statement execute function break_off();
            """);
        var id = (await SendAsync("transfers", csv, "", key)).Id;
        for (var patience = 0; await AskSqlAsync("select is_called::text from broken_off") != "true"; patience++)
        {
            Assert.True(patience < 400, "The work does not break off.");
            await Task.Delay(10);
        }

        await SqlAsync("drop trigger break_off on ledger.bulk_rows; drop function break_off; drop sequence broken_off");
        await Task.Delay(TimeSpan.FromSeconds(1));
        await SqlAsync($"update ledger.bulk_jobs set beat_at = now() - interval '1 hour' where id = '{id}'");
        await Task.Delay(TimeSpan.FromSeconds(2.5)); // more than a beat
        Assert.Equal("interrupted", (await Api.ReadAsync($"/v1/bulk/{id}")).GetProperty("state").GetString());

        Assert.Equal(id, (await SendAsync("transfers", csv, "", key)).Id);
        Assert.Equal(600, Number(await FinishedAsync(id), "refused"));
    }

    [Fact]
    public async Task Retirements_come_with_names_consent_and_statements_and_no_cell_stays_behind()
    {
        var v = await Api.VoucherAsync(1000);
        var name = Api.Unique("Person In File");
        var csv = "accountId;voucherId;kilograms;first;last;beneficiaryName;consentSha256;consentDate;publicationDate;purpose;claimFirst;claimLast;statementZh;statementEn\r\n"
            + $"{v.Account};{v.Id};;11;20;{name};{new string('c', 64)};2022-02-01;;carbonNeutralEvent;2021-01-01;2021-12-31;零碳会议;\"A meeting; carbon-neutral\"\r\n";
        var id = await UploadAsync("retirements", csv);
        Assert.Equal(1, Number(await FinishedAsync(id), "accepted"));
        var retirement = await Api.ReadAsync($"/v1/retirements/{(await RowsAsync(id))[0].GetProperty("id").GetString()}");
        Assert.Equal((name, 11, "carbonNeutralEvent"), (retirement.GetProperty("beneficiary").GetProperty("name").GetString(), retirement.GetProperty("lines")[0].GetProperty("ranges")[0].GetProperty("first").GetInt64(), retirement.GetProperty("purpose").GetString()));
        Assert.Equal("""{"zh":"零碳会议","en":"A meeting; carbon-neutral"}""", retirement.GetProperty("statement").GetRawText());
        Assert.Equal("0", await AskSqlAsync($"select count(*)::text from ledger.bulk_rows r, ledger.bulk_jobs j where r::text || j::text like '%{name}%'"));
        Assert.Equal("0", await AskSqlAsync($"select count(*)::text from ledger.leaves where position('{name}'::bytea in bytes) > 0"));
    }

    /// <summary>Byte order mark, semicolons and tabs, CRLF, columns in another order and case, quotes, empty rows, full-width digits, blanks.</summary>
    [Theory]
    [InlineData("\uFEFFfromAccountId,toAccountId,voucherId,kilograms\r\n{0},{1},{2},10\r\n")]
    [InlineData("voucherid;KILOGRAMS;toAccountId;fromAccountId\r\n{2};10;{1};{0}\r\n;;;\r\n\r\n")]
    [InlineData("fromAccountId\ttoAccountId\tvoucherId\tkilograms\n{0}\t{1}\t{2}\t10")]
    [InlineData("\"fromAccountId\",\"toAccountId\",\"voucherId\",\"kilograms\",\"reason\"\n\"{0}\",\"{1}\",\"{2}\",\"10\",\"one, \"\"two\"\"\"\n")]
    [InlineData("fromAccountId,toAccountId,voucherId,kilograms\n {0} ,{1}, {2},　１０ \n")]
    [InlineData("fromAccountId,toAccountId,voucherId,first,last\n{0},{1},{2},１,１０\n")]
    public async Task A_file_is_read_as_a_spreadsheet_writes_it(string form)
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var id = await UploadAsync("transfers", string.Format(null, form, v.Account, w, v.Id));
        Assert.Equal((1, 1), (Number(await FinishedAsync(id), "rows"), Number(await FinishedAsync(id), "accepted")));
        Assert.Equal(990, await OwnedAsync(v.Account));
    }

    [Theory]
    [InlineData("{0},{1},{2},10,=1+1", "csv-formula-cell")]
    [InlineData("{0},{1},{2},=5*2,", "csv-formula-cell")]
    [InlineData("{0},{1},{2},10,＝cmd", "csv-formula-cell")]
    [InlineData("{0},{1},{2},10,@SUM(A1)", "csv-formula-cell")]
    [InlineData("{0},{1},{2},\"1,000\",", "csv-row-malformed")]
    [InlineData("{0},{1},{2},10.5,", "csv-row-malformed")]
    [InlineData("{0},{1},{2},,", "value-out-of-range")]
    [InlineData("{0},{1},,10,", "csv-row-malformed")]
    [InlineData("{0},{1},{2},10", "csv-row-malformed")]
    [InlineData("{0},{1},{2},10,\"cut o", "csv-row-malformed")]
    [InlineData("{0},{1},{2},10,a,b", "csv-row-malformed")]
    [InlineData("{0},{0},{2},10,", "same-account")]
    public async Task A_row_that_does_not_fit_is_refused_and_hinders_no_other(string row, string code)
    {
        var (v, w) = (await Api.VoucherAsync(1000), await BuyerAsync());
        var id = await UploadAsync("transfers", $"{TransferHeader}\n{v.Account},{w},{v.Id},1,before\n{string.Format(null, row, v.Account, w, v.Id)}\n{v.Account},{w},{v.Id},1,after");
        await FinishedAsync(id);
        Assert.Equal(["accepted", $"refused {code}", "accepted"], (await RowsAsync(id)).Select(Outcome));
        Assert.Equal([$"refused {code}"], (await RowsAsync(id, "&outcome=refused")).Select(Outcome));
    }

    [Theory]
    [InlineData("fromAccountId,toAccountId,kilograms\na,b,1\n")]
    [InlineData("fromAccountId,toAccountId,voucherId,kilograms,colour\na,b,c,1,red\n")]
    [InlineData("fromAccountId,toAccountId,voucherId,voucherId\na,b,c,c\n")]
    [InlineData("fromAccountId,toAccountId,voucherId,kilograms\n")]
    [InlineData("")]
    public async Task A_file_without_the_right_columns_is_refused_as_a_whole(string csv) =>
        await RefusedUploadAsync(400, "csv-malformed", "transfers", csv);

    [Fact]
    public async Task A_file_that_is_not_UTF_8_or_not_CSV_is_refused()
    {
        await RefusedAsync(400, "csv-malformed", () => SendAsync("transfers", [.. Encoding.UTF8.GetBytes(TransferHeader + "\n"), 0xD6, 0xD0, 0xFF], "", Guid.NewGuid().ToString()));
        Assert.Contains("as text/csv", (await RefusedPostAsync(415, "unsupported-media-type", "/v1/bulk/transfers", new { })).Text);
        Assert.Contains("as text/csv", (await RefusedPostAsync(415, "unsupported-media-type", "/v1/bulk/retirements", new { })).Text);
        await RefusedUploadAsync(400, "value-out-of-range", "transfers", Csv("a,b,c,1,"), "mode=half");
        await RefusedUploadAsync(400, "value-out-of-range", "transfers", Csv("a,b,c,1,"), "dryRun=yes");
        await RefusedGetAsync(404, "bulk-job-not-found", $"/v1/bulk/{Nobody}");
        await RefusedGetAsync(404, "bulk-job-not-found", $"/v1/bulk/{Nobody}/rows");
        await RefusedUploadAsync(400, "bulk-too-large", "transfers", TransferHeader + "\n" + string.Concat(Enumerable.Repeat("a,b,c,1,\n", 100_001)));
    }

    [Fact]
    public async Task Who_acts_is_asked_of_every_row()
    {
        var (v, w, stranger) = (await Api.VoucherAsync(1000), await BuyerAsync(), (await Api.CastAsync()).Stranger);
        foreach (var query in new[] { "", "dryRun=true", "mode=whole" })
        {
            var id = (await SendAsync("transfers", Csv($"{v.Account},{w},{v.Id},1,"), query, Guid.NewGuid().ToString(), stranger)).Id;
            await FinishedAsync(id);
            Assert.Equal(["refused not-authorized"], (await RowsAsync(id)).Select(Outcome));
            id = (await SendAsync("transfers", Csv($"{v.Account},{w},{v.Id},1,"), query, Guid.NewGuid().ToString(), Nobody)).Id;
            await FinishedAsync(id);
            Assert.Equal(["refused acting-organization-unknown"], (await RowsAsync(id)).Select(Outcome));
        }

        await RefusedAsync(
            403, "acting-organization-unknown", () => SendAsync("transfers", Csv($"{v.Account},{w},{v.Id},1,"), "", Guid.NewGuid().ToString(), Guid.Empty.ToString()));
    }

    [Fact]
    public async Task A_hundred_thousand_rows_are_tried_and_done_while_others_are_served()
    {
        var (v, w) = (await Api.VoucherAsync(100_000), await BuyerAsync());
        var csv = TransferHeader + "\n" + string.Concat(Enumerable.Repeat($"{v.Account},{w},{v.Id},1,\n", 99_999)) + $"{v.Account},{w},{v.Id},2,\n";
        var trial = await FinishedAsync(await UploadAsync("transfers", csv, "dryRun=true"), seconds: 300);
        Assert.Equal((99_999, 1), (Number(trial, "accepted"), Number(trial, "refused")));
        Assert.Equal(100_000, await OwnedAsync(v.Account));

        var id = await UploadAsync("transfers", csv);
        var clock = Stopwatch.StartNew();
        await Api.OrganizationAsync("auditor");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"Another command waited {clock.Elapsed}.");
        Assert.Equal((99_999, 1), (Number(await FinishedAsync(id, seconds: 300), "accepted"), Number(await FinishedAsync(id), "refused")));
        Assert.Equal([100_000], (await RowsAsync(id, "&outcome=refused")).Select(r => Number(r, "row")));
        Assert.Equal(1, await OwnedAsync(v.Account));
        var page = await Api.ReadAsync($"/v1/bulk/{id}/rows?limit=1000");
        var next = await Api.ReadAsync($"/v1/bulk/{id}/rows?limit=1000&cursor={page.GetProperty("nextCursor").GetString()}");
        Assert.Equal(1_001, Number(next.GetProperty("items")[0], "row"));
    }

    private static string Csv(params string[] rows) => TransferHeader + "\n" + string.Concat(rows.Select(r => r + "\n"));

    private async Task<string> BuyerAsync() => await Api.AccountAsync((await Api.CastAsync()).Buyer);

    private static int Number(JsonElement of, string member) => of.GetProperty(member).GetInt32();

    private static string Outcome(JsonElement row) => (row.GetProperty("outcome").GetString() + " " + (row.TryGetProperty("code", out var code) ? code.GetString() : "")).Trim();

    private Task<Answer> SendAsync(string kind, string csv, string query, string key, string? actingAs = null) => SendAsync(kind, Encoding.UTF8.GetBytes(csv), query, key, actingAs);

    private async Task<Answer> SendAsync(string kind, byte[] csv, string query, string key, string? actingAs = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/bulk/{kind}?{query}") { Content = new ByteArrayContent(csv) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv", "utf-8") } } };
        request.Headers.Add("Idempotency-Key", key);
        if (actingAs is not null)
        {
            request.Headers.Add("Acting-Organization", actingAs);
        }

        return await Api.SendAsync(request);
    }

    private async Task<string> UploadAsync(string kind, string csv, string query = "")
    {
        var answer = await SendAsync(kind, csv, query, Guid.NewGuid().ToString());
        Assert.True(answer.Status == 201, answer.Shown);
        return answer.Id;
    }

    private Task<Answer> RefusedUploadAsync(int status, string code, string kind, string csv, string query = "") =>
        RefusedAsync(status, code, () => SendAsync(kind, csv, query, Guid.NewGuid().ToString()));

    private async Task<JsonElement> FinishedAsync(string id, int seconds = 30)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            var job = await Api.ReadAsync($"/v1/bulk/{id}");
            if (job.GetProperty("state").GetString() == "finished")
            {
                return job;
            }

            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(seconds), $"The job stands at {job.GetRawText()}.");
            await Task.Delay(50);
        }
    }

    private async Task<JsonElement[]> RowsAsync(string id, string query = "") => [.. (await Api.ReadAsync($"/v1/bulk/{id}/rows?limit=1000{query}")).GetProperty("items").EnumerateArray()];

    private async Task<long> OwnedAsync(string account, Voucher? of = null)
    {
        var balances = await Api.ReadAsync($"/v1/accounts/{account}/balances");
        return of is null ? balances.GetProperty("totals").GetProperty("owned").GetInt64()
            : balances.GetProperty("vouchers").EnumerateArray().Where(b => b.GetProperty("voucherId").GetString() == of.Id).Sum(b => b.GetProperty("owned").GetInt64());
    }
}
