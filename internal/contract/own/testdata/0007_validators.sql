-- What stands for the state of the remote's list when a complete pass of a scope
-- had written all of it: an ETag, say. Shape tells apart what was asked for, and
-- the mapping that wrote it.
CREATE TABLE synced_validators (
	model      text NOT NULL,
	scope_type text NOT NULL,
	scope_id   text NOT NULL,
	validator  text NOT NULL,
	shape      text NOT NULL,
	PRIMARY KEY (model, scope_type, scope_id)
);
INSERT INTO synced_validators VALUES ('rentals', 'account_id', '7', '"etag"', 'shape');
