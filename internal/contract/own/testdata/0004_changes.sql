-- The outbox: what runs changed, in the order of their commits.
CREATE TABLE synced_changes (
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
CREATE TABLE synced_outbox (
	last_id bigint NOT NULL
);
INSERT INTO synced_outbox (last_id) VALUES (0);
-- How far each consumer of the outbox has come.
CREATE TABLE synced_consumers (
	name     text NOT NULL PRIMARY KEY,
	position bigint NOT NULL
);
INSERT INTO synced_changes VALUES (1, 'rentals', 'account_id', '7', 'created', '1', NULL, '{"synced_id":1}', '2026-01-02 03:04:05+00');
UPDATE synced_outbox SET last_id = 1;
INSERT INTO synced_consumers VALUES ('search', 0);
