using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Demo;

/// <summary>Speaks to the server as any client does. Its keys are fixed, so playing again finds the first answers.</summary>
internal sealed class DemoClient(Uri server) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = server };

    /// <summary>True once an answer came from an earlier run.</summary>
    public bool Replayed { get; private set; }

    /// <exception cref="InvalidOperationException">The server refused.</exception>
    public async Task<JsonNode> PostAsync(string key, string path, object body, string? acting = null)
    {
        var (status, answer) = await TryPostAsync(key, path, body, acting);
        return status == 201 ? answer : throw new InvalidOperationException($"{path} answered {status}: {answer["code"]}. {answer["detail"]}");
    }

    public async Task<(int Status, JsonNode Answer)> TryPostAsync(string key, string path, object body, string? acting = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, JsonSerializerOptions.Web)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.Add(CommandEndpoint.IdempotencyKeyHeader, $"lanzhou-demo-{key}");
        if (acting is not null)
        {
            request.Headers.Add(CommandEndpoint.ActingOrganizationHeader, acting);
        }

        using var response = await http.SendAsync(request);
        Replayed |= response.Headers.Contains(CommandEndpoint.ReplayedHeader);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
    }

    public async Task<JsonNode> GetAsync(string path) => JsonNode.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    /// <summary>When the event at a log position happened.</summary>
    public async Task<string> TimeOfAsync(JsonNode answer)
    {
        var index = (long)answer["logIndex"]!;
        var page = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"/v1/events?after={index - 1}&limit=1"));
        return (string)page["events"]![0]!["at"]!;
    }

    public void Dispose() => http.Dispose();
}
