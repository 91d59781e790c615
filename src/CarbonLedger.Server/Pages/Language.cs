using System.Globalization;
using CarbonLedger.Core.Claims;
using CarbonLedger.Core.Inventories;
using CarbonLedger.Core.Retirements;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Retirements;
using CarbonLedger.Server.Vouchers;
using NodaTime.Text;

namespace CarbonLedger.Server.Pages;

/// <summary>The language in which a certificate is read: Chinese or English.</summary>
public sealed record Language(bool IsChinese)
{
    private static readonly CultureInfo English = CultureInfo.InvariantCulture;
    private static readonly LocalDatePattern ChineseDate = LocalDatePattern.CreateWithInvariantCulture("uuuu'年'M'月'd'日'");
    private static readonly LocalDatePattern EnglishDate = LocalDatePattern.CreateWithInvariantCulture("d MMMM uuuu");

    /// <summary>As in <c>?lang=</c>, and in <c>lang</c> of the page.</summary>
    public string Code => IsChinese ? "zh" : "en";

    public string Tag => IsChinese ? "zh-CN" : "en";

    /// <summary><c>?lang=</c> when it is given, else the first of the two that the browser accepts, else Chinese.</summary>
    /// <exception cref="BadInputException">Another language is asked for.</exception>
    public static Language Of(HttpContext http)
    {
        if (http.Request.Query["lang"].ToString() is { Length: > 0 } asked)
        {
            return PrimaryOf(asked) switch
            {
                "zh" => new Language(true),
                "en" => new Language(false),
                _ => throw Input.OutOfRange("lang", "is zh or en"),
            };
        }

        var accepted = http.Request.GetTypedHeaders().AcceptLanguage
            .Where(l => l.Quality != 0)
            .OrderByDescending(l => l.Quality ?? 1)
            .Select(l => PrimaryOf(l.Value.ToString()))
            .FirstOrDefault(l => l is "zh" or "en");
        return new Language(accepted != "en");
    }

    /// <summary>Of <c>zh-CN</c> it is <c>zh</c>.</summary>
    private static string PrimaryOf(string tag) => tag.Split('-')[0].ToLowerInvariant();

    public string Say(string chinese, string english) => IsChinese ? chinese : english;

    public string Colon => Say("：", ": ");

    public string Date(LocalDate date) => (IsChinese ? ChineseDate : EnglishDate).Format(date);

    public string Period(PeriodWire period) => IsChinese
        ? $"{Date(period.First)}至{Date(period.Last)}"
        : $"{Date(period.First)} to {Date(period.Last)}";

    /// <summary>An instant on the registry's clock.</summary>
    public string Time(Instant instant)
    {
        var local = instant.InZone(RegistryCalendar.Zone).LocalDateTime;
        var time = LocalTimePattern.CreateWithInvariantCulture("HH:mm:ss").Format(local.TimeOfDay);
        return Say($"{Date(local.Date)} {time}（北京时间）", $"{Date(local.Date)}, {time} (Beijing time)");
    }

    /// <summary>Tonnes with as many decimals as they need, at least none, at most three.</summary>
    public static string Tonnes(decimal tonnes) => tonnes.ToString("#,##0.###", English);

    /// <summary>What stands after a figure in tonnes.</summary>
    public string OfCarbonDioxide(decimal tonnes) => Say("吨二氧化碳当量", tonnes == 1 ? "tonne of CO₂ equivalent" : "tonnes of CO₂ equivalent");

    public string Purpose(RetirementPurpose purpose) => purpose switch
    {
        RetirementPurpose.CarbonNeutralOperation => Say("碳中和运营", "Carbon-neutral operation"),
        RetirementPurpose.CarbonNeutralEvent => Say("碳中和活动", "Carbon-neutral event"),
        RetirementPurpose.CorporateTarget => Say("企业减排目标", "Corporate climate target"),
        RetirementPurpose.PublicClaim => Say("公开声明", "Public claim"),
        RetirementPurpose.Insetting => Say("价值链内抵消", "Insetting within the value chain"),
        RetirementPurpose.RegulatoryRequirement => Say("履行监管要求", "Regulatory requirement"),
        RetirementPurpose.EcologicalRestorationOrder => Say("履行生态修复裁决", "Ecological restoration order"),
        RetirementPurpose.MandatoryCancellation => Say("强制注销", "Mandatory cancellation"),
        RetirementPurpose.Other => Say("其他", "Other"),
    };

    public string Status(ClaimStatus status) => status switch
    {
        ClaimStatus.Draft => Say("草稿", "Draft"),
        ClaimStatus.Published => Say("已发布", "Published"),
        ClaimStatus.UnderCovered => Say("覆盖不足", "Under-covered"),
        ClaimStatus.Withdrawn => Say("已撤回", "Withdrawn"),
    };

    public string Boundary(BoundaryKind kind) => kind switch
    {
        BoundaryKind.Building => Say("建筑", "building"),
        BoundaryKind.Event => Say("活动", "event"),
        BoundaryKind.Park => Say("园区", "park"),
        BoundaryKind.Product => Say("产品", "product"),
    };

    /// <summary>The beneficiary's name, or why it does not stand here.</summary>
    public string Beneficiary(BeneficiaryWire beneficiary) => beneficiary switch
    {
        { Name: { } name } => name,
        { NameStatus: NameStatus.NotYetPublished, PublicationDate: { } date } => Say($"（姓名自 {Date(date)} 起公布）", $"(name to be published on {Date(date)})"),
        { ErasedAt: { } at } => Say($"（姓名已于 {Date(RegistryCalendar.DateOf(at))} 删除）", $"(name erased on {Date(RegistryCalendar.DateOf(at))})"),
        _ => Say("（姓名已删除）", "(name erased)"),
    };

    public string Status(SerialStatus status) => status switch
    {
        SerialStatus.Free => Say("持有，未锁定", "held, free"),
        SerialStatus.Locked => Say("持有，已锁定", "held, locked"),
        SerialStatus.Retired => Say("已注销（抵消）", "retired"),
        SerialStatus.Cancelled => Say("已注销（撤销）", "cancelled"),
        SerialStatus.Expired => Say("已失效", "expired"),
    };
}
