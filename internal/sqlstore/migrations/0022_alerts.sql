-- What is at fault where a run failed, in a few words that are the same for all scopes it
-- fails: a host, a credential. Told_groups names for each of the causes in told what it has
-- in common with those of other scopes, a line each. A scope that is gone, and of which
-- somebody was told, stays, paused, until the end of that is told.
ALTER TABLE {synced_schedules} ADD COLUMN fault text NOT NULL DEFAULT '';
ALTER TABLE {synced_schedules} ADD COLUMN told_groups text NOT NULL DEFAULT '';
ALTER TABLE {synced_schedules} ADD COLUMN gone boolean NOT NULL DEFAULT false;
-- Down
ALTER TABLE {synced_schedules} DROP COLUMN fault;
ALTER TABLE {synced_schedules} DROP COLUMN told_groups;
ALTER TABLE {synced_schedules} DROP COLUMN gone;
