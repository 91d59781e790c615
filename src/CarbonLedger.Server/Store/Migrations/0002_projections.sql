-- Why: what readers ask for, made from the log and nothing else; any of these may be emptied and rebuilt.

-- One row per change of a balance, with the balance after it: the newest row is now, an older one is then.
create table ledger.balances (
    account_id uuid   not null,
    voucher_id uuid   not null,
    log_index  bigint not null,
    owned      bigint not null,
    held       bigint not null,
    pledged    bigint not null,
    frozen     bigint not null,
    constraint balances_key primary key (account_id, voucher_id, log_index),
    constraint balances_add_up check (held >= 0 and pledged >= 0 and frozen >= 0 and owned >= held and owned >= pledged and owned >= frozen)
);

create table ledger.voucher_totals (
    voucher_id uuid   not null,
    log_index  bigint not null,
    issued     bigint not null,
    held       bigint not null,
    pledged    bigint not null,
    frozen     bigint not null,
    retired    bigint not null,
    cancelled  bigint not null,
    constraint voucher_totals_key primary key (voucher_id, log_index)
);

create table ledger.loan_book (
    loan_id               uuid    not null primary key,
    bank_id               uuid    not null,
    outstanding_principal numeric not null check (outstanding_principal >= 0)
);
create index loan_book_by_bank on ledger.loan_book (bank_id, loan_id);

create table ledger.loan_book_collateral (
    pledge_id uuid   not null primary key,
    loan_id   uuid,
    kilograms bigint not null check (kilograms >= 0)
);
create index loan_book_collateral_by_loan on ledger.loan_book_collateral (loan_id);

create table ledger.reference_prices (
    log_index       bigint  not null primary key,
    venue_id        uuid    not null,
    date            date    not null,
    price_per_tonne numeric not null check (price_per_tonne > 0)
);
create index reference_prices_by_date on ledger.reference_prices (date desc, log_index desc);
