using CarbonLedger.Core.Log;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;

namespace CarbonLedger.Server.Pledges;

public static class PledgeEndpoints
{
    private const string Path = "/v1/pledges/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/pledges").WithTags("Pledges");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.PledgePost, Register))
            .Describes<PledgePost>("Register a pledge", "A lien of a named lender on exact serial ranges of the current holder. Exclusive: the units must be free. From here they can neither be sold nor retired.");
        group.Post("/{id:guid}/releases", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.ReleasePost, wire => Release(new PledgeId(id), wire)))
            .Describes<ReleasePost>("Release a pledge", "Whole or in part. Only the pledgee releases (P1): send its id as Acting-Organization; everyone else, the registrar included, gets 403 not-the-pledgee.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWirePledgeWire, async q =>
                PageWire.Of(q, await q.Get<ThingReader>().ListAsync<PledgeState>("pledge", q), s => s.Id, Of)))
            .Answers<PageWire<PledgeWire>>("List pledges", "In the order of registration.", list: true, past: false);
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.PledgeWire, async q =>
                Of(await q.Get<ThingReader>().FindAsync<PledgeState>(id, q, new Refusal.PledgeNotFound(new PledgeId(id))))))
            .Answers<PledgeWire>("Get a pledge", "Its terms and what is under it, now or at a past instant.");
    }

    private static Posted Register(PledgePost wire)
    {
        if (wire.Mode != PledgeMode.Exclusive)
        {
            throw new BadInputException(EdgeProblem.NotSupported, "Ranked pledges are not built yet. Register an exclusive pledge on free units.");
        }

        if (wire.TermTo < wire.TermFrom)
        {
            throw new BadInputException(EdgeProblem.PeriodReversed, $"termTo {wire.TermTo:uuuu-MM-dd} lies before termFrom {wire.TermFrom:uuuu-MM-dd}.");
        }

        var command = new RegisterPledge(
            new PledgeId(Guid.CreateVersion7()),
            wire.PledgorAccountId,
            wire.PledgeeId,
            Input.Lines(wire.Lines),
            Input.Positive(wire.SecuredAmount, "securedAmount"),
            Input.Text(wire.ContractNumber, "contractNumber", 64),
            Input.Optional(wire.FilingNumber, "filingNumber", 64),
            new DatePeriod(wire.TermFrom, wire.TermTo),
            new Valuation(wire.Valuation.PricePerTonne, Input.Text(wire.Valuation.Source, "valuation.source"), wire.Valuation.Date));
        return new Posted(command, RenderRegistered, Path);
    }

    private static Posted Release(PledgeId id, ReleasePost wire) => new(
        new ReleasePledge(id, wire.Lines is null ? null : Input.Lines(wire.Lines), wire.Reason),
        AcceptedWire.RenderUnits,
        Path);

    private static byte[] RenderRegistered(Guid id, IReadOnlyList<RecordedEvent> events) => AcceptedWire.Bytes(new AcceptedWire
    {
        Id = id,
        LogIndex = events[^1].LogIndex,
        Status = Pledge.NameOf(PledgeStatus.Registered),
        Lines = AcceptedWire.LinesOf(events),
    });

    private static PledgeWire Of(PledgeState s) => new()
    {
        Id = s.Id,
        Status = Pledge.NameOf(s.Status),
        PledgorAccountId = s.Pledgor,
        PledgeeId = s.Pledgee,
        Mode = PledgeMode.Exclusive,
        Rank = 1,
        Kilograms = s.Kilograms.Value,
        Lines = [.. s.Units.Select(u => UnitsWire.Of(u.Voucher, u.Serials))],
        SecuredAmount = s.SecuredAmount,
        ContractNumber = s.ContractNumber,
        FilingNumber = s.FilingNumber,
        TermFrom = s.Term.First,
        TermTo = s.Term.Last,
        Valuation = new ValuationWire { PricePerTonne = s.Valuation.PricePerTonne, Source = s.Valuation.Source, Date = s.Valuation.Date },
        LoanId = s.Loan,
    };
}

