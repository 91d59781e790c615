using CarbonLedger.Core.Claims;

namespace CarbonLedger.Core.Retirements;

/// <summary>Consecutive kilograms of a retirement that back a claim; both ends inclusive.</summary>
public sealed record ClaimedPart(ClaimId Claim, long First, long Last);

/// <summary>What a claim needs to know of a retirement.</summary>
/// <param name="Units">Kilograms by voucher, in the order in which the retirement's kilograms are counted.</param>
/// <param name="Claimed">What backs a claim, in the order of the kilograms.</param>
/// <param name="NameErased">True once the name of its beneficiary was erased.</param>
/// <param name="ClaimedFor">Whose claims it backs: the first one's organization keeps the surplus.</param>
public sealed record RetirementState(
    RetirementId Retirement,
    AccountId Account,
    Beneficiary Beneficiary,
    DatePeriod ClaimPeriod,
    IReadOnlyList<VoucherKilograms> Units,
    IReadOnlyList<ClaimedPart> Claimed,
    OrganizationId? ClaimedFor,
    bool NameErased = false) : State
{
    public override Guid Id => Retirement.Value;

    /// <summary>A retirement is for ever; only claims look at it again.</summary>
    public override bool IsAtRest => true;

    public Kilograms Kilograms => Kilograms.FromKilograms(Units.Sum(u => u.Kilograms.Value));

    public Kilograms Unclaimed => Kilograms - Kilograms.FromKilograms(Claimed.Sum(c => c.Last - c.First + 1));

    /// <summary>The lowest kilograms that back no claim, at most so many, without those of vouchers that are passed over.</summary>
    public IReadOnlyList<(long First, long Last)> FreeParts(long atMost, Func<VoucherId, bool> passOver)
    {
        var (free, used) = (new List<(long First, long Last)>(), new List<(long First, long Last)>(Claimed.Select(c => (c.First, c.Last))));
        var begin = 1L;
        foreach (var unit in Units)
        {
            if (passOver(unit.Voucher))
            {
                used.Add((begin, begin + unit.Kilograms.Value - 1));
            }

            begin += unit.Kilograms.Value;
        }

        var next = 1L;
        foreach (var (first, last) in used.Order().Append((Kilograms.Value + 1, Kilograms.Value + 1)))
        {
            var count = Math.Min(first - next, atMost);
            if (count > 0)
            {
                free.Add((next, next + count - 1));
                atMost -= count;
            }

            next = Math.Max(next, last + 1);
        }

        return free;
    }

    /// <summary>Of which vouchers these kilograms are.</summary>
    public IReadOnlyList<VoucherKilograms> UnitsOf(long first, long last)
    {
        var (units, begin) = (new List<VoucherKilograms>(), 1L);
        foreach (var unit in Units)
        {
            var end = begin + unit.Kilograms.Value - 1;
            if (Math.Min(last, end) - Math.Max(first, begin) + 1 is > 0 and var count)
            {
                units.Add(unit with { Kilograms = Kilograms.FromKilograms(count) });
            }

            begin = end + 1;
        }

        return units;
    }

    public static RetirementState Evolve(RetirementState? state, RetirementEvent fact) => fact switch
    {
        RetirementEvent.RetirementRecorded e => new(
            e.Retirement, e.Account, e.Beneficiary, e.ClaimPeriod, [.. e.Units.Select(u => new VoucherKilograms(u.Voucher, u.Serials.Kilograms))], [], null),
        RetirementEvent.BeneficiaryErased => state! with { NameErased = true },
        RetirementEvent.RetirementClaimed e => state!.Claim(new ClaimedPart(e.Claim, e.First, e.Last)) with { ClaimedFor = e.Organization },
        RetirementEvent.RetirementUnclaimed e => state! with { Claimed = [.. state.Claimed.Where(c => c.Claim != e.Claim)] },
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    /// <exception cref="InvalidOperationException">A kilogram would back two claims (C3).</exception>
    private RetirementState Claim(ClaimedPart part) => part.First >= 1 && part.Last <= Kilograms.Value && Claimed.All(c => c.Last < part.First || part.Last < c.First)
        ? this with { Claimed = [.. Claimed.Append(part).OrderBy(c => c.First)] }
        : throw new InvalidOperationException($"Kilograms {part.First}–{part.Last} of retirement {Retirement} are not free for claim {part.Claim}.");
}
