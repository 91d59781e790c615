namespace CarbonLedger.Server.Statements;

/// <summary>A statement, and the signature over exactly its bytes.</summary>
public sealed record SignedLienStatementWire
{
    /// <summary>The statement. Its bytes as they stand here are the payload that is signed.</summary>
    public required LienStatementWire Statement { get; init; }

    /// <summary>The signature.</summary>
    public required SignatureWire Signature { get; init; }

    /// <summary>Give this as <c>cursor</c>, with the same question, for the statement on the serials that follow; absent when the range is covered.</summary>
    public string? NextCursor { get; init; }
}

/// <summary>A signature that any JOSE library verifies.</summary>
public sealed record SignatureWire
{
    /// <summary>The key, as in <c>GET /v1/signing-keys</c>.</summary>
    public required string KeyId { get; init; }

    /// <summary><c>ES256</c>: ECDSA on P-256 with SHA-256.</summary>
    /// <example>ES256</example>
    public required string Algorithm { get; init; }

    /// <summary>The whole as a compact JWS (RFC 7515). It contains the statement: keep this alone and you have everything.</summary>
    public required string Jws { get; init; }
}

/// <summary>Who holds a range of serials and what lies on it, at one position of the log (P7).</summary>
public sealed record LienStatementWire
{
    /// <summary>The register that makes the statement.</summary>
    public required RegisterWire Register { get; init; }

    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }

    /// <summary>The printed 碳票编号, when one was given.</summary>
    public string? PrintedNumber { get; init; }

    /// <summary>The first serial that the statement covers.</summary>
    /// <example>1</example>
    public required long First { get; init; }

    /// <summary>The last serial that it covers, inclusive. Where it lies before the one asked for, <c>nextCursor</c> goes on.</summary>
    /// <example>6000000</example>
    public required long Last { get; init; }

    /// <summary>last − first + 1.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The canonical serial text of what it covers.</summary>
    public required string Serial { get; init; }

    /// <summary>The past instant asked for; absent when the present was.</summary>
    public Instant? AsOf { get; init; }

    /// <summary>The log position that the statement shows: it holds until an event with a greater one.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The time of the event at that position.</summary>
    public required Instant LogTime { get; init; }

    /// <summary>The leaf hash of the event at that position, 64 hexadecimal digits: it ties the statement to the log.</summary>
    public required string LogLeafHash { get; init; }

    /// <summary>When the statement was made.</summary>
    public required Instant IssuedAt { get; init; }

    /// <summary>For whom: an organization's id, or <c>registrar</c>.</summary>
    public required string IssuedTo { get; init; }

    /// <summary>True when the voucher was taken back: then nothing of it moves, whatever lies on it.</summary>
    public required bool Revoked { get; init; }

    /// <summary>True when nothing at all lies on any of these serials: no pledge, no hold, no freeze.</summary>
    public required bool LienFree { get; init; }

    /// <summary>Together exactly the serials covered, ascending. One entry per stretch with the same holder, status and locks.</summary>
    public required IReadOnlyList<LienStretchWire> Stretches { get; init; }
}

/// <summary>The register that speaks.</summary>
public sealed record RegisterWire
{
    /// <summary>Its name.</summary>
    /// <example>CarbonLedger</example>
    public required string Name { get; init; }

    /// <summary>The leaf hash of its log's first event, 64 hexadecimal digits: two registers never share it.</summary>
    public required string FirstLeafHash { get; init; }
}

/// <summary>Consecutive serials with one holder, one status and the same locks.</summary>
public sealed record LienStretchWire
{
    /// <summary>The first serial.</summary>
    public required long First { get; init; }

    /// <summary>The last serial, inclusive.</summary>
    public required long Last { get; init; }

    /// <summary>last − first + 1.</summary>
    public required long Kilograms { get; init; }

    /// <summary>The canonical serial text.</summary>
    public required string Serial { get; init; }

    /// <summary><c>live</c>, <c>retired</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    /// <example>live</example>
    public required string Status { get; init; }

    /// <summary>The account of the holder; of units that are no longer live, the last one.</summary>
    public required AccountId HolderAccountId { get; init; }

    /// <summary>The organization of that account.</summary>
    public required OrganizationId HolderOrganizationId { get; init; }

    /// <summary>Its name.</summary>
    public required string HolderName { get; init; }

    /// <summary><c>party</c> when whoever asks is the holder, a pledgee here or the registrar, and sees everything; else <c>public</c>: then only that a lock of some kind exists.</summary>
    /// <example>party</example>
    public required string View { get; init; }

    /// <summary>True when no lock lies here.</summary>
    public required bool LienFree { get; init; }

    /// <summary>The locks in the order in which they came; freezes of the whole account last. To the public one entry per kind.</summary>
    public required IReadOnlyList<LienWire> Locks { get; init; }
}

/// <summary>A lock. Everything but <c>kind</c> is for the parties.</summary>
public sealed record LienWire
{
    /// <summary><c>pledge</c>, <c>hold</c> or <c>freeze</c>.</summary>
    /// <example>pledge</example>
    public required string Kind { get; init; }

    /// <summary>The rank of a pledge, from 1; pledges of equal rank share it. A release promotes those behind.</summary>
    /// <example>1</example>
    public int? Rank { get; init; }

    /// <summary><c>exclusive</c> or <c>ranked</c>.</summary>
    public string? Mode { get; init; }

    /// <summary>Where the pledge stands: <c>reserved</c>, <c>registered</c>, <c>partiallyReleased</c>, <c>defaultNotified</c> or <c>enforcing</c>.</summary>
    /// <example>registered</example>
    public string? Status { get; init; }

    /// <summary>Of a reserved pledge: until when it waits for its registration.</summary>
    public Instant? ReservedUntil { get; init; }

    /// <summary>
    /// True when the agreed end of a hold or reservation had come at the statement's instant (<c>asOf</c>, else <c>issuedAt</c>) and was not recorded yet, which it is within about a second
    /// or when the register starts again: nobody can settle or register it any more. In the public view, when that is so of every lock of the kind. Absent otherwise.
    /// </summary>
    public bool? Lapsed { get; init; }

    /// <summary>The pledge.</summary>
    public PledgeId? PledgeId { get; init; }

    /// <summary>The lender.</summary>
    public OrganizationId? PledgeeId { get; init; }

    /// <summary>The lender's name.</summary>
    public string? PledgeeName { get; init; }

    /// <summary>The pledge contract's number.</summary>
    public string? ContractNumber { get; init; }

    /// <summary>The 中登网 filing number.</summary>
    public string? FilingNumber { get; init; }

    /// <summary>The secured amount in CNY, of the whole pledge.</summary>
    public Money? SecuredAmount { get; init; }

    /// <summary>The trade that holds the units.</summary>
    public Guid? TradeId { get; init; }

    /// <summary>The freeze.</summary>
    public FreezeId? FreezeId { get; init; }

    /// <summary>True when the freeze lies on the holder's whole account.</summary>
    public bool? WholeAccount { get; init; }

    /// <summary>The court or regulator.</summary>
    public string? Authority { get; init; }

    /// <summary>The number of its document.</summary>
    public string? DocumentNumber { get; init; }
}
