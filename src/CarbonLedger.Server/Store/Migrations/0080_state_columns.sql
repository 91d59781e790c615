-- Why: PostgreSQL cannot update a row in place when an index is made of an expression over a column that changes, and every command changes
-- `state`. Indexes on columns that are computed from it cost nothing as long as those columns stay the same.

drop index ledger.states_inventories_by_organization, ledger.states_claims_by_organization, ledger.states_calibrations_by_organization;
drop index ledger.states_vouchers_by_scheme, ledger.states_vouchers_revoked;
drop index ledger.states_due_trades, ledger.states_due_pledges;

-- Null for all kinds that are not looked for by it, and the guards come first: what most commands write is not parsed for these.
alter table ledger.states
    -- When it ends by itself: the hold of a registered trade, a pledge's reservation.
    add column due_at timestamptz generated always as (ledger.instant_of(case
        when kind = 'trade' then case when state ->> 'status' = 'registered' then state ->> 'holdUntil' end
        when kind = 'pledge' then case when state ->> 'status' = 'reserved' then state ->> 'reservedUntil' end
    end)) stored,
    -- Whose it is, of what is listed by organization.
    add column organization uuid generated always as (case
        when kind in ('inventory', 'claim', 'electricity_calibration') then (state ->> 'organization')::uuid
    end) stored,
    -- A voucher's scheme, the last day of its monitoring period, and whether it was revoked.
    add column scheme text collate "C" generated always as (case when kind = 'voucher' then state -> 'serial' ->> 'scheme' end) stored,
    add column period_end text collate "C" generated always as (case when kind = 'voucher' then state -> 'monitoringPeriod' ->> 'last' end) stored,
    add column revoked boolean generated always as (case when kind = 'voucher' then (state -> 'revoked') is not null end) stored;

create index states_due on ledger.states (due_at) where due_at is not null;
create index states_by_organization on ledger.states (kind, organization, id) where organization is not null;
create index states_vouchers_by_scheme on ledger.states (scheme, period_end, id) where not revoked;
create index states_vouchers_revoked on ledger.states (id) where revoked;
