-- By what a peer's journal and its snapshot are told from those of a copy, or of another time.
-- Received_version is that of the last of its changes that is here. Snapshot_done is the last of
-- our changes that it had done when it began to read its snapshot.
ALTER TABLE {synced_peers} ADD COLUMN received_version text NOT NULL DEFAULT '';
ALTER TABLE {synced_peers} ADD COLUMN snapshot_done bigint NOT NULL DEFAULT 0;
-- Down
ALTER TABLE {synced_peers} DROP COLUMN snapshot_done;
ALTER TABLE {synced_peers} DROP COLUMN received_version;
