using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CarbonLedger.Core.Cancellations;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Freezes;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Log;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Accounts;
using CarbonLedger.Server.Applications;
using CarbonLedger.Server.Bulk;
using CarbonLedger.Server.Cancellations;
using CarbonLedger.Server.Claims;
using CarbonLedger.Server.Electricity;
using CarbonLedger.Server.Factors;
using CarbonLedger.Server.Freezes;
using CarbonLedger.Server.Inventories;
using CarbonLedger.Server.Loans;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Organizations;
using CarbonLedger.Server.Pledges;
using CarbonLedger.Server.Prices;
using CarbonLedger.Server.Projections;
using CarbonLedger.Server.Projects;
using CarbonLedger.Server.Reconciliations;
using CarbonLedger.Server.Retirements;
using CarbonLedger.Server.Schemes;
using CarbonLedger.Server.Statements;
using CarbonLedger.Server.Trades;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Http;

/// <summary>The wire's JSON: camelCase, strict on the way in (unknown, doubled and missing members are refused), absent members left out on the way out.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(InstantJson), typeof(LocalDateJson), typeof(EnumJson<Role>), typeof(EnumJson<ReleaseReason>),
        typeof(EnumJson<RetirementPurpose>), typeof(EnumJson<Settlement>), typeof(EnumJson<PledgeMode>), typeof(EnumJson<SecuredPart>), typeof(EnumJson<EnforcementMethod>), typeof(EnumJson<FreezeKind>),
        typeof(EnumJson<ValuationRule>),
        typeof(EnumJson<ErasureReason>), typeof(EnumJson<NameStatus>), typeof(EnumJson<SerialStatus>), typeof(EnumJson<BulkMode>), typeof(EnumJson<BulkState>), typeof(EnumJson<RowOutcome>),
        typeof(EnumJson<CancellationReason>),
        typeof(EnumJson<Calibre>), typeof(EnumJson<FactorChoice>), typeof(EnumJson<BoundaryKind>), typeof(EnumJson<Scope2Method>), typeof(EnumJson<ClaimStatus>),
    ])]
