-- $1 voucher, $2 lock, $3 first serials, $4 ends (exclusive), $5 position. What is left of a row goes on as rows of its own.
with gone as (
    select range_agg(int8range(s.f, s.e)) as serials from unnest($3::bigint[], $4::bigint[]) as s(f, e)),
closed as (
    update liens l set until_index = $5 from gone
    where l.voucher_id = $1 and l.lock_id = $2 and l.until_index is null and gone.serials && int8range(l.first_serial, l.end_serial)
    returning l.*)
insert into liens (voucher_id, lock_id, first_serial, end_serial, kind, equal_rank_with, account_id, since_index, from_index)
select c.voucher_id, c.lock_id, lower(part), upper(part), c.kind, c.equal_rank_with, c.account_id, c.since_index, $5
from closed c, gone, unnest(int8multirange(int8range(c.first_serial, c.end_serial)) - gone.serials) as part
