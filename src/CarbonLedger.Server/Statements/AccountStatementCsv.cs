using System.Globalization;
using System.Text;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Projections;

namespace CarbonLedger.Server.Statements;

/// <summary>A statement of account as CSV (RFC 4180): a line per voucher for the opening, a line per entry, a line per voucher for the closing.</summary>
public static class AccountStatementCsv
{
    private static readonly string[] Columns =
    [
        "logIndex", "at", "what", "voucherId", "serials", "kilograms",
        "ownedChange", "freeChange", "heldChange", "pledgedChange", "frozenChange",
        "owned", "free", "held", "pledged", "frozen", "accountFrozen",
        "counterpartyAccountId", "transferId", "tradeId", "tradeNumber", "pledgeId", "freezeId", "retirementId", "cancellationId", "reason", "actor",
    ];

    public static async Task WriteAsync(HttpContext http, AccountStatementReader reader, AccountId account, StatedPeriod period)
    {
        var vouchers = await reader.VouchersAsync(account, period);
        var (frozenBefore, frozenAfter) = (await FrozenAsync(period.Opening), await FrozenAsync(period.Closing));
        var entries = await reader.EntriesAsync(account, period.Opening, period.Closing, ReadQuestion.LimitMax);

        // From here nothing is refused: the answer has begun.
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"statement-{account}.csv\"";
        await using var text = new StreamWriter(http.Response.Body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true)); // the mark tells spreadsheets that this is UTF-8
        await text.WriteAsync(string.Join(',', Columns) + "\r\n");
        foreach (var voucher in vouchers)
        {
            await LineAsync(text, BalanceLine("opening", period.Opening, voucher.VoucherId, voucher.Opening, frozenBefore));
        }

        while (entries.Count > 0)
        {
            foreach (var entry in entries)
            {
                await LineAsync(text, EntryLine(entry));
            }

            entries = entries.Count < ReadQuestion.LimitMax ? [] : await reader.EntriesAsync(account, entries[^1].LogIndex, period.Closing, ReadQuestion.LimitMax);
        }

        foreach (var voucher in vouchers)
        {
            await LineAsync(text, BalanceLine("closing", period.Closing, voucher.VoucherId, voucher.Closing, frozenAfter));
        }

        async Task<bool> FrozenAsync(long position) => (await reader.TotalAsync(account, [], position)).AccountFrozen;
    }

    private static IEnumerable<object?> BalanceLine(string what, long position, VoucherId voucher, BalanceWire balance, bool accountFrozen) =>
        [position, null, what, voucher, null, null, .. Figures(null), .. Figures(balance), accountFrozen, .. Enumerable.Repeat<object?>(null, 10)];

    private static IEnumerable<object?> EntryLine(StatementEntryWire entry) =>
    [
        entry.LogIndex, entry.At, entry.What, entry.VoucherId, entry.Serials is null ? null : string.Join(' ', entry.Serials), entry.Kilograms,
        .. Figures(entry.Change), .. Figures(entry.Balance), null,
        entry.CounterpartyAccountId, entry.TransferId, entry.TradeId, Words(entry.TradeNumber), entry.PledgeId, entry.FreezeId, entry.RetirementId, entry.CancellationId, Words(entry.Reason), entry.Actor,
    ];

    private static object?[] Figures(BalanceWire? of) => [of?.Owned, of?.Free, of?.Held, of?.Pledged, of?.Frozen];

    /// <summary>Words that others wrote: a spreadsheet would calculate what begins like a formula.</summary>
    private static string? Words(string? text) => text is not null && HalfWidth.BeginsFormula(text) ? $"'{text}" : text;

    private static Task LineAsync(StreamWriter text, IEnumerable<object?> cells) => text.WriteAsync(string.Join(',', cells.Select(Cell)) + "\r\n");

    private static string Cell(object? value)
    {
        var text = value switch
        {
            null => "",
            Instant instant => NodaTime.Text.InstantPattern.ExtendedIso.Format(instant),
            bool flag => flag ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };
        return text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
