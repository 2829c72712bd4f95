-- How the runs of each scope went, by this side's clock. A run that has begun
-- and not ended is under way, or was killed.
CREATE TABLE synced_runs (
	model        text NOT NULL,
	scope_type   text NOT NULL,
	scope_id     text NOT NULL,
	attempted_at timestamptz NOT NULL,
	ended_at     timestamptz,
	succeeded_at timestamptz,
	completed_at timestamptz,
	not_before   timestamptz,
	error        text NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id)
);
-- How far an unfinished complete pass has come: where it goes on, and what it
-- knows but for the ids.
CREATE TABLE synced_passes (
	model       text NOT NULL,
	scope_type  text NOT NULL,
	scope_id    text NOT NULL,
	shape       text NOT NULL,
	position    text NOT NULL,
	known       text NOT NULL,
	began_at    timestamptz NOT NULL,
	recorded_at timestamptz NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id)
);
-- Ids that must not be taken for absent when a pass ends: those that it has
-- listed, a part a checkpoint, and those that others wrote meanwhile.
CREATE TABLE synced_seen (
	model      text NOT NULL,
	scope_type text NOT NULL,
	scope_id   text NOT NULL,
	part       text NOT NULL,
	ids        bytea NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id, part)
);
-- The last removal of each scope that was refused, until a later pass makes up
-- its mind or somebody approves.
CREATE TABLE synced_refusals (
	model      text NOT NULL,
	scope_type text NOT NULL,
	scope_id   text NOT NULL,
	plan       text NOT NULL,
	reason     text NOT NULL,
	of_rows    bigint NOT NULL,
	ids        text NOT NULL,
	refused_at timestamptz NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id)
);
INSERT INTO synced_runs VALUES ('rentals', 'account_id', '7', '2026-01-02 03:04:05+00', '2026-01-02 03:04:05+00', '2026-01-02 03:04:05+00', NULL, NULL, '');
INSERT INTO synced_passes VALUES ('rentals', 'account_id', '8', 'shape', 'position', '{}', '2026-01-02 03:04:05+00', '2026-01-02 03:04:05+00');
INSERT INTO synced_seen VALUES ('rentals', 'account_id', '8', 'part', '');
INSERT INTO synced_refusals VALUES ('rentals', 'account_id', '7', 'plan', 'reason', 10, '["1","2"]', '2026-01-02 03:04:05+00');
