using CarbonLedger.Server.Http;
using CarbonLedger.Server.Log;
using CarbonLedger.Server.Store;
using CarbonLedger.Server.Vouchers;

namespace CarbonLedger.Server.Projections;

/// <summary>Answers from the balance projection, at the position that the reader may expect.</summary>
public sealed class BalanceReader(LedgerDatabase database, LogReader log, ProjectionSet projections)
{
    public async Task<BalancesWire> ReadAsync(AccountId account, ReadQuestion question)
    {
        var cursor = PageCursor.Of(question.Cursor);
        var position = await projections.Balances.PositionAsync(await log.AtFirstPageAsync(question));
        await using var command = database.Readers.CreateCommand(
            """
            with recursive v as (
                (select voucher_id from ledger.balances where account_id = $1 order by voucher_id limit 1)
                union all
                select (select b.voucher_id from ledger.balances b where b.account_id = $1 and b.voucher_id > v.voucher_id order by b.voucher_id limit 1)
                from v where v.voucher_id is not null)
            select v.voucher_id, b.owned, b.free, b.held, b.pledged, b.frozen,
                exists (select from ledger.account_freezes f where f.account_id = $1 and f.from_index <= $2 and (f.until_index is null or f.until_index > $2))
            from v cross join lateral (
                select * from ledger.balances b
                where b.account_id = $1 and b.voucher_id = v.voucher_id and b.log_index <= $2
                order by b.log_index desc limit 1) b
            where b.owned > 0 order by v.voucher_id
            """)
            .With(account.Value).With(position);
        var (page, after, seen) = (new List<VoucherBalanceWire>(), cursor?.After ?? 0, 0L);
        var (owned, free, held, pledged, frozen) = (0L, 0L, 0L, 0L, 0L);
        string? next = null;
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            var row = new VoucherBalanceWire
            {
                VoucherId = new VoucherId(reader.GetGuid(0)),
                Owned = reader.GetInt64(1),
                Free = reader.GetBoolean(6) ? 0 : reader.GetInt64(2), // a freeze of the account stops all of it
                Held = reader.GetInt64(3),
                Pledged = reader.GetInt64(4),
                Frozen = reader.GetBoolean(6) ? reader.GetInt64(1) : reader.GetInt64(5),
            };
            (owned, free, held, pledged, frozen) = (owned + row.Owned, free + row.Free, held + row.Held, pledged + row.Pledged, frozen + row.Frozen);
            if (page.Count == question.Limit)
            {
                next ??= new PageCursor(position, after + question.Limit).ToString();
            }
            else if (seen++ >= after)
            {
                page.Add(row);
            }
        }

        return new BalancesWire
        {
            AccountId = account,
            AsOf = question.Now,
            LogIndex = position,
            Vouchers = page,
            Totals = new BalanceWire { Owned = owned, Free = free, Held = held, Pledged = pledged, Frozen = frozen },
            NextCursor = next,
        };
    }

    public async Task<(VoucherTotalsWire Totals, long LogIndex)> VoucherAsync(VoucherId voucher, ReadQuestion question)
    {
        var position = await projections.Balances.PositionAsync(question);
        var totals = await database.Readers.CreateCommand(
            """
            select t.issued, t.free - coalesce(f.free, 0), t.held, t.pledged, t.frozen + coalesce(f.unfrozen, 0), t.retired, t.cancelled, t.expired
            from (select * from ledger.voucher_totals where voucher_id = $1 and log_index <= $2 order by log_index desc limit 1) t
            cross join lateral (
                -- What stands in an account that is frozen as a whole is frozen.
                select sum(b.free) as free, sum(b.owned - b.frozen) as unfrozen
                from (select distinct account_id from ledger.account_freezes where from_index <= $2 and (until_index is null or until_index > $2)) a
                cross join lateral (
                    select * from ledger.balances b where b.account_id = a.account_id and b.voucher_id = $1 and b.log_index <= $2
                    order by b.log_index desc limit 1) b) f
            """)
            .With(voucher.Value).With(position)
            .FindAsync(row => new VoucherTotalsWire
            {
                Issued = row.GetInt64(0),
                Free = (long)row.GetDecimal(1),
                Held = row.GetInt64(2),
                Pledged = row.GetInt64(3),
                Frozen = (long)row.GetDecimal(4),
                Retired = row.GetInt64(5),
                Cancelled = row.GetInt64(6),
                Expired = row.GetInt64(7),
            });
        return (totals ?? throw new BadInputException(EdgeProblem.NotYetProjected, $"The totals of voucher {voucher} are not there yet. Ask again."), position);
    }

    /// <summary>Those of the accounts that are frozen as a whole.</summary>
    public async Task<HashSet<AccountId>> FrozenAsync(IEnumerable<AccountId> accounts, ReadQuestion question)
    {
        var position = await projections.Balances.PositionAsync(question);
        var frozen = await database.Readers.CreateCommand(
            "select distinct account_id from ledger.account_freezes where account_id = any($1) and from_index <= $2 and (until_index is null or until_index > $2)")
            .With<Guid[]>([.. accounts.Select(a => a.Value).Distinct()]).With(position)
            .ListAsync(row => new AccountId(row.GetGuid(0)));
        return [.. frozen];
    }
}

/// <summary>Kilograms of an account.</summary>
public record BalanceWire
{
    /// <summary>Kilograms held, free and locked.</summary>
    /// <example>12000000</example>
    public required long Owned { get; init; }

    /// <summary>Owned and under no lock. Several locks may lie on one kilogram, so this is not a subtraction.</summary>
    public required long Free { get; init; }

    /// <summary>Under a settlement hold.</summary>
    public required long Held { get; init; }

    /// <summary>Under a pledge.</summary>
    public required long Pledged { get; init; }

    /// <summary>Under a freeze.</summary>
    public required long Frozen { get; init; }
}

/// <summary>Kilograms of an account in one voucher.</summary>
public sealed record VoucherBalanceWire : BalanceWire
{
    /// <summary>The voucher.</summary>
    public required VoucherId VoucherId { get; init; }
}

/// <summary>The balances of an account.</summary>
public sealed record BalancesWire
{
    /// <summary>The account.</summary>
    public required AccountId AccountId { get; init; }

    /// <summary>The instant asked for, or that of the answer.</summary>
    public required Instant AsOf { get; init; }

    /// <summary>The log position that the balances reflect.</summary>
    public required long LogIndex { get; init; }

    /// <summary>One entry per voucher of which units are owned, in the order of issuance.</summary>
    public required IReadOnlyList<VoucherBalanceWire> Vouchers { get; init; }

    /// <summary>The sums over all vouchers, not only those of this page.</summary>
    public required BalanceWire Totals { get; init; }

    /// <summary>Give this as <c>cursor</c> for the next page; absent on the last one.</summary>
    public string? NextCursor { get; init; }
}
