-- The fingerprints of the rows of tables that are compared, as they were the last time: of
-- each column one.
CREATE TABLE {synced_journal_prints} (
	model text NOT NULL,
	key   text NOT NULL,
	print text NOT NULL,
	PRIMARY KEY (model, key)
);
CREATE INDEX {index synced_journal_gone} ON {synced_journal_rows} (seq) WHERE deleted;
-- Down
DROP INDEX {synced_journal_gone};
DROP TABLE {synced_journal_prints};
