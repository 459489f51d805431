-- A run and what its stages made. The run table is the truth about who may work on what; the queue only says that there is work.

CREATE TABLE run (
    id           text PRIMARY KEY,
    repo         text NOT NULL,
    instruction  json NOT NULL,
    -- received > planning > specifying > changing > checking > proposing > awaiting_approval > merging > deploying > done, or an end
    state        text NOT NULL CHECK (state IN (
                     'received', 'planning', 'specifying', 'changing', 'checking', 'proposing', 'awaiting_approval', 'merging',
                     'deploying', 'done', 'refused', 'failed', 'cancelled', 'stopped', 'rolled_back')),
    round        integer NOT NULL DEFAULT 1 CHECK (round >= 1),
    reason       text NOT NULL DEFAULT '',
    -- name of the error that ended it, where one did
    kind         text NOT NULL DEFAULT '',
    -- how many transitions it has made
    step         integer NOT NULL DEFAULT 0 CHECK (step >= 0),
    -- seconds that stages have worked on it
    worked       double precision NOT NULL DEFAULT 0 CHECK (worked >= 0),
    -- claims since the last transition: workers that died over the same stage
    attempts     integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    -- somebody asked to end it, and why
    cancel       text,
    -- every claim raises it: a worker with an older one can commit nothing
    fence        bigint NOT NULL DEFAULT 0 CHECK (fence >= 0),
    lease_until  timestamptz,
    holder       json,
    created      timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated      timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT run_lease_has_holder CHECK ((lease_until IS NULL) = (holder IS NULL))
);

-- Runs that a worker has something to do for, by repository.
CREATE INDEX run_in_work ON run (repo, id)
    WHERE state IN ('received', 'planning', 'specifying', 'changing', 'checking', 'proposing', 'merging', 'deploying');

-- One output of one transition; a run's history is read from these.
CREATE TABLE output (
    run      text NOT NULL REFERENCES run (id),
    step     integer NOT NULL CHECK (step >= 1),
    -- the state whose stage made it
    state    text NOT NULL,
    round    integer NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('Plan', 'Spec', 'Changed', 'Checked', 'Sealed')),
    -- json, not jsonb: kept to the byte, NUL and lone surrogates included, as escapes
    body     json NOT NULL,
    digest   text NOT NULL,
    created  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, step)
);
