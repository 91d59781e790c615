-- Why: every transfer pays for each index of the pieces twice. The index of live pieces had the order of the primary key and only its filter besides; with the
-- status in the key's leaves, a walk past ended pieces reads the index alone.

drop index ledger.pieces_live;
alter table ledger.pieces
    drop constraint pieces_pkey,
    add constraint pieces_pkey primary key (voucher_id, first_serial) include (status);

-- A trigger before an update locks each row first, also where its condition never holds. After the update it refuses as well, and takes it back.
drop trigger pieces_terminal on ledger.pieces;
create trigger pieces_terminal after update on ledger.pieces
    for each row when (old.status <> 0) execute function ledger.refuse_change('pieces_terminal');
