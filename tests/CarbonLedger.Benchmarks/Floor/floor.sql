-- What a database alone can do: one function call per transfer, writing the rows that the server's batch writes for one transfer.
-- Three ways to give positions: 'row' locks the head's row as the server does; 'queue' takes an advisory lock before it, so that a commit
-- wakes one waiter and not all; 'sequence' locks nothing common and gives up dense positions in commit order, which the server never does.
-- It is spared what the server does besides: reading the accounts, recognising a key that came before, several lines, quantities over pieces.

create function ledger.floor_id(kind int, number bigint) returns uuid language sql immutable as
    $$ select (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(number), 12, '0'))::uuid $$;

insert into mt_streams (id, type, version) select ledger.floor_id(1, n), 'voucher', 0 from generate_series(1, {vouchers}) as n;
insert into mt_streams (id, type, version) select ledger.floor_id(2, n), 'account', 1 from generate_series(1, {vouchers}) as n;
insert into ledger.pieces (voucher_id, last_serial, account_id, status)
    select ledger.floor_id(1, n), {kilograms}, ledger.floor_id(2, n), 0 from generate_series(1, {vouchers}) as n;

create function ledger.floor_transfer(voucher uuid, sender uuid, receiver uuid, quantity bigint, the_key uuid, the_request uuid, way text) returns text language plpgsql as $$
declare
    position bigint;
    moment   timestamptz;
    low      bigint;
    high     bigint;
    number   bigint;
    content  text;
    leaf     bytea;
    digest   bytea;
    answered text;
begin
    if way = 'sequence' then
        position := nextval('mt_events_sequence');
        moment := clock_timestamp();
    else
        if way = 'queue' then
            perform pg_advisory_xact_lock(1);
        end if;
        select h.log_index + 1, greatest(h.at, clock_timestamp()) into position, moment from ledger.head h for update;
    end if;

    -- The stream's row lock comes before the pieces are read.
    update mt_streams s set version = s.version + 1, timestamp = moment where s.id = voucher returning s.version into number;

    select p.last_serial into high from ledger.pieces p
    where p.account_id = sender and p.voucher_id = voucher and p.locked = false and p.status = 0 order by p.last_serial limit 1;
    if not found then
        raise exception 'account % holds no free units of voucher %', sender, voucher;
    end if;
    low := 1 + coalesce((select b.last_serial from ledger.pieces b where b.voucher_id = voucher and b.last_serial < high order by b.last_serial desc limit 1), 0);
    if high + 1 - low < quantity then
        raise exception 'only % free', high + 1 - low;
    end if;

    content := format('{"actor":"registrar","voucher":"%s","transfer":"%s","from":"%s","to":"%s","serials":[{"first":%s,"last":%s}]}',
        voucher, voucher, sender, receiver, low, low + quantity - 1);
    leaf := convert_to(format('{"logIndex":%s,"streamId":"%s","version":%s,"type":"units_transferred","at":"%s","data":%s}',
        position, voucher, number, moment, content), 'UTF8');
    digest := sha256('\x00'::bytea || leaf);
    insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp)
        values (position, encode(substr(digest, 1, 16), 'hex')::uuid, voucher, number, content::jsonb, 'units_transferred', moment);
    insert into ledger.leaves (seq_id, bytes, hash) values (position, leaf, digest);

    if high + 1 - low > quantity then
        insert into ledger.pieces (voucher_id, last_serial, account_id, status, locks)
            values (voucher, low + quantity - 1, receiver, 0, null);
    else
        update ledger.pieces p set account_id = receiver, status = 0, locks = null
            where p.voucher_id = voucher and p.last_serial = high;
    end if;

    if way <> 'sequence' then
        update ledger.head set log_index = position, at = moment;
        perform setval('mt_events_sequence', position);
    end if;
    answered := format('{"id":"%s","logIndex":%s,"lines":[{"voucherId":"%s","kilograms":%s,"ranges":[{"first":%s,"last":%s}]}]}',
        voucher, position, voucher, quantity, low, low + quantity - 1);
    insert into ledger.idempotency_keys (key_digest, request_digest, status, log_index, answer)
        values (the_key, the_request, 201, position, convert_to(answered, 'UTF8'));
    return answered;
end $$;
