-- What people on GitHub were told, so that nobody is told twice and one comment is edited instead of many written.

-- The one comment under an issue or pull request that shows how things stand.
CREATE TABLE sticky (
    repository  bigint NOT NULL,
    number      integer NOT NULL,
    -- null until it was written
    comment     bigint,
    -- digest of the text it shows
    shown       text NOT NULL DEFAULT '',
    edited      timestamptz,
    -- one process at a time edits it: every turn raises the number, and nobody waits for longer than for its end
    turn        bigint NOT NULL DEFAULT 0,
    turn_until  timestamptz,
    PRIMARY KEY (repository, number)
);

-- Comments and reactions that were made once for a run: its end, a question, what a person must do.
CREATE TABLE said (
    run      text NOT NULL REFERENCES run (id),
    what     text NOT NULL,
    -- null for reactions
    comment  bigint,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, what)
);

-- Questions that wait for an answer by reaction, which GitHub does not report.
CREATE INDEX said_question ON said (at) WHERE what = 'question';
