namespace CarbonLedger.Server.Tests.Api;

/// <summary>HEAD asks what GET would answer, without the body.</summary>
public sealed class HeadSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/v1/accounts?limit=1")]
    [InlineData("/v1/accounts?limit=0")]
    [InlineData("/v1/vouchers/VOUCHER/holdings")]
    [InlineData("/v1/liens?voucherId=VOUCHER")]
    [InlineData("/v1/accounts/ACCOUNT/statement?format=csv")]
    [InlineData("/v1/events?limit=1")]
    [InlineData("/v1/transfers")]
    [InlineData("/accounts/ACCOUNT")]
    [InlineData("/certificates/vouchers/VOUCHER")]
    [InlineData("/problems/units-under-lien")]
    [InlineData("/nope")]
    [InlineData("/v1/trades/00000000-0000-7000-8000-000000000000")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/health/ready")]
    [InlineData("/metrics")]
    public async Task It_is_answered_as_GET_is_without_a_body(string path)
    {
        var v = await Api.VoucherAsync();
        path = path.Replace("ACCOUNT", v.Account).Replace("VOUCHER", v.Id);
        var (got, headed) = (await Api.GetAsync(path), await HeadAsync(path));
        Assert.Equal((got.Status, got.ContentHeaders.ContentType?.ToString(), ""), (headed.Status, headed.ContentHeaders.ContentType?.ToString(), headed.Text));
    }

    [Fact]
    public async Task A_stream_is_not_begun()
    {
        await Api.CastAsync();
        using var request = new HttpRequestMessage(HttpMethod.Head, "/v1/events") { Headers = { Accept = { new("text/event-stream") } } };
        var answer = await Api.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal((200, "text/event-stream"), (answer.Status, answer.ContentHeaders.ContentType?.MediaType));
    }

    [Fact]
    public async Task Where_only_a_POST_is_possible_it_is_not_and_where_GET_is_it_is_named()
    {
        var v = await Api.VoucherAsync();
        Assert.Equal(["POST"], (await HeadAsync($"/v1/accounts/{v.Account}/close")).ContentHeaders.Allow);
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/v1/accounts");
        Assert.Equal(["GET", "HEAD", "POST"], (await Api.SendAsync(request)).ContentHeaders.Allow);
    }

    private async Task<Answer> HeadAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        return await Api.SendAsync(request);
    }
}
