namespace CarbonLedger.Core.Prices;

/// <summary>How a price for collateral is found.</summary>
public enum ValuationRule
{
    /// <summary>The newest published reference price by its date.</summary>
    ReferencePrice,

    /// <summary>The price of the newest settled trade.</summary>
    LastTrade,

    /// <summary>The average of settled trades over some days, weighted by volume.</summary>
    Average,

    /// <summary>The pledge's own valuation.</summary>
    ContractPrice,
}

/// <summary>A price with the rule that gave it, where it comes from and of which date it is.</summary>
/// <param name="PricePerTonne">Absent under <see cref="ValuationRule.ContractPrice"/>: each pledge counts at its own valuation.</param>
/// <param name="InsteadOf">The rule that was to be used and found no price.</param>
public sealed record PriceQuote(ValuationRule Rule, PricePerTonne? PricePerTonne, string? Source, LocalDate? SourceDate, ValuationRule? InsteadOf)
{
    /// <summary>The pledges' own valuations.</summary>
    public static PriceQuote Contract(ValuationRule? insteadOf = null) => new(ValuationRule.ContractPrice, null, null, null, insteadOf);
}
