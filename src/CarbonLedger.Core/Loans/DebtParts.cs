namespace CarbonLedger.Core.Loans;

/// <summary>What a debt is made of, in the order in which it is paid.</summary>
public readonly record struct DebtParts(Money Costs, Money Interest, Money Principal)
{
    public static DebtParts None => default;

    public Money Sum => Costs + Interest + Principal;

    public DebtParts Plus(DebtParts other) => new(Costs + other.Costs, Interest + other.Interest, Principal + other.Principal);

    public DebtParts Less(DebtParts other) => new(Costs - other.Costs, Interest - other.Interest, Principal - other.Principal);

    /// <summary>Of each part the lesser.</summary>
    public DebtParts Common(DebtParts other) =>
        new(Money.Lesser(Costs, other.Costs), Money.Lesser(Interest, other.Interest), Money.Lesser(Principal, other.Principal));

    /// <summary>What an amount pays of it: costs → interest → principal. What is left of the amount is nobody's debt.</summary>
    public DebtParts PaidWith(Money amount)
    {
        var left = amount;
        var costs = Take(Costs);
        var interest = Take(Interest);
        return new DebtParts(costs, interest, Take(Principal));

        Money Take(Money owed)
        {
            var taken = Money.Lesser(left, owed);
            left -= taken;
            return taken;
        }
    }
}
