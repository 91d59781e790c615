-- $1 account, $2 position before the period, $3 its last one. Balances at both ends, of vouchers with units at either or with entries.
with recursive v as (
    (select voucher_id from ledger.balances where account_id = $1 order by voucher_id limit 1)
    union all
    select (select b.voucher_id from ledger.balances b where b.account_id = $1 and b.voucher_id > v.voucher_id order by b.voucher_id limit 1)
    from v where v.voucher_id is not null)
select v.voucher_id, coalesce(o.owned, 0), coalesce(o.free, 0), coalesce(o.held, 0), coalesce(o.pledged, 0), coalesce(o.frozen, 0),
    c.owned, c.free, c.held, c.pledged, c.frozen
from v
cross join lateral (
    select * from ledger.balances c where c.account_id = $1 and c.voucher_id = v.voucher_id and c.log_index <= $3 order by c.log_index desc limit 1) c
left join lateral (
    select * from ledger.balances o where o.account_id = $1 and o.voucher_id = v.voucher_id and o.log_index <= $2 order by o.log_index desc limit 1) o on true
where c.owned > 0 or o.owned > 0 or c.log_index > $2
order by v.voucher_id
