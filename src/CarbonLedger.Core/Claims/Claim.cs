namespace CarbonLedger.Core.Claims;

public enum ClaimStatus
{
    /// <summary>Its kilograms are reserved; nothing is said in public yet.</summary>
    Draft,

    /// <summary>It stands: the retired kilograms cover the inventory.</summary>
    Published,

    /// <summary>It was published, and the inventory has since grown past it, or a voucher behind it fell away.</summary>
    UnderCovered,

    /// <summary>It is given up. Final.</summary>
    Withdrawn,
}

/// <summary>Consecutive kilograms of one retirement, counted from 1 in the order of its units; both ends inclusive.</summary>
/// <param name="Units">Of which vouchers they are.</param>
public sealed record ClaimPart(RetirementId Retirement, long First, long Last, IReadOnlyList<VoucherKilograms> Units)
{
    public Kilograms Kilograms => Kilograms.FromKilograms(Last - First + 1);
}

/// <summary>A mass of one voucher.</summary>
public sealed record VoucherKilograms(VoucherId Voucher, Kilograms Kilograms);

public abstract record ClaimEvent : LedgerEvent
{
    private ClaimEvent() { }

    /// <summary>Retired kilograms were set against an inventory.</summary>
    /// <param name="Emissions">What the inventory said then.</param>
    public sealed record ClaimDrafted(ClaimId Claim, InventoryId Inventory, OrganizationId Organization, DatePeriod Period, Kilograms Emissions, IReadOnlyList<ClaimPart> Parts)
        : ClaimEvent
    {
        public override Guid Stream => Claim.Value;
    }

    /// <summary>The claim stands in public, for the first time or again.</summary>
    public sealed record ClaimPublished(ClaimId Claim, Kilograms Emissions) : ClaimEvent
    {
        public override Guid Stream => Claim.Value;
    }

    /// <summary>The inventory was restated, and the claim's state is as before.</summary>
    public sealed record ClaimFollowed(ClaimId Claim, Kilograms Emissions) : ClaimEvent
    {
        public override Guid Stream => Claim.Value;
    }

    /// <summary>The retired kilograms no longer cover the inventory (C5, C6).</summary>
    public sealed record ClaimUncovered(ClaimId Claim, Kilograms Emissions) : ClaimEvent
    {
        public override Guid Stream => Claim.Value;
    }

    /// <summary>More retired kilograms were set against the inventory.</summary>
    public sealed record ClaimToppedUp(ClaimId Claim, IReadOnlyList<ClaimPart> Parts) : ClaimEvent
    {
        public override Guid Stream => Claim.Value;
    }

    /// <summary>A voucher behind the claim was cancelled or revoked (C6): its kilograms no longer cover anything.</summary>
    public sealed record ClaimFlagged(ClaimId Claim, VoucherId Voucher, string Reason) : ClaimEvent
    {
        public override Guid Stream => Claim.Value;
    }

    /// <summary>The claim was given up; its kilograms are usable again by the same beneficiary.</summary>
    public sealed record ClaimWithdrawn(ClaimId Claim, string Reason) : ClaimEvent
    {
        public override Guid Stream => Claim.Value;
    }
}

/// <summary>A voucher behind a claim that fell away.</summary>
public sealed record ClaimFlag(VoucherId Voucher, string Reason);

/// <param name="Emissions">What the inventory says now.</param>
public sealed record ClaimState(
    ClaimId Claim,
    InventoryId Inventory,
    OrganizationId Organization,
    DatePeriod Period,
    ClaimStatus Status,
    Kilograms Emissions,
    IReadOnlyList<ClaimPart> Parts,
    IReadOnlyList<ClaimFlag> Flags) : State
{
    public override Guid Id => Claim.Value;

    /// <summary>It may name thousands of units, and is asked for a few times in its life.</summary>
    public override bool IsAtRest => true;

    public Kilograms Retired => Kilograms.FromKilograms(Parts.Sum(p => p.Kilograms.Value));

    /// <summary>What covers the inventory: the retired kilograms without those of flagged vouchers.</summary>
    public Kilograms Covering => Kilograms.FromKilograms(Parts.SelectMany(p => p.Units).Where(u => Flags.All(f => f.Voucher != u.Voucher)).Sum(u => u.Kilograms.Value));

    public bool IsCovered => Covering >= Emissions;
}

public static class Claim
{
    /// <summary>The most retirements behind one claim.</summary>
    public const int RetirementsMax = 100;

    public static void Evolve(Register register, ClaimEvent fact)
    {
        var state = register.FindOrNull<ClaimState>(fact.Stream);
        switch (fact)
        {
            case ClaimEvent.ClaimDrafted e:
                register.Set(new ClaimState(e.Claim, e.Inventory, e.Organization, e.Period, ClaimStatus.Draft, e.Emissions, e.Parts, []));
                register.Occupy(e.Claim, e.Parts);
                break;
            case ClaimEvent.ClaimToppedUp e:
                register.Set(state! with { Parts = [.. state.Parts, .. e.Parts] });
                register.Occupy(e.Claim, e.Parts);
                break;
            case ClaimEvent.ClaimPublished e:
                register.Set(state! with { Status = ClaimStatus.Published, Emissions = e.Emissions });
                break;
            case ClaimEvent.ClaimFollowed e:
                register.Set(state! with { Emissions = e.Emissions });
                break;
            case ClaimEvent.ClaimUncovered e:
                register.Set(state! with { Status = ClaimStatus.UnderCovered, Emissions = e.Emissions });
                break;
            case ClaimEvent.ClaimFlagged e:
                register.Set(state! with { Flags = [.. state.Flags, new ClaimFlag(e.Voucher, e.Reason)] });
                break;
            case ClaimEvent.ClaimWithdrawn e:
                register.Set(state! with { Status = ClaimStatus.Withdrawn });
                register.Vacate(e.Claim);
                break;
            default:
                throw new InvalidOperationException($"No arm for {fact.GetType().Name}.");
        }
    }

    /// <summary>What becomes of a claim when its inventory is restated (C5).</summary>
    public static IReadOnlyList<ClaimEvent> Follow(ClaimState? claim, Kilograms emissions)
    {
        if (claim is null)
        {
            return [];
        }

        // Also where the figure is the same: the certificate shows the scopes, and what it shows has one position and one code.
        return (claim.Status, claim.Covering >= emissions) switch
        {
            (ClaimStatus.Published, false) => [new ClaimEvent.ClaimUncovered(claim.Claim, emissions)],
            (ClaimStatus.UnderCovered, true) => [new ClaimEvent.ClaimPublished(claim.Claim, emissions)],
            _ => [new ClaimEvent.ClaimFollowed(claim.Claim, emissions)],
        };
    }
}
