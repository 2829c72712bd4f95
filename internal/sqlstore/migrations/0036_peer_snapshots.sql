-- How a peer's snapshot is being received, from which position of its journal, up to which one
-- its rows were read, and where the next page begins. Empty, and it is complete.
ALTER TABLE {synced_peers} ADD COLUMN snapshot text NOT NULL DEFAULT '';
ALTER TABLE {synced_peers} ADD COLUMN snapshot_cursor text NOT NULL DEFAULT '';
ALTER TABLE {synced_peers} ADD COLUMN snapshot_from bigint NOT NULL DEFAULT 0;
ALTER TABLE {synced_peers} ADD COLUMN snapshot_upto bigint NOT NULL DEFAULT 0;
-- The rows of a snapshot: kept until the changes are here that were made while it was read.
CREATE TABLE {synced_peer_snapshot} (
	peer     text NOT NULL,
	model    text NOT NULL,
	row_name text NOT NULL,
	depth    bigint NOT NULL,
	version  text NOT NULL,
	change   text NOT NULL,
	done     boolean NOT NULL DEFAULT false,
	PRIMARY KEY (peer, model, row_name)
);
CREATE INDEX {index synced_peer_snap_wait} ON {synced_peer_snapshot} (peer, depth) WHERE NOT done;
-- Down
DROP TABLE {synced_peer_snapshot};
ALTER TABLE {synced_peers} DROP COLUMN snapshot_upto;
ALTER TABLE {synced_peers} DROP COLUMN snapshot_from;
ALTER TABLE {synced_peers} DROP COLUMN snapshot_cursor;
ALTER TABLE {synced_peers} DROP COLUMN snapshot;
