-- The models, by their tables, of which a peer has all rows once it has the changes up to a
-- position and those after it. Of others there may be rows that no change brings.
CREATE TABLE {synced_peer_models} (
	peer  text NOT NULL,
	model text NOT NULL,
	since bigint NOT NULL,
	PRIMARY KEY (peer, model)
);
-- Down
DROP TABLE {synced_peer_models};
