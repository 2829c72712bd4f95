-- Records that could not be mapped, as they were received, until they can be or
-- the remote has them no more. A nested one is tied to its parent's row: the
-- parent's table and attribute, and its local key.
CREATE TABLE synced_quarantine (
	model       text NOT NULL,
	scope_type  text NOT NULL,
	scope_id    text NOT NULL,
	remote_id   text NOT NULL,
	parent_type text NOT NULL,
	parent_id   text NOT NULL,
	object      text NOT NULL,
	error       text NOT NULL,
	attempts    bigint NOT NULL,
	first_at    timestamptz NOT NULL,
	last_at     timestamptz NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id, remote_id)
);
INSERT INTO synced_quarantine VALUES ('rentals', 'account_id', '7', '3', '', '', '{"id":3}', 'name: missing', 2, '2026-01-02 03:04:05+00', '2026-01-02 03:04:05+00');
