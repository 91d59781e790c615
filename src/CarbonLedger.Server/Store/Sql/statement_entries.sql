-- $1 account, $2 after this position, $3 up to this one, $4 how many. The vouchers of the account by hops over its key, then of each its next rows.
with recursive v as (
    (select voucher_id from ledger.balances where account_id = $1 order by voucher_id limit 1)
    union all
    select (select b.voucher_id from ledger.balances b where b.account_id = $1 and b.voucher_id > v.voucher_id order by b.voucher_id limit 1)
    from v where v.voucher_id is not null)
select e.voucher_id, e.log_index, e.owned, e.free, e.held, e.pledged, e.frozen,
    coalesce(p.owned, 0), coalesce(p.free, 0), coalesce(p.held, 0), coalesce(p.pledged, 0), coalesce(p.frozen, 0), l.bytes
from (
    select b.* from v cross join lateral (
        select * from ledger.balances b
        where b.account_id = $1 and b.voucher_id = v.voucher_id and b.log_index > $2 and b.log_index <= $3
        order by b.log_index limit $4) b
    order by b.log_index limit $4) e
join ledger.leaves l on l.seq_id = e.log_index
left join lateral (
    select * from ledger.balances p
    where p.account_id = $1 and p.voucher_id = e.voucher_id and p.log_index < e.log_index
    order by p.log_index desc limit 1) p on true
order by e.log_index
