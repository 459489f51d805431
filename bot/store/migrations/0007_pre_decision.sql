-- What people decided about proposals, and what is stopped.

-- Approvals by command, each bound to one commit; taking one back is a row of its own, so that the order of words is kept.
CREATE TABLE approval (
    repository  bigint NOT NULL,
    pull        integer NOT NULL,
    head        text NOT NULL,
    person      bigint NOT NULL,
    login       text NOT NULL,
    stand       text NOT NULL CHECK (stand IN ('approved', 'withdrawn')),
    -- the delivery and the command in it that it was said by: said once, however often that is answered
    said_in     text NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository, pull, said_in)
);

-- Somebody asked to wait with an issue's or pull request's merge.
CREATE TABLE hold (
    repository  bigint NOT NULL,
    number      integer NOT NULL,
    person      bigint NOT NULL,
    login       text NOT NULL,
    why         text NOT NULL DEFAULT '',
    since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository, number, person)
);

-- Emergency stops: nothing starts in the repository, or in all of the installation, until another person resumes.
CREATE TABLE brake (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    installation  bigint NOT NULL,
    -- the repository's numeric id; null stops the whole installation
    repository    bigint,
    person        bigint NOT NULL,
    login         text NOT NULL,
    why           text NOT NULL DEFAULT '',
    pulled        timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- pulled > released, by somebody else
    released      timestamptz,
    released_by   bigint,
    CONSTRAINT brake_needs_a_second_person CHECK (released_by IS NULL OR released_by <> person),
    CONSTRAINT brake_release_is_whole CHECK ((released IS NULL) = (released_by IS NULL))
);

CREATE UNIQUE INDEX brake_pulled ON brake (installation, coalesce(repository, 0)) WHERE released IS NULL;

-- Trust that a repository lost by a rollback or a veto; it counts until its configuration is another.
CREATE TABLE distrust (
    repository     bigint PRIMARY KEY,
    level          integer NOT NULL CHECK (level BETWEEN 0 AND 4),
    -- digest of the configuration file that the trust was lost under
    configuration  text NOT NULL,
    why            text NOT NULL,
    -- what it was lost by, so that it is lost once
    cause          text NOT NULL,
    since          timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The pull request that offers Pawl to a repository: nothing acts before it is merged, closing it opts out.
CREATE TABLE onboarding (
    repository  bigint PRIMARY KEY,
    pull        integer,
    -- proposed > accepted or declined; accepted from the start where the configuration was there already
    state       text NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined')),
    since       timestamptz NOT NULL DEFAULT clock_timestamp()
);
