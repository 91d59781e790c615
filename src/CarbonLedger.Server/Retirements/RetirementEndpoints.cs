using System.Security.Cryptography;
using System.Text;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Commands;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Retirements;

public static class RetirementEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/retirements").WithTags("Retirements");
        group.Post("/", (HttpContext http) => CommandEndpoint.RunAsync(http, WireJson.Wire.RetirementPost, Retire))
            .Describes<RetirementPost>("Retire units", "Uses free units for ever in favour of a beneficiary. Irreversible. 409 units-under-lien while they are pledged.")
            .Shows("""{"accountId":"0198f2c0-0000-7000-8000-000000000002","lines":[{"voucherId":"0198f2c0-0000-7000-8000-000000000001","kilograms":1000}],"beneficiary":{"organizationId":"0198f2c0-0000-7000-8000-000000000004"},"purpose":"carbonNeutralOperation","claimPeriod":{"first":"2021-01-01","last":"2021-12-31"}}""");
        group.Post("/{id:guid}/erase-beneficiary", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.ErasurePost, wire =>
                new Posted(new EraseBeneficiary(new RetirementId(id), wire.Reason), AcceptedWire.Render, "/v1/retirements/")))
            .Describes<ErasurePost>("Erase a beneficiary's name", "Deletes the name that stands outside the log, for ever; by the account's holder or the registrar. The retirement stands, the log keeps the salted hash, and the certificate says that the name was erased.");
        group.Get("/", (HttpContext http) => ReadEndpoint.RunAsync(http, WireJson.Wire.PageWireRetirementWire, async q => PageWire.Of(
                q, await q.Get<RetirementReader>().ListAsync(q, Input.Asked(http.Request.Query, "accountId", "beneficiaryId")?.Id), r => r.LogIndex, r => r)))
            .Answers<PageWire<RetirementWire>>("List retirements", "In the order in which they were recorded; with accountId those of one account's units, with beneficiaryId those in favour of one organization. The two exclude each other: 400 value-out-of-range.", list: true)
            .Asks("accountId", Forms.Id, "Only those of this account's units; not together with beneficiaryId.")
            .Asks("beneficiaryId", Forms.Id, "Only those in favour of this organization; not together with accountId.");
        group.Get("/{id:guid}", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.RetirementWire, q => q.Get<RetirementReader>().ReadAsync(id, q)))
            .Answers<RetirementWire>("Get a retirement", "Beneficiary, purpose and units; which claims its kilograms back, and how many back none.");
        group.Get("/{id:guid}/certificate", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.CertificateWire, q => q.Get<RetirementReader>().CertificateAsync(id, q)))
            .Answers<CertificateWire>("Get the certificate of a retirement", "Everything a third party needs to check it: every serial range with project, methodology and monitoring period, the log position, and a verification code.");
        group.Get("/{id:guid}/events", (HttpContext http, Guid id) => EventFeed.StreamAsync<RetirementState>(http, id, new Refusal.RetirementNotFound(new RetirementId(id))))
            .Answers<EventsWire>("Events of a retirement", "Its history in order: recorded, claimed, unclaimed, its beneficiary's name erased; after counts versions of the stream.", feed: Feed.Stream);
    }

    internal static Posted Retire(RetirementPost wire)
    {
        var id = new RetirementId(Guid.CreateVersion7());
        var (beneficiary, name) = BeneficiaryOf(id, wire.Beneficiary);
        var (statement, statements) = StatementOf(wire.Statement);
        RefuseNameIn(wire.Statement, beneficiary, name);
        var command = new RetireUnits(
            id,
            wire.AccountId,
            Input.Lines(wire.Lines),
            beneficiary,
            wire.Purpose,
            Input.Period(wire.ClaimPeriod, "claimPeriod"),
            statement,
            statements);
        return new Posted(command, AcceptedWire.RenderUnits, "/v1/retirements/") { PrivateName = name };
    }

    private static (Beneficiary, PrivateName?) BeneficiaryOf(RetirementId id, BeneficiaryPost wire)
    {
        if (wire.OrganizationId is { } organization)
        {
            return (wire.Name, wire.Consent, wire.PublicationDate) is (null, null, null)
                ? (new Beneficiary(organization, null), null)
                : throw Input.OutOfRange("beneficiary", "is an organization or a name, not both; consent and publicationDate go with a name");
        }

        var name = Input.Text(wire.Name ?? throw Input.OutOfRange("beneficiary", "needs an organizationId or a name"), "beneficiary.name");
        var salt = RandomNumberGenerator.GetBytes(32);
        var hash = Convert.ToHexStringLower(SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(name)]));
        var consent = wire.Consent is { } c ? new NameConsent(Input.Sha256(c.DocumentSha256, "beneficiary.consent.documentSha256"), c.Date) : null;
        return (new Beneficiary(null, hash, consent, wire.PublicationDate), new PrivateName(id.Value, salt, name));
    }

    private static (string?, Core.Retirements.Statements?) StatementOf(StatementWire? wire)
    {
        if (wire is null || wire.Text is not null)
        {
            return (Input.Optional(wire?.Text, "statement", StatementWire.CharactersMax), null);
        }

        var statements = new Core.Retirements.Statements(
            Input.Optional(wire.Zh, "statement.zh", StatementWire.CharactersMax),
            Input.Optional(wire.En, "statement.en", StatementWire.CharactersMax));
        return statements is { Zh: null, En: null } ? throw Input.OutOfRange("statement", "needs zh or en") : (null, statements);
    }

    /// <summary>A statement stands in the log, where nothing can be erased: a person's name must not come in by it.</summary>
    private static void RefuseNameIn(StatementWire? wire, Beneficiary beneficiary, PrivateName? name)
    {
        if (wire is null || name is null || beneficiary.Consent is null)
        {
            return;
        }

        if (new[] { wire.Text, wire.Zh, wire.En }.Any(text => text?.Contains(name.Name, StringComparison.OrdinalIgnoreCase) == true))
        {
            throw new BadInputException(EdgeProblem.NameInStatement, "The statement holds the beneficiary's name. It would stand in the log for ever and could not be erased; leave the name out, the certificate shows it beside the statement.");
        }
    }
}
