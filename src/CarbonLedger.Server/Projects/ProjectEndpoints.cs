using CarbonLedger.Core.Projects;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Projects;

public static class ProjectEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/projects").WithTags("Projects");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.ProjectPost, Register))
            .Describes<ProjectPost>("Register a project", "Enters a forest project with its parcels (林地小班).");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireProjectWire, async q =>
                PageWire.Of(q, await q.Get<ThingReader>().ListAsync<ProjectState>("project", q), Of)))
            .Answers<PageWire<ProjectWire>>("List projects", "In the order of registration.", list: true);
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.ProjectWire, async q =>
                Of(await q.Get<ThingReader>().FindAsync<ProjectState>(id, q, new Refusal.ProjectNotFound(new ProjectId(id))))))
            .Answers<ProjectWire>("Get a project", "Its owner, methodology and parcels.");
    }

    private static Posted Register(ProjectPost wire)
    {
        if (wire.Parcels.Count is 0 or > Project.ParcelsMax)
        {
            throw Input.OutOfRange("parcels", $"must have 1 to {Project.ParcelsMax} entries");
        }

        var parcels = wire.Parcels.Select((p, i) => new Parcel(Input.Code(Input.Entry(p, $"parcels[{i}]").Code, $"parcels[{i}].code"), Area(p.AreaMu, $"parcels[{i}].areaMu"))).ToArray();
        if (parcels.Select(p => p.Code).Distinct(StringComparer.Ordinal).Count() < parcels.Length)
        {
            throw Input.OutOfRange("parcels", "must name each code once");
        }

        var scheme = wire.Scheme.ToUpperInvariant();
        var command = new RegisterProject(
            new ProjectId(Guid.CreateVersion7()),
            Input.Text(wire.Name, "name"),
            SerialText.IsScheme(scheme) ? scheme : throw Input.OutOfRange("scheme", "must be 2 to 12 letters A–Z and digits, as it stands in the serials"),
            wire.OwnerId,
            wire.Region.Length == 6 && wire.Region.All(char.IsAsciiDigit) ? wire.Region : throw Input.OutOfRange("region", "must be a code of GB/T 2260 in six digits"),
            Input.Text(wire.Methodology, "methodology"),
            parcels);
        return new Posted(command, AcceptedWire.Render, "/v1/projects/");
    }

    private static decimal Area(decimal mu, string member) => mu > 0 && mu < 1_000_000_000 && decimal.Round(mu, 2) == mu
        ? mu
        : throw Input.OutOfRange(member, "must be above 0 and below 1,000,000,000 mu, with at most two decimals");

    private static ProjectWire Of(ProjectState s) => new()
    {
        Id = s.Id,
        Number = s.Number,
        Name = s.Name,
        Scheme = s.Scheme,
        OwnerId = s.Owner,
        Region = s.Region,
        Methodology = s.Methodology,
        AreaMu = s.Parcels.Sum(p => p.AreaMu),
        Parcels = [.. s.Parcels.Select(p => new ParcelWire { Code = p.Code, AreaMu = p.AreaMu })],
    };
}

/// <summary>A forest sub-compartment (林地小班).</summary>
public sealed record ParcelWire
{
    /// <summary>Its full official code, at most 64 characters. One code is one parcel in the whole register.</summary>
    /// <example>620171-001-0001</example>
    public required string Code { get; init; }

    /// <summary>Its area in mu (1 mu 亩 = 1/15 ha), above 0, at most two decimals.</summary>
    /// <example>5850</example>
    public required decimal AreaMu { get; init; }
}

/// <summary>A project to register.</summary>
public sealed record ProjectPost
{
    /// <summary>Its name, at most 200 characters.</summary>
    /// <example>Ecological forest A</example>
    public required string Name { get; init; }

    /// <summary>The scheme's short name, 2 to 12 letters and digits; it stands in the serials.</summary>
    /// <example>SLCT</example>
    public required string Scheme { get; init; }

    /// <summary>An organization with the role projectOwner.</summary>
    public required OrganizationId OwnerId { get; init; }

    /// <summary>Six digits of GB/T 2260.</summary>
    /// <example>620171</example>
    public required string Region { get; init; }

    /// <summary>The methodology by which removals are measured.</summary>
    /// <example>Forestry carbon sink</example>
    public required string Methodology { get; init; }

    /// <summary>1 to 2,000 parcels.</summary>
    public required IReadOnlyList<ParcelWire> Parcels { get; init; }
}

/// <summary>A registered project.</summary>
public sealed record ProjectWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The registry's number of it, as in the serials.</summary>
    /// <example>42</example>
    public required int Number { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its scheme.</summary>
    public required string Scheme { get; init; }

    /// <summary>Its owner.</summary>
    public required OrganizationId OwnerId { get; init; }

    /// <summary>Six digits of GB/T 2260.</summary>
    public required string Region { get; init; }

    /// <summary>Its methodology.</summary>
    public required string Methodology { get; init; }

    /// <summary>The area of all parcels in mu.</summary>
    /// <example>5850</example>
    public required decimal AreaMu { get; init; }

    /// <summary>Its parcels.</summary>
    public required IReadOnlyList<ParcelWire> Parcels { get; init; }
}
