using CarbonLedger.Core.Accounts;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Projections;

namespace CarbonLedger.Server.Accounts;

public static class AccountEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/accounts").WithTags("Accounts");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.AccountPost, Open))
            .Describes<AccountPost>("Open an account", "Opens an account of an organization; itself or the registrar does.");
        group.Post("/{id:guid}/close", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.ReasonWire, wire =>
                new Posted(new CloseAccount(new AccountId(id), Input.Reason(wire.Reason)), AcceptedWire.Render, "/v1/accounts/")))
            .Describes<ReasonWire>("Close an account", "409 account-not-empty while it holds units.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireAccountWire, async q =>
                PageWire.Of(q, await q.Get<ThingReader>().ListAsync<AccountState>("account", q, narrowed: Input.Asked(http.Request.Query, "organizationId") is var (_, id) ? Narrowing.Member("organization", id.ToString()) : null), Of)))
            .Answers<PageWire<AccountWire>>("List accounts", "In the order of opening; with organizationId those of one organization.", list: true)
            .Asks("organizationId", Forms.Id, "Only those of this organization.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.AccountWire, async q => Of(await FindAsync(id, q))))
            .Answers<AccountWire>("Get an account", "Whose it is and whether it is open.");
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<AccountState>(http, id, new Refusal.AccountNotFound(new AccountId(id))))
            .Answers<EventsWire>("Events of an account", "Its history in order: opened, frozen and unfrozen as a whole, made a buffer, closed and why. What came and went stands in its statement; after counts versions of the stream.", feed: Feed.Stream);
        group.Get("/{id:guid}/balances", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.BalancesWire, async q =>
            {
                await FindAsync(id, q with { UpTo = null });
                return await q.Get<BalanceReader>().ReadAsync(new AccountId(id), q);
            }))
            .Answers<BalancesWire>("Balances of an account", "Kilograms per voucher, now or at a past instant. While the whole account is frozen, all of it counts as frozen and none as free. A projection: logIndex says how far it reaches.", list: true);
    }

    public static Task<AccountState> FindAsync(Guid id, ReadQuestion q) =>
        q.Get<ThingReader>().FindAsync<AccountState>(id, q, new Refusal.AccountNotFound(new AccountId(id)));

    private static Posted Open(AccountPost wire) => new(
        new OpenAccount(new AccountId(Guid.CreateVersion7()), wire.OrganizationId, Input.Text(wire.Name, "name")),
        AcceptedWire.Render,
        "/v1/accounts/");

    public static AccountWire Of(AccountState s) => new() { Id = s.Id, OrganizationId = s.Organization, Name = s.Name, Status = s.IsOpen ? "open" : "closed", BufferOfScheme = s.BufferOf?.Code };
}

/// <summary>An account to open.</summary>
public sealed record AccountPost
{
    /// <summary>The organization it belongs to.</summary>
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>Its name, at most 200 characters.</summary>
    /// <example>Main account</example>
    public required string Name { get; init; }
}

/// <summary>An account.</summary>
public sealed record AccountWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The organization it belongs to.</summary>
    public required OrganizationId OrganizationId { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary><c>open</c> or <c>closed</c>.</summary>
    /// <example>open</example>
    public required string Status { get; init; }

    /// <summary>The scheme whose buffer it keeps; absent for any other account.</summary>
    public string? BufferOfScheme { get; init; }
}
