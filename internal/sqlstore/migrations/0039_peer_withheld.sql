-- Rows of peers that never were here: their creation was skipped or refused. A snapshot says so, or
-- the peer would take them for rows that were deleted here.
CREATE TABLE {synced_peer_withheld} (
	peer     text NOT NULL,
	model    text NOT NULL,
	row_name text NOT NULL,
	PRIMARY KEY (peer, model, row_name)
);
-- What became of the rows of a snapshot: state is "failed" of one that waits, and "skipped" or
-- "refused" of one that is not made for good. It is "withheld" of a row that the peer never had, and
-- "ended" of no row, but a model that the peer has sent whole. Number names a row that failed or was refused.
ALTER TABLE {synced_peer_snapshot} ADD COLUMN state text NOT NULL DEFAULT '';
ALTER TABLE {synced_peer_snapshot} ADD COLUMN error text NOT NULL DEFAULT '';
ALTER TABLE {synced_peer_snapshot} ADD COLUMN failures bigint NOT NULL DEFAULT 0;
ALTER TABLE {synced_peer_snapshot} ADD COLUMN number bigint NOT NULL DEFAULT 0;
ALTER TABLE {synced_peer_snapshot} ADD COLUMN noted_at timestamptz;
CREATE INDEX {index synced_peer_snap_noted} ON {synced_peer_snapshot} (peer, number) WHERE number > 0;
CREATE INDEX {index synced_peer_refused} ON {synced_peer_inbox} (peer) WHERE state = 'refused';
-- Down
DROP INDEX {index synced_peer_refused};
DROP INDEX {index synced_peer_snap_noted};
ALTER TABLE {synced_peer_snapshot} DROP COLUMN noted_at;
ALTER TABLE {synced_peer_snapshot} DROP COLUMN number;
ALTER TABLE {synced_peer_snapshot} DROP COLUMN failures;
ALTER TABLE {synced_peer_snapshot} DROP COLUMN error;
ALTER TABLE {synced_peer_snapshot} DROP COLUMN state;
DROP TABLE {synced_peer_withheld};
