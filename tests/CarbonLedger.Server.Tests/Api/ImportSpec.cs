using System.Net.Http.Headers;
using System.Text;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>CSV as spreadsheets and meters write it.</summary>
public sealed class ImportSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private const string Office = "activity,region,year,quantity,unit\ngridElectricity,甘肃,2021,1000000,kWh\npurchasedHeat,,,5000,GJ\nnaturalGas,,,20000,m3\n";

    [Theory]
    [InlineData(Office)]
    [InlineData("\uFEFF" + Office)]
    [InlineData("activity;region;year;quantity;unit\r\ngridElectricity;甘肃;2021;1000000;kWh\r\npurchasedHeat;;;5000;GJ\r\nnaturalGas;;;20000;m3\r\n")]
    [InlineData("活动\t地区\t年份\t数量\t单位\n电网电力\t620000\t2021\t1000\tMWh\n外购热力\t\t\t5000\t吉焦\n天然气\t\t\t20000\tm³")]
    [InlineData("activity,region,year,quantity,unit\ngridElectricity,甘肃,2021,1000000,kWh\npurchasedHeat,,,5000,GJ\n\n,,,,\nnaturalGas,,,20000.0,立方米\n")]
    [InlineData("activity,region,year,quantity,unit,note\n电网电力,甘肃,\uFF12\uFF10\uFF12\uFF11,1000000,\uFF4BWh,\uFF11\u6708\n外购热力,,,5000,GJ,\n天然气,,,20000,\uFF4D3,\n")]
    [InlineData("Activity,Region,Year,Quantity,Unit,Note\ngridElectricity,甘肃,2021,\"1,000,000\",kWh,\"a, \"\"b\"\"\"\npurchasedHeat,,,\"5,000\",GJ,\nnaturalGas,,,20000,m3,\n")]
    public async Task The_office_is_imported_however_it_is_written(string csv)
    {
        var office = await Api.OrganizationAsync("office");
        var check = (await ImportAsync(office, csv, "&dryRun=true"));
        Assert.Equal((200, 3, 0, 1_088_744L), (check.Status, check.Body.GetProperty("lines").GetInt32(), check.Body.GetProperty("errors").GetArrayLength(), check.Body.GetProperty("emissions").GetInt64()));
        var done = await ImportAsync(office, csv);
        Assert.Equal((201, 1_088_744L), (done.Status, done.Body.GetProperty("emissions").GetInt64()));
        Assert.Equal(1, (await Api.ReadAsync($"/v1/inventories?organizationId={office}")).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("activity,quantity\ndiesel,1\n", 1)]
    [InlineData("activity,quantity,unit,colour\ndiesel,1,kg,red\n", 1)]
    [InlineData("activity,quantity,unit,unit\ndiesel,1,kg,kg\n", 1)]
    [InlineData("activity,quantity,unit\ndiesel,1,kg\ndiesel,1\n", 3)] // cut off
    [InlineData("activity,quantity,unit\ndiesel,1,kg\ndiesel,1,\"k", 3)] // cut off in a quote
    [InlineData("activity,region,year,quantity,unit,factorRegion\ngridElectricity,甘肃,2021,1,kWh,青海\n", 2)]
    [InlineData("activity,quantity,unit\ndiesel,=1+1,kg\n", 2)]
    [InlineData("activity,quantity,unit\ndiesel,\uFF1D1+1,kg\n", 2)] // a full-width sign, which a spreadsheet runs all the same
    [InlineData("activity,quantity,unit\r\ndiesel,1,kg\r\n\"=HYPERLINK(1)\",1,kg\r\n", 3)]
    [InlineData("activity,quantity,unit\ndiesel,1,@kg\n", 2)]
    [InlineData("activity,quantity,unit\ndiesel,-1,kg\n", 2)]
    [InlineData("activity,quantity,unit\ndiesel,many,kg\n", 2)]
    [InlineData("activity,quantity,unit\ndiesel,\"1,00\",kg\n", 2)]
    [InlineData("activity,quantity,unit\ndiesel,\"1,000.5,5\",kg\n", 2)]
    [InlineData("activity,quantity,unit\ndiesel,,kg\n", 2)]
    [InlineData("activity,quantity,unit\ndiesel,1,barrel\n", 2)]
    [InlineData("activity,quantity,unit\nsteam,1,kg\n", 2)]
    [InlineData("activity,quantity,unit\n", 1)]
    [InlineData("", 1)]
    public async Task A_bad_row_is_named_and_refuses_the_whole(string csv, int row)
    {
        var office = (await Api.CastAsync()).Buyer;
        var answer = await RefusedAsync(400, "csv-rows-invalid", () => ImportAsync(office, csv));
        Assert.Contains($"Row {row}: ", answer.Body.GetProperty("detail").GetString());
        var check = await ImportAsync(office, csv, "&dryRun=true");
        Assert.Contains(row, check.Body.GetProperty("errors").EnumerateArray().Select(e => e.GetProperty("row").GetInt32()));
        Assert.False(check.Body.TryGetProperty("emissions", out _));
    }

    [Fact]
    public async Task A_dry_run_refuses_what_the_real_run_would_refuse()
    {
        var office = await Api.OrganizationAsync("office");
        var csv = "activity,quantity,unit\n" + string.Concat(Enumerable.Repeat("diesel,999999999999,t\n", 10));
        var dry = await RefusedAsync(400, "emissions-out-of-range", () => ImportAsync(office, csv, "&dryRun=true"));
        var real = await RefusedAsync(400, "emissions-out-of-range", () => ImportAsync(office, csv));
        Assert.Equal(real.Body.GetProperty("detail").GetString(), dry.Body.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Full_width_digits_are_digits()
    {
        var answer = await ImportAsync((await Api.CastAsync()).Buyer, "activity,quantity,unit\nnaturalGas,\uFF12\uFF10\uFF10\uFF10\uFF10\uFF0E\uFF10,m³\n");
        Assert.True(answer.Status == 201, answer.Shown);
        Assert.Equal(43_244, answer.Body.GetProperty("emissions").GetInt64());
    }

    [Fact]
    public async Task An_event_a_park_or_a_product_is_imported_as_such()
    {
        var office = await Api.OrganizationAsync("office");
        foreach (var kind in new[] { "building", "event", "park", "product" })
        {
            var id = (await ImportAsync(office, Office, $"&boundaryKind={kind}")).Id;
            Assert.Equal(kind, (await Api.ReadAsync($"/v1/inventories/{id}")).GetProperty("boundary").GetProperty("kind").GetString());
        }

        await RefusedAsync(400, "value-out-of-range", () => ImportAsync(office, Office, "&boundaryKind=city"));
    }

    [Fact]
    public async Task A_file_has_its_limits_and_its_form()
    {
        var office = (await Api.CastAsync()).Buyer;
        var rows = string.Concat(Enumerable.Repeat("coke,1,kg\n", 100_000));
        var tooMany = await RefusedAsync(400, "value-out-of-range", () => ImportAsync(office, "activity,quantity,unit\n" + rows));
        Assert.Contains("at most 1000 rows", tooMany.Text);
        await RefusedAsync(400, "value-out-of-range", () => ImportAsync(office, "activity,quantity,unit\n" + rows, "&dryRun=true"));
        await RefusedAsync(413, "body-too-large", () => ImportAsync(office, new string(' ', (1024 * 1024) + 1)));
        await RefusedAsync(400, "csv-rows-invalid", () => ImportAsync(office, Encoding.Latin1.GetBytes("activity,quantity,unit\ndiesel,1,kg\u00e9\n")));
        Assert.Contains("as text/csv", (await RefusedAsync(415, "unsupported-media-type", () => Api.PostAsync(Path(office), "{}"))).Text);
        await RefusedAsync(400, "period-reversed", () => ImportAsync(office, Office, "", "2022-01-01"));
        await RefusedAsync(400, "value-out-of-range", () => ImportAsync(office, Office, "&dryRun=perhaps"));
        await RefusedAsync(404, "organization-not-found", () => ImportAsync(Nobody, Office));
    }

    [Fact]
    public async Task Sent_twice_it_is_recorded_once()
    {
        var office = await Api.OrganizationAsync("office");
        var key = Guid.NewGuid().ToString();
        Assert.Equal(200, (await ImportAsync(office, Office, "&dryRun=true", key: key)).Status); // keeps nothing under its key
        var first = await ImportAsync(office, Office, key: key);
        var second = await ImportAsync(office, Office, key: key);
        Assert.Equal((first.Id, true), (second.Id, second.Replayed));
        Assert.Equal("idempotency-key-reused", (await ImportAsync(office, Office, "&dryRun=false", key: key)).Code);
    }

    private static string Path(string office, string more = "", string first = "2021-01-01") =>
        $"/v1/inventories/imports?organizationId={office}&boundary=Building%201&first={first}&last=2021-12-31{more}";

    private Task<Answer> ImportAsync(string office, string csv, string more = "", string first = "2021-01-01", string? key = null) => ImportAsync(office, Encoding.UTF8.GetBytes(csv), more, first, key);

    private async Task<Answer> ImportAsync(string office, byte[] csv, string more = "", string first = "2021-01-01", string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path(office, more, first)) { Content = new ByteArrayContent(csv) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } } };
        request.Headers.Add("Idempotency-Key", key ?? Guid.NewGuid().ToString());
        return await Api.SendAsync(request);
    }
}
