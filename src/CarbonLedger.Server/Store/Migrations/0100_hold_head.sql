-- Why: a server that remembers all that a batch needs reads nothing before it decides. What it decided counts only if nobody has written since, and if
-- no reader has closed the time at which its events are to stand.

create function ledger.hold_head(expected bigint, latest timestamptz) returns void language plpgsql as $$
begin
    perform from ledger.head where log_index = expected and at <= latest for update;
    if not found then
        raise exception using errcode = 'CL001', message = 'The head of the log does not stand where it was left.';
    end if;
end $$;
