-- Valid transfers without a lasting effect: in turn the last kilogram of each voucher goes from its first holder to another account
-- and comes back, so that log, state, projections and audit agree. An event's id is the first half of its hash in .NET's order of bytes.
with event as (
    select {base} + k + 1 as seq, v.id as voucher, v.version + k / {vouchers} + 1 as version, v.kilograms,
           case when (k / {vouchers}) % 2 = 0 then v.holder else v.other end as sender,
           case when (k / {vouchers}) % 2 = 0 then v.other else v.holder end as receiver
    from generate_series({from}::bigint, {to}::bigint) as k
    join growth v on v.number = k % {vouchers}),
content as (
    select e.*, (substr(voucher::text, 1, 14) || '8' || substr(voucher::text, 16, 4) || '8' || substr(lpad(to_hex(seq), 16, '0'), 2, 3)
           || '-' || substr(lpad(to_hex(seq), 16, '0'), 5)) as transfer
    from event e),
data as (
    select c.*, format('{"actor":"registrar","voucher":"%s","transfer":"%s","from":"%s","to":"%s","serials":[{"first":%s,"last":%s}]}',
           voucher, transfer, sender, receiver, kilograms, kilograms) as json
    from content c),
leaf as (
    select d.*, convert_to(format('{"logIndex":%s,"streamId":"%s","version":%s,"type":"units_transferred","at":"%s","data":%s}',
           seq, voucher, version, '{at}', json), 'UTF8') as bytes
    from data d),
hashed as materialized (select l.*, sha256('\x00'::bytea || bytes) as hash from leaf l),
events as (
    insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp)
    select seq, encode(substr(hash, 4, 1) || substr(hash, 3, 1) || substr(hash, 2, 1) || substr(hash, 1, 1) || substr(hash, 6, 1) || substr(hash, 5, 1)
           || substr(hash, 8, 1) || substr(hash, 7, 1) || substr(hash, 9, 8), 'hex')::uuid, voucher, version, json::jsonb, 'units_transferred', '{at}' from hashed order by seq),
leaves as (
    insert into ledger.leaves (seq_id, bytes, hash) select seq, bytes, hash from hashed order by seq)
insert into ledger.idempotency_keys (key_digest, request_digest, status, log_index, answer)
select gen_random_uuid(), gen_random_uuid(), 201, seq,
       convert_to(format('{"id":"%s","logIndex":%s,"lines":[{"voucherId":"%s","kilograms":1,"ranges":[{"first":%s,"last":%s}]}]}', transfer, seq, voucher, kilograms, kilograms), 'UTF8')
from hashed;
