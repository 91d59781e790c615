using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

/// <summary>What the pledged units are worth against the debt (P5).</summary>
public static class Collateral
{
    /// <summary>What is under the pledges, and what it is worth at a quote, rounded once; without its price each pledge counts at its own valuation.</summary>
    public static (Kilograms Kilograms, Money Value) Of(IEnumerable<PledgeState> pledges, PriceQuote quote)
    {
        var (kilograms, value) = (Kilograms.Zero, 0m);
        foreach (var pledge in pledges)
        {
            kilograms += pledge.Kilograms;
            value += Worth(pledge.Kilograms, PriceOf(pledge, quote));
        }

        return (kilograms, Capped(value));
    }

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
}
