-- The position that the remote gave at the end of the last run of a scope: a sync token,
-- a delta link, a sequence number. Shape tells apart what was asked for.
CREATE TABLE {synced_positions} (
	model       text NOT NULL,
	scope_type  text NOT NULL,
	scope_id    text NOT NULL,
	position    text NOT NULL,
	shape       text NOT NULL,
	recorded_at timestamptz NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id)
);
-- Down
DROP TABLE {synced_positions};
