using System.Text.Json;
using System.Text.Json.Nodes;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>What the server says of itself: OpenAPI, Swagger's page, health and metrics.</summary>
public sealed class DocumentSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    private static readonly string[] Problems = ["400", "403", "404", "409", "413", "415", "422", "503"];

    [Fact]
    public async Task Every_operation_has_a_summary_and_every_problem_it_may_answer()
    {
        var document = await DocumentAsync();
        var missing = new List<string>();
        foreach (var (name, operation) in Operations(document))
        {
            var answers = operation["responses"]!.AsObject().Select(r => r.Key).ToHashSet();
            string[] always = ["405", "500"];
            string[] expected = ReadingPosts.Contains(name) ? ["200", "400", "403", "404", "413", "415", "503"]
                : name.StartsWith("post", StringComparison.Ordinal) ? ["201", .. Problems]
                : name.Contains(" /v1/", StringComparison.Ordinal) ? ["200", "400", "404", "503"]
                : ["200"];
            missing.AddRange(expected.Concat(always).Where(e => !answers.Contains(e)).Select(e => $"{name}: {e}"));
            if (string.IsNullOrEmpty((string?)operation["summary"]) || (name.Contains(" /v1/", StringComparison.Ordinal) && string.IsNullOrEmpty((string?)operation["description"])))
            {
                missing.Add($"{name}: summary or description");
            }
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    /// <summary>They change nothing: what they ask about is too long for a query.</summary>
    private static readonly HashSet<string> ReadingPosts = ["post /v1/venues/{id}/reconciliations"];

    private static readonly HashSet<string> PresentOnly = ["get /v1/bulk/{id}/rows"];

    [Fact]
    public async Task Every_changing_operation_takes_a_key_and_every_read_an_instant_and_a_position()
    {
        var missing = new List<string>();
        foreach (var (name, operation) in Operations(await DocumentAsync()).Where(o => o.Name.Contains(" /v1/", StringComparison.Ordinal)))
        {
            var parameters = operation["parameters"]!.AsArray().Select(p => (string)p!["name"]!).ToHashSet();
            string[] expected = ReadingPosts.Contains(name) ? ["Acting-Organization", "atLeast", "date", "limit"]
                : name.StartsWith("post", StringComparison.Ordinal) ? ["Idempotency-Key", "Acting-Organization"]
                : PresentOnly.Contains(name) ? ["atLeast", "limit", "cursor"]
                : name is "get /v1/bulk/{id}" or "get /v1/vouchers/{id}/revocation" ? ["atLeast"]
                : ["asOf", "atLeast"];
            missing.AddRange(expected.Where(e => !parameters.Contains(e)).Select(e => $"{name}: {e}"));
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public async Task Every_member_of_every_schema_is_described()
    {
        var missing = new List<string>();
        foreach (var (schema, member, of) in Members(await DocumentAsync()))
        {
            if (string.IsNullOrEmpty((string?)of["description"]))
            {
                missing.Add($"{schema}.{member}");
            }
        }

        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [Fact]
    public async Task Every_member_of_a_body_has_an_example_or_a_form_of_its_own()
    {
        var document = await DocumentAsync();
        var bodies = Operations(document)
            .Where(o => o.Operation["requestBody"]?["content"]!["application/json"] is not null)
            .Select(o => ((string?)o.Operation["requestBody"]!["content"]!["application/json"]!["schema"]!["$ref"])!.Split('/')[^1])
            .ToHashSet();
        Assert.NotEmpty(bodies);
        var missing = Members(document).Where(m => bodies.Contains(m.Schema) && !HasForm(m.Of)).Select(m => $"{m.Schema}.{m.Member}").ToArray();
        Assert.True(missing.Length == 0, string.Join('\n', missing));

        static bool HasForm(JsonObject of) =>
            of.ContainsKey("example") || of.ContainsKey("examples") || of.ContainsKey("$ref") || of.ContainsKey("allOf") || of.ContainsKey("oneOf") || of.ContainsKey("enum")
            || (string?)of["type"] is "array"
            || of["type"] is JsonArray;
    }

    [Fact]
    public async Task The_routes_of_the_contract_are_there()
    {
        var operations = Operations(await DocumentAsync()).Select(o => o.Name).ToHashSet();
        string[] expected =
        [
            "post /v1/organizations", "post /v1/accounts", "post /v1/projects", "post /v1/applications", "post /v1/applications/{id}/submit",
            "post /v1/applications/{id}/request-correction", "post /v1/applications/{id}/review", "post /v1/applications/{id}/approve",
            "post /v1/applications/{id}/file", "post /v1/applications/{id}/reject", "post /v1/applications/{id}/withdraw", "post /v1/applications/{id}/issue",
            "get /v1/vouchers/{id}", "get /v1/vouchers/{id}/holdings", "get /v1/vouchers/{id}/events", "post /v1/transfers", "post /v1/trades", "post /v1/trades/{id}/settle", "post /v1/trades/{id}/void", "get /v1/trades", "post /v1/pledges",
            "post /v1/pledges/{id}/releases", "post /v1/loans", "post /v1/loans/{id}/repayments", "get /v1/loans/{id}", "post /v1/reference-prices",
            "post /v1/retirements", "post /v1/retirements/{id}/erase-beneficiary", "post /v1/bulk/transfers", "post /v1/bulk/retirements", "get /v1/vouchers/{id}/certificate", "get /v1/retirements/{id}", "get /v1/retirements/{id}/certificate", "get /v1/accounts/{id}/balances", "get /v1/events",
            "post /v1/cancellations", "get /v1/cancellations/{id}", "post /v1/schemes", "get /v1/schemes/{code}",
            "post /v1/schemes/{code}/expiry-runs", "get /v1/vouchers/{id}/revocation", "post /v1/vouchers/{id}/revocation", "post /v1/vouchers/{id}/revocation/steps",
            "get /health/live", "get /health/ready", "get /metrics",
        ];
        Assert.Subset(operations, expected.ToHashSet());
    }

    /// <summary>A client that is made from the document must be able to leave out what the server does not need.</summary>
    [Fact]
    public async Task What_may_be_left_out_is_not_said_to_be_required()
    {
        var document = await DocumentAsync();
        var bodies = Operations(document).Where(o => o.Operation["requestBody"] is not null).ToDictionary(o => o.Name, o => (bool?)o.Operation["requestBody"]!["required"] ?? false);
        Assert.False(bodies["post /v1/applications/{id}/submit"] || bodies["post /v1/trades/{id}/settle"] || bodies["post /v1/claims/{id}/publish"]);
        Assert.True(bodies["post /v1/transfers"] && bodies["post /v1/bulk/transfers"]);
        Assert.DoesNotContain("compensateFromBuffer", document["components"]!["schemas"]!["CancellationPost"]!["required"]!.AsArray().Select(r => (string)r!));
        Assert.Equal(2, document["components"]!["schemas"]!["InventoryPost"]!["properties"]!["boundary"]!.ToJsonString().Split("oneOf").Length);
        var voucher = document["paths"]!["/v1/vouchers/{id}/events"]!["get"]!["parameters"]!.AsArray();
        Assert.Contains("version of the stream", (string)voucher.Single(p => (string)p!["name"]! == "after")!["description"]!);
        Assert.DoesNotContain(voucher, p => (string)p!["name"]! == "Last-Event-ID");
    }

    [Fact]
    public async Task Swagger_and_the_front_door_answer()
    {
        Assert.Contains("swagger-ui", (await Api.GetAsync("/swagger/index.html")).Text);
        Assert.Equal(200, (await Api.GetAsync("/swagger")).Status);
        Assert.Equal(200, (await Api.GetAsync("/")).Status);
    }

    [Fact]
    public async Task Metrics_count_commands_and_events()
    {
        await Api.CastAsync();
        var before = await MetricsAsync();
        await Api.OrganizationAsync("auditor");
        var after = await MetricsAsync();
        foreach (var name in new[] { "carbonledger_batches_total", "carbonledger_commands_total", "carbonledger_events_total" })
        {
            Assert.Equal(before[name] + 1, after[name]);
        }

        Assert.Equal(await Api.HeadAsync(), after["carbonledger_log_index"]);
        foreach (var name in new[] { "carbonledger_queue_commands", "carbonledger_projection_lag_events", "carbonledger_resident_bytes", "carbonledger_batch_seconds_total" })
        {
            Assert.True(after[name] >= 0);
        }
    }

    [Fact]
    public async Task Health_says_how_far_everything_is()
    {
        await Api.CastAsync();
        Assert.Equal("live", (await Api.ReadAsync("/health/live")).GetProperty("status").GetString());
        await Crash.Load.CatchUpAsync(Api);
        var ready = await Api.ReadAsync("/health/ready");
        Assert.Equal(("ready", await Api.HeadAsync()), (ready.GetProperty("status").GetString(), ready.GetProperty("logIndex").GetInt64()));
    }

    private async Task<Dictionary<string, double>> MetricsAsync() => (await Api.GetAsync("/metrics")).Text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(l => l[0] != '#')
        .ToDictionary(l => l.Split(' ')[0], l => double.Parse(l.Split(' ')[1]));

    private async Task<JsonObject> DocumentAsync() => JsonNode.Parse((await Api.ReadAsync("/openapi/v1.json")).GetRawText())!.AsObject();

    private static IEnumerable<(string Name, JsonObject Operation)> Operations(JsonObject document) =>
        document["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Select(o => ($"{o.Key} {p.Key}", o.Value!.AsObject())));

    private static IEnumerable<(string Schema, string Member, JsonObject Of)> Members(JsonObject document) =>
        document["components"]!["schemas"]!.AsObject()
            .Where(s => s.Value!["properties"] is not null)
            .SelectMany(s => s.Value!["properties"]!.AsObject().Select(m => (s.Key, m.Key, m.Value!.AsObject())));
}
