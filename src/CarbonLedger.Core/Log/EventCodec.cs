using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CarbonLedger.Core.Accounts;
using CarbonLedger.Core.Applications;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Electricity;
using CarbonLedger.Core.Factors;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Loans;
using CarbonLedger.Core.Organizations;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Core.Projects;
using CarbonLedger.Core.Retirements;
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
    private static readonly Dictionary<string, (Type Type, JsonTypeInfo Json, string StreamType)> ByName = new(StringComparer.Ordinal);
    private static readonly Dictionary<Type, (byte[] Name, string Text, JsonTypeInfo Json, string StreamType)> ByType = [];

    static EventCodec()
    {
        Add("organization_registered", "organization", EventJson.Default.OrganizationRegistered);
        Add("account_opened", "account", EventJson.Default.AccountOpened);
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
        Add("units_retired", "voucher", EventJson.Default.UnitsRetired);
        Add("trade_settled", "trade", EventJson.Default.TradeSettled);
        Add("pledge_registered", "pledge", EventJson.Default.PledgeRegistered);
        Add("pledge_released", "pledge", EventJson.Default.PledgeReleased);
        Add("pledge_secured_loan", "pledge", EventJson.Default.PledgeSecuredLoan);
        Add("loan_opened", "loan", EventJson.Default.LoanOpened);
        Add("loan_repaid", "loan", EventJson.Default.LoanRepaid);
        Add("retirement_recorded", "retirement", EventJson.Default.RetirementRecorded);
        Add("reference_price_published", "reference_price", EventJson.Default.ReferencePricePublished);
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
        Text(scratch, Encoding.ASCII.GetBytes(NodaTime.Text.InstantPattern.ExtendedIso.Format(recorded.At)));
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
                at = NodaTime.Text.InstantPattern.ExtendedIso.Parse(reader.GetString()!).Value;
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
    Converters =
    [
        typeof(InstantJson), typeof(LocalDateJson), typeof(EnumJson<Role>), typeof(EnumJson<ReleaseReason>), typeof(EnumJson<RetirementPurpose>),
        typeof(EnumJson<Calibre>), typeof(EnumJson<FactorChoice>), typeof(EnumJson<BoundaryKind>), typeof(EnumJson<Scope2Method>),
    ])]
[JsonSerializable(typeof(OrganizationEvent.OrganizationRegistered))]
[JsonSerializable(typeof(AccountEvent.AccountOpened))]
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
[JsonSerializable(typeof(VoucherEvent.UnitsRetired))]
[JsonSerializable(typeof(TradeEvent.TradeSettled))]
[JsonSerializable(typeof(PledgeEvent.PledgeRegistered))]
[JsonSerializable(typeof(PledgeEvent.PledgeReleased))]
[JsonSerializable(typeof(PledgeEvent.PledgeSecuredLoan))]
[JsonSerializable(typeof(LoanEvent.LoanOpened))]
[JsonSerializable(typeof(LoanEvent.LoanRepaid))]
[JsonSerializable(typeof(RetirementEvent.RetirementRecorded))]
[JsonSerializable(typeof(ReferencePriceEvent.ReferencePricePublished))]
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
