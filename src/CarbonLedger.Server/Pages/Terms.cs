using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Prices;
using CarbonLedger.Server.Loans;
using CarbonLedger.Server.Pledges;
using CarbonLedger.Server.Trades;

namespace CarbonLedger.Server.Pages;

/// <summary>The register's words on the pages of the desks, each in Chinese and English.</summary>
internal static class Terms
{
    public static string Of(ValuationRule rule) => rule switch
    {
        ValuationRule.ReferencePrice => "参考价 reference price",
        ValuationRule.LastTrade => "最新成交价 last trade",
        ValuationRule.Average => "均价 average",
        ValuationRule.ContractPrice => "合同估值 contract price",
    };

    public static string StatusOf(LoanWire loan) => loan switch
    {
        { Status: "repaid" } => "已结清 repaid",
        { OverdueDays: > 0 } => $"逾期 {loan.OverdueDays} 天 overdue",
        { Disbursed: false } => "未放款 not disbursed",
        _ => "未结清 open",
    };

    public static string StatusOf(PledgeWire pledge) => pledge switch
    {
        { Lapsed: true } => "预留到期 reservation lapsed",
        { Status: "reserved" } => "预留 reserved",
        { Status: "registered" } => "已登记 registered",
        { Status: "partiallyReleased" } => "部分解押 released in part",
        { Status: "released" } => "已解押 released",
        { Status: "defaultNotified" } => "已通知违约 default notified",
        { Status: "enforcing" } => "处置中 enforcing",
        { Status: "enforced" } => "已处置 enforced",
        { Status: "expired" } => "预留失效 reservation expired",
        { Status: "voided" } => "法院撤销 voided by court",
        _ => pledge.Status,
    };

    public static string StatusOf(TradeWire trade) => trade switch
    {
        { Lapsed: true } => "交收期满 hold lapsed",
        { Status: "registered" } => "待交收 awaiting settlement",
        { Status: "settled" } => "已交收 settled",
        { Status: "voided" } => "已作废 voided",
        { Status: "expired" } => "交收期满失效 expired",
        _ => trade.Status,
    };

    public static string Of(PledgeMode mode) => mode switch
    {
        PledgeMode.Exclusive => "独占 exclusive",
        PledgeMode.Ranked => "顺位 ranked",
    };

    public static string Of(SecuredPart part) => part switch
    {
        SecuredPart.Principal => "本金 principal",
        SecuredPart.Interest => "利息 interest",
        SecuredPart.Penalty => "违约金 penalty",
        SecuredPart.Costs => "费用 costs",
    };

    public static string Of(ReleaseReason reason) => reason switch
    {
        ReleaseReason.Repaid => "清偿 repaid",
        ReleaseReason.Waived => "放弃 waived",
        ReleaseReason.Substituted => "置换 substituted",
        ReleaseReason.Enforced => "处置 enforced",
    };

    public static string Of(EnforcementMethod method) => method switch
    {
        EnforcementMethod.Agreement => "协议变卖 sale by agreement",
        EnforcementMethod.Auction => "拍卖 auction",
        EnforcementMethod.CourtSale => "司法变卖 court sale",
        EnforcementMethod.ToLender => "协议折价 taken over by the lender",
    };

    /// <summary>An entry of a loan's statement.</summary>
    public static string EntryOf(string what) => what switch
    {
        "opened" => "放款 opened",
        "repaid" => "还款 repaid",
        "recovered" => "处置受偿 recovered",
        "costCharged" => "费用 costs charged",
        "rateChanged" => "利率调整 rate changed",
        "pledgeAdded" => "增加质押 pledge added",
        "marginCalled" => "追加担保通知 margin called",
        "liquidationPassed" => "突破处置线 liquidation level passed",
        "marginCallCured" => "追加担保通知解除 margin call cured",
        _ => what,
    };
}
