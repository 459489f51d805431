-- Every call that went out to a language model, with what came of it and what it cost.

CREATE TABLE completion (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run       text NOT NULL REFERENCES run (id),
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- what the model was asked to be
    duty      text NOT NULL,
    -- the endpoint's name, and the model as the operator names it
    provider  text NOT NULL,
    model     text NOT NULL,
    -- tokens; cached ones are among the input
    input     bigint NOT NULL CHECK (input >= 0),
    output    bigint NOT NULL CHECK (output >= 0),
    cached    bigint NOT NULL CHECK (cached BETWEEN 0 AND input),
    -- US dollars; null where nobody knows the price
    money     double precision CHECK (money >= 0),
    seconds   double precision NOT NULL CHECK (seconds >= 0),
    -- answered, used tools, or what was wrong with it
    outcome   text NOT NULL
);

CREATE INDEX completion_of_run ON completion (run);
CREATE INDEX completion_of_day ON completion (at);
