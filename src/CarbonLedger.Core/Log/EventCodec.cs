using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
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

/// <summary>The canonical bytes of an event, and the way back.</summary>
/// <remarks>
/// One JSON object in UTF-8 without blanks: <c>{"logIndex","streamId","version","type","at","data":{"actor",…}}</c>, members in this
/// order, absent members left out. <c>data</c> is what Marten's <c>data</c> column holds. The bytes are hashed as they stand and
/// never made again from parsed JSON. The type names below are for ever: renaming a class changes nothing.
/// </remarks>
public static class EventCodec
{
    // The events of a batch stand at one time, so the time of one is mostly that of the next. Two, because a text may be read that would not be written so.
    [ThreadStatic]
    private static (Instant At, byte[]? Text) lastWritten;

    [ThreadStatic]
    private static (byte[]? Text, Instant At) lastRead;

    private static readonly Dictionary<string, (Type Type, JsonTypeInfo Json, string StreamType)> ByName = new(StringComparer.Ordinal);
    private static readonly Dictionary<Type, (byte[] Name, string Text, JsonTypeInfo Json, string StreamType)> ByType = [];

    static EventCodec()
    {
        Add("organization_registered", "organization", EventJson.Default.OrganizationRegistered);
        Add("account_opened", "account", EventJson.Default.AccountOpened);
        Add("account_frozen", "account", EventJson.Default.AccountFrozen);
        Add("account_unfrozen", "account", EventJson.Default.AccountUnfrozen);
        Add("freeze_ordered", "freeze", EventJson.Default.FreezeOrdered);
        Add("freeze_lifted", "freeze", EventJson.Default.FreezeLifted);
        Add("account_closed", "account", EventJson.Default.AccountClosed);
        Add("project_registered", "project", EventJson.Default.ProjectRegistered);
        Add("application_drafted", "application", EventJson.Default.ApplicationDrafted);
        Add("application_corrected", "application", EventJson.Default.ApplicationCorrected);
        Add("application_submitted", "application", EventJson.Default.ApplicationSubmitted);
        Add("correction_requested", "application", EventJson.Default.CorrectionRequested);
        Add("application_reviewed", "application", EventJson.Default.ApplicationReviewed);
        Add("application_approved", "application", EventJson.Default.ApplicationApproved);
        Add("application_filed", "application", EventJson.Default.ApplicationFiled);
        Add("application_rejected", "application", EventJson.Default.ApplicationRejected);
        Add("application_withdrawn", "application", EventJson.Default.ApplicationWithdrawn);
        Add("application_issued", "application", EventJson.Default.ApplicationIssued);
        Add("voucher_issued", "voucher", EventJson.Default.VoucherIssued);
        Add("units_transferred", "voucher", EventJson.Default.UnitsTransferred);
        Add("units_pledged", "voucher", EventJson.Default.UnitsPledged);
        Add("units_released", "voucher", EventJson.Default.UnitsReleased);
        Add("units_held", "voucher", EventJson.Default.UnitsHeld);
        Add("hold_ended", "voucher", EventJson.Default.HoldEnded);
        Add("units_delivered", "voucher", EventJson.Default.UnitsDelivered);
        Add("units_frozen", "voucher", EventJson.Default.UnitsFrozen);
        Add("units_unfrozen", "voucher", EventJson.Default.UnitsUnfrozen);
        Add("units_retired", "voucher", EventJson.Default.UnitsRetired);
        Add("trade_settled", "trade", EventJson.Default.TradeSettled);
        Add("trade_registered", "trade", EventJson.Default.TradeRegistered);
        Add("trade_voided", "trade", EventJson.Default.TradeVoided);
        Add("trade_expired", "trade", EventJson.Default.TradeExpired);
        Add("pledge_registered", "pledge", EventJson.Default.PledgeRegistered);
        Add("pledge_released", "pledge", EventJson.Default.PledgeReleased);
        Add("reservation_registered", "pledge", EventJson.Default.ReservationRegistered);
        Add("reservation_expired", "pledge", EventJson.Default.ReservationExpired);
        Add("pledge_substituted", "pledge", EventJson.Default.PledgeSubstituted);
        Add("default_notified", "pledge", EventJson.Default.DefaultNotified);
        Add("pledge_enforced", "pledge", EventJson.Default.PledgeEnforced);
        Add("pledge_voided", "pledge", EventJson.Default.PledgeVoided);
        Add("pledge_secured_loan", "pledge", EventJson.Default.PledgeSecuredLoan);
        Add("loan_opened", "loan", EventJson.Default.LoanOpened);
        Add("loan_repaid", "loan", EventJson.Default.LoanRepaid);
        Add("loan_rate_changed", "loan", EventJson.Default.LoanRateChanged);
        Add("loan_cost_charged", "loan", EventJson.Default.LoanCostCharged);
        Add("loan_collateral_added", "loan", EventJson.Default.LoanCollateralAdded);
        Add("margin_called", "loan", EventJson.Default.MarginCalled);
        Add("liquidation_level_passed", "loan", EventJson.Default.LiquidationLevelPassed);
        Add("margin_call_cured", "loan", EventJson.Default.MarginCallCured);
        Add("margin_run_recorded", "margin_run", EventJson.Default.MarginRunRecorded);
        Add("collateral_policy_set", "collateral_policy", EventJson.Default.CollateralPolicySet);
        Add("retirement_recorded", "retirement", EventJson.Default.RetirementRecorded);
        Add("beneficiary_erased", "retirement", EventJson.Default.BeneficiaryErased);
        Add("reference_price_published", "reference_price", EventJson.Default.ReferencePricePublished);
        Add("scheme_registered", "scheme", EventJson.Default.SchemeRegistered);
        Add("buffer_designated", "account", EventJson.Default.BufferDesignated);
        Add("cancellation_recorded", "cancellation", EventJson.Default.CancellationRecorded);
        Add("units_cancelled", "voucher", EventJson.Default.UnitsCancelled);
        Add("units_expired", "voucher", EventJson.Default.UnitsExpired);
        Add("voucher_revoked", "voucher", EventJson.Default.VoucherRevoked);
        // Factors, inventories, estimates, claims.
        Add("emission_factor_published", "factor_series", EventJson.Default.EmissionFactorPublished);
        Add("inventory_recorded", "inventory", EventJson.Default.InventoryRecorded);
        Add("inventory_restated", "inventory", EventJson.Default.InventoryRestated);
        Add("inventory_claimed", "inventory", EventJson.Default.InventoryClaimed);
        Add("inventory_unclaimed", "inventory", EventJson.Default.InventoryUnclaimed);
        Add("electricity_calibrated", "electricity_calibration", EventJson.Default.ElectricityCalibrated);
        Add("emissions_estimated", "electricity_calibration", EventJson.Default.EmissionsEstimated);
        Add("claim_drafted", "claim", EventJson.Default.ClaimDrafted);
        Add("claim_published", "claim", EventJson.Default.ClaimPublished);
        Add("claim_followed", "claim", EventJson.Default.ClaimFollowed);
        Add("claim_uncovered", "claim", EventJson.Default.ClaimUncovered);
        Add("claim_topped_up", "claim", EventJson.Default.ClaimToppedUp);
        Add("claim_flagged", "claim", EventJson.Default.ClaimFlagged);
        Add("claim_withdrawn", "claim", EventJson.Default.ClaimWithdrawn);
        Add("retirement_claimed", "retirement", EventJson.Default.RetirementClaimed);
        Add("retirement_unclaimed", "retirement", EventJson.Default.RetirementUnclaimed);
    }

