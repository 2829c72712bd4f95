-- Runs and resets are numbered: a run whose number is no longer the last was reset
-- while it was under way.
ALTER TABLE {synced_runs} ADD COLUMN number bigint NOT NULL DEFAULT 0;
-- The number of the run beside which others wrote ids; null for those that the pass
-- listed. Others may also have written what needs no ids.
ALTER TABLE {synced_seen} ADD COLUMN beside bigint;
-- Down
ALTER TABLE {synced_seen} DROP COLUMN beside;
ALTER TABLE {synced_runs} DROP COLUMN number;
