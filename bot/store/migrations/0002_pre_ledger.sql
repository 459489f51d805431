-- Who decided what, when and why; append-only, each entry chained to the one before it.

CREATE TABLE ledger (
    seq       bigint PRIMARY KEY CHECK (seq >= 1),
    at        timestamptz NOT NULL,
    run       text,
    actor     text NOT NULL,
    action    text NOT NULL,
    why       text NOT NULL,
    before    json NOT NULL,
    after     json NOT NULL,
    previous  text NOT NULL,
    digest    text NOT NULL UNIQUE
);

CREATE INDEX ledger_of_run ON ledger (run, seq);

-- One row: where the chain ends. Appending locks it, so entries come one after the other, and a cut tail shows.
CREATE TABLE ledger_head (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    count   bigint NOT NULL,
    digest  text NOT NULL
);

INSERT INTO ledger_head (count, digest) VALUES (0, 'sha256:' || repeat('0', 64));

-- A guard against accidents; who owns the database can take it off, and then the chain shows what was done.
CREATE FUNCTION ledger_is_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % is not allowed', TG_OP;
END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
