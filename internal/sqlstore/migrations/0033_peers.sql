-- The installations that this one exchanges changes with, by their GUIDs. Name is who they
-- are by the service's authentication. Received is the last of their changes that is here, -1 before anything was,
-- sent the last of ours that they have, and processed the last of ours that they have done.
-- Decides tells whether conflicts are decided here.
-- Told is the last of their changes whose new keys they know, and keys the last of ours whose
-- keys over there are known here.
CREATE TABLE {synced_peers} (
	guid      text NOT NULL PRIMARY KEY,
	name      text NOT NULL,
	protocol  text NOT NULL DEFAULT '',
	decides   boolean NOT NULL DEFAULT false,
	received  bigint NOT NULL DEFAULT -1,
	sent      bigint NOT NULL DEFAULT 0,
	processed bigint NOT NULL DEFAULT 0,
	told      bigint NOT NULL DEFAULT 0,
	keys      bigint NOT NULL DEFAULT 0,
	seen_at   timestamptz
);
-- What came from peers, by the position in their journals: stored before it is applied.
-- State is empty until then, and tells afterwards what became of it.
CREATE TABLE {synced_peer_inbox} (
	peer         text NOT NULL,
	seq          bigint NOT NULL,
	last         boolean NOT NULL,
	model        text NOT NULL,
	change       text NOT NULL,
	received_at  timestamptz NOT NULL,
	processed_at timestamptz,
	state        text NOT NULL DEFAULT '',
	error        text NOT NULL DEFAULT '',
	failures     bigint NOT NULL DEFAULT 0,
	PRIMARY KEY (peer, seq)
);
CREATE INDEX {index synced_peer_waits} ON {synced_peer_inbox} (peer, seq) WHERE processed_at IS NULL;
CREATE INDEX {index synced_peer_done} ON {synced_peer_inbox} (processed_at);
-- When peers had our changes, and had done them, by the last position of each batch.
CREATE TABLE {synced_peer_sent} (
	peer         text NOT NULL,
	upto         bigint NOT NULL,
	delivered_at timestamptz NOT NULL,
	processed_at timestamptz,
	PRIMARY KEY (peer, upto)
);
-- Rows that another installation made: its GUID and the key there, and the key here. Peer and
-- seq are the change that brought the row.
CREATE TABLE {synced_identities} (
	model        text NOT NULL,
	origin       text NOT NULL,
	original_key text NOT NULL,
	local_key    text NOT NULL,
	peer         text NOT NULL,
	seq          bigint NOT NULL,
	PRIMARY KEY (model, origin, original_key)
);
CREATE UNIQUE INDEX {index synced_ident_local} ON {synced_identities} (model, local_key);
CREATE INDEX {index synced_ident_peer} ON {synced_identities} (peer, seq);
-- The keys that our rows have on peers.
CREATE TABLE {synced_peer_keys} (
	peer      text NOT NULL,
	model     text NOT NULL,
	local_key text NOT NULL,
	their_key text NOT NULL,
	PRIMARY KEY (peer, model, local_key)
);
-- Down
DROP TABLE {synced_peer_keys};
DROP TABLE {synced_identities};
DROP TABLE {synced_peer_sent};
DROP TABLE {synced_peer_inbox};
DROP TABLE {synced_peers};
