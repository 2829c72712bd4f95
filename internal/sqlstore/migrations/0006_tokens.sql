-- OAuth tokens, encrypted. A refused one gets no token until another is saved.
CREATE TABLE {synced_tokens} (
	name       text NOT NULL PRIMARY KEY,
	sealed     bytea NOT NULL,
	refused_at timestamptz,
	updated_at timestamptz NOT NULL
);
-- Down
DROP TABLE {synced_tokens};
