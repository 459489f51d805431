-- What trust was lost by, each cause once: several proposals may be vetoed at a time, and each look at them tells of its veto again.

CREATE TABLE distrust_cause (
    repository  bigint NOT NULL,
    cause       text NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (repository, cause)
);
INSERT INTO distrust_cause (repository, cause, since) SELECT repository, cause, since FROM distrust;