    /// <summary>Every type name, in the order of the table above.</summary>
    public static IReadOnlyCollection<string> TypeNames => ByName.Keys;

    /// <summary>The name in <c>mt_events.type</c>.</summary>
    public static string TypeOf(LedgerEvent fact) => ByType[fact.GetType()].Text;

    /// <summary>The name in <c>mt_streams.type</c>.</summary>
    public static string StreamTypeOf(LedgerEvent fact) => ByType[fact.GetType()].StreamType;

    /// <summary>The same for an event of which only the type's name is known; null for a name that is none.</summary>
    public static string? StreamTypeOf(string type) => ByName.TryGetValue(type, out var known) ? known.StreamType : null;

    /// <summary>The canonical bytes, and where <c>data</c> begins in them; it ends one byte before the end.</summary>
    public static (byte[] Bytes, int DataStart) Encode(RecordedEvent recorded, ArrayBufferWriter<byte> scratch)
    {
        var (name, _, json, _) = ByType[recorded.Fact.GetType()];
        scratch.ResetWrittenCount();
        Text(scratch, "{\"logIndex\":"u8);
        Number(scratch, recorded.LogIndex);
        Text(scratch, ",\"streamId\":\""u8);
        Id(scratch, recorded.Fact.Stream);
        Text(scratch, "\",\"version\":"u8);
        Number(scratch, recorded.Version);
        Text(scratch, ",\"type\":\""u8);
        Text(scratch, name);
        Text(scratch, "\",\"at\":\""u8);
        Text(scratch, TextOf(recorded.At));
        Text(scratch, "\",\"data\":"u8);
        var dataStart = scratch.WrittenCount;
        Text(scratch, "{\"actor\":\""u8);
        if (recorded.Actor.Organization is { } organization)
        {
            Id(scratch, organization.Value);
        }
        else
        {
            Text(scratch, "registrar"u8);
        }

        Text(scratch, "\""u8);
        var memberStart = scratch.WrittenCount;
        using (var writer = new Utf8JsonWriter(scratch, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }))
        {
            JsonSerializer.Serialize(writer, recorded.Fact, json);
        }

