using System.Text.Json.Nodes;

namespace CarbonLedger.Server.Tests.Api;

/// <summary>What Swagger's page puts into the field of a command's body is well made: whoever presses "Try it out" learns something of the register, not of JSON.</summary>
public sealed class TryItOutSpec(ServerFixture fixture) : ApiSpec(fixture)
{
    [Fact]
    public async Task A_body_made_of_the_description_is_well_made()
    {
        var document = JsonNode.Parse((await Api.ReadAsync("/openapi/v1.json")).GetRawText())!.AsObject();
        var (malformed, tried) = (new List<string>(), 0);
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            if (operations!["post"]?["requestBody"]?["content"]?["application/json"] is not JsonObject content)
            {
                continue;
            }

            // The ids in it are nothing's: what is well made names what is not there or is not for the registrar, or is made.
            var body = content["example"] ?? Sample(document, content["schema"]!.AsObject());
            var answer = await Api.PostAsync(path.Replace("{id}", Nobody).Replace("{code}", "NONE"), body!.ToJsonString());
            tried++;
            if (answer.Status is not (201 or 403 or 404 or 409))
            {
                malformed.Add($"{path}: {answer.Status} {answer.Shown}\n{body.ToJsonString()}");
            }
        }

        Assert.True(tried > 45, $"Only {tried} commands take a body.");
        Assert.True(malformed.Count == 0, string.Join("\n\n", malformed));
    }

    /// <summary>As the page makes it: every member, each with its example, its first choice, or something of its form.</summary>
    private static JsonNode? Sample(JsonObject document, JsonObject schema)
    {
        if (schema["$ref"] is { } reference)
        {
            return Sample(document, document["components"]!["schemas"]![reference.ToString().Split('/')[^1]]!.AsObject());
        }

        if (schema["example"] is { } example)
        {
            return example.DeepClone();
        }

        if ((schema["allOf"] ?? schema["oneOf"] ?? schema["anyOf"]) is JsonArray { Count: > 0 } of && schema["properties"] is null)
        {
            return Sample(document, of[0]!.AsObject());
        }

        if (schema["enum"] is JsonArray { Count: > 0 } choices)
        {
            return choices[0]!.DeepClone();
        }

        return ((string?)schema["type"], (string?)schema["format"]) switch
        {
            ("array", _) => new JsonArray(Sample(document, schema["items"]!.AsObject())),
            ("integer" or "number", _) => schema["minimum"]?.DeepClone() ?? JsonValue.Create(0),
            ("boolean", _) => JsonValue.Create(true),
            ("string", "uuid") => "3fa85f64-5717-4562-b3fc-2c963f66afa6",
            ("string", "date") => DateTime.UtcNow.ToString("yyyy-MM-dd"),
            ("string", "date-time") => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"),
            ("string", _) => "string",
            _ => new JsonObject((schema["properties"]?.AsObject() ?? []).Select(p => KeyValuePair.Create(p.Key, Sample(document, p.Value!.AsObject())))),
        };
    }
}
