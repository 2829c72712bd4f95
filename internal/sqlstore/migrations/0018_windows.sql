-- Since when the changes were asked for that a stored time stands for, where the first run
-- asks for the newest first and has not come to its beginning. It is the same for all times
-- of a scope, and null where everything before the time was asked for.
ALTER TABLE {synced_times} ADD COLUMN covered_from timestamptz;
-- Down
ALTER TABLE {synced_times} DROP COLUMN covered_from;
