-- Runs that sleep until somebody wakes them, and lanes: runs of one lane are worked on one at a time.

ALTER TABLE run
    -- how often somebody woke it; every waking has a job of its own, so that none is lost behind one that is being done
    ADD wakes integer NOT NULL DEFAULT 0 CHECK (wakes >= 0),
    -- a laptop's repository is its own lane; on GitHub every run has one, for there nobody's working tree is shared
    ADD lane  text,
    -- the numeric id of the GitHub repository, and the issue or pull request, that it was asked for under
    ADD origin_repository bigint,
    ADD origin_number     integer,
    ADD CONSTRAINT run_origin_is_whole CHECK ((origin_repository IS NULL) = (origin_number IS NULL));
UPDATE run SET lane = repo;
ALTER TABLE run ALTER lane SET NOT NULL;

-- Runs under way, by lane and by repository.
DROP INDEX run_in_work;
CREATE INDEX run_in_work ON run (lane, id)
    WHERE state IN ('received', 'planning', 'specifying', 'changing', 'checking', 'proposing', 'deploying');
CREATE INDEX run_unfinished ON run (repo, id)
    WHERE state NOT IN ('done', 'refused', 'failed', 'cancelled', 'stopped', 'rolled_back');

-- Runs by the issue or pull request they were asked for under.
CREATE INDEX run_by_origin ON run (origin_repository, origin_number, id) WHERE origin_repository IS NOT NULL;
