insert into ledger.pieces (voucher_id, last_serial, account_id, status, locks)
select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::smallint[], $5::text[])
