using System.Security.Cryptography;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Prices;

namespace CarbonLedger.Core.Loans;

public abstract record CollateralPolicyEvent : LedgerEvent
{
    private CollateralPolicyEvent() { }

    /// <summary>A bank set how it values collateral and how high it lends against it. It replaces what it had set before.</summary>
    /// <param name="MaxLoanToValue">The highest ratio at which it opens a loan; absent for none.</param>
    /// <param name="WarningLoanToValue">Above it a margin call is made; absent for none.</param>
    /// <param name="LiquidationLoanToValue">Above it enforcement becomes possible; absent for none.</param>
    /// <param name="AverageDays">The days of the average, with that rule only.</param>
    public sealed record CollateralPolicySet(
        OrganizationId Bank,
        decimal? MaxLoanToValue,
        decimal? WarningLoanToValue,
        decimal? LiquidationLoanToValue,
        ValuationRule ValuationRule,
        int? AverageDays) : CollateralPolicyEvent
    {
        public override Guid Stream => CollateralPolicy.IdOf(Bank);
    }
}

public sealed record CollateralPolicyState(
    OrganizationId Bank, decimal? MaxLoanToValue, decimal? WarningLoanToValue, decimal? LiquidationLoanToValue, ValuationRule ValuationRule, int? AverageDays) : State
{
    public override Guid Id => CollateralPolicy.IdOf(Bank);
}

/// <summary>A bank's own rules for its collateral (P6): the pledge ratio is a policy, never a constant.</summary>
public static class CollateralPolicy
{
    /// <summary>The highest ratio that a policy may name: ten times the collateral.</summary>
    public const decimal LoanToValueMax = 10;

    /// <summary>The longest average: a year.</summary>
    public const int AverageDaysMax = 366;

    /// <summary>The id of a bank's policy, made from the bank's: there is one, and a command can name it without looking it up.</summary>
    public static Guid IdOf(OrganizationId bank)
    {
        Span<byte> name = stackalloc byte[32];
        "collateralpolicy"u8.CopyTo(name);
        bank.Value.TryWriteBytes(name[16..]);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(name, hash);
        hash[7] = (byte)((hash[7] & 0x0F) | 0x80); // version 8: a name of our own making
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16]);
    }

    public static CollateralPolicyState Evolve(CollateralPolicyEvent fact) => fact switch
    {
        CollateralPolicyEvent.CollateralPolicySet e => new CollateralPolicyState(
            e.Bank, e.MaxLoanToValue, e.WarningLoanToValue, e.LiquidationLoanToValue, e.ValuationRule, e.AverageDays),
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };
}

/// <summary>Sets a bank's policy, in place of the one before. Nobody does it for the bank.</summary>
public sealed record SetCollateralPolicy(
    OrganizationId Bank, decimal? MaxLoanToValue, decimal? WarningLoanToValue, decimal? LiquidationLoanToValue, ValuationRule ValuationRule, int? AverageDays) : Command
{
    public override void Collect(Needs needs)
    {
        needs.State(Bank.Value);
        needs.State(CollateralPolicy.IdOf(Bank));
    }

    public override Decision Decide(Register register, Context context)
    {
        if (context.Actor.Organization != Bank)
        {
            return new Refusal.NotAuthorized(context.Actor, "Setting a collateral policy", "the bank itself");
        }

        if (Organization.Lacks(register, Bank, Role.Bank) is { } bank)
        {
            return bank;
        }

        // From here the policy must stand.
        return Decision.Accept(
            Bank.Value,
            new CollateralPolicyEvent.CollateralPolicySet(Bank, MaxLoanToValue, WarningLoanToValue, LiquidationLoanToValue, ValuationRule, AverageDays));
    }
}
