using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace CarbonLedger.Server.Http;

/// <summary>Adds what operations of one kind have in common: headers, query parameters, and the answers that any request may get.</summary>
public sealed class OperationDocs : IOperationFilter
{
    // A refusal that was decided is kept with its key, and comes again as it was.
    private static readonly string[] Kept = ["201", "400", "403", "404", "409"];

    public void Apply(OpenApiOperation operation, OperationFilterContext context)
    {
        operation.Parameters ??= [];
        var metadata = context.ApiDescription.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<ChangesMarker>().Any())
        {
            Header(operation, CommandEndpoint.IdempotencyKeyHeader, Key(), "A key of your making for this wish. The same key with the same body gives the same answer for ever.", required: true, "5f0c1c52-6a52-4e2b-9d7c-3f9d1f4c0a11");
            Header(operation, CommandEndpoint.ActingOrganizationHeader, Forms.Id(), "The organization that acts; without it the registrar.");
        }

        if (metadata.OfType<AskerMarker>().Any())
        {
            Header(operation, CommandEndpoint.ActingOrganizationHeader, Forms.Id(), "The organization that asks; without it the registrar.");
        }

        if (metadata.OfType<ReadsMarker>().Any(r => r.Feed == Feed.Log))
        {
            Header(operation, "Last-Event-ID", Forms.Whole(0)(), "As after, and before it: what a reader of a stream sends when it comes back.");
        }

        foreach (var asked in QueryParameters.Of(metadata))
        {
            Add(operation, new OpenApiParameter { Name = asked.Name, In = ParameterLocation.Query, Required = asked.Required, Description = asked.Description, Schema = asked.Form() });
        }

        if (metadata.OfType<BodyExampleMarker>().FirstOrDefault() is { } example && operation.RequestBody?.Content is { } content)
        {
            foreach (var (contentType, body) in content)
            {
                ((OpenApiMediaType)body).Example = contentType == "application/json" ? JsonNode.Parse(example.Text) : JsonValue.Create(example.Text);
            }
        }

        // What asks for nothing may be left out.
        if (operation.RequestBody is OpenApiRequestBody sent && metadata.OfType<IAcceptsMetadata>().First().RequestType is { } type && type != typeof(string))
        {
            sent.Required = type.GetProperties().Any(p => p.IsDefined(typeof(RequiredMemberAttribute), inherit: true));
        }

        Answers(operation, context, metadata);
    }

    private static void Answers(OpenApiOperation operation, OperationFilterContext context, IList<object> metadata)
    {
        var answers = operation.Responses ??= [];
        foreach (var (status, description) in new[] { ("405", "Method Not Allowed"), ("500", "Internal Server Error") })
        {
            answers[status] = new OpenApiResponse
            {
                Description = description,
                Content = new Dictionary<string, IOpenApiMediaType>
                {
                    [Problem.ContentType] = new OpenApiMediaType { Schema = context.SchemaGenerator.GenerateSchema(typeof(ProblemWire), context.SchemaRepository) },
                },
            };
        }

        Header(answers, "405", "Allow", Word(), "The methods that are possible here.");
        Header(answers, "503", "Retry-After", Forms.Whole(1)(), "Seconds to wait.");
        if (metadata.OfType<ChangesMarker>().Any())
        {
            Header(answers, "201", "Location", Word(), "Where the thing is found, as a path of this server.");
            foreach (var status in Kept)
            {
                Header(answers, status, CommandEndpoint.ReplayedHeader, Forms.Words("true")(), "Comes when this is the kept answer of an earlier request with this key.");
            }
        }

        foreach (var text in metadata.OfType<TextMarker>())
        {
            if (answers["200"] is OpenApiResponse { Content: { } content })
            {
                content[text.ContentType] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String, Description = text.Description } };
            }
        }
    }

    private static OpenApiSchema Word() => new() { Type = JsonSchemaType.String };

    private static OpenApiSchema Key() => new() { Type = JsonSchemaType.String, MinLength = 1, MaxLength = CommandEndpoint.IdempotencyKeyCharactersMax, Pattern = "^[!-~]+$" };

    private static void Header(OpenApiResponses answers, string status, string name, OpenApiSchema form, string description)
    {
        if (answers.TryGetValue(status, out var found) && found is OpenApiResponse answer)
        {
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>();
            answer.Headers[name] = new OpenApiHeader { Description = description, Schema = form };
        }
    }

    private static void Header(OpenApiOperation operation, string name, OpenApiSchema form, string description, bool required = false, string? example = null) => Add(operation, new OpenApiParameter
    {
        Name = name,
        In = ParameterLocation.Header,
        Required = required,
        Description = description,
        Schema = form,
        Example = example is null ? null : JsonValue.Create(example),
    });

    /// <summary>In the place of what the handler's own arguments say, which is only that they are text.</summary>
    private static void Add(OpenApiOperation operation, OpenApiParameter parameter)
    {
        foreach (var argument in operation.Parameters!.Where(p => p.Name == parameter.Name && p.In == parameter.In).ToArray())
        {
            operation.Parameters!.Remove(argument);
        }

        operation.Parameters!.Add(parameter);
    }
}

/// <summary>A hash looks the same wherever one stands, alone or in a list.</summary>
public sealed class Sha256Docs : ISchemaFilter
{
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        var name = context.MemberInfo?.Name ?? "";
        if (name.EndsWith("Sha256", StringComparison.Ordinal) && schema is OpenApiSchema text)
        {
            text.Pattern = Forms.Sha256Pattern;
        }
        else if (name.EndsWith("Sha256s", StringComparison.Ordinal) && schema is OpenApiSchema { Items: OpenApiSchema item })
        {
            item.Pattern = Forms.Sha256Pattern;
        }
    }
}
