-- Why: a claim takes retired kilograms, so retirements get a state row, and the database itself refuses a kilogram that backs two claims (C3).

-- Which kilograms of a retirement, counted from 1 in the order of its units, back which claim. A withdrawn claim's rows are removed; the log keeps them.
create table ledger.claimed_kilograms (
    retirement_id uuid      not null,
    kilograms     int8range not null check (not isempty(kilograms) and lower(kilograms) >= 1),
    claim_id      uuid      not null,
    constraint claimed_once exclude using gist (retirement_id with =, kilograms with &&)
);
create index claimed_kilograms_by_claim on ledger.claimed_kilograms (claim_id);

-- Lists of an organization's inventories, claims and calibrations. Partial: the rows that most commands write are not in them.
create index states_inventories_by_organization on ledger.states ((state ->> 'organization'), id) where kind = 'inventory';
create index states_claims_by_organization on ledger.states ((state ->> 'organization'), id) where kind = 'claim';
create index states_calibrations_by_organization on ledger.states ((state ->> 'organization'), id) where kind = 'electricity_calibration';

-- Retirements of before get the row that new ones get when they are made.
insert into ledger.states (id, kind, state)
select e.stream_id, 'retirement', json_build_object(
    'retirement', e.data -> 'retirement',
    'account', e.data -> 'account',
    'beneficiary', e.data -> 'beneficiary',
    'claimPeriod', e.data -> 'claimPeriod',
    'units', (
        select json_agg(json_build_object('voucher', u.unit -> 'voucher', 'kilograms', (
            select sum((r ->> 'last')::bigint - (r ->> 'first')::bigint + 1) from jsonb_array_elements(u.unit -> 'serials') r)) order by u.place)
        from jsonb_array_elements(e.data -> 'units') with ordinality as u(unit, place)),
    'claimed', json_build_array(),
    'nameErased', false)
from mt_events e
where e.type = 'retirement_recorded'
on conflict (id) do nothing;
