-- Webhook deliveries, each kept once however often it comes, and the runs that were made of them.

CREATE TABLE delivery (
    -- GitHub's X-GitHub-Delivery: a redelivery keeps it
    id           text PRIMARY KEY,
    event        text NOT NULL,
    action       text NOT NULL,
    -- the body as it came; empty where nobody wants the event
    payload      text NOT NULL,
    received     timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- waiting > answered, refused (the reason is a sentence for people) or failed; unwanted from the start
    result       text NOT NULL DEFAULT 'waiting' CHECK (result IN ('waiting', 'answered', 'refused', 'failed', 'unwanted')),
    reason       text NOT NULL DEFAULT '',
    -- every claim raises it: a postman with an older one can write nothing
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    lease_until  timestamptz,
    holder       json,
    CONSTRAINT delivery_lease_has_holder CHECK ((lease_until IS NULL) = (holder IS NULL))
);

CREATE INDEX delivery_waiting ON delivery (id) WHERE result = 'waiting';
CREATE INDEX delivery_by_age ON delivery (received);

-- Which runs a delivery made; a second try of the same delivery finds them here. Kept as long as deliveries are.
CREATE TABLE delivery_run (
    delivery  text NOT NULL,
    -- one comment may hold several commands: the first is 0
    ordinal   integer NOT NULL CHECK (ordinal >= 0),
    run       text NOT NULL REFERENCES run (id),
    made      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (delivery, ordinal)
);

CREATE INDEX delivery_run_by_age ON delivery_run (made);

ALTER TABLE run
    -- the numeric id of the person who asked on GitHub, and the pull request that the run opened there
    ADD origin_requester bigint,
    ADD pull             integer;
UPDATE run SET origin_requester = (instruction -> 'origin' ->> 'requester')::bigint WHERE origin_repository IS NOT NULL;

-- For the caps: what was asked for lately, by whom and where.
CREATE INDEX run_by_requester ON run (origin_requester, created) WHERE origin_requester IS NOT NULL;
CREATE INDEX run_by_repository ON run (origin_repository, created) WHERE origin_repository IS NOT NULL;
CREATE INDEX run_from_outside ON run (created) WHERE origin_repository IS NOT NULL;
CREATE INDEX run_by_pull ON run (origin_repository, pull) WHERE pull IS NOT NULL;

-- When each of the schedule's chores was last begun, whichever process did it.
CREATE TABLE chore (
    name   text PRIMARY KEY,
    begun  timestamptz NOT NULL
);
