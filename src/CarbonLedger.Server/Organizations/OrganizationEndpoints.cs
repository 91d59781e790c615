using CarbonLedger.Core.Organizations;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Organizations;

public static class OrganizationEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/organizations").WithTags("Organizations");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.OrganizationPost, Register))
            .Describes<OrganizationPost>("Register an organization", "Enters an organization with its roles. Only the registrar does. 409 when the registration number is taken.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireOrganizationWire, async q =>
                PageWire.Of(q, await ListAsync(http.Request.Query, q), Of)))
            .Answers<PageWire<OrganizationWire>>("List organizations", "In the order of registration; with role those that have it, with registrationNumber the one that has it. The two exclude each other: 400 value-out-of-range.", list: true)
            .Asks("role", Forms.Words<Role>, "Only those with this role.")
            .Asks("registrationNumber", Forms.Name(Input.NameCharactersMax), "Only the one with this registration number.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.OrganizationWire, async q =>
                Of(await q.Get<ThingReader>().FindAsync<OrganizationState>(id, q, new Refusal.OrganizationNotFound(new OrganizationId(id))))))
            .Answers<OrganizationWire>("Get an organization", "Its name and roles.");
    }

    /// <summary>Organizations with a role.</summary>
    public static Task<List<Placed<OrganizationState>>> WithRoleAsync(Role role, ReadQuestion q) =>
        ListAsync(q, Narrowing.Among("roles", Names.Of(role)));

    private static Task<List<Placed<OrganizationState>>> ListAsync(IQueryCollection query, ReadQuestion q) => Input.One(query, "role", "registrationNumber") switch
    {
        ("role", var text) => WithRoleAsync(Input.Word<Role>(text, "role"), q),
        ("registrationNumber", var text) => ListAsync(q, Narrowing.Member("registrationNumber", Input.Text(text, "registrationNumber"))),
        _ => ListAsync(q, null),
    };

    private static Task<List<Placed<OrganizationState>>> ListAsync(ReadQuestion q, Narrowing? narrowed) =>
        q.Get<ThingReader>().ListAsync<OrganizationState>("organization", q, narrowed: narrowed);

    private static Posted Register(OrganizationPost wire)
    {
        if (wire.Roles.Count == 0)
        {
            throw Input.OutOfRange("roles", "must name at least one role");
        }

        var command = new RegisterOrganization(
            new OrganizationId(Guid.CreateVersion7()),
            Input.Text(wire.Name, "name"),
            wire.RegistrationNumber is { } number ? Input.Code(number, "registrationNumber", Input.NameCharactersMax) : null,
            [.. wire.Roles.Distinct()]);
        return new Posted(command, AcceptedWire.Render, "/v1/organizations/");
    }

    public static OrganizationWire Of(OrganizationState s) => new() { Id = s.Id, Name = s.Name, RegistrationNumber = s.RegistrationNumber, Roles = s.Roles };
}

/// <summary>An organization to register.</summary>
public sealed record OrganizationPost
{
    /// <summary>The registered name, at most 200 characters. An organization's, never a person's.</summary>
    /// <example>Lanzhou environment and energy exchange</example>
    public required string Name { get; init; }

    /// <summary>The unified social credit code or another registration number; unique when given.</summary>
    /// <example>91620100MA00000001</example>
    public string? RegistrationNumber { get; init; }

    /// <summary>What it may be in the register.</summary>
    /// <example>["exchange"]</example>
    public required IReadOnlyList<Role> Roles { get; init; }
}

/// <summary>A registered organization.</summary>
public sealed record OrganizationWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Its registered name.</summary>
    public required string Name { get; init; }

    /// <summary>Its registration number, when one was given.</summary>
    public string? RegistrationNumber { get; init; }

    /// <summary>Its roles.</summary>
    public required IReadOnlyList<Role> Roles { get; init; }
}
