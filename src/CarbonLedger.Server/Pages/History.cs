using CarbonLedger.Core.Log;
using CarbonLedger.Core.Pledges;
using CarbonLedger.Core.Trades;
using CarbonLedger.Core.Vouchers;

namespace CarbonLedger.Server.Pages;

/// <summary>A line of a thing's history, as a person reads it.</summary>
public sealed record HistoryRow(Instant At, long LogIndex, string What, string Note);

/// <summary>What happened to a pledge or a trade, event by event.</summary>
internal static class History
{
    public static HistoryRow Of(RecordedEvent e)
    {
        var (what, note) = e.Fact switch
        {
            PledgeEvent fact => Of(fact),
            TradeEvent fact => Of(fact),
            _ => throw new InvalidOperationException($"No page shows the history of {e.Fact.GetType().Name}."),
        };
        return new HistoryRow(e.At, e.LogIndex, what, note ?? "");
    }

    private static (string What, string? Note) Of(PledgeEvent fact) => fact switch
    {
        PledgeEvent.PledgeRegistered { ReservedUntil: { } until } e => ("预留 reserved", $"{Tonnes(e.Units)}；至 until {Figures.AsOfText(until)}"),
        PledgeEvent.PledgeRegistered e => ("登记 registered", Tonnes(e.Units)),
        PledgeEvent.ReservationRegistered e => ("登记 registered", e.FilingNumber),
        PledgeEvent.ReservationExpired => ("预留失效 reservation expired", null),
        PledgeEvent.PledgeSecuredLoan e => ("担保贷款 secures a loan", Figures.Ending(e.Loan.Value)),
        PledgeEvent.PledgeReleased e => ("解押 released", $"{Tonnes(e.Units)}；{Terms.Of(e.Reason)}{(e.Paid is { } paid ? $"；受偿 paid {Figures.Yuan(paid)} CNY" : "")}"),
        PledgeEvent.PledgeSubstituted e => ("置换 substituted", $"换入 in {Tonnes(e.In)}；换出 out {Tonnes(e.Out)}{And(e.Reason)}"),
        PledgeEvent.DefaultNotified e => ("通知违约 default notified", $"{e.Date:uuuu-MM-dd}{And(e.Reason)}"),
        PledgeEvent.PledgeEnforced e => ("处置 enforced", $"{Tonnes(e.Units)}；{Terms.Of(e.Method)}{And(e.Reason)}"),
        PledgeEvent.PledgeVoided e => ("法院撤销 voided by court", $"{e.Authority}，{e.DocumentNumber}{And(e.Reason)}"),
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    private static (string What, string? Note) Of(TradeEvent fact) => fact switch
    {
        TradeEvent.TradeRegistered e => ("登记 registered", $"{Tonnes(e.Lines.Sum(l => l.Serials.Kilograms.Value))}；占用至 held until {Figures.AsOfText(e.HoldUntil)}"),
        TradeEvent.TradeSettled e => ("交收 settled", Tonnes(e.Lines.Sum(l => l.Serials.Kilograms.Value))),
        TradeEvent.TradeVoided e => ("作废 voided", e.Reason),
        TradeEvent.TradeExpired => ("交收期满失效 expired", null),
        _ => throw new InvalidOperationException($"No arm for {fact.GetType().Name}."),
    };

    private static string Tonnes(IReadOnlyList<VoucherSerials> units) => Tonnes(units.Sum(u => u.Serials.Kilograms.Value));

    private static string Tonnes(long kilograms) => $"{Figures.Tonnes(kilograms)} t";

    private static string And(string? reason) => reason is null ? "" : $"；{reason}";
}
