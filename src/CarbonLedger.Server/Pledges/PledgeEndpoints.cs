using System.Text.Json;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Loans;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Prices;

namespace CarbonLedger.Server.Pledges;

public static class PledgeEndpoints
{
    private const string Path = "/v1/pledges/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/pledges").WithTags("Pledges");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.PledgePost, Register))
            .Describes<PledgePost>("Register a pledge", "A lien of a named lender on exact serial ranges of the current holder. Exclusive (the default rule of law): the units must be free. Ranked: it may stand behind earlier ranked ones, in the order of registration; several lenders in one registration (equalRankWith) share a rank. With reserveUntil the lien is reserved only and ends by itself. From here the units can neither be sold nor retired.")
            .Shows("""{"pledgorAccountId":"0198f2c0-0000-7000-8000-000000000002","pledgeeId":"0198f2c0-0000-7000-8000-000000000004","lines":[{"voucherId":"0198f2c0-0000-7000-8000-000000000001","kilograms":1000}],"securedAmount":"330000.00","contractNumber":"PC-2021-0001","termFrom":"2021-09-01","termTo":"2022-08-31","mode":"exclusive","valuation":{"pricePerTonne":"41.94","source":"last trade of the venue","date":"2021-08-20"}}""");
        group.Post("/{id:guid}/releases", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.ReleasePost, wire => Release(new PledgeId(id), wire)))
            .Describes<ReleasePost>("Release a pledge", "Whole or in part. Only the pledgee releases (P1): send its id as Acting-Organization; everyone else, the registrar included, gets 403 not-the-pledgee.");
        group.Post("/{id:guid}/register", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.RegistrationPost, wire => new Posted(
                new RegisterReservation(new PledgeId(id), Input.Optional(wire.FilingNumber, "filingNumber", 64)), (made, events) => Render(made, events, PledgeStatus.Registered), Path)))
            .Describes<RegistrationPost>("Register a reserved pledge", "Its rank is that of the reservation. 409 reservation-expired once its time is over; account-frozen, voucher-revoked or units-frozen when that came upon what was reserved.");
        group.Post("/{id:guid}/substitutions", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.SubstitutionPost, wire => SubstituteAsync(http, new PledgeId(id), wire)))
            .Describes<SubstitutionPost>("Substitute pledged units", "New units of the pledgor in, others out, in one command: never uncovered in between. For the pledgee. Cures a margin call of its loan when it adds enough.");
        group.Post("/{id:guid}/default-notices", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.DefaultNoticePost, wire => new Posted(
                new NotifyDefault(new PledgeId(id), wire.Date, Input.Text(wire.Reason, "reason", Input.ReasonCharactersMax)), (made, events) => Render(made, events, PledgeStatus.DefaultNotified), Path)))
            .Describes<DefaultNoticePost>("Record a default notice", "The pledgee told debtor and pledgor of the default. Default alone hands nothing to the lender (art. 428); enforcement may follow. 409 nothing-secured where nothing is owed that the pledge secures.");
        group.Post("/{id:guid}/enforcements", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.EnforcementPost, wire => EnforceAsync(http, new PledgeId(id), wire)))
            .Describes<EnforcementPost>("Enforce a pledge", "Units are sold at a recorded price to a buyer, or go to the lender by agreement and not below the newest reference price. Proceeds pay costs, then rank after rank, then the pledgor; all pledges on the units end; a shortfall stays a debt. For the pledgee, after its default notice.", typeof(EnforcementWire));
        group.Post("/{id:guid}/void", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.VoidPledgePost, wire => new Posted(
                new VoidPledge(new PledgeId(id), Input.Text(wire.Authority, "authority"), Input.Text(wire.DocumentNumber, "documentNumber", 64), Input.Reason(wire.Reason)),
                (made, events) => Render(made, events, PledgeStatus.Voided),
                Path)))
            .Describes<VoidPledgePost>("Void a pledge by court order", "The lien ends and its units come free. For the registrar, on the court's document.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWirePledgeWire, q => ListAsync(q, Input.Asked(http.Request.Query, "pledgeeId", "pledgorAccountId")?.Id, Numbered(http.Request.Query))))
            .Answers<PageWire<PledgeWire>>("List pledges", "In the order of registration, those that ended included; with pledgeeId those of one lender, with pledgorAccountId those of one account, with a number besides those that carry it. Lender and account exclude each other, and so do the two numbers: 400 value-out-of-range.", list: true)
            .Asks("pledgeeId", Forms.Id, "Only those in favour of this lender; not together with pledgorAccountId.")
            .Asks("pledgorAccountId", Forms.Id, "Only those on units of this account; not together with pledgeeId.")
            .Asks("contractNumber", Forms.Name(64), "Only those under this contract; goes with pledgeeId or pledgorAccountId.")
            .Asks("filingNumber", Forms.Name(64), "Only the one with this 中登网 filing number; likewise.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.PledgeWire, q => ReadAsync(new PledgeId(id), q)))
            .Answers<PledgeWire>("Get a pledge", "Its terms, what is under it, its rank and what stands before it, now or at a past instant.");
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<PledgeState>(http, id, new Refusal.PledgeNotFound(new PledgeId(id))))
            .Answers<EventsWire>("Events of a pledge", "Its history in order, from the registration to the end, with every enforcement and who got what; after counts versions of the stream.", feed: Feed.Stream);
    }

    public static async Task<PledgeWire> ReadAsync(PledgeId id, ReadQuestion q)
    {
        var then = await q.Get<LogReader>().AtOnePositionAsync(q);
        var state = await q.Get<ThingReader>().FindAsync<PledgeState>(id.Value, then, new Refusal.PledgeNotFound(id));
        return Of(state, await q.Get<RankReader>().ReadAsync(state, then), q.Now);
    }

    /// <param name="party">Only those of this lender, or on units of this account.</param>
    public static async Task<PageWire<PledgeWire>> ListAsync(ReadQuestion q, Guid? party, Narrowing? numbered = null) =>
        PageWire.Of(q, await q.Get<ThingReader>().ListAsync<PledgeState>("pledge", q, party, numbered), s => Of(s, null, q.Now));

    private static Narrowing? Numbered(IQueryCollection query)
    {
        if (Input.One(query, "contractNumber", "filingNumber") is not var (name, text))
        {
            return null;
        }

        return Input.One(query, "pledgeeId", "pledgorAccountId") is null
            ? throw Input.OutOfRange(name, "goes with pledgeeId or pledgorAccountId")
            : Narrowing.Member(name, Input.Text(text, name, 64));
    }

    private static Posted Register(PledgePost wire)
    {
        if (wire.TermTo < wire.TermFrom)
        {
            throw new BadInputException(EdgeProblem.PeriodReversed, $"termTo {wire.TermTo:uuuu-MM-dd} lies before termFrom {wire.TermFrom:uuuu-MM-dd}.");
        }

        if (wire.EqualRankWith is { } others && (wire.Mode != PledgeMode.Ranked || others.Count is 0 or >= RegisterPledge.PledgeesMax))
        {
            throw Input.OutOfRange("equalRankWith", $"goes with mode ranked and has 1 to {RegisterPledge.PledgeesMax - 1} entries");
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
            new Valuation(wire.Valuation.PricePerTonne, Input.Text(wire.Valuation.Source, "valuation.source"), wire.Valuation.Date),
            wire.Mode,
            wire.EqualRankWith is null ? null : [.. wire.EqualRankWith.Select((o, i) => CoPledgeOf(Input.Entry(o, $"equalRankWith[{i}]"), $"equalRankWith[{i}]"))],
            wire.ReserveUntil is { } until ? RegistryCalendar.ToMicroseconds(until) : null,
            ContractOf(wire));
        return new Posted(command, RenderRegistered, Path);
    }

    private static CoPledge CoPledgeOf(CoPledgePost wire, string member) => new(
        new PledgeId(Guid.CreateVersion7()),
        wire.PledgeeId,
        Input.Positive(wire.SecuredAmount, $"{member}.securedAmount"),
        Input.Text(wire.ContractNumber, $"{member}.contractNumber", 64),
        Input.Optional(wire.FilingNumber, $"{member}.filingNumber", 64));

    private static PledgeContract? ContractOf(PledgePost wire)
    {
        if (wire.DebtorId is null && wire.ClaimKind is null && wire.Scope is null && wire.DocumentSha256s is null)
        {
            return null;
        }

        if (wire.Scope is { } scope && (scope.Count == 0 || scope.Distinct().Count() != scope.Count))
        {
            throw Input.OutOfRange("scope", "names each part once, and at least one");
        }

        if (wire.DocumentSha256s is { Count: 0 or > 20 })
        {
            throw Input.OutOfRange("documentSha256s", "must have 1 to 20 entries");
        }

        return new PledgeContract(
            wire.DebtorId,
            Input.Optional(wire.ClaimKind, "claimKind"),
            wire.Scope,
            wire.DocumentSha256s is null ? null : [.. wire.DocumentSha256s.Select((d, i) => Input.Sha256(Input.Entry(d, $"documentSha256s[{i}]"), $"documentSha256s[{i}]"))]);
    }

    private static Posted Release(PledgeId id, ReleasePost wire) => new(
        new ReleasePledge(id, wire.Lines is null ? null : Input.Lines(wire.Lines), wire.Reason),
        AcceptedWire.RenderUnits,
        Path);

    private static async Task<Posted> SubstituteAsync(HttpContext http, PledgeId id, SubstitutionPost wire) => new(
        new SubstituteUnits(
            id, Input.Lines(wire.In), Input.Lines(wire.Out), Input.Reason(wire.Reason), await http.RequestServices.GetRequiredService<LoanValuer>().QuoteAsync(id)),
        RenderSubstituted,
        Path);

    private static async Task<Posted> EnforceAsync(HttpContext http, PledgeId id, EnforcementPost wire)
    {
        var command = new EnforcePledge(
            id,
            wire.Lines is null ? null : Input.Lines(wire.Lines),
            wire.Method ?? EnforcementMethod.Agreement,
            wire.BuyerAccountId,
            wire.PricePerTonne,
            wire.Costs ?? Money.Zero,
            await http.RequestServices.GetRequiredService<PriceReader>().MarketPriceAsync(),
            Input.Reason(wire.Reason));
        return new Posted(command, RenderEnforced, Path);
    }

    private static byte[] RenderRegistered(Guid id, IReadOnlyList<RecordedEvent> events)
    {
        var registered = events.Select(e => e.Fact).OfType<PledgeEvent.PledgeRegistered>().ToArray();
        return AcceptedWire.Bytes(new AcceptedWire
        {
            Id = id,
            LogIndex = events[^1].LogIndex,
            Status = Names.Of(registered[0].ReservedUntil is null ? PledgeStatus.Registered : PledgeStatus.Reserved),
            Lines = [.. registered[0].Units.Select(u => UnitsWire.Of(u.Voucher, u.Serials))],
            PledgeIds = registered.Length > 1 ? [.. registered.Select(r => r.Pledge)] : null,
        });
    }

    private static byte[] RenderSubstituted(Guid id, IReadOnlyList<RecordedEvent> events)
    {
        var substituted = events.Select(e => e.Fact).OfType<PledgeEvent.PledgeSubstituted>().Single();
        return AcceptedWire.Bytes(new AcceptedWire
        {
            Id = id,
            LogIndex = events[^1].LogIndex,
            Lines = [.. substituted.In.Select(u => UnitsWire.Of(u.Voucher, u.Serials))],
            Released = [.. substituted.Out.Select(u => UnitsWire.Of(u.Voucher, u.Serials))],
        });
    }

    private static byte[] RenderEnforced(Guid id, IReadOnlyList<RecordedEvent> events)
    {
        var enforced = events.Select(e => e.Fact).OfType<PledgeEvent.PledgeEnforced>().Single();
        return JsonSerializer.SerializeToUtf8Bytes(EnforcementWire.Of(id, events[^1].LogIndex, enforced), WireJson.Default.EnforcementWire);
    }

    private static byte[] Render(Guid id, IReadOnlyList<RecordedEvent> events, PledgeStatus status) =>
        AcceptedWire.Bytes(new AcceptedWire { Id = id, LogIndex = events[^1].LogIndex, Status = Names.Of(status) });

    private static PledgeWire Of(PledgeState s, Ranking? ranking, Instant now) => new()
    {
        Id = s.Id,
        Status = Names.Of(s.Status),
        PledgorAccountId = s.Pledgor,
        PledgeeId = s.Pledgee,
        Mode = s.Mode ?? PledgeMode.Exclusive,
        Rank = s.Mode == PledgeMode.Ranked ? ranking?.Rank : s.Units.Count > 0 ? 1 : null,
        EqualRankWith = s.EqualRankWith,
        StandingBefore = ranking?.Before is { Count: > 0 } before ? before : null,
        ReservedUntil = s.ReservedUntil,
        Lapsed = s.Status == PledgeStatus.Reserved && s.HasLapsed(now) ? true : null,
        DefaultNotifiedOn = s.DefaultNotifiedOn,
        Recovered = s.Recovered,
        DebtorId = s.Contract?.Debtor,
        ClaimKind = s.Contract?.ClaimKind,
        Scope = s.Contract?.Scope,
        DocumentSha256s = s.Contract?.DocumentSha256s,
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
