-- Rows that were changed here and by a peer, each without knowing of the other. Row is what
-- peers call it, and key its key here, empty where it never was here. Change is the peer's
-- last one, base_row the row before both sides changed it, and their_row as the peer has it;
-- null where it is deleted or not known. Kind is "row", or "parent" where the change refers to a
-- row that is gone, or "children" where others refer to one that goes. Undecided are those
-- that the peer decides.
CREATE TABLE {synced_conflicts} (
	id          text NOT NULL PRIMARY KEY,
	peer        text NOT NULL,
	model       text NOT NULL,
	row_name    text NOT NULL,
	local_key   text NOT NULL,
	kind        text NOT NULL,
	seq         bigint NOT NULL,
	change      text NOT NULL,
	base_row    text,
	their_row   text,
	undecided   boolean NOT NULL,
	reason      text NOT NULL,
	found_at    timestamptz NOT NULL,
	resolved_at timestamptz,
	resolution  text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX {index synced_conflict_open} ON {synced_conflicts} (peer, model, row_name) WHERE resolved_at IS NULL;
CREATE INDEX {index synced_conflict_row} ON {synced_conflicts} (model, local_key) WHERE resolved_at IS NULL;
-- What was done to one row, for those who compare it with a peer's.
CREATE INDEX {index synced_journal_row} ON {synced_journal} (model, key, seq);
-- Down
DROP INDEX {index synced_journal_row};
DROP TABLE {synced_conflicts};
