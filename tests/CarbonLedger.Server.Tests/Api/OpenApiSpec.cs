using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CarbonLedger.Server.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.Swagger;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>A client that is made from the description sends what the server takes, and reads what it answers.</summary>
public sealed class OpenApiSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task No_enum_is_a_number()
    {
        var enums = Objects(await DocumentAsync()).Where(o => o.Value["enum"] is JsonArray).ToArray();
        Assert.NotEmpty(enums);
        Assert.Empty(enums.Where(e => e.Value["enum"]!.AsArray().Any(v => v?.GetValueKind() is not (null or JsonValueKind.String))).Select(e => e.Path));
    }

    [Fact]
    public async Task A_problem_has_the_members_that_come()
    {
        var schema = (await DocumentAsync())["components"]!["schemas"]!["ProblemWire"]!;
        var answer = await RefusedGetAsync(404, "account-not-found", $"/v1/accounts/{Nobody}");
        var come = answer.Body.EnumerateObject().Select(m => m.Name).Order().ToArray();
        Assert.Equal(come, schema["properties"]!.AsObject().Select(p => p.Key).Order());
        Assert.Equal(come, schema["required"]!.AsArray().Select(r => (string)r!).Order());
    }

    [Fact]
    public async Task Serials_that_are_shown_are_canonical()
    {
        var shown = Regex.Matches((await DocumentAsync()).ToJsonString(), @"CN-\d{6}-[A-Z0-9-]+").Select(m => m.Value).ToArray();
        Assert.NotEmpty(shown);
        Assert.All(shown, serial => Assert.NotNull(SerialText.Parse(serial)));
    }

    [Fact]
    public async Task Every_parameter_has_a_description_and_a_form_of_its_own()
    {
        var bare = new List<string>();
        foreach (var (_, name, parameter) in Parameters(await DocumentAsync()))
        {
            var schema = parameter["schema"]!.AsObject();
            var hasForm = (string?)schema["type"] switch
            {
                "integer" => schema.ContainsKey("minimum"),
                "string" => schema.ContainsKey("format") || schema.ContainsKey("enum") || schema.ContainsKey("maxLength"),
                "boolean" => true,
                _ => schema.ContainsKey("oneOf"),
            };
            if (parameter["in"]!.ToString() != "path" && (!hasForm || string.IsNullOrEmpty((string?)parameter["description"])))
            {
                bare.Add(name);
            }
        }

        Assert.Empty(bare);
    }

    [Fact]
    public async Task Bounds_are_those_that_the_server_holds_to()
    {
        var parameters = Parameters(await DocumentAsync()).ToArray();
        var limits = parameters.Where(p => p.Name.EndsWith(" limit", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(limits);
        Assert.All(limits, l => Assert.Equal(("integer", 1, ReadQuestion.LimitMax), ((string)l.Of["schema"]!["type"]!, (int)l.Of["schema"]!["minimum"]!, (int)l.Of["schema"]!["maximum"]!)));
        Assert.All(parameters.Where(p => p.Name.EndsWith(" asOf", StringComparison.Ordinal)), p => Assert.Equal("date-time", (string)p.Of["schema"]!["format"]!));
        Assert.All(parameters.Where(p => p.Name.EndsWith(" Acting-Organization", StringComparison.Ordinal)), p => Assert.Equal("uuid", (string)p.Of["schema"]!["format"]!));
        Assert.All(parameters.Where(p => p.Name.EndsWith(" Idempotency-Key", StringComparison.Ordinal)), p =>
            Assert.Equal((1, CommandEndpoint.IdempotencyKeyCharactersMax), ((int)p.Of["schema"]!["minLength"]!, (int)p.Of["schema"]!["maxLength"]!)));
    }

    [Fact]
    public async Task Kilograms_money_prices_and_hashes_of_a_body_say_their_range_or_pattern()
    {
        var document = await DocumentAsync();
        var bodies = Objects(document).Where(o => o.Path.Contains("/requestBody/", StringComparison.Ordinal) && o.Value["$ref"] is not null).Select(o => (string)o.Value["$ref"]!).ToList();
        for (var i = 0; i < bodies.Count; i++)
        {
            bodies.AddRange(Objects(Schema(document, bodies[i])).Select(o => (string?)o.Value["$ref"]).OfType<string>().Except(bodies).ToArray());
        }

        var bare = new List<string>();
        foreach (var (name, member, of) in bodies.Distinct().SelectMany(b => Schema(document, b)["properties"]?.AsObject().Select(m => (b, m.Key, m.Value!.AsObject())) ?? []))
        {
            var (type, example) = ((string?)of["type"], (string?)of["format"] == "decimal" ? "41.94" : null);
            if (member == "kilograms" && type == "integer" && ((long?)of["minimum"] is not (0 or 1) || (long?)of["maximum"] != SerialRange.SerialMax))
            {
                bare.Add($"{name}.{member}");
            }

            if ((member is "amount" or "principal" or "securedAmount" or "pricePerTonne" or "costs" && !Regex.IsMatch(example!, (string?)of["pattern"] ?? "^$"))
                || (member.EndsWith("ha256", StringComparison.Ordinal) && !Regex.IsMatch(new string('a', 64), (string?)of["pattern"] ?? "^$"))
                || (member.EndsWith("ha256s", StringComparison.Ordinal) && of["items"]!["pattern"] is null))
            {
                bare.Add($"{name}.{member}");
            }
        }

        Assert.Empty(bare);
    }

    [Theory]
    [InlineData("get /v1/emission-factors/lookup", "activity")]
    [InlineData("get /v1/liens")] // voucherId or serial
    [InlineData("post /v1/inventories/imports", "organizationId", "boundary", "first", "last")]
    [InlineData("post /v1/venues/{id}/reconciliations", "date")]
    public async Task What_must_be_given_is_marked(string operation, params string[] parameters)
    {
        var required = Parameters(await DocumentAsync()).Where(p => p.Operation == operation && (string)p.Of["in"]! == "query" && (bool?)p.Of["required"] == true).Select(p => (string)p.Of["name"]!);
        Assert.Equal(parameters.Order(), required.Order());
    }

    [Fact]
    public async Task A_lien_statement_beyond_the_voucher_is_a_refusal_that_is_described()
    {
        var v = await Api.VoucherAsync(1000);
        await RefusedGetAsync(409, "serials-beyond-voucher", $"/v1/liens?voucherId={v.Id}&last=1001");
        Assert.NotNull((await DocumentAsync())["paths"]!["/v1/liens"]!["get"]!["responses"]!["409"]);
    }

    [Fact]
    public async Task Answers_name_the_headers_that_come_with_them()
    {
        var missing = new List<string>();
        foreach (var (name, operation) in Operations(await DocumentAsync()))
        {
            Needs("405", "Allow");
            Needs("503", "Retry-After");
            Needs("201", "Location");
            Needs("201", "Idempotency-Replayed");
            if (operation["responses"]!["201"] is not null)
            {
                Needs("409", "Idempotency-Replayed");
            }

            void Needs(string status, string header)
            {
                if (operation["responses"]![status] is { } answer && answer["headers"]?[header] is null)
                {
                    missing.Add($"{name} {status} {header}");
                }
            }
        }

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("/v1/accounts/{id}/statement", "text/csv")]
    [InlineData("/v1/events", "text/event-stream")]
    [InlineData("/metrics", "text/plain")]
    public async Task What_is_not_JSON_is_text(string path, string type) =>
        Assert.Equal("string", (string?)(await DocumentAsync())["paths"]![path]!["get"]!["responses"]!["200"]!["content"]![type]!["schema"]!["type"]);

    [Fact]
    public async Task Every_answer_that_succeeds_has_a_form() =>
        Assert.Empty(Operations(await DocumentAsync()).Where(o => o.Operation["responses"]!.AsObject().Any(r => r.Key[0] == '2' && r.Value!["content"] is null)).Select(o => o.Name));

    [Fact]
    public async Task Every_operation_has_an_id_that_is_a_name()
    {
        var ids = Operations(await DocumentAsync()).Select(o => (string?)o.Operation["operationId"] ?? "").ToArray();
        Assert.All(ids, id => Assert.Matches("^[a-z][A-Za-z0-9]+$", id));
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Contains("getAccountsByIdBalances", ids);
    }

    [Fact]
    public async Task The_description_is_made_once_however_many_ask_for_it()
    {
        var maker = new CountingMaker();
        await using var server = await RunningServer.StartAsync(Fixture.ConnectionString, parts: p => p.AddSingleton<ISwaggerProvider>(maker).AddSingleton<IAsyncSwaggerProvider>(maker));
        using var http = new HttpClient { BaseAddress = server.Url };

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => http.GetStringAsync("/openapi/v1.json")));

        Assert.Contains("CountingMaker", Assert.Single(answers.Distinct()));
        Assert.Equal(1, maker.Times);
    }

    private async Task<JsonObject> DocumentAsync() => JsonNode.Parse((await Api.ReadAsync("/openapi/v1.json")).GetRawText())!.AsObject();

    private static JsonObject Schema(JsonObject document, string reference) => document["components"]!["schemas"]![reference.Split('/')[^1]]!.AsObject();

    private static IEnumerable<(string Name, JsonObject Operation)> Operations(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => ($"{o.Key} {p.Key}", o.Value!.AsObject())));

    private static IEnumerable<(string Operation, string Name, JsonObject Of)> Parameters(JsonObject document) => Operations(document)
        .SelectMany(o => (o.Operation["parameters"]?.AsArray() ?? []).Select(p => (o.Name, $"{o.Name} {p!["name"]}", p!.AsObject())));

    /// <summary>Every object in the document, with its path.</summary>
    private static IEnumerable<(string Path, JsonObject Value)> Objects(JsonNode node, string path = "") => node switch
    {
        JsonObject o => o.Where(m => m.Value is not null).SelectMany(m => Objects(m.Value!, $"{path}/{m.Key}")).Prepend((path, o)),
        JsonArray a => a.Where(e => e is not null).SelectMany((e, i) => Objects(e!, $"{path}/{i}")),
        _ => [],
    };
}

/// <summary>Describes nothing, and counts how often.</summary>
internal sealed class CountingMaker : ISwaggerProvider, IAsyncSwaggerProvider
{
    private int times;

    public int Times => times;

    public OpenApiDocument GetSwagger(string documentName, string? host = null, string? basePath = null)
    {
        Interlocked.Increment(ref times);
        return new OpenApiDocument { Info = new OpenApiInfo { Title = nameof(CountingMaker), Version = "v1" }, Paths = [] };
    }

    public Task<OpenApiDocument> GetSwaggerAsync(string documentName, string? host = null, string? basePath = null) => Task.FromResult(GetSwagger(documentName, host, basePath));
}
