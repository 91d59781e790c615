using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Loans;

/// <summary>Units that count as collateral, and what a tonne of them counts at.</summary>
/// <param name="Pledge">The one under which they count, of all that lie on them.</param>
public sealed record CollateralPart(PledgeState Pledge, VoucherId Voucher, SerialRanges Serials, PricePerTonne Price);

/// <summary>What the pledged units are worth against the debt (P5). A kilogram is there once (D3), and counts once, however many pledges lie on it.</summary>
public static class Collateral
{
    /// <summary>A pledge with what can still be sold: a voucher that was revoked is worth nothing to a lender, though its lien lies on it until it is released.</summary>
    public static PledgeState Realisable(PledgeState pledge, Func<VoucherId, bool> isRevoked) =>
        pledge.Units.Any(u => isRevoked(u.Voucher)) ? pledge with { Units = [.. pledge.Units.Where(u => !isRevoked(u.Voucher))] } : pledge;

    /// <summary>What is under the pledges of a loan, and what it is worth at a quote, rounded once; without its price each pledge counts at its own valuation.</summary>
    public static (Kilograms Kilograms, Money Value) Of(IEnumerable<PledgeState> pledges, PriceQuote quote) => Of(Parts(pledges, quote));

    /// <summary>How much the parts are together, and what they are worth, rounded once.</summary>
    public static (Kilograms Kilograms, Money Value) Of(IEnumerable<CollateralPart> parts)
    {
        var (kilograms, value) = (Kilograms.Zero, 0m);
        foreach (var part in parts)
        {
            kilograms += part.Serials.Kilograms;
            value += Worth(part.Serials.Kilograms, part.Price);
        }

        return (kilograms, Capped(value));
    }

    /// <summary>What counts under the pledges of one loan. A kilogram under several of them counts at the lowest of their prices.</summary>
    public static IReadOnlyList<CollateralPart> Parts(IEnumerable<PledgeState> pledges, PriceQuote quote)
    {
        var all = pledges.ToArray();
        var parts = all.SelectMany(p => p.Units.Select(u => new CollateralPart(p, u.Voucher, u.Serials, PriceOf(p, quote))));
        return all.Count(p => p.Mode == PledgeMode.Ranked) < 2 ? [.. parts] : EachOnce([.. parts.OrderBy(p => p.Price.Amount)]);
    }

    /// <summary>The parts with each kilogram left in the first that has it, and in no other.</summary>
    /// <remarks>Nothing else lies on the units of an exclusive pledge, so only those of ranked ones are compared.</remarks>
    public static IReadOnlyList<CollateralPart> EachOnce(IReadOnlyList<CollateralPart> parts)
    {
        var shared = Enumerable.Range(0, parts.Count).Where(i => parts[i].Pledge.Mode == PledgeMode.Ranked).GroupBy(i => parts[i].Voucher).Where(g => g.Skip(1).Any()).ToArray();
        if (shared.Length == 0)
        {
            return parts;
        }

        var left = parts.ToArray();
        foreach (var ofVoucher in shared)
        {
            var first = Firsts(ofVoucher.SelectMany(i => parts[i].Serials, (i, range) => (i, range))).ToLookup(f => f.Part, f => f.Serials);
            foreach (var i in ofVoucher)
            {
                left[i] = left[i] with { Serials = SerialRanges.Of(first[i]) };
            }
        }

        return [.. left.Where(p => p.Serials.Count > 0)];
    }

    /// <summary>Names a pledge and the vouchers under it, whose revocation decides what counts.</summary>
    internal static void Collect(Needs needs, PledgeId id)
    {
        needs.State(id.Value);
        if (needs.Register.Knows(id.Value) && needs.Register.Find<PledgeState>(id.Value) is { } pledge)
        {
            foreach (var units in pledge.Units)
            {
                needs.State(units.Voucher.Value);
            }
        }
    }

    /// <summary>Pledges that are named by their ids, with what can still be sold.</summary>
    /// <param name="changed">As they will be, where the same command changes any.</param>
    internal static PledgeState[] RealisableOf(Register register, IEnumerable<PledgeId> pledges, IReadOnlyDictionary<PledgeId, PledgeState>? changed = null) =>
        [.. pledges.Select(id => RealisableOf(register, changed?.GetValueOrDefault(id) ?? register.Find<PledgeState>(id.Value)!))];

    internal static PledgeState RealisableOf(Register register, PledgeState pledge) =>
        Realisable(pledge, voucher => register.Find<VoucherState>(voucher.Value) is { Revoked: not null });

    /// <summary>What a tonne under a pledge counts at.</summary>
    public static PricePerTonne PriceOf(PledgeState pledge, PriceQuote quote) => quote.PricePerTonne ?? pledge.Valuation.PricePerTonne;

    /// <summary>kilograms ÷ 1000 × price in yuan, exact.</summary>
    public static decimal Worth(Kilograms kilograms, PricePerTonne price) => price.Amount * kilograms.Tonnes;

    /// <summary>outstanding ÷ collateral value as a ratio with four decimals, rounded half away from zero; null without collateral.</summary>
    public static decimal? LoanToValue(Money outstanding, Money collateralValue) => collateralValue == Money.Zero
        ? null
        : decimal.Round(outstanding.Amount / collateralValue.Amount, 4, MidpointRounding.AwayFromZero);

    /// <summary>True when the debt stands above a level, by the exact figures and not by the rounded ratio. Any debt is above any level of nothing.</summary>
    public static bool IsAbove(decimal? level, Money outstanding, Money collateralValue) =>
        level is { } ratio && outstanding.Amount > ratio * collateralValue.Amount;

    /// <summary>A sum of values, rounded to the fen; beyond the greatest amount it is the greatest amount.</summary>
    public static Money Capped(decimal amount) => Money.Rounded(Math.Min(amount, Money.AmountMax));

    /// <summary>Which part has each stretch of one voucher first: a sweep over the ranges' ends.</summary>
    private static IEnumerable<(int Part, SerialRange Serials)> Firsts(IEnumerable<(int Part, SerialRange Serials)> ranges)
    {
        var coming = new Queue<(int Part, SerialRange Serials)>(ranges.OrderBy(r => r.Serials));
        var ends = coming.SelectMany(r => new[] { r.Serials.First, r.Serials.EndExclusive }).Distinct().Order().ToArray();
        var here = new PriorityQueue<(int Part, SerialRange Serials), int>();
        foreach (var (first, end) in ends.Zip(ends.Skip(1)))
        {
            while (coming.TryPeek(out var next) && next.Serials.First == first)
            {
                here.Enqueue(next, next.Part);
                coming.Dequeue();
            }

            while (here.TryPeek(out var gone, out _) && gone.Serials.EndExclusive <= first)
            {
                here.Dequeue();
            }

            if (here.TryPeek(out var found, out _))
            {
                yield return (found.Part, SerialRange.HalfOpen(first, end));
            }
        }
    }
}
