update ledger.pieces p
set account_id = c.account_id, status = c.status, locks = c.locks
from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::smallint[], $5::text[])
    as c(voucher_id, last_serial, account_id, status, locks)
where p.voucher_id = c.voucher_id and p.last_serial = c.last_serial