        Text(scratch, "}"u8);
        var bytes = scratch.WrittenSpan.ToArray();
        bytes[memberStart] = (byte)','; // the fact's own opening brace: its members follow the actor. Every fact has a member.
        return (bytes, dataStart);
    }

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="JsonException">The bytes are not an event of this register.</exception>
    public static RecordedEvent Decode(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        var (logIndex, version, at) = (0L, 0L, Instant.MinValue);
        var type = "";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("data"u8))
            {
                var (actor, fact) = DecodeData(type, bytes[(int)reader.BytesConsumed..^1]);
                return new RecordedEvent(logIndex, version, at, actor, fact);
            }

            if (reader.ValueTextEquals("logIndex"u8))
            {
                reader.Read();
                logIndex = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("version"u8))
            {
                reader.Read();
                version = reader.GetInt64();
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = reader.GetString()!;
            }
            else if (reader.ValueTextEquals("at"u8))
            {
                reader.Read();
                at = InstantOf(reader.ValueSpan);
            }
            else
            {
                reader.Skip();
            }
        }

        throw new JsonException("An event without data.");
    }

    /// <summary>Reads <c>data</c> alone, as it stands in Marten's column.</summary>
    public static (Actor Actor, LedgerEvent Fact) DecodeData(string type, ReadOnlySpan<byte> data)
    {
        if (!ByName.TryGetValue(type, out var known))
        {
            throw new JsonException($"No event type {type} is known.");
        }

        var fact = (LedgerEvent)JsonSerializer.Deserialize(data, known.Json)!;
        return (ActorOf(data), fact);
    }

    private static byte[] TextOf(Instant at)
    {
        if (lastWritten.Text is null || lastWritten.At != at)
        {
            lastWritten = (at, Encoding.ASCII.GetBytes(NodaTime.Text.InstantPattern.ExtendedIso.Format(at)));
        }

        return lastWritten.Text;
    }

    private static Instant InstantOf(ReadOnlySpan<byte> text)
    {
        if (lastRead.Text is null || !text.SequenceEqual(lastRead.Text))
        {
            lastRead = (text.ToArray(), NodaTime.Text.InstantPattern.ExtendedIso.Parse(Encoding.ASCII.GetString(text)).Value);
        }

        return lastRead.At;
    }

    private static Actor ActorOf(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isActor = reader.ValueTextEquals("actor"u8);
            reader.Read();
            if (isActor)
            {
                return reader.TryGetGuid(out var id) ? new Actor(new OrganizationId(id), false) : Actor.Registrar;
            }

            reader.Skip();
        }

        throw new JsonException("An event without an actor.");
    }

    private static void Add<T>(string name, string streamType, JsonTypeInfo<T> json) where T : LedgerEvent
    {
        ByName.Add(name, (typeof(T), json, streamType));
        ByType.Add(typeof(T), (Encoding.ASCII.GetBytes(name), name, json, streamType));
    }

    private static void Text(ArrayBufferWriter<byte> writer, ReadOnlySpan<byte> text) => writer.Write(text);

    private static void Number(ArrayBufferWriter<byte> writer, long value)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(value, writer.GetSpan(20), out var written);
        writer.Advance(written);
    }

    private static void Id(ArrayBufferWriter<byte> writer, Guid value)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(value, writer.GetSpan(36), out var written);
        writer.Advance(written);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    Converters = [typeof(InstantJson), typeof(LocalDateJson), typeof(EnumJson<Role>), typeof(EnumJson<ReleaseReason>), typeof(EnumJson<PledgeMode>), typeof(EnumJson<SecuredPart>), typeof(EnumJson<EnforcementMethod>), typeof(EnumJson<FreezeKind>), typeof(EnumJson<RetirementPurpose>), typeof(EnumJson<ValuationRule>), typeof(EnumJson<MarginCure>), typeof(EnumJson<ErasureReason>), typeof(EnumJson<CancellationReason>), typeof(EnumJson<Calibre>), typeof(EnumJson<FactorChoice>), typeof(EnumJson<BoundaryKind>), typeof(EnumJson<Scope2Method>)])]
