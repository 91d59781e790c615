using System.Text.Json;
using System.Text.Json.Serialization;
using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Applications;
using CarbonLedger.Core.Cancellations;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Electricity;
using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Freezes;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Projects;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Core.Schemes;
using CarbonLedger.Core.Trades;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Core.Log;

/// <summary>State rows as JSON. Unlike events they may change shape: they follow from the log, and a migration brings older rows to the new one.</summary>
public static class StateCodec
{
    /// <summary>The kind of thing a state is about: <c>organization</c>, <c>account</c>, <c>voucher</c> and so on.</summary>
    public static string KindOf(State state) => state switch
    {
        OrganizationState => "organization",
        AccountState => "account",
        ProjectState => "project",
        ApplicationState => "application",
        VoucherState => "voucher",
        PledgeState => "pledge",
        TradeState => "trade",
        FreezeState => "freeze",
        LoanState => "loan",
        CollateralPolicyState => "collateralPolicy",
        RetirementState => "retirement",
        SchemeState => "scheme",
        CancellationState => "cancellation",
        NumberingState => "numbering",
        FactorSeriesState => "factor_series",
        InventoryState => "inventory",
        CalibrationState => "electricity_calibration",
        ClaimState => "claim",
        _ => throw new InvalidOperationException($"No kind for {state.GetType().Name}."),
    };

    public static string Encode(State state) => state switch
    {
        OrganizationState s => JsonSerializer.Serialize(s, StateJson.Default.OrganizationState),
        AccountState s => JsonSerializer.Serialize(s, StateJson.Default.AccountState),
        ProjectState s => JsonSerializer.Serialize(s, StateJson.Default.ProjectState),
        ApplicationState s => JsonSerializer.Serialize(s, StateJson.Default.ApplicationState),
        VoucherState s => JsonSerializer.Serialize(s, StateJson.Default.VoucherState),
        PledgeState s => JsonSerializer.Serialize(s, StateJson.Default.PledgeState),
        TradeState s => JsonSerializer.Serialize(s, StateJson.Default.TradeState),
        FreezeState s => JsonSerializer.Serialize(s, StateJson.Default.FreezeState),
        LoanState s => JsonSerializer.Serialize(s, StateJson.Default.LoanState),
        CollateralPolicyState s => JsonSerializer.Serialize(s, StateJson.Default.CollateralPolicyState),
        RetirementState s => JsonSerializer.Serialize(s, StateJson.Default.RetirementState),
        SchemeState s => JsonSerializer.Serialize(s, StateJson.Default.SchemeState),
        CancellationState s => JsonSerializer.Serialize(s, StateJson.Default.CancellationState),
        NumberingState s => JsonSerializer.Serialize(s, StateJson.Default.NumberingState),
        FactorSeriesState s => JsonSerializer.Serialize(s, StateJson.Default.FactorSeriesState),
        InventoryState s => JsonSerializer.Serialize(s, StateJson.Default.InventoryState),
        CalibrationState s => JsonSerializer.Serialize(s, StateJson.Default.CalibrationState),
        ClaimState s => JsonSerializer.Serialize(s, StateJson.Default.ClaimState),
        _ => throw new InvalidOperationException($"No encoding for {state.GetType().Name}."),
    };

    public static State Decode(string kind, ReadOnlySpan<byte> json) => kind switch
    {
        "organization" => JsonSerializer.Deserialize(json, StateJson.Default.OrganizationState)!,
        "account" => JsonSerializer.Deserialize(json, StateJson.Default.AccountState)!,
        "project" => JsonSerializer.Deserialize(json, StateJson.Default.ProjectState)!,
        "application" => JsonSerializer.Deserialize(json, StateJson.Default.ApplicationState)!,
        "voucher" => JsonSerializer.Deserialize(json, StateJson.Default.VoucherState)!,
        "pledge" => JsonSerializer.Deserialize(json, StateJson.Default.PledgeState)!,
        "trade" => JsonSerializer.Deserialize(json, StateJson.Default.TradeState)!,
        "freeze" => JsonSerializer.Deserialize(json, StateJson.Default.FreezeState)!,
        "loan" => JsonSerializer.Deserialize(json, StateJson.Default.LoanState)!,
        "collateralPolicy" => JsonSerializer.Deserialize(json, StateJson.Default.CollateralPolicyState)!,
        "retirement" => JsonSerializer.Deserialize(json, StateJson.Default.RetirementState)!,
        "scheme" => JsonSerializer.Deserialize(json, StateJson.Default.SchemeState)!,
        "cancellation" => JsonSerializer.Deserialize(json, StateJson.Default.CancellationState)!,
        "numbering" => JsonSerializer.Deserialize(json, StateJson.Default.NumberingState)!,
        "factor_series" => JsonSerializer.Deserialize(json, StateJson.Default.FactorSeriesState)!,
        "inventory" => JsonSerializer.Deserialize(json, StateJson.Default.InventoryState)!,
        "electricity_calibration" => JsonSerializer.Deserialize(json, StateJson.Default.CalibrationState)!,
        "claim" => JsonSerializer.Deserialize(json, StateJson.Default.ClaimState)!,
        _ => throw new InvalidOperationException($"No state of kind {kind} is known."),
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    Converters = [typeof(InstantJson), typeof(LocalDateJson), typeof(EnumJson<Role>), typeof(EnumJson<ApplicationStatus>), typeof(EnumJson<PledgeStatus>), typeof(EnumJson<PledgeMode>), typeof(EnumJson<SecuredPart>), typeof(EnumJson<FreezeKind>), typeof(EnumJson<ValuationRule>), typeof(EnumJson<CancellationReason>), typeof(EnumJson<Calibre>), typeof(EnumJson<BoundaryKind>), typeof(EnumJson<ClaimStatus>), typeof(EnumJson<TradeStatus>)])]
[JsonSerializable(typeof(OrganizationState))]
[JsonSerializable(typeof(AccountState))]
[JsonSerializable(typeof(ProjectState))]
[JsonSerializable(typeof(ApplicationState))]
[JsonSerializable(typeof(VoucherState))]
[JsonSerializable(typeof(PledgeState))]
[JsonSerializable(typeof(TradeState))]
[JsonSerializable(typeof(FreezeState))]
[JsonSerializable(typeof(LoanState))]
[JsonSerializable(typeof(CollateralPolicyState))]
[JsonSerializable(typeof(RetirementState))]
[JsonSerializable(typeof(SchemeState))]
[JsonSerializable(typeof(CancellationState))]
[JsonSerializable(typeof(NumberingState))]
[JsonSerializable(typeof(FactorSeriesState))]
[JsonSerializable(typeof(InventoryState))]
[JsonSerializable(typeof(CalibrationState))]
[JsonSerializable(typeof(ClaimState))]
internal sealed partial class StateJson : JsonSerializerContext;
