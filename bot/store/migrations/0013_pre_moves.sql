-- Who moved the branches of open pull requests, as GitHub's events told.

CREATE TABLE move (
    repository  bigint NOT NULL,
    pull        integer NOT NULL,
    -- the commits that the branch pointed at before it and since
    before      text NOT NULL,
    after       text NOT NULL,
    person      bigint NOT NULL,
    login       text NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository, pull, before, after, person)
);
