-- Why: a signed statement must stay verifiable for ever, whichever node signed it: every public key is kept, and none is changed or removed.

create table ledger.signing_keys (
    key_id        text        collate "C" not null primary key,
    x             bytea       not null check (length(x) = 32),
    y             bytea       not null check (length(y) = 32),
    registered_at timestamptz not null default now(),
    -- RFC 7638: a key is named by what it is, so a name can never come to stand for another key.
    constraint signing_keys_named_by_thumbprint check (key_id = rtrim(translate(encode(sha256(format(
        '{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}',
        rtrim(translate(encode(x, 'base64'), '+/', '-_'), '='),
        rtrim(translate(encode(y, 'base64'), '+/', '-_'), '='))::bytea), 'base64'), '+/', '-_'), '='))
);
create trigger signing_keys_append_only before update or delete or truncate on ledger.signing_keys
    for each statement execute function ledger.refuse_change('signing_keys_append_only');
