-- OAuth tokens, encrypted. A refused one gets no token any more, until another
-- is saved.
CREATE TABLE synced_tokens (
	name       text NOT NULL PRIMARY KEY,
	sealed     bytea NOT NULL,
	refused_at timestamptz,
	updated_at timestamptz NOT NULL
);
INSERT INTO synced_tokens VALUES ('account 7', 'sealed', NULL, '2026-01-02 03:04:05+00');
