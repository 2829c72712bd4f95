-- Which rows a peer has, where the service says who may see which: by the position of the
-- change that made it so. What is behind the peer's position was sent, and not stored there
-- yet. Version is that of the removal, of a row that the peer may no longer see.
CREATE TABLE {synced_peer_rows} (
	peer      text NOT NULL,
	model     text NOT NULL,
	local_key text NOT NULL,
	seq       bigint NOT NULL,
	has       boolean NOT NULL,
	version   text NOT NULL,
	PRIMARY KEY (peer, model, local_key, seq)
);
CREATE INDEX {index synced_peer_rows_at} ON {synced_peer_rows} (peer, seq);
-- Down
DROP TABLE {synced_peer_rows};
