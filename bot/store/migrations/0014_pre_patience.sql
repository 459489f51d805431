-- How often a delivery was given back to be tried again, told apart from processes that died over it.

ALTER TABLE delivery ADD waits integer NOT NULL DEFAULT 0 CHECK (waits >= 0);
