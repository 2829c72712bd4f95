-- The records of refused removals: by a key of 64 bits, the id itself or a hash of it.
-- What was refused before is forgotten, and refused again by the next complete run.
CREATE TABLE IF NOT EXISTS {synced_refused} (
	model      text NOT NULL,
	scope_type text NOT NULL,
	scope_id   text NOT NULL,
	key        bigint NOT NULL,
	remote_id  text NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id, key)
);
DELETE FROM {synced_refusals};
ALTER TABLE {synced_refusals} DROP COLUMN ids;
-- Down
DELETE FROM {synced_refusals};
ALTER TABLE {synced_refusals} ADD COLUMN ids text NOT NULL DEFAULT '[]';
DROP TABLE {synced_refused};
