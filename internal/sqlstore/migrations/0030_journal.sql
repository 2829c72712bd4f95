-- What was changed in tables with a journal, as triggers note it: not yet in its order. Mark
-- tells who made the change, where that was not the service. Last marks the end of a
-- transaction on SQLite, where there is no tx; ids are SQLite's own there.
CREATE TABLE {synced_journal_new} (
	id      bigint,
	tx      bigint,
	model   text NOT NULL,
	key     text NOT NULL,
	op      text NOT NULL,
	old_row text,
	new_row text,
	at_ms   bigint NOT NULL,
	mark    text NOT NULL,
	last    bigint
);
CREATE INDEX {index synced_journal_key} ON {synced_journal_new} (model, key);
-- The journal: whole transactions, in an order in which they can be made again.
CREATE TABLE {synced_journal} (
	seq            bigint NOT NULL PRIMARY KEY,
	tx             bigint NOT NULL,
	last           boolean NOT NULL,
	origin         text NOT NULL,
	origin_seq     bigint NOT NULL,
	via            text NOT NULL,
	model          text NOT NULL,
	key            text NOT NULL,
	op             text NOT NULL,
	old_row        text,
	new_row        text,
	version_time   bigint NOT NULL,
	version_origin text NOT NULL,
	bases          text NOT NULL,
	at_ms          bigint NOT NULL
);
-- The version of each row that the journal has seen, also of rows that were deleted.
CREATE TABLE {synced_journal_rows} (
	model          text NOT NULL,
	key            text NOT NULL,
	version_time   bigint NOT NULL,
	version_origin text NOT NULL,
	deleted        boolean NOT NULL,
	seq            bigint NOT NULL,
	PRIMARY KEY (model, key)
);
-- One row: which installation this is, how far the journal has come, and up to where it
-- was pruned.
CREATE TABLE {synced_journal_state} (
	one      bigint NOT NULL PRIMARY KEY,
	guid     text NOT NULL,
	last_seq bigint NOT NULL,
	last_tx  bigint NOT NULL,
	pruned   bigint NOT NULL
);
-- One row: the mark of what is written now on SQLite, which has one writer at a time.
CREATE TABLE {synced_journal_mark} (
	mark text NOT NULL
);
INSERT INTO {synced_journal_mark} (mark) VALUES ('');
-- Down
DROP TABLE {synced_journal_mark};
DROP TABLE {synced_journal_state};
DROP TABLE {synced_journal_rows};
DROP TABLE {synced_journal};
DROP TABLE {synced_journal_new};
