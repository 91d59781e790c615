-- Why: a venue reconciles its trades of a day with the register's, and trades that wait, were given up or ran out are trades too.

-- One row per line of a trade in whatever state; the date is that of the trade time in Asia/Shanghai.
create table ledger.venue_trades (
    trade_id        uuid        not null,
    line            int         not null,
    venue_id        uuid        not null,
    date            date        not null,
    trade_number    text        not null collate "C",
    traded_at       timestamptz not null,
    seller_id       uuid        not null,
    buyer_id        uuid        not null,
    voucher_id      uuid        not null,
    kilograms       bigint      not null check (kilograms > 0),
    price_per_tonne numeric     not null check (price_per_tonne > 0),
    amount          numeric     not null check (amount >= 0),
    status          text        not null check (status in ('registered', 'settled', 'voided', 'expired')),
    hold_until      timestamptz,
    constraint venue_trades_key primary key (trade_id, line)
);
create index venue_trades_by_day on ledger.venue_trades (venue_id, date, trade_number);
create index venue_trades_by_number on ledger.venue_trades (venue_id, trade_number);

-- The book is made anew from the log with them.
delete from ledger.loan_book;
delete from ledger.loan_book_collateral;
delete from ledger.reference_prices;
delete from ledger.trade_prices;
delete from ledger.margin_calls;
update mt_event_progression set last_seq_id = 0 where name = 'LoanBook:All';
