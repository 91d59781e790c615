insert into ledger.pieces (voucher_id, first_serial, account_id, status, holds, pledges, freezes, pledge_id)
select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::smallint[], $5::smallint[], $6::smallint[], $7::smallint[], $8::uuid[])