/// <summary>What a tonne was worth when the units were pledged.</summary>
public sealed record ValuationWire
{
    /// <summary>CNY per tonne, at most four decimals.</summary>
    /// <example>41.94</example>
    public required PricePerTonne PricePerTonne { get; init; }

    /// <summary>Where the price comes from.</summary>
    /// <example>Trade LZ-2021-0001</example>
    public required string Source { get; init; }

    /// <summary>The price's date, not in the future.</summary>
    /// <example>2021-08-20</example>
    public required LocalDate Date { get; init; }
}

/// <summary>A pledge to register (Civil Code art. 427).</summary>
public sealed record PledgePost
{
    /// <summary>The account of the current holder, who pledges.</summary>
    public required AccountId PledgorAccountId { get; init; }

    /// <summary>The lender: an organization with the role bank.</summary>
    public required OrganizationId PledgeeId { get; init; }

    /// <summary>The units.</summary>
    public required IReadOnlyList<LineWire> Lines { get; init; }

    /// <summary>The secured amount in CNY, above 0.00.</summary>
    /// <example>300000.00</example>
    public required Money SecuredAmount { get; init; }

    /// <summary>The pledge contract's number, at most 64 characters.</summary>
    /// <example>PC-2021-001</example>
    public required string ContractNumber { get; init; }

    /// <summary>The 中登网 filing number.</summary>
    /// <example>ZD-2021-001</example>
    public string? FilingNumber { get; init; }

    /// <summary>First day of the debt's term.</summary>
    /// <example>2021-09-01</example>
    public required LocalDate TermFrom { get; init; }

    /// <summary>Last day of the debt's term.</summary>
    /// <example>2022-08-31</example>
    public required LocalDate TermTo { get; init; }

    /// <summary><c>exclusive</c>; <c>ranked</c> is refused in this version.</summary>
    /// <example>exclusive</example>
    public required PledgeMode Mode { get; init; }

    /// <summary>What a tonne is worth.</summary>
    public required ValuationWire Valuation { get; init; }
}

/// <summary>What the pledgee gives up.</summary>
public sealed record ReleasePost
{
    /// <summary>Units to release; all that are left under the pledge when absent. A quantity takes the lowest pledged serials.</summary>
    public IReadOnlyList<LineWire>? Lines { get; init; }

    /// <summary>Why: <c>repaid</c>, <c>waived</c>, <c>substituted</c> or <c>enforced</c>.</summary>
    /// <example>repaid</example>
    public required ReleaseReason Reason { get; init; }
}

/// <summary>A registered pledge.</summary>
public sealed record PledgeWire
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary><c>registered</c>, <c>partiallyReleased</c> or <c>released</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The account of the pledgor.</summary>
    public required AccountId PledgorAccountId { get; init; }

    /// <summary>The lender.</summary>
    public required OrganizationId PledgeeId { get; init; }

    /// <summary>How it stands beside others.</summary>
    public required PledgeMode Mode { get; init; }

    /// <summary>Its rank; an exclusive pledge is first.</summary>
    public required int Rank { get; init; }

    /// <summary>Kilograms under it now.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The units under it now.</summary>
    public required IReadOnlyList<UnitsWire> Lines { get; init; }

    /// <summary>The secured amount in CNY.</summary>
    public required Money SecuredAmount { get; init; }

    /// <summary>The pledge contract's number.</summary>
    public required string ContractNumber { get; init; }

    /// <summary>The 中登网 filing number.</summary>
    public string? FilingNumber { get; init; }

    /// <summary>First day of the debt's term.</summary>
    public required LocalDate TermFrom { get; init; }

    /// <summary>Last day of the debt's term.</summary>
    public required LocalDate TermTo { get; init; }

    /// <summary>The valuation at registration.</summary>
    public required ValuationWire Valuation { get; init; }

    /// <summary>The loan it secures.</summary>
    public LoanId? LoanId { get; init; }
}
