-- Why: what stood at a past position must not cost what came since, nor the locks of a voucher what was released long ago.

-- The last version of a stream at or before a position, 0 before its first: both grow together, so a binary search finds it.
create function ledger.version_at(stream uuid, log_position bigint) returns bigint language plpgsql stable strict as $$
declare
    low bigint := 0;
    high bigint := (select version from mt_streams where id = stream);
    middle bigint;
begin
    while low < high loop
        middle := (low + high + 1) / 2;
        if (select seq_id from mt_events where stream_id = stream and version = middle) <= log_position then low := middle; else high := middle - 1; end if;
    end loop;
    return low;
end $$;

-- The locks that lie on a voucher, without the rows of those that are gone. By lock, so that it serves also whoever ends one: that statement knows its lock.
create index liens_open on ledger.liens (voucher_id, lock_id) where until_index is null;