[JsonSerializable(typeof(AcceptedWire))]
[JsonSerializable(typeof(ReasonWire))]
[JsonSerializable(typeof(OrganizationPost))]
[JsonSerializable(typeof(OrganizationWire))]
[JsonSerializable(typeof(PageWire<OrganizationWire>))]
[JsonSerializable(typeof(AccountPost))]
[JsonSerializable(typeof(AccountWire))]
[JsonSerializable(typeof(PageWire<AccountWire>))]
[JsonSerializable(typeof(BalancesWire))]
[JsonSerializable(typeof(ProjectPost))]
[JsonSerializable(typeof(ProjectWire))]
[JsonSerializable(typeof(PageWire<ProjectWire>))]
[JsonSerializable(typeof(ApplicationPost))]
[JsonSerializable(typeof(ApplicationCorrection))]
[JsonSerializable(typeof(ApplicationWire))]
[JsonSerializable(typeof(PageWire<ApplicationWire>))]
[JsonSerializable(typeof(IssuePost))]
[JsonSerializable(typeof(IssuedWire))]
[JsonSerializable(typeof(VoucherWire))]
[JsonSerializable(typeof(PageWire<VoucherHeadWire>))]
[JsonSerializable(typeof(HoldingsWire))]
[JsonSerializable(typeof(SerialWire))]
[JsonSerializable(typeof(TransferPost))]
[JsonSerializable(typeof(TransferWire))]
[JsonSerializable(typeof(TradePost))]
[JsonSerializable(typeof(SettlementPost))]
[JsonSerializable(typeof(TradeWire))]
[JsonSerializable(typeof(PageWire<TradeWire>))]
[JsonSerializable(typeof(ReconciliationWire))]
[JsonSerializable(typeof(FreezePost))]
[JsonSerializable(typeof(LiftPost))]
[JsonSerializable(typeof(FreezeWire))]
[JsonSerializable(typeof(PageWire<FreezeWire>))]
[JsonSerializable(typeof(PledgePost))]
[JsonSerializable(typeof(ReleasePost))]
[JsonSerializable(typeof(RegistrationPost))]
[JsonSerializable(typeof(SubstitutionPost))]
[JsonSerializable(typeof(DefaultNoticePost))]
[JsonSerializable(typeof(EnforcementPost))]
[JsonSerializable(typeof(EnforcementWire))]
[JsonSerializable(typeof(VoidPledgePost))]
[JsonSerializable(typeof(PledgeWire))]
[JsonSerializable(typeof(PageWire<PledgeWire>))]
[JsonSerializable(typeof(PageWire<LoanWire>))]
[JsonSerializable(typeof(LoanPost))]
[JsonSerializable(typeof(RepaymentPost))]
[JsonSerializable(typeof(LoanWire))]
[JsonSerializable(typeof(LoanStatementWire))]
[JsonSerializable(typeof(LoanBookWire))]
[JsonSerializable(typeof(CostPost))]
[JsonSerializable(typeof(RateChangePost))]
[JsonSerializable(typeof(LoanPledgePost))]
[JsonSerializable(typeof(CollateralPolicyPost))]
[JsonSerializable(typeof(CollateralPolicyWire))]
[JsonSerializable(typeof(MarginRunPost))]
[JsonSerializable(typeof(PublicationPost))]
[JsonSerializable(typeof(MarginRunWire))]
[JsonSerializable(typeof(PageWire<MarginCallWire>))]
[JsonSerializable(typeof(CollateralBookWire))]
[JsonSerializable(typeof(VenuePricesWire))]
[JsonSerializable(typeof(ReferencePricePost))]
[JsonSerializable(typeof(ReferencePriceWire))]
[JsonSerializable(typeof(RetirementPost))]
[JsonSerializable(typeof(RetirementWire))]
[JsonSerializable(typeof(PageWire<RetirementWire>))]
[JsonSerializable(typeof(CertificateWire))]
[JsonSerializable(typeof(ErasurePost))]
[JsonSerializable(typeof(VoucherCertificateWire))]
[JsonSerializable(typeof(ClaimCertificateWire))]
[JsonSerializable(typeof(BulkAcceptedWire))]
[JsonSerializable(typeof(BulkJobWire))]
[JsonSerializable(typeof(PageWire<BulkRowWire>))]
[JsonSerializable(typeof(SchemePost))]
[JsonSerializable(typeof(SchemeWire))]
[JsonSerializable(typeof(PageWire<SchemeWire>))]
[JsonSerializable(typeof(ExpiryRunPost))]
[JsonSerializable(typeof(ExpiryRunWire))]
[JsonSerializable(typeof(CancellationPost))]
[JsonSerializable(typeof(CancellationWire))]
[JsonSerializable(typeof(PageWire<CancellationWire>))]
[JsonSerializable(typeof(RevocationPost))]
[JsonSerializable(typeof(RevocationStepPost))]
[JsonSerializable(typeof(RevokedWire))]
[JsonSerializable(typeof(ConsequencesWire))]
[JsonSerializable(typeof(SignedLienStatementWire))]
[JsonSerializable(typeof(LienStatementWire))]
[JsonSerializable(typeof(KeySetWire))]
[JsonSerializable(typeof(AccountStatementWire))]
[JsonSerializable(typeof(EventsWire))]
[JsonSerializable(typeof(EmissionFactorPost))]
[JsonSerializable(typeof(EmissionFactorWire))]
[JsonSerializable(typeof(PageWire<EmissionFactorWire>))]
[JsonSerializable(typeof(UsedFactorWire))]
[JsonSerializable(typeof(InventoryPost))]
[JsonSerializable(typeof(RestatementPost))]
[JsonSerializable(typeof(InventoryWire))]
[JsonSerializable(typeof(PageWire<InventoryHeadWire>))]
[JsonSerializable(typeof(ImportCheckWire))]
[JsonSerializable(typeof(CalibrationPost))]
[JsonSerializable(typeof(CalibrationWire))]
[JsonSerializable(typeof(PageWire<CalibrationWire>))]
[JsonSerializable(typeof(EstimatePost))]
[JsonSerializable(typeof(EstimatesWire))]
[JsonSerializable(typeof(ClaimPost))]
[JsonSerializable(typeof(TopUpPost))]
[JsonSerializable(typeof(ClaimReasonPost))]
[JsonSerializable(typeof(FlagPost))]
[JsonSerializable(typeof(ClaimWire))]
[JsonSerializable(typeof(PageWire<ClaimWire>))]
public sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>The one to use: Chinese stands in answers as it is, not as escapes.</summary>
    public static WireJson Wire => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
