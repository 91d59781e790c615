using CarbonLedger.Core.Claims;
using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;

namespace CarbonLedger.Server.Claims;

public sealed class ClaimReader(LedgerDatabase database, ThingReader things)
{
    public async Task<ClaimWire> ReadAsync(ClaimId id, ReadQuestion question) =>
        Of(await things.FindAsync<ClaimState>(id.Value, question, new Refusal.ClaimNotFound(id)));

    public async Task<PageWire<ClaimWire>> ListAsync(ReadQuestion question, IQueryCollection query)
    {
        var asked = Input.Asked(query, "organizationId", "voucherId");
        var claims = asked is ("voucherId", var voucher)
            ? await BackedByAsync(voucher, question)
            : await things.ListAsync<ClaimState>("claim", question, asked?.Id);
        return PageWire.Of(question, claims, Of);
    }

    /// <summary>The claims that a voucher's units back, flagged ones too; withdrawn ones are backed by nothing.</summary>
    private async Task<List<Placed<ClaimState>>> BackedByAsync(Guid voucher, ReadQuestion question)
    {
        question.RequirePresent();
        return await BackedByAsync(voucher, question.CursorPosition, question.Limit + 1);
    }

    /// <summary>The same, the first that it came to back after a position.</summary>
    public Task<List<Placed<ClaimState>>> BackedByAsync(Guid voucher, long after, int most) => ThingReader.PlacedAsync<ClaimState>(
        "claim",
        database.Readers.CreateCommand(
            "select c.backed_index, s.state from ledger.claim_vouchers c join ledger.states s on s.id = c.claim_id where c.voucher_id = $1 and c.backed_index > $2 order by c.backed_index limit $3")
            .With(voucher).With(after).With(most));

    private static ClaimWire Of(ClaimState s) => new()
    {
        Id = s.Id,
        Status = s.Status,
        OrganizationId = s.Organization,
        InventoryId = s.Inventory,
        Period = new PeriodWire { First = s.Period.First, Last = s.Period.Last },
        Emissions = s.Emissions.Value,
        Retired = s.Retired.Value,
        Covering = s.Covering.Value,
        Parts = [.. s.Parts.Select(p => new ClaimPartWire
        {
            RetirementId = p.Retirement,
            First = p.First,
            Last = p.Last,
            Vouchers = [.. p.Units.Select(u => new VoucherKilogramsWire { VoucherId = u.Voucher, Kilograms = u.Kilograms.Value })],
        })],
        Flags = [.. s.Flags.Select(f => new ClaimFlagWire { VoucherId = f.Voucher, Reason = f.Reason })],
        Statement = StatementOf(s),
    };

    /// <summary>C7: a claim never looks like more than it is.</summary>
    public static ClaimStatementWire StatementOf(ClaimState s)
    {
        var (emissions, covering) = (s.Emissions.Tonnes.ToString("#,0.000"), s.Covering.Tonnes.ToString("#,0.000"));
        var (zh, en) = s.Status switch
        {
            ClaimStatus.Draft => ("本声明为草稿，尚未发布。", "This claim is a draft and not published."),
            ClaimStatus.Published => ("本声明有效：注销量不少于排放量。", "This claim stands: no less is retired than was emitted."),
            ClaimStatus.UnderCovered => ("本声明覆盖不足，补足注销量之前不得使用。", "This claim is under-covered and must not be used until it is topped up."),
            ClaimStatus.Withdrawn => ("本声明已撤回。", "This claim is withdrawn."),
        };
        var (flagZh, flagEn) = s.Flags.Count == 0 || s.Status == ClaimStatus.Withdrawn ? ("", "") : (
            $"所用碳票中有 {s.Flags.Count} 张已被撤销或标记，其数量不再计入。",
            s.Flags.Count == 1 ? " One of the vouchers behind it fell away and covers nothing any more." : $" {s.Flags.Count} of the vouchers behind it fell away and cover nothing any more.");
        return new ClaimStatementWire
        {
            Zh = $"{s.Period.First:uuuu-MM-dd} 至 {s.Period.Last:uuuu-MM-dd} 排放 {emissions} 吨二氧化碳当量，以注销的区域林业碳票 {covering} 吨抵消。{zh}{flagZh}区域林业碳票，非全国碳市场履约产品。",
            En = $"Emissions of {emissions} t CO₂e from {s.Period.First:uuuu-MM-dd} to {s.Period.Last:uuuu-MM-dd}, against {covering} t retired. {en}{flagEn} A regional forestry carbon voucher, not a national-market compliance unit.",
        };
    }
}
