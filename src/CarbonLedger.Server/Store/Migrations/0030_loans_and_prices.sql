-- Why: loans keep their interest exact, with costs, rates and margin calls; prices have a history per venue; the loan book is made anew from the log with what these need.

-- Interest was kept in whole fen. What was owed stays owed: as yuan × days it is the same amount.
update ledger.states
set state = (state::jsonb - 'unpaidInterest' || jsonb_build_object(
        'interestYuanDays', (state ->> 'unpaidInterest')::numeric * (state ->> 'dayCount')::int,
        'interestPaid', '0.00',
        'unpaidCosts', '0.00',
        'rateSteps', '[]'::jsonb))::json
where kind = 'loan';

delete from ledger.loan_book;
delete from ledger.loan_book_collateral;
delete from ledger.reference_prices;
update mt_event_progression set last_seq_id = 0 where name = 'LoanBook:All';

alter table ledger.loan_book add column opened_index bigint not null;

-- One row per line of a settled trade; the date is that of the trade time in Asia/Shanghai.
create table ledger.trade_prices (
    log_index       bigint      not null,
    line            int         not null,
    venue_id        uuid        not null,
    trade_number    text        not null,
    traded_at       timestamptz not null,
    date            date        not null,
    kilograms       bigint      not null check (kilograms > 0),
    price_per_tonne numeric     not null check (price_per_tonne > 0),
    amount          numeric     not null check (amount >= 0),
    constraint trade_prices_key primary key (log_index, line)
);
create index trade_prices_by_time on ledger.trade_prices (traded_at desc, log_index desc, line desc);
create index trade_prices_by_date on ledger.trade_prices (date);
create index trade_prices_by_venue on ledger.trade_prices (venue_id, date);
create index reference_prices_by_venue on ledger.reference_prices (venue_id, date, log_index);

-- One row per margin call, open until it has a cure.
create table ledger.margin_calls (
    call_id           uuid    not null primary key,
    loan_id           uuid    not null,
    bank_id           uuid    not null,
    called_index      bigint  not null,
    called_on         date    not null,
    outstanding       numeric not null check (outstanding > 0),
    collateral_value  numeric not null check (collateral_value >= 0),
    warning           numeric not null check (warning > 0),
    liquidation       numeric          check (liquidation >= warning),
    rule              text    not null,
    price_per_tonne   numeric,
    source            text,
    source_date       date,
    instead_of        text,
    liquidation_index bigint           check (liquidation_index >= called_index),
    liquidation_on    date,
    cured_index       bigint           check (cured_index > called_index),
    cured_on          date,
    cure              text,
    constraint margin_calls_cure check ((cured_index is null) = (cure is null) and (cured_index is null) = (cured_on is null)),
    constraint margin_calls_liquidation check ((liquidation_index is null) = (liquidation_on is null))
);
-- The decision refuses a second open call; a log that held one would stop here.
create unique index margin_calls_one_open on ledger.margin_calls (loan_id) where cured_index is null;
create index margin_calls_by_bank on ledger.margin_calls (bank_id, call_id);
