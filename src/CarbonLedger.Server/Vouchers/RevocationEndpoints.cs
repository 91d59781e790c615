using System.Text.Json;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Vouchers;
using CarbonLedger.Server.Cancellations;
using CarbonLedger.Server.Http;

namespace CarbonLedger.Server.Vouchers;

public static class RevocationEndpoints
{
    private const string Path = "/v1/vouchers/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/vouchers/{id:guid}/revocation").WithTags("Vouchers");
        group.Get("/", (HttpContext http, Guid id) => ReadEndpoint.RunAsync(http, WireJson.Wire.ConsequencesWire, q => q.Get<RevocationReader>().ConsequencesAsync(new VoucherId(id), q)))
            .Answers<ConsequencesWire>("Consequences of a revocation", "A dry run: who would lose what, which locks stand in the way, which retirements and claims are built on the voucher. It changes nothing. After the revocation it says what is left to cancel.", past: false);
        group.Post("/", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.RevocationPost, wire => new Posted(
                new RevokeVoucher(new VoucherId(id), Input.Text(wire.Reason, "reason", Input.ReasonCharactersMax), CancellationEndpoints.Of(wire.Document)), Render, Path)))
            .Describes<RevocationPost>("Revoke a voucher", "From this moment none of its units can be transferred, sold, pledged or retired (409 voucher-revoked). What is free is cancelled, at most 1,000 pieces at once; locked units are cancelled after their locks end. Retired units stay retired, but every claim built on them is flagged and their kilograms cover nothing any more (C6): 200 claims in this step, further ones by the server itself within seconds. For the registrar. Look at the consequences first: GET the same address.")
            .Produces<RevokedWire>(StatusCodes.Status201Created);
        group.Post("/steps", (HttpContext http, Guid id) => CommandEndpoint.RunAsync(http, WireJson.Wire.RevocationStepPost, _ => new Posted(
                new CancelRevokedUnits(new VoucherId(id)), Render, Path)))
            .Describes<RevocationStepPost>("Go on with a revocation", "Cancels what is free of a revoked voucher, at most 1,000 pieces, and flags what claims are left, at most 200. Ask again until 409 nothing-to-cancel. For the registrar; the server does the same every day, and flags claims at once.")
            .Produces<RevokedWire>(StatusCodes.Status201Created);
    }

    private static byte[] Render(Guid id, IReadOnlyList<RecordedEvent> events) => JsonSerializer.SerializeToUtf8Bytes(
        new RevokedWire
        {
            Id = id,
            LogIndex = events[^1].LogIndex,
            CancelledKilograms = events.Select(e => e.Fact).OfType<VoucherEvent.UnitsCancelled>().Sum(e => e.Serials.Kilograms.Value),
            FlaggedClaims = events.Count(e => e.Fact is ClaimEvent.ClaimFlagged),
        },
        WireJson.Wire.RevokedWire);
}

/// <summary>A voucher to take back.</summary>
public sealed record RevocationPost
{
    /// <summary>Why, at most 1,000 characters.</summary>
    /// <example>The verification report was forged</example>
    public required string Reason { get; init; }

    /// <summary>The paper it rests on.</summary>
    public required DocumentWire Document { get; init; }
}

/// <summary>Nothing needs to be said.</summary>
public sealed record RevocationStepPost;

/// <summary>A revocation, or a step of it, was made.</summary>
public sealed record RevokedWire
{
    /// <summary>The voucher's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The log position of the last event.</summary>
    public required long LogIndex { get; init; }

    /// <summary>Kilograms that this step cancelled.</summary>
    /// <example>1000</example>
    public required long CancelledKilograms { get; init; }

    /// <summary>Claims that this step flagged (C6), at most 200.</summary>
    /// <example>1</example>
    public required int FlaggedClaims { get; init; }
}

/// <summary>Why and when a voucher was taken back.</summary>
public sealed record RevocationWire
{
    /// <summary>The reason.</summary>
    public required string Reason { get; init; }

    /// <summary>The paper it rests on.</summary>
    public required DocumentWire Document { get; init; }

    /// <summary>When, in UTC.</summary>
    public required Instant RevokedAt { get; init; }

    /// <summary>The log position of the revocation.</summary>
    public required long LogIndex { get; init; }
}

