-- What Pawl answered in the last hour, and to whom: nobody's questions use up what GitHub lets be written.

CREATE TABLE reply (
    repository  bigint NOT NULL,
    person      bigint NOT NULL,
    -- the comment or click that was answered: once, however often that is heard
    said_in     text NOT NULL,
    -- whether it was somebody without write access
    stranger    boolean NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository, said_in)
);
