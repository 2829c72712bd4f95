-- The outbox: what runs changed, in the order of their commits.
CREATE TABLE {synced_changes} (
	id         bigint NOT NULL PRIMARY KEY,
	model      text NOT NULL,
	scope_type text NOT NULL,
	scope_id   text NOT NULL,
	kind       text NOT NULL,
	remote_id  text NOT NULL,
	old_row    text,
	new_row    text,
	at         timestamptz NOT NULL
);
-- One row: the id of the last change. Whoever appends holds it until the commit,
-- so that no change becomes visible after one with a greater id.
CREATE TABLE {synced_outbox} (
	last_id bigint NOT NULL
);
INSERT INTO {synced_outbox} (last_id) VALUES (0);
-- How far each consumer of the outbox has come.
CREATE TABLE {synced_consumers} (
	name     text NOT NULL PRIMARY KEY,
	position bigint NOT NULL
);
-- Down
DROP TABLE {synced_consumers};
DROP TABLE {synced_outbox};
DROP TABLE {synced_changes};
