-- Questions about the code: runs that go from received through answering to an end, and what was answered.

ALTER TABLE run DROP CONSTRAINT run_state_check;
-- received > answering > done, beside the way of a change
ALTER TABLE run ADD CONSTRAINT run_state_check CHECK (state IN (
    'received', 'answering', 'planning', 'specifying', 'changing', 'checking', 'proposing', 'awaiting_approval', 'merging',
    'deploying', 'done', 'refused', 'failed', 'cancelled', 'stopped', 'rolled_back'));

-- what a question asks for; null for runs that change or judge something
ALTER TABLE run ADD inquiry text CHECK (inquiry IN ('ask', 'debug', 'explain'));

ALTER TABLE output DROP CONSTRAINT output_kind_check;
ALTER TABLE output ADD CONSTRAINT output_kind_check
    CHECK (kind IN ('Plan', 'Spec', 'Changed', 'Checked', 'Sealed', 'Answered'));

-- Runs under way, by lane.
DROP INDEX run_in_work;
CREATE INDEX run_in_work ON run (lane, id)
    WHERE state IN ('received', 'answering', 'planning', 'specifying', 'changing', 'checking', 'proposing', 'deploying');

-- Answers, newest first: what bugs were suspected in a repository is looked up here.
CREATE INDEX output_answered ON output (created DESC) WHERE kind = 'Answered';
