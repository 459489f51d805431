-- Gates that run in a repository's own runners: what they were given, and what each of them answered.

CREATE TABLE examination (
    run          text NOT NULL REFERENCES run (id),
    head         text NOT NULL,
    -- the numeric id of the GitHub repository whose runners judge
    repository   bigint NOT NULL,
    -- the one workflow that may answer: owner/name/.github/workflows/pawl.yml@refs/heads/branch
    workflow     text NOT NULL,
    paper        json NOT NULL,
    -- digest of the secret that the workflow was dispatched with; a new dispatch has a new one
    nonce        text NOT NULL,
    dispatched   timestamptz,
    -- known from the dispatch, or else from the first call that shows the nonce
    workflow_run bigint,
    -- how the workflow run ended, as GitHub puts it
    ended        text,
    -- nothing is taken in after this
    closed       timestamptz,
    opened       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, head)
);

-- A workflow run answers one paper.
CREATE UNIQUE INDEX examination_by_workflow_run ON examination (repository, workflow_run) WHERE workflow_run IS NOT NULL;

CREATE TABLE gate_result (
    run       text NOT NULL,
    head      text NOT NULL,
    gate      text NOT NULL,
    body      json NOT NULL,
    digest    text NOT NULL,
    received  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (run, head, gate),
    FOREIGN KEY (run, head) REFERENCES examination (run, head)
);