/// <summary>What the revocation of a voucher means, in kilograms and for whom. Lists have at most 1,000 entries; the sums speak of all.</summary>
public sealed record ConsequencesWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>The log had reached this position when the question was asked.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The revocation, when there has been one.</summary>
    public RevocationWire? Revoked { get; init; }

    /// <summary>Live kilograms: free + locked.</summary>
    public required long Live { get; init; }

    /// <summary>Kilograms that the revocation cancels.</summary>
    public required long Free { get; init; }

    /// <summary>Kilograms under locks, or in accounts that are frozen as a whole: cancelled when these end.</summary>
    public required long Locked { get; init; }

    /// <summary>Kilograms that are retired and stay so.</summary>
    public required long Retired { get; init; }

    /// <summary>How many steps it takes, of 1,000 pieces to cancel and 200 claims to flag each.</summary>
    /// <example>1</example>
    public required int Steps { get; init; }

    /// <summary>Who holds live units, the largest first.</summary>
    public required IReadOnlyList<HolderConsequenceWire> Holders { get; init; }

    /// <summary>Which locks lie on live units.</summary>
    public required IReadOnlyList<LockConsequenceWire> Locks { get; init; }

    /// <summary>Retirements built on the voucher, in log order.</summary>
    public required IReadOnlyList<RetirementConsequenceWire> Retirements { get; init; }

    /// <summary>How many claims are not flagged because of this voucher yet; a revocation flags them (C6).</summary>
    /// <example>2</example>
    public required long ClaimsToFlag { get; init; }

    /// <summary>Claims built on the voucher, by id; withdrawn ones are built on nothing.</summary>
    public required IReadOnlyList<ClaimConsequenceWire> Claims { get; init; }
}

/// <summary>What an account has of the voucher.</summary>
public sealed record HolderConsequenceWire
{
    /// <summary>The account.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>Live kilograms.</summary>
    public required long Kilograms { get; init; }

    /// <summary>Kilograms that the revocation cancels.</summary>
    public required long Free { get; init; }

    /// <summary>Pieces in which the free kilograms lie.</summary>
    public required int Pieces { get; init; }

    /// <summary>Freezes of the account as a whole.</summary>
    public IReadOnlyList<Guid>? AccountFreezeIds { get; init; }
}

/// <summary>A lock on live units of the voucher.</summary>
public sealed record LockConsequenceWire
{
    /// <summary><c>pledge</c>, <c>hold</c> or <c>freeze</c>.</summary>
    /// <example>pledge</example>
    public required string Kind { get; init; }

    /// <summary>The pledge, the trade that holds, or the freeze.</summary>
    public required Guid Id { get; init; }

    /// <summary>The account whose units it lies on.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>Kilograms under it.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The loan that the pledge secures.</summary>
    public LoanId? LoanId { get; init; }
}

/// <summary>A claim built on the voucher, and what the revocation does to it.</summary>
public sealed record ClaimConsequenceWire
{
    /// <summary>The claim.</summary>
    public required ClaimId ClaimId { get; init; }

    /// <summary>Its state now.</summary>
    public required ClaimStatus Status { get; init; }

    /// <summary>Its state once it is flagged: a published claim that is no longer covered becomes underCovered.</summary>
    public required ClaimStatus StatusAfter { get; init; }

    /// <summary>Kilograms of this voucher behind it.</summary>
    /// <example>1088744</example>
    public required long Kilograms { get; init; }

    /// <summary>What its inventory says, in kilograms.</summary>
    /// <example>1088744</example>
    public required long Emissions { get; init; }

    /// <summary>Kilograms that still cover it then.</summary>
    /// <example>0</example>
    public required long CoveringAfter { get; init; }

    /// <summary>True when it is flagged because of this voucher already.</summary>
    public required bool Flagged { get; init; }
}

/// <summary>A retirement built on the voucher.</summary>
public sealed record RetirementConsequenceWire
{
    /// <summary>The retirement.</summary>
    public required Guid RetirementId { get; init; }

    /// <summary>Kilograms of this voucher in it.</summary>
    public required long Kilograms { get; init; }

    /// <summary>Claims built on the retirement; a revocation flags them (C6).</summary>
    public required IReadOnlyList<Guid> ClaimIds { get; init; }
}
