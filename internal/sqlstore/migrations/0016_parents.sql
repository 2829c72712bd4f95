-- The parents that a model is listed for, one by one: a row a parent. Record is the
-- parent's remote id, root the scope that its own model's parents are in, and due what
-- made it due when its list was last asked for.
CREATE TABLE {synced_parents} (
	model      text NOT NULL,
	scope_type text NOT NULL,
	scope_id   text NOT NULL,
	root       text NOT NULL,
	record     text NOT NULL,
	due        text NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id)
);
CREATE INDEX {index synced_parents_root} ON {synced_parents} (model, scope_type, root, scope_id);
-- Down
DROP TABLE {synced_parents};
