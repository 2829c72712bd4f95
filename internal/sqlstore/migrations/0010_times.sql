-- When each scope of a model was last in step, by the remote's clock: a row a
-- finished run, of which the newest synced_at counts. Migration 1 called the table
-- synced_timestamps, as a Ruby gem calls its own.
CREATE TABLE {synced_times} (
	model       text NOT NULL,
	scope_type  text NOT NULL,
	scope_id    text NOT NULL,
	synced_at   timestamptz NOT NULL,
	source      text NOT NULL,
	recorded_at timestamptz NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id, synced_at, recorded_at)
);
-- The models whose times were taken over from the gem's table, which happens once.
CREATE TABLE {synced_takeovers} (
	model    text NOT NULL PRIMARY KEY,
	taken_at timestamptz NOT NULL
);
-- Down
DROP TABLE {synced_takeovers};
DROP TABLE {synced_times};
