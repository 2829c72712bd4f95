-- When each scope of a model was last in step, by the remote's clock: a row a
-- finished run, of which the newest synced_at counts.
CREATE TABLE synced_timestamps (
	model       text NOT NULL,
	scope_type  text NOT NULL,
	scope_id    text NOT NULL,
	synced_at   timestamptz NOT NULL,
	source      text NOT NULL,
	recorded_at timestamptz NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id, synced_at, recorded_at)
);
INSERT INTO synced_timestamps VALUES ('rentals', 'account_id', '7', '2026-01-02 03:04:05+00', 'remote', '2026-01-02 03:04:05+00');
