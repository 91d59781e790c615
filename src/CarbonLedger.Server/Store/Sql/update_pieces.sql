update ledger.pieces p
set account_id = c.account_id, status = c.status, holds = c.holds, pledges = c.pledges, freezes = c.freezes, pledge_id = c.pledge_id
from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::smallint[], $5::smallint[], $6::smallint[], $7::smallint[], $8::uuid[])
    as c(voucher_id, first_serial, account_id, status, holds, pledges, freezes, pledge_id)
where p.voucher_id = c.voucher_id and p.first_serial = c.first_serial