[JsonSerializable(typeof(OrganizationEvent.OrganizationRegistered))]
[JsonSerializable(typeof(AccountEvent.AccountOpened))]
[JsonSerializable(typeof(AccountEvent.AccountFrozen))]
[JsonSerializable(typeof(AccountEvent.AccountUnfrozen))]
[JsonSerializable(typeof(FreezeEvent.FreezeOrdered))]
[JsonSerializable(typeof(FreezeEvent.FreezeLifted))]
[JsonSerializable(typeof(AccountEvent.AccountClosed))]
[JsonSerializable(typeof(ProjectEvent.ProjectRegistered))]
[JsonSerializable(typeof(ApplicationEvent.ApplicationDrafted))]
[JsonSerializable(typeof(ApplicationEvent.ApplicationCorrected))]
[JsonSerializable(typeof(ApplicationEvent.ApplicationSubmitted))]
[JsonSerializable(typeof(ApplicationEvent.CorrectionRequested))]
[JsonSerializable(typeof(ApplicationEvent.ApplicationReviewed))]
[JsonSerializable(typeof(ApplicationEvent.ApplicationApproved))]
[JsonSerializable(typeof(ApplicationEvent.ApplicationFiled))]
[JsonSerializable(typeof(ApplicationEvent.ApplicationRejected))]
[JsonSerializable(typeof(ApplicationEvent.ApplicationWithdrawn))]
[JsonSerializable(typeof(ApplicationEvent.ApplicationIssued))]
[JsonSerializable(typeof(VoucherEvent.VoucherIssued))]
[JsonSerializable(typeof(VoucherEvent.UnitsTransferred))]
[JsonSerializable(typeof(VoucherEvent.UnitsPledged))]
[JsonSerializable(typeof(VoucherEvent.UnitsReleased))]
[JsonSerializable(typeof(VoucherEvent.UnitsHeld))]
[JsonSerializable(typeof(VoucherEvent.HoldEnded))]
[JsonSerializable(typeof(VoucherEvent.UnitsDelivered))]
[JsonSerializable(typeof(VoucherEvent.UnitsFrozen))]
[JsonSerializable(typeof(VoucherEvent.UnitsUnfrozen))]
[JsonSerializable(typeof(VoucherEvent.UnitsRetired))]
[JsonSerializable(typeof(TradeEvent.TradeSettled))]
[JsonSerializable(typeof(TradeEvent.TradeRegistered))]
[JsonSerializable(typeof(TradeEvent.TradeVoided))]
[JsonSerializable(typeof(TradeEvent.TradeExpired))]
[JsonSerializable(typeof(PledgeEvent.PledgeRegistered))]
[JsonSerializable(typeof(PledgeEvent.PledgeReleased))]
[JsonSerializable(typeof(PledgeEvent.ReservationRegistered))]
[JsonSerializable(typeof(PledgeEvent.ReservationExpired))]
[JsonSerializable(typeof(PledgeEvent.PledgeSubstituted))]
[JsonSerializable(typeof(PledgeEvent.DefaultNotified))]
[JsonSerializable(typeof(PledgeEvent.PledgeEnforced))]
[JsonSerializable(typeof(PledgeEvent.PledgeVoided))]
[JsonSerializable(typeof(PledgeEvent.PledgeSecuredLoan))]
[JsonSerializable(typeof(LoanEvent.LoanOpened))]
[JsonSerializable(typeof(LoanEvent.LoanRepaid))]
[JsonSerializable(typeof(LoanEvent.LoanRateChanged))]
[JsonSerializable(typeof(LoanEvent.LoanCostCharged))]
[JsonSerializable(typeof(LoanEvent.LoanCollateralAdded))]
[JsonSerializable(typeof(LoanEvent.MarginCalled))]
[JsonSerializable(typeof(LoanEvent.LiquidationLevelPassed))]
[JsonSerializable(typeof(LoanEvent.MarginCallCured))]
[JsonSerializable(typeof(MarginRunEvent.MarginRunRecorded))]
[JsonSerializable(typeof(CollateralPolicyEvent.CollateralPolicySet))]
[JsonSerializable(typeof(RetirementEvent.RetirementRecorded))]
[JsonSerializable(typeof(RetirementEvent.BeneficiaryErased))]
[JsonSerializable(typeof(ReferencePriceEvent.ReferencePricePublished))]
[JsonSerializable(typeof(SchemeEvent.SchemeRegistered))]
[JsonSerializable(typeof(AccountEvent.BufferDesignated))]
[JsonSerializable(typeof(CancellationEvent.CancellationRecorded))]
[JsonSerializable(typeof(VoucherEvent.UnitsCancelled))]
[JsonSerializable(typeof(VoucherEvent.UnitsExpired))]
[JsonSerializable(typeof(VoucherEvent.VoucherRevoked))]
[JsonSerializable(typeof(EmissionFactorEvent.EmissionFactorPublished))]
[JsonSerializable(typeof(InventoryEvent.InventoryRecorded))]
[JsonSerializable(typeof(InventoryEvent.InventoryRestated))]
[JsonSerializable(typeof(InventoryEvent.InventoryClaimed))]
[JsonSerializable(typeof(InventoryEvent.InventoryUnclaimed))]
[JsonSerializable(typeof(ElectricityEvent.ElectricityCalibrated))]
[JsonSerializable(typeof(ElectricityEvent.EmissionsEstimated))]
[JsonSerializable(typeof(ClaimEvent.ClaimDrafted))]
[JsonSerializable(typeof(ClaimEvent.ClaimPublished))]
[JsonSerializable(typeof(ClaimEvent.ClaimFollowed))]
[JsonSerializable(typeof(ClaimEvent.ClaimUncovered))]
[JsonSerializable(typeof(ClaimEvent.ClaimToppedUp))]
[JsonSerializable(typeof(ClaimEvent.ClaimFlagged))]
[JsonSerializable(typeof(ClaimEvent.ClaimWithdrawn))]
[JsonSerializable(typeof(RetirementEvent.RetirementClaimed))]
[JsonSerializable(typeof(RetirementEvent.RetirementUnclaimed))]
internal sealed partial class EventJson : JsonSerializerContext;
