using System.Text.Json.Serialization;

namespace CarbonLedger.Core.Values;

/// <summary>A UUID that names one thing of the register; for everything but a transfer, a margin call and an emission factor it is also the id of its event stream.</summary>
public interface IId<TSelf> where TSelf : struct, IId<TSelf>
{
    Guid Value { get; }

    static abstract TSelf From(Guid value);
}

/// <summary>An organization: a registrar, project owner, verifier, exchange, bank, insurer, office or auditor.</summary>
[JsonConverter(typeof(Log.IdJson<OrganizationId>))]
public readonly record struct OrganizationId(Guid Value) : IId<OrganizationId>
{
    public static OrganizationId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>An account (账户), where holdings stand; it belongs to one organization.</summary>
[JsonConverter(typeof(Log.IdJson<AccountId>))]
public readonly record struct AccountId(Guid Value) : IId<AccountId>
{
    public static AccountId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A project (项目): the forest activity.</summary>
[JsonConverter(typeof(Log.IdJson<ProjectId>))]
public readonly record struct ProjectId(Guid Value) : IId<ProjectId>
{
    public static ProjectId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>An application for a voucher.</summary>
[JsonConverter(typeof(Log.IdJson<ApplicationId>))]
public readonly record struct ApplicationId(Guid Value) : IId<ApplicationId>
{
    public static ApplicationId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A voucher (碳票).</summary>
[JsonConverter(typeof(Log.IdJson<VoucherId>))]
public readonly record struct VoucherId(Guid Value) : IId<VoucherId>
{
    public static VoucherId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A trade (成交), registered by an exchange.</summary>
[JsonConverter(typeof(Log.IdJson<TradeId>))]
public readonly record struct TradeId(Guid Value) : IId<TradeId>
{
    public static TradeId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A pledge (质押): the lien of a named lender on exact serial ranges.</summary>
[JsonConverter(typeof(Log.IdJson<PledgeId>))]
public readonly record struct PledgeId(Guid Value) : IId<PledgeId>
{
    public static PledgeId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A freeze (冻结): a court's or regulator's stop.</summary>
[JsonConverter(typeof(Log.IdJson<FreezeId>))]
public readonly record struct FreezeId(Guid Value) : IId<FreezeId>
{
    public static FreezeId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A loan (贷款) that pledges secure.</summary>
[JsonConverter(typeof(Log.IdJson<LoanId>))]
public readonly record struct LoanId(Guid Value) : IId<LoanId>
{
    public static LoanId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A margin call on a loan.</summary>
[JsonConverter(typeof(Log.IdJson<MarginCallId>))]
public readonly record struct MarginCallId(Guid Value) : IId<MarginCallId>
{
    public static MarginCallId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A margin run over the loans of a bank.</summary>
[JsonConverter(typeof(Log.IdJson<MarginRunId>))]
public readonly record struct MarginRunId(Guid Value) : IId<MarginRunId>
{
    public static MarginRunId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A retirement (注销, 抵消): the final use of units in favour of a beneficiary.</summary>
[JsonConverter(typeof(Log.IdJson<RetirementId>))]
public readonly record struct RetirementId(Guid Value) : IId<RetirementId>
{
    public static RetirementId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A reference price published by a venue.</summary>
[JsonConverter(typeof(Log.IdJson<ReferencePriceId>))]
public readonly record struct ReferencePriceId(Guid Value) : IId<ReferencePriceId>
{
    public static ReferencePriceId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A cancellation (注销, 撤销): the removal of units without a claim.</summary>
[JsonConverter(typeof(Log.IdJson<CancellationId>))]
public readonly record struct CancellationId(Guid Value) : IId<CancellationId>
{
    public static CancellationId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A published emission factor.</summary>
[JsonConverter(typeof(Log.IdJson<EmissionFactorId>))]
public readonly record struct EmissionFactorId(Guid Value) : IId<EmissionFactorId>
{
    public static EmissionFactorId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>An emission inventory (碳核算).</summary>
[JsonConverter(typeof(Log.IdJson<InventoryId>))]
public readonly record struct InventoryId(Guid Value) : IId<InventoryId>
{
    public static InventoryId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A zero-carbon claim (零碳声明).</summary>
[JsonConverter(typeof(Log.IdJson<ClaimId>))]
public readonly record struct ClaimId(Guid Value) : IId<ClaimId>
{
    public static ClaimId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}

/// <summary>A calibration of emissions on electricity (以电折碳).</summary>
[JsonConverter(typeof(Log.IdJson<CalibrationId>))]
public readonly record struct CalibrationId(Guid Value) : IId<CalibrationId>
{
    public static CalibrationId From(Guid value) => new(value);
    public override string ToString() => Value.ToString();
}
