-- Why: a beneficiary's name can be erased. A name, once erased, must not come back.

-- A name is written with its retirement, never changed, and deleted by its erasure. Updating one would make the log's hash a lie.
create trigger private_names_unchanged before update or truncate on ledger.private_names
    for each statement execute function ledger.refuse_change('private_names_unchanged');

-- An erased name stays away, also from whoever restores an old copy row by row.
create function ledger.refuse_erased_name() returns trigger language plpgsql as $$
begin
    if exists (select from mt_events where stream_id = new.id and type = 'beneficiary_erased') then
        raise exception using errcode = '23514', constraint = 'private_names_stay_erased', message = 'the name was erased';
    end if;
    return new;
end $$;
create trigger private_names_stay_erased before insert on ledger.private_names
    for each row execute function ledger.refuse_erased_name();
